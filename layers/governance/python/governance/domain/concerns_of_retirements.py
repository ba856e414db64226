"""What is wrong with what is retired, or should be: removals that failed, versions of a use case that is over."""

from collections.abc import Iterator

from governance.domain.deployment import LEFT_THERE, Deployment
from governance.domain.findings import Concern, Severity
from governance.domain.lifecycle import DeploymentStatus
from governance.domain.model_version import ModelVersion
from governance.domain.use_cases import UseCaseStage
from governance.domain.values import iso


def about_retirements(state: ModelVersion) -> Iterator[Concern]:
    """What is left of a retired version; a version that nobody retired in a group of a use case that is over."""
    for removal in state.deployments.values():
        removed = state.deployments.get(removal.removes)
        if removed is not None and removed.status in LEFT_THERE and is_latest_removal(state, removal):
            yield from about_removal(removal)
    if state.profile.use_case_stage == UseCaseStage.RETIRED and not state.is_retired:
        yield Concern(
            code="use-case-retired", severity=Severity.HIGH, subject=state.profile.use_case_id,
            detail=f"it belongs to {state.profile.use_case_id}, which is retired: nothing of it is approved",
            remedy="register it in a group of the use case that takes its place, and retire it here (steward retire)",
        )  # fmt: skip


def about_removal(removal: Deployment) -> Iterator[Concern]:
    """The removal of what still serves: failed, or without an end."""
    if removal.status is DeploymentStatus.FAILED:
        yield Concern(
            code="removal-failed", severity=Severity.CRITICAL, subject=removal.id,
            detail=f"it is retired, and what serves of it in {removal.where} could not be removed: {removal.reason}",
            remedy="put it right, in the workload account where the stack is stuck; then retire it once more "
            "(steward retire), which tries again",
        )  # fmt: skip
    if removal.stalled_since and removal.status is DeploymentStatus.DEPLOYING:
        yield Concern(
            code="deployment-stuck", severity=Severity.HIGH, subject=removal.id,
            detail=f"its pipeline has been removing it from {removal.where} since {iso(removal.stalled_since)}, and "
            "the group's other deployments there wait for it",
            remedy="look at the execution; stop it in CodePipeline, then retire the version once more",
        )  # fmt: skip


def is_latest_removal(state: ModelVersion, removal: Deployment) -> bool:
    """Whether nobody asked anew since for what it was to take away."""
    others = (one for one in state.deployments.values() if one.removes == removal.removes)
    return max(others, key=lambda one: (one.requested_at, one.id)).id == removal.id
