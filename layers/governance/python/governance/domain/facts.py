"""Facts: everything that was ever learned of a model version, each stored once, never changed.

A fact is told apart by a fingerprint of its content, never by the id of the event that brought it. It says when it
happened (`effective_at`, as told) and when Steward learned it (`recorded_at`, Steward's clock). The order in which
facts are folded is theirs, not that of their arrival: by time, then kind, then restrictiveness.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, TypeAdapter

from governance.domain.artifacts import Container, Refusal, SealedArtifact
from governance.domain.deployment_facts import (
    AlarmObserved,
    DeploymentClaimed,
    DeploymentFinished,
    DeploymentRequested,
    DeploymentSkipped,
    DeploymentStalled,
    DeploymentStarted,
    DeploymentSuperseded,
    DeploymentWithdrawn,
)
from governance.domain.evidence import Evidence
from governance.domain.evidence_facts import EvidenceAged, EvidenceCollected, EvidenceRefused, EvidenceRequested
from governance.domain.fact import Fact
from governance.domain.identifiers import Person
from governance.domain.images import SealedImage
from governance.domain.imported import SourceObserved, VersionImported
from governance.domain.lifecycle import ORDER, ApprovalStatus, LifeCycle, Stage
from governance.domain.metrics import Metric
from governance.domain.policy import Check
from governance.domain.recalls import QuarantineCompleted, RollbackOrdered, VersionQuarantined, VersionReleased
from governance.domain.rejections import RejectionJudged
from governance.domain.retirement import DeploymentRemoved, RetirementCompleted, RetirementProposed, VersionRetired
from governance.domain.reviewing import (
    DeadlinePassed,
    FindingAnswered,
    FindingsRaised,
    GlassBroken,
    GlassReviewed,
    Resubmitted,
    SignOffGiven,
)
from governance.domain.rolling_out import RolloutObserved
from governance.domain.trials import DeploymentArranged
from governance.domain.upkeep import (
    DeploymentCompared,
    EndpointCompared,
    GapNoticed,
    KeepingFailed,
    LegalHoldApplied,
    LegalHoldLifted,
    LegalHoldPlaced,
    RetentionExtended,
    RetentionRequested,
    RollbackFinished,
    RollbackRequested,
    VersionAdopted,
    VersionBackfilled,
)
from governance.domain.use_case import Profile
from governance.domain.values import Instant, iso
from governance.domain.writing_back import WriteBackFinished, WriteBackRequested


class RegistryObserved(Fact):
    """The registry said how a version is. One per change, however many events told of it.

    `settled_at` is set on what a Describe adds: when several changes fell into one second, or when no event told of a
    change at all. It holds what the registry really says, and so comes after everything else of that second.
    """

    kind: Literal["registry-observed"] = "registry-observed"
    approval: ApprovalStatus | None
    life_cycle: LifeCycle | None
    description: str = ""
    specification: str
    """Digest of the normalised inference specification."""
    package_status: str
    settled_at: Instant | None = None

    why: str = ""
    """The approval description, from Describe where the event left it out."""
    updated: tuple[str, ...] | None = None
    """`UpdatedModelPackageFields`; None where the event had none, as at creation."""
    changed_by: Person | None = None
    """Who made this change, where Describe still knew it for certain."""
    registered_by: Person | None = None
    registration: str = ""
    containers: tuple[Container, ...] = ()
    properties: Mapping[str, str] = Field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    """The metrics reports that the package names."""
    group: Profile | None = None
    """What was known of the group when this was recorded; None if nothing yet."""

    rank: ClassVar[int] = 0
    told: ClassVar[tuple[str, ...]] = (
        "approval", "life_cycle", "description", "specification", "package_status", "settled_at",
    )  # fmt: skip

    @property
    def is_creation(self) -> bool:
        """Whether this is the registration itself, and not an update that fell into its second."""
        return self.effective_at == self.model.created_at and not self.updated and self.settled_at is None

    @property
    def restrictiveness(self) -> str:
        """Registration, approved, pending, rejected; what a Describe settled comes last, the latest look very last."""
        if self.is_creation:
            return ""
        if self.settled_at:
            return f"3{iso(self.settled_at)}"
        return {ApprovalStatus.APPROVED: "0", ApprovalStatus.REJECTED: "2"}.get(
            self.approval or ApprovalStatus.PENDING, "1"
        )


class PackageMissing(Fact):
    """The registry no longer has the package."""

    kind: Literal["package-missing"] = "package-missing"
    deleted: bool = False
    """Whether the registry had it and has lost it; else it was gone when its first event came."""
    rank: ClassVar[int] = 1


class IdentityReused(Fact):
    """Another package was created under this version's ARN. It is not this version and is not folded into it."""

    kind: Literal["identity-reused"] = "identity-reused"
    other_created_at: Instant
    rank: ClassVar[int] = 1
    told: ClassVar[tuple[str, ...]] = ("other_created_at",)


class ApproverIdentified(Fact):
    """CloudTrail told who made the change of that second."""

    kind: Literal["approver-identified"] = "approver-identified"
    person: Person
    approval: ApprovalStatus | None = None
    life_cycle: LifeCycle | None = None
    changed_specification: bool = False
    """Whether the call changed what the version runs."""
    rank: ClassVar[int] = 1
    told: ClassVar[tuple[str, ...]] = ("person", "approval", "life_cycle")


class GroupObserved(Fact):
    """What the group's tags and use case say of who answers for its versions."""

    kind: Literal["group-observed"] = "group-observed"
    group: Profile
    rank: ClassVar[int] = 1
    told: ClassVar[tuple[str, ...]] = ("group",)


