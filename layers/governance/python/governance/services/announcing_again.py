"""Have announced again what nobody acted on: through the relay, which alone may announce, and with the same ids."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.domain.deployment import Deployment
from governance.domain.environment import Environment
from governance.domain.findings import Severity
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn, group_arn_of
from governance.domain.inspection import HubFinding
from governance.domain.keeping import RETAIN, Terms
from governance.domain.lifecycle import DeploymentStatus, ModelStatus
from governance.domain.model_version import ModelVersion
from governance.domain.retaining import due_of
from governance.domain.sealing import SealingStatus
from governance.ports.announcer import Outbox
from governance.ports.inspection import Known, Records, Turns
from governance.services.tally import Tally

END_OF: Mapping[DeploymentStatus, str] = {
    DeploymentStatus.DEPLOYED: "DeploymentSucceeded",
    DeploymentStatus.SUPERSEDED: "DeploymentSucceeded",
    DeploymentStatus.FAILED: "DeploymentFailed",
    DeploymentStatus.REMOVED: "DeploymentFailed",
    DeploymentStatus.ROLLED_BACK: "ModelRolledBack",
}
"""What announced the end of a deployment that had begun, by the status that it ended in."""


@dataclass(frozen=True, slots=True)
class AnnouncingAgain:
    """Look for announcements that never went out, and for intents and ends that led to nothing."""

    records: Records
    outbox: Outbox
    turns: Turns
    environments: Mapping[str, Environment]
    terms: Terms
    now: Callable[[], datetime]

    def tend(self, version: ModelPackageArn, known: Known, tally: Tally) -> None:
        """One version: entries that nobody is known to have announced, else intents without progress."""
        if known.relayed < known.sequence and self.overdue(version, known, tally):
            return
        if known.state is not None and not known.state.is_dormant:
            self.sealing(known.state, tally)
            self.rollbacks(known.state, tally)
            self.keepings(known.state, tally)
            self.evidence(known.state, tally)
            self.write_backs(known.state, tally)
            for deployment in known.state.deployments.values():
                if deployment.status is DeploymentStatus.QUEUED and not deployment.execution_id:
                    self.request(known.state, deployment, tally)

    def overdue(self, version: ModelPackageArn, known: Known, tally: Tally) -> bool:
        """Announce the entries that the relay never acknowledged and that are older than the grace period."""
        limit = self.now() - tally.order.grace
        late = []
        for entry in self.records.after(version, known.relayed):
            if datetime.fromisoformat(entry.content["at"]) > limit:
                break
            late.append(entry)
        if late:
            span = f"entries {late[0].sequence} to {late[-1].sequence}"
            tally.note("announcement-overdue", version, f"{span} were never announced", repaired=True)
            if not tally.order.dry_run:
                self.outbox.again(f"MODEL#{version}", late)
        return bool(late)

    def sealing(self, state: ModelVersion, tally: Tally) -> None:
        """A sealing that was asked for and has no outcome.

        What is large takes longer than the grace period: then the execution that this starts finds another one at work,
        and ends. Otherwise it takes over.
        """
        sealing = state.sealing
        if sealing.status is SealingStatus.REQUESTED and self.is_stuck(sealing.requested_at, tally):
            self.again(state.model.arn, "SealingRequested", sealing.effect_id, "sealing-stalled", tally)

    def rollbacks(self, state: ModelVersion, tally: Tally) -> None:
        """A rollback that was asked for and has no outcome."""
        for rollback in state.rollbacks:
            if not rollback.outcome and self.is_stuck(state.changed_at, tally):
                self.again(state.model.arn, "RollbackRequested", rollback.effect_id, "rollback-stalled", tally)

    def keepings(self, state: ModelVersion, tally: Tally) -> None:
        """What was sealed is to be locked for longer, held or released, and nobody did; a failure is a finding."""
        due = due_of(state, self.terms, self.now())
        late = [due.cause] if due and self.is_stuck(due.since, tally) else []
        order, is_hold_open = state.hold_order, False
        for one in state.keepings:
            if one.outcome or not self.is_stuck(one.requested_at, tally):
                continue
            if one.what in RETAIN:
                late.append(one.cause)
            else:
                is_hold_open = True
        for cause in dict.fromkeys(late):
            retired = [("ModelRetired", at) for at, of in state.stages.items() if of.status is ModelStatus.RETIRED]
            told = [("DeploymentSucceeded", cause)] if cause in state.deployments else retired
            self.keeping(state.model.arn, told, "retention-stalled", tally)
        if order and is_hold_open:
            event = "LegalHoldPlaced" if order.held else "LegalHoldLifted"
            self.keeping(state.model.arn, [(event, order.fingerprint)], "hold-stalled", tally)

    def keeping(self, version: ModelPackageArn, told: Sequence[tuple[str, str]], code: str, tally: Tally) -> None:
        """Announce again what called for it, or what was sealed since: of a dormant version nothing was announced."""
        for event, about in (*told, ("ArtifactsSealed", version)):
            if self.records.announcing(version, event, about):
                self.again(version, event, about, code, tally)
                return

    def write_backs(self, state: ModelVersion, tally: Tally) -> None:
        """What was to be written to the registry, and nobody has tried; a failure is a finding."""
        for one in state.write_backs:
            if not one.outcome and one.echoed_at is None and self.is_stuck(one.asked_at, tally):
                self.again(state.model.arn, "WriteBackRequested", one.effect_id, "write-back-stalled", tally)

    def evidence(self, state: ModelVersion, tally: Tally) -> None:
        """Evidence that was to be fetched and has no outcome; a refusal is a finding."""
        for piece in state.pieces:
            if piece.status == "requested" and self.is_stuck(piece.requested_at, tally):
                self.again(state.model.arn, "EvidenceRequested", piece.effect_id, "evidence-stalled", tally)

    def request(self, state: ModelVersion, deployment: Deployment, tally: Tally) -> None:
        """A deployment that was asked for and neither runs nor waits its turn behind another."""
        group = group_arn_of(state.model.arn)
        if group is None or not self.is_stuck(deployment.requested_at, tally):
            return
        holder = self.turns.holder(deployment.place, group)
        if holder is None:
            first = self.turns.next(deployment.place, group)
            if first is not None and first.deployment_id != deployment.id:
                return
        elif holder.deployment_id != deployment.id and self.turns.waits(deployment.place, group, deployment.id):
            return
        event = "RemovalRequested" if deployment.removes else "DeploymentRequested"
        self.again(state.model.arn, event, deployment.id, "deployment-stalled", tally)

    def leases(self, group: ModelGroupArn, tally: Tally) -> None:
        """Leases of a group whose holder has ended: its end is announced again, so that whoever waits is started."""
        for place in self.environments:
            holder = self.turns.holder(place, group)
            if holder is None:
                continue
            state = self.records.look([holder.model_package_arn])[holder.model_package_arn].state
            deployment = state.deployments.get(holder.deployment_id) if state else None
            if deployment is None:
                tally.found(
                    HubFinding(
                        code="lease-without-deployment",
                        severity=Severity.HIGH,
                        subject=f"LEASE#{place}#{group}",
                        detail=f"{holder.deployment_id} holds the turn, and no record knows it",
                        remedy="look at the record of its version: steward rebuild --check",
                    )
                )
            elif (event := end_of(deployment)) and self.is_stuck(deployment.finished_at, tally):
                self.again(holder.model_package_arn, event, deployment.id, "lease-not-released", tally)

    def is_stuck(self, since: datetime | None, tally: Tally) -> bool:
        """Whether something has been so for longer than the grace period."""
        return since is not None and since <= self.now() - tally.order.grace

    def again(self, version: ModelPackageArn, event: str, about: str, code: str, tally: Tally) -> None:
        """Find the entry that announced an event, and have it announced once more."""
        tally.note(code, version, f"{event} of {about} has led to nothing yet; it is announced again", repaired=True)
        if tally.order.dry_run:
            return
        entry = self.records.announcing(version, event, about)
        if entry is not None:
            self.outbox.again(f"MODEL#{version}", [entry])


def end_of(deployment: Deployment) -> str:
    """What announced the end of a deployment; empty text of one that has not ended."""
    if deployment.removes and deployment.status in END_OF:
        return "EndpointRemoved" if deployment.has_removed else "RemovalFailed"
    return "DeploymentSkipped" if deployment.skipped_for else END_OF.get(deployment.status, "")
