"""What Steward concludes where a version is retired: what is there of it is removed, and when that is done.

A removal is a deployment that takes away: requested, queued, verified and run by the same pipeline, under the same
lease, and named by the order that caused it. What is under way is stopped first (`taking_back`), and what served
before it may return; only where nothing does is it removed.
"""

from collections.abc import Iterator
from datetime import datetime

from governance.domain.deployment import LEFT_THERE, UNDER_WAY, Deployment
from governance.domain.deployment_facts import DeploymentRequested
from governance.domain.fold_of_retirements import is_unfinished
from governance.domain.identifiers import effect_id
from governance.domain.lifecycle import DEPLOYED_STAGES, DeploymentStatus
from governance.domain.model_group import ModelGroup
from governance.domain.model_version import ModelVersion
from governance.domain.moments import after, last_moment
from governance.domain.retirement import RetirementCompleted

AS_IT_SERVED = frozenset({"profile", "profile_hash", "environment", "rests_on", "goes_to", "runs_as"})
"""What a removal has of the deployment that it removes: profile, environment and form."""


def next_endpoint_removal(state: ModelVersion, now: datetime) -> DeploymentRequested | None:
    """Ask for the removal of what is there of a retired version: once for each order."""
    if state.retirement is None:
        return None
    for deployment in to_remove(state):
        removal = effect_id("remove", state.model, deployment.id, state.retirement.cause)
        if removal in state.deployments or is_being_removed(state, deployment):
            continue
        how = deployment.model_dump(include=set(AS_IT_SERVED))
        requested = DeploymentRequested(
            model=state.model,
            effective_at=last_moment(state),
            recorded_at=now,
            deployment_id=removal,
            stage=deployment.stage,
            cause=state.retirement.cause,
            sealing=deployment.sealing,
            removes=deployment.id,
            **how,
        )
        return after(state, requested)
    return None


def to_remove(state: ModelVersion) -> Iterator[Deployment]:
    """Of each environment the latest deployment that left something of the version there, and that nothing replaces."""
    for stage in DEPLOYED_STAGES:
        there = [one for one in state.deployments.values() if one.stage is stage and is_there(state, one)]
        latest = {one.place: one for one in sorted(there, key=lambda one: (one.requested_at, one.id))}
        yield from latest.values()


def is_there(state: ModelVersion, deployment: Deployment) -> bool:
    """Whether a deployment left its version at the endpoint for good: no rollback of it goes on, and none replaced it.

    A trial is taken back, and what served beside it goes on; where that may not either, it stays what it is.
    """
    if deployment.removes:
        return False
    taken = state.rollback_of(deployment.id)
    if taken is None:
        return deployment.status is DeploymentStatus.DEPLOYED and not deployment.is_trial
    if taken.outcome == "overtaken":
        return deployment.status is DeploymentStatus.DEPLOYED and not deployment.is_trial
    return taken.outcome == "nothing-to-return-to" and deployment.status in LEFT_THERE


def is_being_removed(state: ModelVersion, deployment: Deployment) -> bool:
    """Whether a removal of what is in a deployment's environment is under way."""
    removals = (one for one in state.deployments.values() if one.removes and one.place == deployment.place)
    return any(one.status in UNDER_WAY for one in removals)


def may_be_removed(state: ModelVersion, removal: Deployment, group: ModelGroup | None) -> bool:
    """Whether a removal still takes away what it was requested for: a retired version, with nothing in its place."""
    removed = state.deployments.get(removal.removes)
    if removed is None or not state.is_retired or removed.status not in LEFT_THERE:
        return False
    return group is None or group.successor_of(removal.place, removed.id, removed.finished_at) is None


def next_retirement_end(state: ModelVersion, now: datetime) -> RetirementCompleted | None:
    """Say that nothing of a retired version runs any more, as soon as that is so."""
    known = state.retirement
    if known is None or known.completed_at or is_unfinished(state):
        return None
    at = max(last_moment(state), known.at)
    about = {"model": state.model, "effective_at": at, "recorded_at": now}
    return after(state, RetirementCompleted(**about, retirement=known.fingerprint))
