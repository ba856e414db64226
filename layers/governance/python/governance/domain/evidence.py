"""Evidence: documents and measurements that speak for a version, each known by the hash of its bytes."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from governance.domain.artifacts import ObjectVersion
from governance.domain.values import Instant, Value, digest


class EvidenceKind(StrEnum):
    """What a piece of evidence is about: SageMaker's families of metrics reports first, then what people attach.

    The families are those of `ModelMetrics` (AWS API).
    """

    MODEL_QUALITY = "model-quality"
    DATA_QUALITY = "data-quality"
    BIAS = "bias"
    EXPLAINABILITY = "explainability"
    PRE_TRAINING_BIAS = "pre-training-bias"
    POST_TRAINING_BIAS = "post-training-bias"
    MODEL_CARD = "model-card"
    LINEAGE = "lineage"
    VALIDATION_RUN = "validation-run"
    MONITORING_PLAN = "monitoring-plan"
    SECURITY_SCAN = "security-scan"
    ADVERSARIAL_ROBUSTNESS = "adversarial-robustness"
    HUMAN_OVERSIGHT_PLAN = "human-oversight-plan"
    DOCUMENT = "document"


MOST_WAITED_FOR = 20
"""How many pieces of evidence can be fetched at once for a version: its record has room for so many."""

FAMILIES = {
    "ModelQuality": EvidenceKind.MODEL_QUALITY,
    "ModelDataQuality": EvidenceKind.DATA_QUALITY,
    "Bias": EvidenceKind.BIAS,
    "Explainability": EvidenceKind.EXPLAINABILITY,
}
"""What SageMaker calls the families, and what we call them."""

REPORTS = {
    "Bias.PreTrainingReport": EvidenceKind.PRE_TRAINING_BIAS,
    "Bias.PostTrainingReport": EvidenceKind.POST_TRAINING_BIAS,
}
"""Reports that are of another kind than the rest of their family."""

CARD = "#model-card"
"""How the address of a package's own model card ends, after the package's ARN: the card lies in the package itself."""


class Evidence(Value):
    """One report that a package names: which, where, and the hash it claims for it, which nobody has checked yet."""

    kind: EvidenceKind
    report: str
    """SageMaker's name of the report: `ModelQuality.Statistics` and the like."""
    uri: str
    sha256: str = ""


class Piece(Value):
    """One piece of evidence on a version's record: named, fetched, and how it stands.

    It speaks for the inference specification for which it was named, and for no other.
    """

    effect_id: str
    kind: EvidenceKind
    uri: str
    claimed: str = ""
    """The SHA-256 that was claimed for it; empty where nobody claimed one."""
    source: Literal["package", "attached"]
    """Whether the package names it, or somebody attached it."""
    specification: str
    requested_at: Instant
    not_before: Instant | None = None
    """When what the version runs was changed before it was named again; what was written earlier does not count."""
    status: Literal["requested", "collected", "refused", "expired"] = "requested"
    sha256: str = ""
    size: int = 0
    stored: ObjectVersion | None = None
    dated_at: Instant | None = None
    """From when it is: its age is counted from here."""
    values: Mapping[str, float | str] = Field(default_factory=dict)
    """Metrics by name; a text is what stood where a number should."""
    left_out: int = 0
    """How many of its metrics are in the document alone, and not on record."""
    problem: str = ""
    """What keeps it from counting: why it was refused, or cannot be read."""
    seen_before: str = ""
    """What the same bytes were evidence for before; it counts all the same."""
    expires_at: Instant | None = None
    warned: bool = False
    """Whether its owner was told that it expires soon."""

    @property
    def counts(self) -> bool:
        """Whether a gate may rest on it."""
        return self.status == "collected" and not self.problem


def latest_pieces(pieces: Iterable[Piece], specification: str) -> tuple[Piece, ...]:
    """What still decides: all that the package names, what is still to be fetched, and of each kind the youngest.

    What speaks for another specification decides nothing.
    """
    kept: dict[tuple[EvidenceKind, bool, str], Piece] = {}
    for piece in sorted(pieces, key=lambda one: (one.dated_at or one.requested_at, one.effect_id)):
        if piece.specification == specification:
            kept[place_of(piece)] = piece
    return tuple(sorted(kept.values(), key=lambda one: (one.kind, one.effect_id)))


def place_of(piece: Piece) -> tuple[EvidenceKind, bool, str]:
    """What only one piece can be: the package has one model card, and of what was attached the youngest decides."""
    if piece.status == "requested" or (piece.source == "package" and not piece.uri.endswith(CARD)):
        return piece.kind, piece.counts, piece.effect_id
    if piece.source == "package":
        return piece.kind, True, piece.uri
    return piece.kind, piece.counts, ""


def is_outdone(piece: Piece, pieces: Iterable[Piece]) -> bool:
    """Whether a younger piece of its kind counts: one of later date or, where it never counted, attached later."""

    def moment(one: Piece) -> datetime:
        return one.requested_at if piece.problem else one.dated_at or one.requested_at

    alike = (one for one in pieces if (one.kind, one.specification) == (piece.kind, piece.specification))
    return any(one.counts and moment(one) > moment(piece) for one in alike)


def evidence_digest(pieces: Iterable[Piece], specification: str) -> str:
    """What somebody signs for when they sign for the evidence: every piece that counts, by kind and hash."""
    counting = {(one.kind, one.sha256) for one in pieces if one.counts and one.specification == specification}
    return digest({"evidence": [list(one) for one in sorted(counting)]})
