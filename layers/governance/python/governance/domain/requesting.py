"""Ask for what is to be done about a version: its deployment somewhere, or that a deployment is taken back.

Each is named by what caused it, so that asking twice is asking once.
"""

from datetime import datetime
from typing import Any

from governance.domain.deployment import UNDER_WAY, Deployment
from governance.domain.deployment_facts import DeploymentRequested
from governance.domain.identifiers import effect_id
from governance.domain.lifecycle import Stage
from governance.domain.model_version import ModelVersion
from governance.domain.moments import after, last_moment
from governance.domain.upkeep import RollbackRequested


def deployment_named(state: ModelVersion, stage: Stage, cause: str, environment: str = "") -> str:
    """The id of the deployment that a cause calls for in an environment, of what is sealed."""
    return effect_id("deploy", state.model, stage, cause, state.sealing.effect_id, *filter(None, [environment]))


def to_deploy(
    state: ModelVersion, stage: Stage, cause: str, at: datetime, now: datetime, **how: Any
) -> DeploymentRequested:
    """The request for that deployment at a moment; `how` are the profile and the way, as the fact has them."""
    requested = DeploymentRequested(
        model=state.model,
        effective_at=at,
        recorded_at=now,
        deployment_id=deployment_named(state, stage, cause, how.get("environment", "")),
        stage=stage,
        cause=cause,
        sealing=state.sealing.effect_id,
        **how,
    )
    return after(state, requested)


def to_take_back(state: ModelVersion, deployment: Deployment, cause: str, now: datetime) -> RollbackRequested | None:
    """The rollback that a cause calls for, or None where it was had or another goes on: once for each cause."""
    if deployment.attempt > 1:
        cause = f"{cause}/{deployment.attempt}"  # somebody had the pipeline try again what was stopped
    earlier = state.rollback_of(deployment.id)
    if earlier and (not earlier.outcome or earlier.cause == cause):
        return None
    requested = RollbackRequested(
        model=state.model,
        effective_at=last_moment(state),
        recorded_at=now,
        effect_id=effect_id("roll-back", state.model, deployment.id, cause),
        deployment_id=deployment.id,
        stage=deployment.stage,
        cause=cause,
        how="stop" if deployment.status in UNDER_WAY else "roll-back",
    )
    return after(state, requested)
