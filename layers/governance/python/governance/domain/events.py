"""What Steward announces on the governance bus. These classes are its public interface for subscribers.

The detail type on the bus is the class name, the source is `steward`. Everyone may rely on the envelope; nobody
should act on an event without re-reading the table, for events come at least once, and out of order across
versions. Deduplicate by `event_id`; order by `sequence` within a version. No event ever holds a model's data.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import Field

from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import Stage
from governance.domain.metrics import Metric
from governance.domain.values import SCHEMA_VERSION, Instant, Value, sha256_of

SOURCE = "steward"
"""The source of every event of ours."""


class Event(Value):
    """The envelope: what all events share."""

    event_id: UUID
    """The same each time this event is delivered, however often it is announced."""
    occurred_at: Instant
    correlation_id: str
    """Ties together what one incoming event set off."""
    caused_by: str
    """Fingerprint of the fact that caused it."""
    schema_version: int = SCHEMA_VERSION
    sequence: int
    """Number of the audit entry that announces it; later events of a version have greater ones."""
    model_package_arn: ModelPackageArn
    model_group: str
    model_version: int
    old: Mapping[str, Any] = Field(default_factory=dict)
    new: Mapping[str, Any] = Field(default_factory=dict)
    changed: tuple[str, ...] = ()

    @property
    def detail_type(self) -> str:
        """The name on the bus."""
        return type(self).__name__


class ModelVersionRegistered(Event):
    """A model version was recorded for the first time. It is pending in development, whatever it was registered as."""

    registered_by: str


class SealingRequested(Event):
    """A version's artifacts are to be copied into the hub. Starts the state machine that does it."""

    effect_id: str


class ArtifactsSealed(Event):
    """Every artifact of a version lies in the hub: copied, checksummed and locked."""

    artifacts: tuple[str, ...]
    """Their `s3://` URIs in the hub."""


class ModelStageApproved(Event):
    """A version was approved in a stage, under the policy named, by the person named."""

    stage: Stage
    approved_by: str
    policy: str
    why: str


class ModelStageRejected(Event):
    """A version was rejected in a stage. The approval status of a rejected version blocks every stage."""

    stage: Stage
    rejected_by: str
    why: str


class ModelRetired(Event):
    """A version was retired in a stage. Its record stays."""

    stage: Stage
    retired_by: str


class DeploymentRequested(Event):
    """A version is to be deployed to a stage: it is approved in the stage before, and sealed."""

    stage: Stage
    deployment_id: str


class DeploymentSucceeded(Event):
    """A version runs in a stage and was validated there, as its pipeline confirmed."""

    stage: Stage
    deployment_id: str
    execution_id: str
    endpoint_name: str
    endpoint_arn: str


class DeploymentFailed(Event):
    """A deployment ended without success; `reason` is the pipeline's own. Approving again asks for another."""

    stage: Stage
    deployment_id: str
    execution_id: str
    reason: str


class MetricsRecorded(Event):
    """Measurements of a version in a stage were put on its record."""

    stage: Stage
    purpose: str
    metrics: tuple[Metric, ...]


class FindingOpened(Event):
    """Something is wrong with a version, and this is what would put it right."""

    finding_id: str
    code: str
    severity: str
    detail: str
    remedy: str


class FindingClosed(Event):
    """What was wrong with a version no longer is."""

    finding_id: str
    code: str


PUBLISHED: Mapping[str, type[Event]] = {
    event.__name__: event
    for event in (
        ModelVersionRegistered,
        SealingRequested,
        ArtifactsSealed,
        ModelStageApproved,
        ModelStageRejected,
        ModelRetired,
        DeploymentRequested,
        DeploymentSucceeded,
        DeploymentFailed,
        MetricsRecorded,
        FindingOpened,
        FindingClosed,
    )
}
"""Every event that is published, by its name on the bus."""


def event_id(arn: str, created_at: str, sequence: int, index: int) -> UUID:
    """The id of the `index`-th event of an audit entry: derived, so that announcing again repeats it."""
    return UUID(sha256_of(f"{arn}|{created_at}|{sequence}|{index}")[:32], version=4)
