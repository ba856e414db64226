"""What people take back: a version in one stage, or a version everywhere. Facts first, then what the state remembers.

Neither says what is done at an endpoint: that is concluded from them, as from everything else that takes a
deployment's justification away (`conclusions`).
"""

from typing import ClassVar, Literal

from governance.domain.fact import Fact
from governance.domain.identifiers import Person
from governance.domain.lifecycle import Stage
from governance.domain.values import Instant, Value


class RollbackOrdered(Fact):
    """Somebody ordered that a version be taken back in a stage: it may not run there until it is approved anew."""

    kind: Literal["rollback-ordered"] = "rollback-ordered"
    stage: Stage
    deployment_id: str
    """The deployment that is to be taken back."""
    person: Person
    why: str
    alone: bool = False
    """Whether it is taken back in that deployment's environment only, and the approval stands for the others."""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("stage", "deployment_id", "person")


class VersionQuarantined(Fact):
    """Somebody ordered that a version run nowhere and be approved nowhere."""

    kind: Literal["version-quarantined"] = "version-quarantined"
    person: Person
    why: str
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("person",)


class VersionReleased(Fact):
    """Somebody else ended a quarantine. Of one moment with the next order, the quarantine prevails."""

    kind: Literal["version-released"] = "version-released"
    person: Person
    why: str
    rank: ClassVar[int] = 7
    told: ClassVar[tuple[str, ...]] = ("person",)


class QuarantineCompleted(Fact):
    """Nothing of a quarantined version runs any more, or is about to: from the order until now it took so long."""

    kind: Literal["quarantine-completed"] = "quarantine-completed"
    quarantine: str
    """Fingerprint of the order."""
    since: Instant
    """When it was ordered."""
    rank: ClassVar[int] = 9
    told: ClassVar[tuple[str, ...]] = ("quarantine",)


class Bar(Value):
    """The last order to take a version back in a stage."""

    fingerprint: str
    """Of the fact: the cause of the rollback."""
    deployment_id: str
    person: Person
    at: Instant
    why: str
    basis: str = ""
    """The approval that justifies nothing there any more; empty where the order made it void everywhere."""


class Quarantine(Value):
    """The last order that a version run nowhere, and what became of it."""

    fingerprint: str
    person: Person
    at: Instant
    why: str
    safe_at: Instant | None = None
    """Since when nothing of the version runs; None as long as something does."""
    released_by: Person | None = None
    released_at: Instant | None = None
    release_why: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it holds."""
        return self.released_at is None

    @property
    def seconds_to_safe(self) -> float | None:
        """How long it took from the order until nothing of the version ran any more."""
        return (self.safe_at - self.at).total_seconds() if self.safe_at else None


class Void(Value):
    """Why an approval counts no longer: somebody took back what rested on it, or retired the version."""

    decision: str
    """Fingerprint of the approval."""
    by: Literal["roll-back", "quarantine", "retirement"]
    stage: Stage | None = None
    """The stage in which the version was taken back; None for a quarantine or a retirement, which is for all."""
    person: str
    """Id of who ordered it."""
    at: Instant
    why: str
