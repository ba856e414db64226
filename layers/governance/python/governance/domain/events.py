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
    """When it happened, as told by whoever told it; not when Steward learned it."""
    correlation_id: str
    """Ties together what one incoming event set off."""
    caused_by: str
    """Fingerprint of the fact that caused it."""
    schema_version: int = SCHEMA_VERSION
    """Raised when a field goes or changes its meaning."""
    sequence: int
    """Number of the audit entry that announces it; later events of a version have greater ones."""
    model_package_arn: ModelPackageArn
    """The model version it is about."""
    model_group: str
    """Name of its group; empty for a package outside any."""
    model_version: int
    """Its number in the group; 0 for a package outside any."""
    old: Mapping[str, Any] = Field(default_factory=dict)
    """What the record said before, for every line that changed and was there."""
    new: Mapping[str, Any] = Field(default_factory=dict)
    """What it says now, for every line that changed."""
    changed: tuple[str, ...] = ()
    """The names of these lines, sorted."""

    @property
    def detail_type(self) -> str:
        """The name on the bus."""
        return type(self).__name__


class ModelVersionRegistered(Event):
    """A model version was recorded for the first time. It is pending in development, whatever it was registered as."""

    registered_by: str
    """The person's id, or `unknown`; `PEOPLE` in the table has the name, unless it was erased."""


class SealingRequested(Event):
    """A version's artifacts are to be copied into the hub. Starts the state machine that does it."""

    effect_id: str
    """Name of the effect `EFFECT#<id>` on the version's record."""


class ArtifactsSealed(Event):
    """Every artifact of a version lies in the hub: copied, checksummed and locked."""

    artifacts: tuple[str, ...]
    """Their `s3://` URIs in the hub."""


class EvidenceRequested(Event):
    """A piece of evidence was named and is to be fetched. Starts the function that does it."""

    effect_id: str
    """Name of the effect `EFFECT#<id>` on the version's record."""
    kind: str
    """What it is about, as in `model-quality`."""
    sha256: str
    """Its hash; empty as long as nobody has fetched it."""


class EvidenceCollected(EvidenceRequested):
    """A piece of evidence lies beside the sealed artifacts, and gates may rest on it."""


class EvidenceExpired(EvidenceRequested):
    """A piece of evidence is older than the policy in force allows: what is approved stays, nothing new may be."""


class WriteBackRequested(Event):
    """Something is to be written to the registry. Starts the function that does it; the registry's event follows."""

    effect_id: str
    """Name of the effect `EFFECT#<id>` on the version's record."""
    stage: Stage
    """The stage that it decides."""
    purpose: str
    """`decide` for what a person decided, `revert` for an approval that a policy refused."""


class ModelStageApproved(Event):
    """A version was approved in a stage, under the policy named, by the person named."""

    stage: Stage
    """The stage that is approved; the next one is where it is deployed."""
    approved_by: str
    """The person's id, the same through every role they assume and on every version."""
    policy: str
    """Name and version of the policy that judged the approval."""
    why: str
    """What the person wrote in the registry."""


class ModelStageRejected(Event):
    """A version was rejected in a stage. The approval status of a rejected version blocks every stage."""

    stage: Stage
    """The stage that is rejected."""
    rejected_by: str
    """The person's id, or `unknown`; `PEOPLE` in the table has the name, unless it was erased."""
    why: str
    """What the person wrote in the registry."""


class ModelRetired(Event):
    """A version was retired in a stage. Its record stays."""

    stage: Stage
    """The stage it is retired in."""
    retired_by: str
    """The person's id, or `unknown`; `PEOPLE` in the table has the name, unless it was erased."""


class LegalHoldPlaced(Event):
    """Somebody ordered that nothing sealed of a version be deleted, whatever its retention says."""

    ordered_by: str
    """The person's id, the same through every role they assume and on every version."""
    why: str
    """The reason that they gave."""


