"""The part of the fold that is about retirements: proposed, ordered, completed, and what they leave of a record."""

from collections.abc import Callable, Mapping
from typing import Any

from governance.domain import retirement as f
from governance.domain.deployment import LEFT_THERE, UNDER_WAY, Deployment
from governance.domain.fold_of_recalls import exposed, without_approval
from governance.domain.lifecycle import DeploymentStatus, ModelStatus
from governance.domain.model_version import ModelVersion


def retirement_proposed(state: ModelVersion, fact: f.RetirementProposed) -> ModelVersion:
    """The last proposal is the one that somebody else can confirm."""
    told = fact.model_dump(include={"person", "why", "successor", "keep_days"})
    return state.model_copy(update={"retiring": f.ProposedRetirement(**told, at=fact.effective_at)})


def version_retired(state: ModelVersion, fact: f.VersionRetired) -> ModelVersion:
    """It is retired, for good. The first order counts; a later one asks anew for what is left to be removed."""
    if known := state.retirement:
        return state.model_copy(update={"retirement": known.model_copy(update={"again": fact.fingerprint})})
    told = fact.model_dump(include={"person", "why", "successor", "keep_days", "use_case", "proposed_by"})
    retired = f.Retirement(**told, fingerprint=fact.fingerprint, at=fact.effective_at)
    return state.model_copy(update={"retirement": retired, "retiring": None})


def retirement_completed(state: ModelVersion, fact: f.RetirementCompleted) -> ModelVersion:
    """Nothing of it runs any more."""
    known = state.retirement
    if known is None or known.fingerprint != fact.retirement or known.completed_at:
        return state
    return state.model_copy(update={"retirement": known.model_copy(update={"completed_at": fact.effective_at})})


def deployment_removed(state: ModelVersion, fact: f.DeploymentRemoved) -> ModelVersion:
    """What was there of one deployment went with another version."""
    deployment = state.deployments.get(fact.deployment_id)
    if deployment is None or deployment.status not in LEFT_THERE:
        return state
    gone = deployment.removed(fact.by, f"removed with {fact.by}", fact.effective_at)
    return state.model_copy(update={"deployments": {**state.deployments, gone.id: gone}})


def with_removed(state: ModelVersion, removal: Deployment) -> ModelVersion:
    """The state after a removal has ended well: nothing of the version is there any more, however it came there."""
    if not removal.has_removed:
        return state
    there = {
        one.id: one.removed(removal.id, f"removed by {removal.id}", removal.finished_at)
        for one in state.deployments.values()
        if one.place == removal.place and not one.removes and is_left(one, removal.removes)
    }
    state = state.model_copy(update={"deployments": {**state.deployments, **there}})
    gone = {"endpoint_status": "DELETED", "endpoint_gone_at": removal.finished_at, "endpoint_difference": ""}
    return state.with_at(removal.stage, removal.environment, **gone, alarms={})


def is_left(deployment: Deployment, removed: str) -> bool:
    """Whether a deployment of an environment that was emptied had something there."""
    serves = deployment.status is DeploymentStatus.DEPLOYED
    return serves or (deployment.id == removed and deployment.status in LEFT_THERE)


def kept_retired(state: ModelVersion) -> ModelVersion:
    """The state after any fact, as a retirement leaves it: retired in every stage, nobody's word waits to count.

    Where something of it turns out to run after all, it is not complete yet.
    """
    known = state.retirement
    if known is None:
        return state
    void = {"by": "retirement", "person": known.person.id, "at": known.at, "why": known.why}
    for stage in state.stages:
        state = without_approval(state, stage, void)
        decided = {"decided_by": known.person, "decided_at": known.at, "why": known.why}
        state = state.with_stage(stage, status=ModelStatus.RETIRED, wish=None, **decided)
    if any(not one.decision and not one.void for one in state.sign_offs):
        signed = tuple(one if one.decision else one.model_copy(update={"void": True}) for one in state.sign_offs)
        state = state.model_copy(update={"sign_offs": signed})
    if known.completed_at and is_unfinished(state):
        state = state.model_copy(update={"retirement": known.model_copy(update={"completed_at": None})})
    return state


def is_unfinished(state: ModelVersion) -> bool:
    """Whether something of a version runs, or is about to, or is being removed."""
    removing = any(one.removes and one.status in UNDER_WAY for one in state.deployments.values())
    return removing or any(exposed(state))


OF_RETIREMENTS: Mapping[type[Any], Callable[[ModelVersion, Any], ModelVersion]] = {
    f.RetirementProposed: retirement_proposed,
    f.VersionRetired: version_retired,
    f.RetirementCompleted: retirement_completed,
    f.DeploymentRemoved: deployment_removed,
}
"""What each kind of fact about retirements does to the state."""
