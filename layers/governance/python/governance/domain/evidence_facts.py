"""Facts about evidence: to be fetched, fetched, refused, grown old."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from governance.domain.artifacts import ObjectVersion
from governance.domain.evidence import EvidenceKind
from governance.domain.fact import Fact
from governance.domain.identifiers import Person
from governance.domain.values import Instant


class EvidenceRequested(Fact):
    """A piece of evidence was named, and Steward intends to fetch it: the intent of the effect of the same id."""

    kind: Literal["evidence-requested"] = "evidence-requested"
    effect_id: str
    evidence: EvidenceKind
    uri: str
    claimed: str = ""
    """The SHA-256 that was claimed for it."""
    source: Literal["package", "attached"]
    specification: str
    """Digest of the inference specification it speaks for."""
    not_before: Instant | None = None
    """When what the version runs was changed: what the package names and was written earlier is of what it ran then."""
    person: Person | None = None
    """Who attached it; None where the package names it, or an account's own system attached it."""
    producer: str = ""
    """The account whose system attached it."""
    why: str = ""
    rank: ClassVar[int] = 3
    told: ClassVar[tuple[str, ...]] = ("effect_id",)


class EvidenceCollected(Fact):
    """A piece of evidence lies beside the sealed artifacts: fetched, hashed, locked; read, where its form is known."""

    kind: Literal["evidence-collected"] = "evidence-collected"
    effect_id: str
    sha256: str
    size: int
    """In bytes."""
    stored: ObjectVersion
    dated_at: Instant
    """When it was made, as its store tells."""
    values: Mapping[str, float | str] = Field(default_factory=dict)
    left_out: int = 0
    problem: str = ""
    """Why it cannot be read as what it says it is; then no gate rests on it."""
    seen_before: str = ""
    """What the same bytes were evidence for before; it counts all the same."""
    expires_at: Instant | None = None
    """When the policy in force calls it too old; None where that sets no age."""
    rank: ClassVar[int] = 4
    told: ClassVar[tuple[str, ...]] = ("effect_id",)


class EvidenceRefused(Fact):
    """A piece of evidence was not fetched, and why."""

    kind: Literal["evidence-refused"] = "evidence-refused"
    effect_id: str
    reason: str
    rank: ClassVar[int] = 4
    told: ClassVar[tuple[str, ...]] = ("effect_id", "reason")


class EvidenceAged(Fact):
    """A piece of evidence expires soon, or has expired; or does neither, for the policy in force allows more."""

    kind: Literal["evidence-aged"] = "evidence-aged"
    effect_id: str
    standing: Literal["current", "expiring", "expired"]
    expires_at: Instant | None
    """When it expires by that policy; None where that sets no age."""
    policy: str
    """The policy whose limit of age this is."""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("effect_id", "standing", "expires_at")