class VerdictGiven(Fact):
    """A policy was asked about a decision, and this is what it answered. It is never asked again."""

    kind: Literal["verdict-given"] = "verdict-given"
    decision: str
    """Fingerprint of the decision that was judged."""
    stage: Stage
    policy: str
    """Name and version, as in `default@1`."""
    policy_hash: str
    passed: bool
    checks: tuple[Check, ...]
    approver: Person
    roles: tuple[str, ...] = ()
    """As what the approver acted."""
    delegated_by: str = ""
    evidence: str = ""
    """Digest of the evidence that counted."""
    glass: str = ""
    """Fingerprint of the emergency approval that let it pass; empty where none was needed."""
    opens: Stage | None = None
    """The stage that it lets the version into, where pre-production makes that another than the usual one."""
    rank: ClassVar[int] = 2

    @property
    def restrictiveness(self) -> str:
        """First stage first; of one decision, the refusal first, for only a late fact lets the same one pass."""
        return f"{ORDER.index(self.stage)}{int(self.passed)}"

    told: ClassVar[tuple[str, ...]] = ("decision", "stage", "policy", "policy_hash", "passed")


class SealingRequested(Fact):
    """Steward intends to seal the version's artifacts: the intent of the effect of the same id."""

    kind: Literal["sealing-requested"] = "sealing-requested"
    effect_id: str
    cause: str
    """Digest of the inference specification whose artifacts it seals; after a slash, the approval that asked again."""
    rank: ClassVar[int] = 3
    told: ClassVar[tuple[str, ...]] = ("effect_id",)

    @property
    def specification(self) -> str:
        """Digest of the inference specification whose artifacts it seals."""
        return self.cause.partition("/")[0]


class ArtifactsSealed(Fact):
    """Every artifact lies in the hub: copied, checksummed and locked."""

    kind: Literal["artifacts-sealed"] = "artifacts-sealed"
    effect_id: str
    artifacts: tuple[SealedArtifact, ...]
    images: tuple[SealedImage, ...] = ()
    """What the containers' images were found to be; empty for what was sealed before anybody looked."""
    rank: ClassVar[int] = 4
    told: ClassVar[tuple[str, ...]] = ("effect_id",)


class SealingRefused(Fact):
    """The artifacts were not sealed, and why."""

    kind: Literal["sealing-refused"] = "sealing-refused"
    effect_id: str
    refusals: tuple[Refusal, ...]
    rank: ClassVar[int] = 4
    told: ClassVar[tuple[str, ...]] = ("effect_id",)


class EndpointObserved(Fact):
    """A workload account told how the version's endpoint is."""

    kind: Literal["endpoint-observed"] = "endpoint-observed"
    stage: Stage
    endpoint_arn: str
    status: str
    environment: str = ""
    """Name of the environment that the endpoint is in; empty for the stage's own."""
    configuration: str = ""
    """Name of the configuration that it serves by; empty where nobody said."""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("stage", "endpoint_arn", "status")


class MetricsReported(Fact):
    """Somebody entitled to it measured the version in a stage."""

    kind: Literal["metrics-reported"] = "metrics-reported"
    stage: Stage
    purpose: Literal["validation", "monitoring"]
    metrics: tuple[Metric, ...]
    endpoint: str = ""
    deployment_id: str = ""
    validation_set: str = ""
    """SHA-256 of the rows it was measured on."""
    rows: int = 0
    producer: str
    """The account that reported it."""
    not_possible: str = ""
    """Why nothing could be measured; empty where something was."""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = (
        "stage",
        "purpose",
        "metrics",
        "endpoint",
        "deployment_id",
        "not_possible",
        "producer",
    )


class CommandRefused(Fact):
    """Somebody not entitled to it reported on this version. What they said is not used."""

    kind: Literal["command-refused"] = "command-refused"
    command: str
    stage: Stage
    producer: str
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("command", "stage", "producer")


AnyFact = Annotated[
    RegistryObserved | PackageMissing | IdentityReused | ApproverIdentified | GroupObserved | VerdictGiven
    | SealingRequested | ArtifactsSealed | SealingRefused
    | DeploymentRequested | DeploymentStarted | DeploymentClaimed | DeploymentFinished | DeploymentWithdrawn
    | DeploymentSkipped
    | DeploymentSuperseded | EndpointObserved | MetricsReported | CommandRefused
    | VersionBackfilled | VersionAdopted | GapNoticed | DeploymentCompared | EndpointCompared
    | RollbackRequested | RollbackFinished
    | RetentionRequested | RetentionExtended | LegalHoldPlaced | LegalHoldLifted | LegalHoldApplied | KeepingFailed
    | EvidenceRequested | EvidenceCollected | EvidenceRefused | EvidenceAged
    | SignOffGiven | FindingsRaised | FindingAnswered | Resubmitted | GlassBroken | GlassReviewed | DeadlinePassed
    | WriteBackRequested | WriteBackFinished
    | VersionImported | SourceObserved
    | DeploymentStalled | DeploymentArranged | AlarmObserved | RolloutObserved
    | RollbackOrdered | VersionQuarantined | VersionReleased | QuarantineCompleted | RejectionJudged
    | RetirementProposed | VersionRetired | DeploymentRemoved | RetirementCompleted,
    Field(discriminator="kind"),
]  # fmt: skip
"""Any fact, told apart by its kind."""

FACTS: TypeAdapter[AnyFact] = TypeAdapter(AnyFact)
