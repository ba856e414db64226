"""Which events a change of state announces: read off the states before and after one fact."""

from collections.abc import Iterator
from typing import Any

from governance.domain import deployment_events as d
from governance.domain import events as e
from governance.domain import retirement_events as r
from governance.domain.deployment import Deployment
from governance.domain.envelope import Event
from governance.domain.facts import AnyFact, MetricsReported
from governance.domain.lifecycle import DeploymentStatus, ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.sealing import SealingStatus
from governance.domain.values import iso

Announcement = tuple[type[Event], dict[str, Any]]
"""An event's class and its own fields; the envelope is added when the audit entry is written."""


def announcements(before: ModelVersion | None, after: ModelVersion, fact: AnyFact) -> list[Announcement]:
    """Everything that one fact gives subscribers to know, in the order in which it came about.

    Of a dormant version there is nothing to know; once it is adopted, everything that it is by then.
    """
    if after.is_dormant:
        return []
    if before and before.is_dormant:
        before = None
    return [
        *registration(before, after),
        *risks(before, after),
        *sealing(before, after),
        *holds(before, after),
        *evidence(before, after),
        *write_backs(before, after),
        *decisions(before, after),
        *deployments(before, after),
        *supersessions(before, after),
        *rollbacks(before, after),
        *quarantines(before, after),
        *retirements(before, after),
        *measurements(fact),
        *findings(before, after),
    ]


def registration(before: ModelVersion | None, after: ModelVersion) -> Iterator[Announcement]:
    """The first time that anything is recorded of a version."""
    if before is None and after.is_versioned:
        person = after.author.id if after.author else "unknown"
        yield e.ModelVersionRegistered, {"registered_by": person}


def risks(before: ModelVersion | None, after: ModelVersion) -> Iterator[Announcement]:
    """A risk that its group's tags say otherwise than before."""
    if before is not None and before.profile.model_risk is not after.profile.model_risk:
        yield e.ModelRiskChanged, {"risk": after.profile.model_risk}


def sealing(before: ModelVersion | None, after: ModelVersion) -> Iterator[Announcement]:
    """An intent to seal, and its success. A refusal is announced as findings."""
    was = before.sealing if before else None
    if after.sealing.status is SealingStatus.REQUESTED and (was is None or was.effect_id != after.sealing.effect_id):
        yield e.SealingRequested, {"effect_id": after.sealing.effect_id}
    if after.is_sealed and not (before and before.is_sealed):
        yield e.ArtifactsSealed, {"artifacts": tuple(artifact.uri for artifact in after.sealing.artifacts)}


def holds(before: ModelVersion | None, after: ModelVersion) -> Iterator[Announcement]:
    """A legal hold that somebody placed or lifted."""
    order = after.hold_order
    if order is None or (before and before.hold_order and before.hold_order.fingerprint == order.fingerprint):
        return
    about = {"ordered_by": order.person.id, "why": order.why}
    yield (e.LegalHoldPlaced if order.held else e.LegalHoldLifted), about


def evidence(before: ModelVersion | None, after: ModelVersion) -> Iterator[Announcement]:
    """Evidence to be fetched, and what became of it."""
    known = {piece.effect_id: piece.status for piece in before.pieces} if before else {}
    kinds = {"requested": e.EvidenceRequested, "collected": e.EvidenceCollected, "expired": e.EvidenceExpired}
    for piece in after.pieces:
        if known.get(piece.effect_id) != piece.status and (kind := kinds.get(piece.status)):
            yield kind, {"effect_id": piece.effect_id, "kind": piece.kind.value, "sha256": piece.sha256}


def write_backs(before: ModelVersion | None, after: ModelVersion) -> Iterator[Announcement]:
    """What is to be written to the registry."""
    known = {written.effect_id for written in before.write_backs} if before else set()
    for written in after.write_backs:
        if written.effect_id not in known and not written.is_over:
            yield e.WriteBackRequested, written.model_dump(include={"effect_id", "stage", "purpose"})


