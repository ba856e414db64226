"""What pipelines, endpoints and alarms tell of deployments, and what an execution is to be let through with."""

from typing import Literal

from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import Stage
from governance.domain.values import Instant, Value


class Passage(Value):
    """What an execution wants to be let through with: which deployment it says it is for, and what it would deploy."""

    version: ModelPackageArn
    stage: Stage
    environment: str = ""
    """Name of the environment that the pipeline deploys to; empty for the stage's own."""
    deployment_id: str
    execution_id: str
    bundle_key: str
    """The bundle that it was started with."""
    artifact_key: str
    """The pipeline's own copy of it, which is what the next action deploys."""


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


class AlarmChange(Value):
    """What an alarm's event told."""

    alarm: str
    endpoints: tuple[str, ...]
    """ARNs of the endpoints that it can be about: the one that it measures, or those that it may be named after."""
    state: Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
    reason: str
    at: Instant
    variant: str = ""
    """The variant that it measures, where that is one; empty for an alarm of the whole endpoint."""


class EndpointChange(Value):
    """What an endpoint event told."""

    endpoint_arn: str
    status: str
    at: Instant
    configuration: str = ""
    """Name of the configuration that it serves by; empty where nobody said."""
