"""One deployment of one version to one environment: requested, started, claimed by one execution, ended."""

from governance.domain.deployment_facts import (
    DeploymentClaimed,
    DeploymentFinished,
    DeploymentRequested,
    DeploymentStarted,
)
from governance.domain.lifecycle import DeploymentStatus, Stage
from governance.domain.values import Instant, Value

UNDER_WAY = frozenset({DeploymentStatus.QUEUED, DeploymentStatus.DEPLOYING})
"""Statuses in which a deployment holds its place."""

RUNNING = frozenset({DeploymentStatus.DEPLOYING, DeploymentStatus.DEPLOYED})
"""Statuses in which something of the version may be running."""

LEFT_THERE = frozenset({DeploymentStatus.DEPLOYED, DeploymentStatus.FAILED})
"""Statuses of a deployment that may have left its version at the endpoint."""


class Deployment(Value):
    """What is known of a deployment. Only the execution that claimed it speaks for it."""

    id: str
    stage: Stage
    cause: str
    sealing: str
    status: DeploymentStatus
    requested_at: Instant
    finished_at: Instant | None = None
    execution_id: str = ""
    claimed_by: str = ""
    attempt: int = 0
    bundle_key: str = ""
    endpoint_name: str = ""
    endpoint_arn: str = ""
    reason: str = ""
    difference: str = ""
    """In what its pipeline contradicts the record, as the reconciler found; empty while they agree."""

    @property
    def is_return(self) -> bool:
        """Whether a rollback asked for it, so that an earlier version may serve again, and no decision did."""
        return self.cause.startswith("roll-back-")

    def started(self, fact: DeploymentStarted) -> "Deployment":
        """An execution runs for it; a further attempt of an execution opens it again."""
        if self.is_foreign(fact.execution_id) or (
            fact.attempt <= self.attempt and fact.execution_id == self.execution_id
        ):
            return self.with_whereabouts(fact)
        return self.with_whereabouts(fact).model_copy(
            update={
                "status": DeploymentStatus.DEPLOYING,
                "execution_id": fact.execution_id,
                "attempt": fact.attempt,
                "finished_at": None,
                "reason": "",
            }
        )

    def with_whereabouts(self, fact: DeploymentStarted) -> "Deployment":
        """Where it is deployed from and to, kept from the fact that knew it."""
        return self.model_copy(
            update={
                "bundle_key": self.bundle_key or fact.bundle_key,
                "endpoint_name": self.endpoint_name or fact.endpoint_name,
                "endpoint_arn": self.endpoint_arn or fact.endpoint_arn,
            }
        )

    def claimed(self, fact: DeploymentClaimed) -> "Deployment":
        """The first claim stands."""
        if self.claimed_by:
            return self
        same = fact.execution_id == self.execution_id
        return self.model_copy(
            update={
                "claimed_by": fact.execution_id,
                "execution_id": fact.execution_id,
                "status": self.status if same else DeploymentStatus.DEPLOYING,
                "attempt": self.attempt if same else 1,
            }
        )

    def finished(self, fact: DeploymentFinished) -> "Deployment":
        """The end, unless it is that of an execution which does not speak for this deployment."""
        if self.is_foreign(fact.execution_id) or fact.attempt < self.attempt:
            return self
        succeeded = fact.outcome == "succeeded"
        status = DeploymentStatus.DEPLOYED if succeeded else DeploymentStatus.FAILED
        return self.model_copy(
            update={
                "status": self.status if self.status is DeploymentStatus.ROLLED_BACK else status,
                "execution_id": fact.execution_id,
                "attempt": fact.attempt,
                "finished_at": fact.effective_at,
                "reason": "" if succeeded else fact.reason or f"the pipeline {fact.outcome}",
            }
        )

    def taken_back(self, at: Instant, reason: str) -> "Deployment":
        """Stopped, or replaced by the version before it; whatever its execution tells later."""
        return self.model_copy(
            update={
                "status": DeploymentStatus.ROLLED_BACK,
                "finished_at": self.finished_at or at,
                "reason": reason or self.reason,
            }
        )

    def is_foreign(self, execution: str) -> bool:
        """Whether another execution holds the claim."""
        return bool(self.claimed_by) and execution != self.claimed_by


def requested(fact: DeploymentRequested) -> Deployment:
    """A deployment as it begins: an intent, waiting for its turn."""
    return Deployment(
        id=fact.deployment_id,
        stage=fact.stage,
        cause=fact.cause,
        sealing=fact.sealing,
        status=DeploymentStatus.QUEUED,
        requested_at=fact.effective_at,
    )


class PipelineChange(Value):
    """What a pipeline event told: an execution changed its state."""

    pipeline: str
    execution_id: str
    attempt: int
    at: Instant
    ended: bool
    """Whether the event told of an end, so that its time is the time of the end."""
    comments: str = ""
    """What somebody said who stopped the execution."""


class EndpointChange(Value):
    """What an endpoint event told."""

    endpoint_arn: str
    status: str
    at: Instant