def decisions(before: ModelVersion | None, after: ModelVersion) -> Iterator[Announcement]:
    """Stages whose status changed."""
    for stage, known in after.stages.items():
        if before is not None and before.stage(stage).status is known.status:
            continue
        person = known.decided_by.id if known.decided_by else "unknown"
        if known.status is ModelStatus.APPROVED and known.verdict:
            policy = known.verdict.policy
            yield (
                e.ModelStageApproved,
                {"stage": stage, "approved_by": person, "policy": policy, "why": known.why},
            )
        elif known.status is ModelStatus.REJECTED:
            yield e.ModelStageRejected, {"stage": stage, "rejected_by": person, "why": known.why}
        elif known.status is ModelStatus.RETIRED:
            known_retirement = after.retirement
            told = known_retirement.model_dump(include={"why", "successor"}) if known_retirement else {}
            yield e.ModelRetired, {"stage": stage, "retired_by": person, **told}
        elif known.status is ModelStatus.PENDING and before is not None and stage in before.stages:
            yield e.ModelStageReopened, {"stage": stage}


def tripped(was: Deployment | None, deployment: Deployment) -> Iterator[Announcement]:
    """What SageMaker's guardrails took back."""
    rolling = deployment.rolling_out
    if rolling is None or not deployment.is_taken_back_by_guardrails or (was and was.is_taken_back_by_guardrails):
        return
    about = {"stage": deployment.stage, "environment": deployment.place, "deployment_id": deployment.id}
    about |= {"endpoint_arn": deployment.endpoint_arn, "reason": rolling.cause}
    yield d.GuardrailTripped, {**about, "alarms": tuple(sorted(rolling.alarms))}


def deployments(before: ModelVersion | None, after: ModelVersion) -> Iterator[Announcement]:
    """Deployments that were requested, taken back by guardrails, or ended."""
    for deployment in after.deployments.values():
        was = before.deployments.get(deployment.id) if before else None
        yield from tripped(was, deployment)
        if was and was.status is deployment.status and was.attempt == deployment.attempt:
            continue
        about: dict[str, Any] = {"stage": deployment.stage, "deployment_id": deployment.id}
        about |= {"environment": deployment.place}
        if deployment.removes:
            yield from removal(deployment, about)
        elif deployment.status is DeploymentStatus.QUEUED:
            yield d.DeploymentRequested, about
        elif not deployment.removed_by:
            yield from outcome(deployment, about)
        elif deployment.removed_by not in after.deployments:
            yield from gone_with(deployment, about)


def removal(deployment: Deployment, about: dict[str, Any]) -> Iterator[Announcement]:
    """What was to be taken away, and whether it is gone."""
    about = {**about, "removes": deployment.removes}
    where = deployment.model_dump(include={"execution_id", "endpoint_name", "endpoint_arn"})
    if deployment.status is DeploymentStatus.QUEUED:
        yield r.RemovalRequested, about
    elif deployment.has_removed:
        yield r.EndpointRemoved, {**about, **where}
    elif deployment.status in {DeploymentStatus.FAILED, DeploymentStatus.REMOVED}:
        yield r.RemovalFailed, {**about, "execution_id": deployment.execution_id, "reason": deployment.reason}


def gone_with(deployment: Deployment, about: dict[str, Any]) -> Iterator[Announcement]:
    """What went with the removal of another version. Of a version's own the removal itself tells."""
    where = deployment.model_dump(include={"endpoint_name", "endpoint_arn"})
    told = {"removes": deployment.id, "removed_with": deployment.removed_by, "execution_id": ""}
    yield r.EndpointRemoved, {**about, **told, **where}


def outcome(deployment: Deployment, about: dict[str, Any]) -> Iterator[Announcement]:
    """The end of a deployment, one way or the other."""
    ended = {**about, "execution_id": deployment.execution_id}
    if deployment.status is DeploymentStatus.DEPLOYED:
        told = {"endpoint_name", "endpoint_arn", "model_arn"}
        where = deployment.model_dump(include=told if deployment.is_batch else told - {"model_arn"})
        yield d.DeploymentSucceeded, {**ended, **where, **deployment.as_a_trial}
    elif deployment.skipped_for:
        by = deployment.skipped_for
        superseding = {"superseded_by": by.version, "superseding_deployment_id": by.deployment_id}
        yield d.DeploymentSkipped, {**about, **superseding, "reason": deployment.reason}
    elif deployment.status is DeploymentStatus.ROLLED_BACK:
        yield d.ModelRolledBack, {**about, "reason": deployment.reason}
    elif deployment.status in {DeploymentStatus.FAILED, DeploymentStatus.REMOVED}:
        yield d.DeploymentFailed, {**ended, "reason": deployment.reason}


