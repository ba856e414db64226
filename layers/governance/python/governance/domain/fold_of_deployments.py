"""The part of the fold that is about deployments: requested, run, ended, compared, taken back."""

from collections.abc import Callable, Mapping
from typing import Any

from governance.domain import deployment_facts as f
from governance.domain import upkeep as u
from governance.domain.deployment import Deployment, requested
from governance.domain.facts import EndpointObserved
from governance.domain.fold_of_retirements import with_removed
from governance.domain.lifecycle import DeploymentStatus
from governance.domain.model_version import ModelVersion
from governance.domain.noticed import Rollback
from governance.domain.rolling_out import IN_SERVICE, RollingOut, RolloutObserved, followed
from governance.domain.trials import DeploymentArranged


def deployment_requested(state: ModelVersion, fact: f.DeploymentRequested) -> ModelVersion:
    """A deployment is intended, and is now the one its stage speaks of; one that removes another is not."""
    deployments = {**state.deployments, fact.deployment_id: requested(fact)}
    state = state.model_copy(update={"deployments": deployments})
    if fact.removes:
        return state  # the stage goes on speaking of what is being removed
    return state.with_at(fact.stage, fact.environment, deployment_id=fact.deployment_id, alarms={})


def on_deployment(
    change: Callable[[Deployment, Any], Deployment],
) -> Callable[[ModelVersion, Any], ModelVersion]:
    """Apply a change to the deployment a fact names; a fact about an unknown one changes nothing."""

    def applied(state: ModelVersion, fact: Any) -> ModelVersion:
        deployment = state.deployments.get(fact.deployment_id)
        if deployment is None:
            return state
        return state.model_copy(update={"deployments": {**state.deployments, deployment.id: change(deployment, fact)}})

    return applied


def deployment_finished(state: ModelVersion, fact: f.DeploymentFinished) -> ModelVersion:
    """An execution ended; of one that removes, what it was to take away is gone."""
    after = on_deployment(Deployment.finished)(state, fact)
    ended = after.deployments.get(fact.deployment_id)
    return with_removed(after, ended) if ended else after


def withdrawn(deployment: Deployment, fact: f.DeploymentWithdrawn) -> Deployment:
    """It was not started and will not be."""
    if deployment.skipped_for:
        return deployment
    told = {"reason": fact.reason, "finished_at": fact.effective_at, "by_quota": fact.by_quota, "is_withdrawn": True}
    return deployment.model_copy(update={"status": DeploymentStatus.REMOVED, **told})


def superseded(deployment: Deployment, fact: f.DeploymentSuperseded) -> Deployment:
    """Another version serves in its place."""
    if deployment.skipped_for:
        return deployment
    told = {"reason": f"superseded by {fact.by}", "left_at": fact.effective_at}
    return deployment.model_copy(update={"status": DeploymentStatus.SUPERSEDED, **told})


def compared(deployment: Deployment, fact: u.DeploymentCompared) -> Deployment:
    """In what its pipeline contradicts the record."""
    return deployment.model_copy(update={"difference": fact.difference})


def rollback_requested(state: ModelVersion, fact: u.RollbackRequested) -> ModelVersion:
    """A deployment is to be taken back."""
    told = fact.model_dump(include={"effect_id", "deployment_id", "stage", "cause", "how"})
    rollback = Rollback.model_validate(told)
    return state.model_copy(update={"rollbacks": (*state.rollbacks, rollback)})


def rollback_finished(state: ModelVersion, fact: u.RollbackFinished) -> ModelVersion:
    """The outcome of a rollback; the first one stands."""
    known = next((one for one in state.rollbacks if one.effect_id == fact.effect_id and not one.outcome), None)
    if known is None:
        return state
    ended = known.model_copy(update={"outcome": fact.outcome, "reason": fact.reason})
    state = state.model_copy(update={"rollbacks": tuple(ended if one is known else one for one in state.rollbacks)})
    deployment = state.deployments.get(known.deployment_id)
    if deployment is None or fact.outcome not in {"stopped", "rolled-back"}:
        return state
    taken = deployment.taken_back(fact.effective_at, fact.reason)
    return state.model_copy(update={"deployments": {**state.deployments, taken.id: taken}})


