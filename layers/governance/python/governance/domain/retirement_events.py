"""What is announced of retirements, beside `ModelRetired`: what is removed where, and when nothing is left."""

from governance.domain.envelope import Event
from governance.domain.lifecycle import Stage
from governance.domain.values import Instant


class RetirementCompleted(Event):
    """Nothing of a retired version runs any more: its endpoints are removed, or it had none."""

    retired_at: Instant
    """When it was retired."""
    completed_at: Instant
    """When the last of it was gone."""
    successor: str = ""
    """ARN of the version that takes its place; empty where none does."""
    use_case: str = ""
    """The use case that it belonged to; empty where it belonged to none."""
    use_case_waits: bool = False
    """Whether something had to be removed first, so that a use case which is retired with it may have waited for it."""


class RemovalRequested(Event):
    """What serves of a retired version is to be taken away, by its environment's pipeline."""

    stage: Stage
    """The stage it is in."""
    environment: str = ""
    """The environment of that stage; the stage's own goes by the stage's name."""
    deployment_id: str
    """Name of the removal: a deployment like any on the version's record."""
    removes: str
    """The deployment whose endpoint it takes away."""


class EndpointRemoved(Event):
    """What a version ran at in an environment is gone: the endpoint with its API, or the machine that ran its jobs."""

    stage: Stage
    """The stage it was in."""
    environment: str = ""
    """The environment of that stage; the stage's own goes by the stage's name."""
    deployment_id: str
    """Name of the removal; of what went with another version, the deployment itself."""
    removes: str
    """The deployment that was taken away."""
    removed_with: str = ""
    """ARN of the version with whose removal it went; empty where it is the version's own."""
    execution_id: str
    """The pipeline execution that did it; empty where it went with another version."""
    endpoint_name: str
    """The endpoint that is gone; of what ran as batch, the state machine."""
    endpoint_arn: str
    """Its ARN."""


class RemovalFailed(Event):
    """What serves of a retired version was not taken away; `reason` says why. Retiring it again asks anew."""

    stage: Stage
    """The stage it is in."""
    environment: str = ""
    """The environment of that stage; the stage's own goes by the stage's name."""
    deployment_id: str
    """Name of the removal."""
    removes: str
    """The deployment that it was to take away."""
    execution_id: str
    """The pipeline execution that ended; empty where none was started."""
    reason: str
    """Why it ended, in the words of whoever ended it."""
