"""A decision of a use case in which models took part: told by whoever asked them, under an id of the caller's own.

Only identifiers are told and kept. What a model was asked and answered lies where data capture puts it, in the workload
account, under the same id (SageMaker API: InvokeEndpoint, `InferenceId`; guide: "Capture data from real-time endpoint",
`eventMetadata.inferenceId`).
"""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field, StringConstraints

from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import Stage
from governance.domain.values import SCHEMA_VERSION, Instant, Value

DecisionId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
"""What a caller calls a decision, in 64 characters at most (SageMaker API: InvokeEndpoint). It names nobody."""
Place = Annotated[str, StringConstraints(pattern=r"^(s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/\S{1,900})?$")]
"""Where something lies in S3; empty text where nothing does."""

AHEAD = timedelta(minutes=5)
"""How far an invoker's clock may be ahead of ours."""


class DecisionServed(Value):
    """A version answered a request that belongs to a decision of the caller's."""

    schema_version: int = SCHEMA_VERSION
    """The version of this shape: 1."""
    decision_id: DecisionId
    """The id that the caller gave."""
    model_package_arn: ModelPackageArn
    """The model version that answered; while another one rolls out in its place, the one before."""
    stage: Stage
    """The stage it answered in."""
    endpoint: str = Field(min_length=1, max_length=63)
    """Name of the endpoint."""
    variant: str = Field("", max_length=63)
    """Name of the variant that answered."""
    served_at: Instant
    """When it answered."""
    request_id: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    """Id of the invocation: the same version may be asked more than once."""
    captured: Place = ""
    """Below which prefix its request and answer lie, if they were captured; empty where nothing is captured."""
    capture_percent: int = Field(0, ge=0, le=100)
    """How many requests of a hundred are captured."""
    explanations: Place = ""
    """Where its explanation lies, if there is one."""


class Participation(Value):
    """A version's part in a decision, as it is on record."""

    use_case: str
    """Its id; of a group that is attached to none, what its tags name, whatever that is."""
    decision_id: DecisionId
    model_package_arn: ModelPackageArn
    stage: Stage
    endpoint: str
    variant: str
    served_at: Instant
    request_id: str
    captured: str
    capture_percent: int
    explanations: str
    account: str
    """The account that it answered in."""
    expires_at: Instant
    """When it leaves the record."""


def participation(
    told: DecisionServed, use_case: str, account: str, now: datetime, kept_for: timedelta
) -> Participation:
    """What is to be kept of it."""
    common = told.model_dump(exclude={"schema_version"})
    return Participation(**common, use_case=use_case, account=account, expires_at=now + kept_for)
