"""What Steward announces on the governance bus. These classes are its public interface for subscribers.

The detail type on the bus is the class name, the source is `steward`. Everyone may rely on the envelope; nobody
should act on an event without re-reading the table, for events come at least once, and out of order across
versions. Deduplicate by `event_id`; order by `sequence` within a version. No event ever holds a model's data.
"""

from collections.abc import Mapping

from governance.domain.deployment_events import (
    DeploymentFailed,
    DeploymentRequested,
    DeploymentSkipped,
    DeploymentSucceeded,
    GuardrailTripped,
    ModelRolledBack,
    ModelSuperseded,
    RollbackRequested,
)
from governance.domain.envelope import Announced, Event
from governance.domain.lifecycle import Stage
from governance.domain.metrics import Metric
from governance.domain.retirement_events import EndpointRemoved, RemovalFailed, RemovalRequested, RetirementCompleted
from governance.domain.use_case import ModelRisk
from governance.domain.use_case_events import OF_USE_CASES
from governance.domain.values import Instant

SOURCE = "steward"
"""The source of every event of ours."""


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


class ModelStageReopened(Event):
    """A decision on a version in a stage holds no longer: it is pending there again."""

    stage: Stage
    """The stage that is pending."""


class ModelRiskChanged(Event):
    """The tags of a version's group say another risk than was on its record."""

    risk: ModelRisk
    """`high`, `medium` or `low`; `high` where nobody classified it."""


class ModelRetired(Event):
    """A version was retired in a stage. Its record stays."""

    stage: Stage
    """The stage it is retired in."""
    retired_by: str
    """The person's id, or `unknown`; `PEOPLE` in the table has the name, unless it was erased."""
    why: str = ""
    """The reason that they gave; empty where it was retired in the registry alone."""
    successor: str = ""
    """ARN of the version that takes its place; empty where none does."""


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


class ModelQuarantined(Event):
    """A version may run nowhere and be approved nowhere. `QuarantineCompleted` tells when nothing of it runs."""

    ordered_by: str
    """The person's id, the same through every role they assume and on every version."""
    why: str
    """The reason that they gave."""


class QuarantineCompleted(Event):
    """Nothing of a quarantined version runs any more: every stage was rolled back, or had nothing of it."""

    ordered_at: Instant
    """When it was ordered."""
    safe_at: Instant
    """When the last of its deployments had ended."""
    seconds_to_safe: float
    """The time from the one to the other."""


class ModelReleased(Event):
    """A version is quarantined no more. What it was approved for before does not count: it is to be approved anew."""

    released_by: str
    """The person's id: somebody other than who ordered the quarantine."""
    why: str
    """The reason that they gave."""


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


OF_VERSIONS: Mapping[str, type[Event]] = {
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
        ModelStageReopened,
        ModelRiskChanged,
        ModelRetired,
        RetirementCompleted,
        LegalHoldPlaced,
        LegalHoldLifted,
        DeploymentRequested,
        DeploymentSucceeded,
        DeploymentFailed,
        DeploymentSkipped,
        GuardrailTripped,
        RemovalRequested,
        EndpointRemoved,
        RemovalFailed,
        RollbackRequested,
        ModelRolledBack,
        ModelSuperseded,
        ModelQuarantined,
        QuarantineCompleted,
        ModelReleased,
        MetricsRecorded,
        FindingOpened,
        FindingClosed,
    )
}
"""Every event about model versions, by its name on the bus."""

PUBLISHED: Mapping[str, type[Announced]] = {**OF_VERSIONS, **OF_USE_CASES}
"""Every event that is published, by its name on the bus."""
