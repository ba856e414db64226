"""Which deployments are not worth their turn: another version was asked for later, in the same environment.

Asked for is when the deployment was requested, by the times of the facts that it follows from and not by when anybody
heard of them: so the order is the same in whatever order events arrive.
"""

from governance.domain.deployment import Deployment
from governance.domain.lifecycle import DeploymentStatus
from governance.domain.model_group import ModelGroup
from governance.domain.model_version import ModelVersion


def is_untouched(deployment: Deployment) -> bool:
    """Whether it still waits, and nothing has begun of it."""
    return deployment.status is DeploymentStatus.QUEUED and not deployment.execution_id


def may_be_skipped(state: ModelVersion, deployment: Deployment, group: ModelGroup | None) -> bool:
    """Whether a deployment may give way at all: a decision asked for it, nothing has begun, and nothing waits for it.

    A return restores what serves, the full rollout of a trial ends it, a removal takes it away: each has its turn. So
    has everything while something is being taken back in its environment, for whatever comes to serve there ends that.
    """
    rollback = state.rollback_of(deployment.id)
    is_awaited = any(taken.place == deployment.place for taken in group.returns.values()) if group else False
    is_of_a_decision = not (deployment.is_return or deployment.completes or deployment.removes)
    return is_untouched(deployment) and is_of_a_decision and not is_awaited and not (rollback and not rollback.outcome)


def was_asked_for_after(other: Deployment, deployment: Deployment) -> bool:
    """Whether a decision asked for another deployment, in the same environment and later: of one moment, by the id."""
    later = (other.requested_at, other.id) > (deployment.requested_at, deployment.id)
    return later and other.place == deployment.place and not (other.is_return or other.removes)
