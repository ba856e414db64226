"""Facts about deployments: intended, started, claimed, ended, withdrawn, skipped, superseded."""

from typing import ClassVar, Literal

from governance.domain.batch_plans import RunsAs
from governance.domain.fact import Fact
from governance.domain.lifecycle import Stage
from governance.domain.values import Instant, iso


class DeploymentRequested(Fact):
    """Steward intends to deploy the version: the intent of the effect of the same id."""

    kind: Literal["deployment-requested"] = "deployment-requested"
    deployment_id: str
    stage: Stage
    cause: str
    """Fingerprint of the decision, or of its renewal, that this deployment rests on."""
    sealing: str
    """Id of the sealing whose bytes it deploys."""
    profile: str = ""
    """Name and number of the group's deployment profile that it is deployed by; empty before there were any."""
    profile_hash: str = ""
    """Hash of that profile's content."""
    completes: str = ""
    """The trial that it rolls out in full, by the id of its deployment; empty for every other."""
    environment: str = ""
    """Name of the environment that it is deployed to; empty for the stage's own."""
    rests_on: Stage | None = None
    """The stage whose approval justifies it; None for the one that precedes where there is no pre-production."""
    goes_to: tuple[str, ...] = ()
    """All environments that this approval deploys it to, as they were then; none where it is the stage's own alone."""
    runs_as: RunsAs = RunsAs.ENDPOINT
    """What its profile makes of it there: an endpoint, or a model that transform jobs run."""
    removes: str = ""
    """The deployment whose endpoint it takes away, by its id; empty for every other that brings something."""
    returns: str = ""
    """The deployment by which the version served there last, of a return to it; empty for every other."""
    rank: ClassVar[int] = 5
    told: ClassVar[tuple[str, ...]] = ("deployment_id",)


class DeploymentStarted(Fact):
    """A pipeline execution was started for a deployment, or started again."""

    kind: Literal["deployment-started"] = "deployment-started"
    deployment_id: str
    execution_id: str
    attempt: int = 1
    bundle_key: str = ""
    endpoint_name: str = ""
    endpoint_arn: str = ""
    """What answers there: the endpoint; of what runs as batch, the state machine that runs its jobs."""
    model_arn: str = ""
    """The model in SageMaker, of what runs as batch."""
    rank: ClassVar[int] = 6
    told: ClassVar[tuple[str, ...]] = ("deployment_id", "execution_id", "attempt")

    @property
    def position(self) -> str:
        """A further attempt comes after the end of the one before it, which may be of the same second."""
        if self.attempt == 1:
            return super().position
        return f"{iso(self.counts_from)}#{DeploymentFinished.rank}#{self.attempt - 1:04d}+#{self.fingerprint}"


class DeploymentStalled(Fact):
    """Its execution has been under way for longer than any should be: found by asking the pipeline."""

    kind: Literal["deployment-stalled"] = "deployment-stalled"
    deployment_id: str
    execution_id: str
    attempt: int = 1
    since: Instant
    """When that attempt was started."""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("deployment_id", "execution_id", "attempt")


class AlarmObserved(Fact):
    """An alarm on the version's endpoint changed its state."""

    kind: Literal["alarm-observed"] = "alarm-observed"
    stage: Stage
    endpoint_arn: str
    alarm: str
    state: Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
    reason: str = ""
    """In CloudWatch's words."""
    environment: str = ""
    """Name of the environment that the endpoint is in; empty for the stage's own."""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("stage", "endpoint_arn", "alarm", "state")


class DeploymentClaimed(Fact):
    """One pipeline execution claimed a deployment for itself. There is no second claim."""

    kind: Literal["deployment-claimed"] = "deployment-claimed"
    deployment_id: str
    execution_id: str
    rank: ClassVar[int] = 7
    told: ClassVar[tuple[str, ...]] = ("deployment_id", "execution_id")


class DeploymentFinished(Fact):
    """A pipeline execution ended, as its pipeline confirmed."""

    kind: Literal["deployment-finished"] = "deployment-finished"
    deployment_id: str
    execution_id: str
    attempt: int = 1
    outcome: Literal["succeeded", "failed", "stopped"]
    reason: str = ""
    has_deployed: bool = False
    """Of one that did not succeed, whether its deploying action had, as its pipeline told: what it brought is there."""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("deployment_id", "execution_id", "attempt", "outcome")

    @property
    def restrictiveness(self) -> str:
        """The attempts in their order."""
        return f"{self.attempt:04d}"


class DeploymentWithdrawn(Fact):
    """A requested deployment was not started: what justified it had gone, or a quota kept it from it."""

    kind: Literal["deployment-withdrawn"] = "deployment-withdrawn"
    deployment_id: str
    reason: str
    by_quota: bool = False
    """Whether it was justified, and a quota of AWS's kept it from being started."""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("deployment_id",)


class DeploymentSkipped(Fact):
    """A requested deployment was not started: another version was asked for later, in the same environment."""

    kind: Literal["deployment-skipped"] = "deployment-skipped"
    deployment_id: str
    by: str
    """ARN of the version that superseded it."""
    by_deployment: str
    """The deployment of that version."""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("deployment_id", "by_deployment")


class DeploymentSuperseded(Fact):
    """Another version took this one's place at its endpoint."""

    kind: Literal["deployment-superseded"] = "deployment-superseded"
    deployment_id: str
    by: str
    """ARN of the version that took its place."""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("deployment_id", "by")
