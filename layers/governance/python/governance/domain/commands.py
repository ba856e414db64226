"""Commands that other systems may send to the intake bus. Each has a published JSON schema in `docs/events`.

The detail type is the class name. A command counts only if the account in its envelope is registered as a producer
for the group and the stage it speaks of; otherwise it becomes a finding.
"""

from collections.abc import Mapping

from pydantic import Field, model_validator

from governance.domain.evidence import EvidenceKind
from governance.domain.identifiers import ModelPackageArn, Sha256
from governance.domain.lifecycle import Stage
from governance.domain.metrics import Metric
from governance.domain.served_decisions import DecisionServed
from governance.domain.values import SCHEMA_VERSION, Instant, Value


class ModelValidationCompleted(Value):
    """A version was measured on held-out rows in a stage, or could not be, and why.

    Exactly one of `metrics` and `not_possible` is given.
    """

    schema_version: int = SCHEMA_VERSION
    """The version of this shape: 1."""
    model_package_arn: ModelPackageArn
    """The model version that was measured."""
    stage: Stage
    """The stage it was measured in: one that has an environment."""
    completed_at: Instant
    """When the measuring ended."""
    endpoint: str = ""
    """Name of the endpoint that was asked."""
    deployment_id: str = ""
    """Name of the deployment that it serves for, where that is known."""
    validation_set: str = ""
    """SHA-256 of the rows."""
    rows: int = Field(0, ge=0)
    """How many rows were asked."""
    metrics: tuple[Metric, ...] = Field((), max_length=100)
    """What was measured."""
    not_possible: str = Field("", max_length=1000)
    """Why nothing could be measured."""

    @model_validator(mode="after")
    def says_one_thing(self) -> "ModelValidationCompleted":
        """Refuse a report that says nothing, or two things."""
        if bool(self.metrics) == bool(self.not_possible):
            raise ValueError("give metrics, or say why none were possible")
        return self


class ModelMetricsReported(Value):
    """Monitoring measured a version in a stage."""

    schema_version: int = SCHEMA_VERSION
    """The version of this shape: 1."""
    model_package_arn: ModelPackageArn
    """The model version that was measured."""
    stage: Stage
    """The stage it was measured in: one that has an environment."""
    measured_at: Instant
    """When it was measured."""
    endpoint: str
    """Name of the endpoint that the measurements are of."""
    metrics: tuple[Metric, ...] = Field(min_length=1, max_length=100)
    """What was measured."""


class EvidenceAttached(Value):
    """A document or report lies ready that speaks for a version. The hub fetches it, and compares its hash."""

    schema_version: int = SCHEMA_VERSION
    """The version of this shape: 1."""
    model_package_arn: ModelPackageArn
    """The model version that it speaks for."""
    stage: Stage = Stage.DEVELOPMENT
    """The stage in whose account it was made: which accounts may attach it depends on that."""
    kind: EvidenceKind
    """What it is about."""
    uri: str = Field(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+$", max_length=1200)
    """Where it lies: one object of S3 that the hub may read."""
    sha256: Sha256
    """The SHA-256 of its bytes."""
    attached_at: Instant
    """When it was attached. The same document attached at another time is fetched once more."""
    why: str = Field("", max_length=1000)
    """What it is to show."""


MEASURING: Mapping[str, type[ModelValidationCompleted] | type[ModelMetricsReported]] = {
    command.__name__: command for command in (ModelValidationCompleted, ModelMetricsReported)
}
"""The commands that tell what was measured, by their detail types."""

COMMANDS: Mapping[
    str, type[ModelValidationCompleted] | type[ModelMetricsReported] | type[EvidenceAttached] | type[DecisionServed]
] = {
    **MEASURING,
    DecisionServed.__name__: DecisionServed,
    EvidenceAttached.__name__: EvidenceAttached,
}
"""Every command that is understood, by its detail type."""