GONE = frozenset({"DELETING", "DELETED"})
"""What an endpoint's event tells of one that somebody deletes."""


def endpoint_observed(state: ModelVersion, fact: EndpointObserved) -> ModelVersion:
    """How its endpoint is, and since when it is gone."""
    known = state.at(fact.stage, fact.environment)
    gone_at = (known.endpoint_gone_at or fact.effective_at) if fact.status in GONE else None
    state = state.with_at(fact.stage, fact.environment, endpoint_status=fact.status, endpoint_gone_at=gone_at)
    deployment = state.deployments.get(known.deployment_id)
    rolling = deployment.rolling_out if deployment else None
    if deployment is None or rolling is None or deployment.status is not DeploymentStatus.DEPLOYING:
        return state
    if fact.status != IN_SERVICE or fact.configuration != rolling.leaves:
        return state
    return with_rollout(state, deployment, rolling.taken_back(fact.effective_at))


def with_rollout(state: ModelVersion, deployment: Deployment, rolling: RollingOut) -> ModelVersion:
    """The same version with something else known of how it rolls out."""
    changed = deployment.model_copy(update={"rolling_out": rolling})
    return state.model_copy(update={"deployments": {**state.deployments, deployment.id: changed}})


def rollout_observed(state: ModelVersion, fact: RolloutObserved) -> ModelVersion:
    """How far SageMaker is with it. What has ended, or was taken back, is not under way any more."""
    deployment = state.deployments.get(fact.deployment_id)
    if deployment is None or deployment.status is not DeploymentStatus.DEPLOYING:
        return state
    on = state.at(deployment.stage, deployment.environment).alarms if state.is_latest(deployment) else {}
    return with_rollout(state, deployment, followed(deployment.rolling_out, fact, on))


def alarm_observed(state: ModelVersion, fact: f.AlarmObserved) -> ModelVersion:
    """Which alarms are on. Those of an earlier deployment are not spoken of any more."""
    known = state.at(fact.stage, fact.environment)
    others = {name: reason for name, reason in known.alarms.items() if name != fact.alarm}
    on = {fact.alarm: fact.reason} if fact.state == "ALARM" else {}
    state = state.with_at(fact.stage, fact.environment, alarms={**others, **on})
    deployment = state.deployments.get(known.deployment_id)
    if deployment is None or deployment.rolling_out is None or deployment.status is not DeploymentStatus.DEPLOYING:
        return state
    return with_rollout(state, deployment, deployment.rolling_out.with_alarms(on))


def endpoint_compared(state: ModelVersion, fact: u.EndpointCompared) -> ModelVersion:
    """In what its endpoint contradicts the record, and since when it is gone."""
    known = state.at(fact.stage, fact.environment)
    gone_at = (known.endpoint_gone_at or fact.effective_at) if fact.gone else None
    changes = {"endpoint_difference": fact.difference, "endpoint_gone_at": gone_at}
    return state.with_at(fact.stage, fact.environment, **changes)


OF_DEPLOYMENTS: Mapping[type[Any], Callable[[ModelVersion, Any], ModelVersion]] = {
    f.DeploymentRequested: deployment_requested,
    DeploymentArranged: on_deployment(Deployment.arranged),
    f.DeploymentStarted: on_deployment(Deployment.started),
    f.DeploymentStalled: on_deployment(Deployment.stalled),
    f.DeploymentClaimed: on_deployment(Deployment.claimed),
    f.DeploymentFinished: deployment_finished,
    f.DeploymentWithdrawn: on_deployment(withdrawn),
    f.DeploymentSkipped: on_deployment(Deployment.skipped),
    f.DeploymentSuperseded: on_deployment(superseded),
    u.DeploymentCompared: on_deployment(compared),
    u.EndpointCompared: endpoint_compared,
    EndpointObserved: endpoint_observed,
    f.AlarmObserved: alarm_observed,
    RolloutObserved: rollout_observed,
    u.RollbackRequested: rollback_requested,
    u.RollbackFinished: rollback_finished,
}
"""What each kind of fact about deployments does to the state."""
