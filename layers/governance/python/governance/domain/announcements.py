"""Which events a change of state announces: read off the states before and after one fact."""

from collections.abc import Iterator
from typing import Any

from governance.domain import events as e
from governance.domain.deployment import Deployment
from governance.domain.facts import AnyFact, MetricsReported
from governance.domain.lifecycle import DeploymentStatus, ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.sealing import SealingStatus
from governance.domain.values import iso

Announcement = tuple[type[e.Event], dict[str, Any]]
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
            yield e.ModelRetired, {"stage": stage, "retired_by": person}
        elif known.status is ModelStatus.PENDING and before is not None and stage in before.stages:
            yield e.ModelStageReopened, {"stage": stage}


def deployments(before: ModelVersion | None, after: ModelVersion) -> Iterator[Announcement]:
    """Deployments that were requested, or ended."""
    for deployment in after.deployments.values():
        was = before.deployments.get(deployment.id) if before else None
        if was and was.status is deployment.status and was.attempt == deployment.attempt:
            continue
        about: dict[str, Any] = {"stage": deployment.stage, "deployment_id": deployment.id}
        about |= {"environment": deployment.place}
        if deployment.status is DeploymentStatus.QUEUED:
            yield e.DeploymentRequested, about
        else:
            yield from outcome(deployment, about)


def outcome(deployment: Deployment, about: dict[str, Any]) -> Iterator[Announcement]:
    """The end of a deployment, one way or the other."""
    ended = {**about, "execution_id": deployment.execution_id}
    if deployment.status is DeploymentStatus.DEPLOYED:
        told = {"endpoint_name", "endpoint_arn", "model_arn"}
        where = deployment.model_dump(include=told if deployment.is_batch else told - {"model_arn"})
        yield e.DeploymentSucceeded, {**ended, **where, **deployment.as_a_trial}
    elif deployment.status is DeploymentStatus.ROLLED_BACK:
        yield e.ModelRolledBack, {**about, "reason": deployment.reason}
    elif deployment.status in {DeploymentStatus.FAILED, DeploymentStatus.REMOVED}:
        yield e.DeploymentFailed, {**ended, "reason": deployment.reason}


def supersessions(before: ModelVersion | None, after: ModelVersion) -> Iterator[Announcement]:
    """Deployments whose place another took. Of one that is being taken back, the end of that says what came of it."""
    for deployment in after.deployments.values():
        if is_superseded(after, deployment.id) and not (before and is_superseded(before, deployment.id)):
            about = {"stage": deployment.stage, "deployment_id": deployment.id, "environment": deployment.place}
            yield e.ModelSuperseded, about


def is_superseded(state: ModelVersion, deployment_id: str) -> bool:
    """Whether a deployment serves no longer, because of another, and nothing else is to come of it."""
    deployment, rollback = state.deployments.get(deployment_id), state.rollback_of(deployment_id)
    is_over = rollback is None or bool(rollback.outcome)
    return deployment is not None and deployment.status is DeploymentStatus.SUPERSEDED and is_over


def rollbacks(before: ModelVersion | None, after: ModelVersion) -> Iterator[Announcement]:
    """Intents to take a deployment back."""
    known = {rollback.effect_id for rollback in before.rollbacks} if before else set()
    for rollback in after.rollbacks:
        if rollback.effect_id not in known:
            told = rollback.model_dump(include={"effect_id", "deployment_id", "stage", "how"})
            yield e.RollbackRequested, {**told, "environment": after.deployment(rollback.deployment_id).place}


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
