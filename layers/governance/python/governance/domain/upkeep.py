"""Facts about the record itself: brought in later, adopted, found wanting, taken back, kept for longer.

They come from the reconciler, from people who decide on a record, and from Steward's own corrections.
"""

from typing import ClassVar, Literal

from governance.domain.artifacts import ObjectVersion
from governance.domain.fact import Fact
from governance.domain.identifiers import Person
from governance.domain.lifecycle import Stage
from governance.domain.values import Instant


class VersionBackfilled(Fact):
    """The version existed before Steward governed its registry: it has a record, and nothing follows from it yet."""

    kind: Literal["version-backfilled"] = "version-backfilled"
    rank: ClassVar[int] = 1


class VersionAdopted(Fact):
    """Somebody took a backfilled version under governance: from here on it lives like any other."""

    kind: Literal["version-adopted"] = "version-adopted"
    person: Person
    why: str
    rank: ClassVar[int] = 1
    told: ClassVar[tuple[str, ...]] = ("person",)


class GapNoticed(Fact):
    """The registry had changed, and no event had told of it: found by asking."""

    kind: Literal["gap-noticed"] = "gap-noticed"
    since: Instant | None
    """The last change that was on record; None when there was no record."""
    until: Instant
    """The change that the registry shows."""
    accounted: bool
    """Whether CloudTrail knows every call in between, so that nothing is missing from the history."""
    rank: ClassVar[int] = 1
    told: ClassVar[tuple[str, ...]] = ("since", "until", "accounted")


class DeploymentCompared(Fact):
    """A deployment was compared with its pipeline; an empty difference says that they agree again."""

    kind: Literal["deployment-compared"] = "deployment-compared"
    deployment_id: str
    difference: str
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("deployment_id", "difference")


class EndpointCompared(Fact):
    """An endpoint was compared with its record; an empty difference says that they agree again."""

    kind: Literal["endpoint-compared"] = "endpoint-compared"
    stage: Stage
    endpoint_arn: str
    difference: str
    gone: bool = False
    """Whether there is no such endpoint."""
    environment: str = ""
    """Name of the environment that it is in; empty for the stage's own."""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("stage", "endpoint_arn", "difference")


class RollbackRequested(Fact):
    """Steward intends to take a deployment back, for nothing justifies it: the intent of the effect of the same id."""

    kind: Literal["rollback-requested"] = "rollback-requested"
    effect_id: str
    deployment_id: str
    stage: Stage
    cause: str
    """Fingerprint of the decision that took the justification away, or the specification that replaced it."""
    how: Literal["stop", "roll-back"]
    """Stop what is under way, or put the last good version in the place of what runs."""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("effect_id",)

    @property
    def restrictiveness(self) -> str:
        """After the outcome of the deployment itself."""
        return "A"


class RollbackFinished(Fact):
    """A rollback ended, and how."""

    kind: Literal["rollback-finished"] = "rollback-finished"
    effect_id: str
    deployment_id: str
    outcome: Literal["stopped", "rolled-back", "nothing-to-return-to", "overtaken"]
    reason: str = ""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("effect_id", "outcome")

    @property
    def restrictiveness(self) -> str:
        """After the request, and after the outcome of the deployment itself."""
        return "B"


class RetentionRequested(Fact):
    """Steward intends to lock the sealed artifacts for longer: the intent of the effect of the same id."""

    kind: Literal["retention-requested"] = "retention-requested"
    effect_id: str
    until: Instant
    reason: Literal["production", "retired"]
    cause: str
    """The deployment that went to production, or the fingerprint of the decision that retired the version."""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("effect_id",)

    @property
    def restrictiveness(self) -> str:
        """Before its outcome."""
        return "A"


class RetentionExtended(Fact):
    """The sealed artifacts are locked for longer."""

    kind: Literal["retention-extended"] = "retention-extended"
    effect_id: str
    until: Instant
    reason: Literal["production", "retired"]
    objects: tuple[ObjectVersion, ...] = ()
    """What is locked."""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("effect_id",)

    @property
    def restrictiveness(self) -> str:
        """After the request."""
        return "B"


class LegalHoldApplied(Fact):
    """What was ordered of a legal hold was done at every sealed object of the version.

    An object that another version holds as well stays held when this one is released.
    """

    kind: Literal["legal-hold-applied"] = "legal-hold-applied"
    effect_id: str
    held: bool
    objects: tuple[ObjectVersion, ...] = ()
    """Everything that was ever sealed of the version."""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("effect_id", "objects")

    @property
    def restrictiveness(self) -> str:
        """After the order, and after the sealing that called for it."""
        return "B"


class KeepingFailed(Fact):
    """Sealed objects could not be locked, held or released; those that could be, were."""

    kind: Literal["keeping-failed"] = "keeping-failed"
    effect_id: str
    reason: str
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("effect_id", "reason")

    @property
    def restrictiveness(self) -> str:
        """After the request."""
        return "B"


class LegalHoldPlaced(Fact):
    """Somebody ordered that nothing of the version be deleted, whatever the retention says."""

    kind: Literal["legal-hold-placed"] = "legal-hold-placed"
    person: Person
    why: str
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("person",)


class LegalHoldLifted(Fact):
    """Somebody lifted the legal hold. Of one moment with its placing, the hold prevails."""

    kind: Literal["legal-hold-lifted"] = "legal-hold-lifted"
    person: Person
    why: str
    rank: ClassVar[int] = 7
    told: ClassVar[tuple[str, ...]] = ("person",)
