"""What Steward concludes where a deployment has no justification: what is withdrawn, stopped, taken back, and safe."""

from collections.abc import Iterator
from datetime import datetime

from governance.domain.deployment import RUNNING, Deployment
from governance.domain.deployment_facts import DeploymentWithdrawn
from governance.domain.fold_of_recalls import exposed
from governance.domain.lifecycle import DEPLOYED_STAGES, DeploymentStatus, ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.moments import after, last_moment
from governance.domain.recalls import QuarantineCompleted
from governance.domain.rejecting import rejected
from governance.domain.requesting import to_take_back
from governance.domain.upkeep import RollbackRequested

CANCELLED = "the version was {how} before its turn came"
"""Why a deployment of a quarantined or retired version is not started."""


def next_withdrawal(state: ModelVersion, now: datetime) -> DeploymentWithdrawn | None:
    """Cancel what waits for its turn while the version is quarantined, or retired.

    An execution that is being started for it just then has not passed Verify, and will not.
    """
    if not state.is_quarantined and not state.is_retired:
        return None
    for deployment in state.deployments.values():
        if not deployment.removes and deployment.status is DeploymentStatus.QUEUED and not deployment.execution_id:
            withdrawn = DeploymentWithdrawn(
                model=state.model,
                effective_at=last_moment(state),
                recorded_at=now,
                deployment_id=deployment.id,
                reason=CANCELLED.format(how="retired" if state.is_retired else "quarantined"),
            )
            return after(state, withdrawn)
    return None


def next_rollback(state: ModelVersion, now: datetime) -> RollbackRequested | None:
    """Stop what is under way without justification; take back what never had one, or what somebody ordered to be.

    What was justified when it was requested, and lost that after it was deployed, is otherwise left to people; what was
    rejected, only where the policy says so.
    """
    for stage in DEPLOYED_STAGES:
        for deployment in state.deployments.values():
            if deployment.stage is not stage or deployment.removes or state.may_run(deployment):
                continue
            if requested := rollback_of(state, deployment, now):
                return requested
    return None


def rollback_of(state: ModelVersion, deployment: Deployment, now: datetime) -> RollbackRequested | None:
    """The rollback that a deployment calls for and has not had. What serves of a retired version is removed instead."""
    if state.is_retired and deployment.status is DeploymentStatus.DEPLOYED and not deployment.is_trial:
        return None
    cause = ordered(state, deployment) or rejected(state, deployment) or unfounded(state, deployment)
    return to_take_back(state, deployment, cause, now) if cause else None


def may_be_left(state: ModelVersion, deployment: Deployment) -> bool:
    """Whether a deployment that failed may have left its version at the endpoint: only the latest there can."""
    failed = deployment.status is DeploymentStatus.FAILED
    return failed and bool(deployment.execution_id) and state.is_latest(deployment)


def ordered(state: ModelVersion, deployment: Deployment) -> str:
    """The order by which a deployment is to be taken back, by its fingerprint, or empty text."""
    bar = state.at(deployment.stage, deployment.environment).bar
    if deployment.status not in RUNNING and not may_be_left(state, deployment):
        return ""
    if state.retirement:
        return state.retirement.cause
    quarantine = state.quarantine if state.is_quarantined else None
    if bar and bar.deployment_id == deployment.id and (quarantine is None or bar.at > quarantine.at):
        return bar.fingerprint  # asked for once more, where an earlier rollback came to nothing
    return quarantine.fingerprint if quarantine else ""


def unfounded(state: ModelVersion, deployment: Deployment) -> str:
    """What took the justification of a stage's present deployment away, if it has none or never had; or empty text."""
    if not state.is_latest(deployment) or deployment.status not in RUNNING:
        return ""
    under_way = deployment.status is DeploymentStatus.DEPLOYING
    return taken_by(state, deployment, None if under_way else deployment.requested_at)


def taken_by(state: ModelVersion, deployment: Deployment, until: datetime | None) -> str:
    """What took a deployment's justification away, if it happened by then: a decision, a change, the package's end.

    Returns the fingerprint of the decision, a word for what is none, or empty text where it happened later.
    """
    return next((cause for at, cause in reasons(state, deployment) if until is None or (at and at <= until)), "") or (
        "not-eligible" if until is None else ""
    )


def reasons(state: ModelVersion, deployment: Deployment) -> Iterator[tuple[datetime | None, str]]:
    """Everything that speaks against a deployment, with its moment."""
    basis, development = state.stage(deployment.basis), state.stage(Stage.DEVELOPMENT)
    if state.is_blocked and development.decision:
        yield development.decision.at, development.decision.fingerprint
    if basis.status is not ModelStatus.APPROVED and basis.decision:
        if basis.void and basis.void.decision == basis.decision.fingerprint:
            yield basis.void.at, f"{basis.void.by}/{basis.void.decision}"
        else:
            yield basis.decision.at, basis.decision.fingerprint
    if state.specification_changed:
        yield state.changed_at, state.specification


def next_safety(state: ModelVersion, now: datetime) -> QuarantineCompleted | None:
    """Say that a quarantined version runs nowhere any more, as soon as that is so."""
    known = state.quarantine
    if known is None or not known.is_open or known.safe_at or any(exposed(state)):
        return None
    completed = QuarantineCompleted(
        model=state.model,
        effective_at=max(last_moment(state), known.at),
        recorded_at=now,
        quarantine=known.fingerprint,
        since=known.at,
    )
    return after(state, completed)