def supersessions(before: ModelVersion | None, after: ModelVersion) -> Iterator[Announcement]:
    """Deployments whose place another took. Of one that is being taken back, the end of that says what came of it."""
    for deployment in after.deployments.values():
        if is_superseded(after, deployment.id) and not (before and is_superseded(before, deployment.id)):
            about = {"stage": deployment.stage, "deployment_id": deployment.id, "environment": deployment.place}
            yield d.ModelSuperseded, about


def is_superseded(state: ModelVersion, deployment_id: str) -> bool:
    """Whether a deployment serves no longer, because of another, and nothing else is to come of it."""
    deployment, rollback = state.deployments.get(deployment_id), state.rollback_of(deployment_id)
    if deployment is None or deployment.skipped_for or deployment.status is not DeploymentStatus.SUPERSEDED:
        return False
    return rollback is None or bool(rollback.outcome)


def rollbacks(before: ModelVersion | None, after: ModelVersion) -> Iterator[Announcement]:
    """Intents to take a deployment back."""
    known = {rollback.effect_id for rollback in before.rollbacks} if before else set()
    for rollback in after.rollbacks:
        if rollback.effect_id not in known:
            told = rollback.model_dump(include={"effect_id", "deployment_id", "stage", "how"})
            yield d.RollbackRequested, {**told, "environment": after.deployment(rollback.deployment_id).place}


def quarantines(before: ModelVersion | None, after: ModelVersion) -> Iterator[Announcement]:
    """A version quarantined, safe, and released."""
    known, was = after.quarantine, before.quarantine if before else None
    if known is None:
        return
    if was is None or was.fingerprint != known.fingerprint:
        yield e.ModelQuarantined, {"ordered_by": known.person.id, "why": known.why}
        was = None
    if known.safe_at and not (was and was.safe_at):
        times = {"ordered_at": known.at, "safe_at": known.safe_at}
        yield e.QuarantineCompleted, {**times, "seconds_to_safe": known.seconds_to_safe}
    if known.released_by and not (was and was.released_by):
        yield e.ModelReleased, {"released_by": known.released_by.id, "why": known.release_why}


def retirements(before: ModelVersion | None, after: ModelVersion) -> Iterator[Announcement]:
    """A retired version of which nothing runs any more."""
    known, was = after.retirement, before.retirement if before else None
    if known and known.completed_at and not (was and was.completed_at):
        use_case = known.use_case or after.profile.use_case_id
        waits = bool(use_case) and bool(after.rollbacks or any(one.removes for one in after.deployments.values()))
        told = {"successor": known.successor, "use_case": use_case, "use_case_waits": waits}
        yield r.RetirementCompleted, {**told, "retired_at": known.at, "completed_at": known.completed_at}


def measurements(fact: AnyFact) -> Iterator[Announcement]:
    """What somebody measured."""
    if isinstance(fact, MetricsReported) and fact.metrics:
        yield (
            e.MetricsRecorded,
            {"stage": Stage(fact.stage), "purpose": fact.purpose, "metrics": fact.metrics},
        )


def findings(before: ModelVersion | None, after: ModelVersion) -> Iterator[Announcement]:
    """Findings opened and closed."""
    known = before.findings if before else {}
    for key, finding in after.findings.items():
        if key not in known:
            told = finding.model_dump(include={"code", "severity", "detail", "remedy", "owner"}, mode="json")
            yield e.FindingOpened, {"finding_id": key, **told, "due": iso(finding.due) if finding.due else ""}
    for key, was in known.items():
        if key not in after.findings:  # closed, or a late fact shows that it never was so
            yield e.FindingClosed, {"finding_id": key, "code": was.code}