class LegalHoldLifted(Event):
    """Somebody lifted the legal hold of a version: its retention alone holds again."""

    ordered_by: str
    """The person's id, the same through every role they assume and on every version."""
    why: str
    """The reason that they gave."""


class DeploymentRequested(Event):
    """A version is to be deployed to a stage: it is approved in the stage before, and sealed."""

    stage: Stage
    """The stage to deploy to."""
    deployment_id: str
    """Name of the deployment `DEPLOYMENT#<id>` on the version's record."""


class DeploymentSucceeded(Event):
    """A version runs in a stage, as its pipeline confirmed. What was measured there, `MetricsRecorded` tells."""

    stage: Stage
    """The stage it runs in."""
    deployment_id: str
    """Name of the deployment."""
    execution_id: str
    """The pipeline execution that deployed it."""
    endpoint_name: str
    """The endpoint it serves at."""
    endpoint_arn: str
    """ARN of that endpoint, in lower case as SageMaker writes it."""


class DeploymentFailed(Event):
    """A deployment ended without success; `reason` is the pipeline's own. Approving again asks for another."""

    stage: Stage
    """The stage it should have run in."""
    deployment_id: str
    """Name of the deployment."""
    execution_id: str
    """The pipeline execution that ended; empty where none was started."""
    reason: str
    """Why it ended, in the words of whoever ended it."""


class RollbackRequested(Event):
    """A deployment is to be taken back, because nothing justifies it. `ModelRolledBack` tells that it was."""

    effect_id: str
    """Name of the effect `EFFECT#<id>` on the version's record."""
    deployment_id: str
    """The deployment to take back."""
    stage: Stage
    """The stage it is in."""
    how: str
    """`stop` for one that is under way, `roll-back` for one that runs."""


class ModelRolledBack(Event):
    """A deployment was taken back: stopped, or replaced by the last good version."""

    stage: Stage
    """The stage it was taken back in."""
    deployment_id: str
    """Name of the deployment."""
    reason: str
    """Why, and what serves now."""


class MetricsRecorded(Event):
    """Measurements of a version in a stage were put on its record."""

    stage: Stage
    """The stage it was measured in."""
    purpose: str
    """`validation` or `monitoring`."""
    metrics: tuple[Metric, ...]
    """Name, value and unit of each."""


class FindingOpened(Event):
    """Something is wrong with a version, and this is what would put it right."""

    finding_id: str
    """Name of the finding `FINDING#<id>` on the version's record."""
    code: str
    """What kind of finding it is; `docs/findings.md` has every code."""
    severity: str
    """`low`, `medium`, `high` or `critical`."""
    detail: str
    """What was found."""
    remedy: str
    """What would put it right."""
    owner: str = ""
    """Id of whoever is to see to it; empty where nobody is known to."""
    due: str = ""
    """By when, in ISO 8601; empty where there is no date."""


class FindingClosed(Event):
    """What was wrong with a version no longer is."""

    finding_id: str
    """Name of the finding."""
    code: str
    """What kind of finding it is."""


PUBLISHED: Mapping[str, type[Event]] = {
    event.__name__: event
    for event in (
        ModelVersionRegistered,
        SealingRequested,
        ArtifactsSealed,
        EvidenceRequested,
        EvidenceCollected,
        EvidenceExpired,
        WriteBackRequested,
        ModelStageApproved,
        ModelStageRejected,
        ModelRetired,
        LegalHoldPlaced,
        LegalHoldLifted,
        DeploymentRequested,
        DeploymentSucceeded,
        DeploymentFailed,
        RollbackRequested,
        ModelRolledBack,
        MetricsRecorded,
        FindingOpened,
        FindingClosed,
    )
}
"""Every event that is published, by its name on the bus."""


def event_id(arn: str, created_at: str, sequence: int, index: int) -> UUID:
    """The id of the `index`-th event of an audit entry: derived, so that announcing again repeats it."""
    return UUID(sha256_of(f"{arn}|{created_at}|{sequence}|{index}")[:32], version=4)
