"""Findings: what is wrong with a version, how bad it is, and what would put it right."""

from enum import StrEnum

from governance.domain.values import Instant, Value, sha256_of


class Severity(StrEnum):
    """How soon somebody should look."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Concern(Value):
    """Something that is wrong now: a finding before it has been written down."""

    code: str
    severity: Severity
    detail: str
    remedy: str
    subject: str = ""
    """What it is about, where one version can have several of a code: a decision, an effect, a producer."""
    owner: str = ""
    """Id of the person who is to see to it; empty means whoever owns the model."""
    due: Instant | None = None

    @property
    def id(self) -> str:
        """The finding's id: the same concern about the same subject is the same finding."""
        return f"{self.code}-{sha256_of(self.subject)[:8]}" if self.subject else self.code


class Finding(Value):
    """A concern on the record, open until a later fact removes its cause. Its row is never deleted for that."""

    id: str
    code: str
    severity: Severity
    detail: str
    remedy: str
    owner: str = ""
    due: Instant | None = None
    opened_at: Instant
    closed_at: Instant | None = None

    @property
    def is_open(self) -> bool:
        """Whether the cause is still there."""
        return self.closed_at is None


def review(findings: dict[str, Finding], concerns: list[Concern], at: Instant) -> dict[str, Finding]:
    """Open what is new, reopen what came back, close what has gone."""
    present = {concern.id: concern for concern in concerns}
    reviewed = {
        key: finding if key in present or not finding.is_open else finding.model_copy(update={"closed_at": at})
        for key, finding in findings.items()
    }
    for key, concern in present.items():
        known = reviewed.get(key)
        told = concern.model_dump(include={"detail", "owner", "due"})
        if known is None or not known.is_open or known.model_dump(include=set(told)) != told:
            opened = known.opened_at if known and known.is_open else at
            reviewed[key] = Finding(
                id=key, code=concern.code, severity=concern.severity,
                detail=concern.detail, remedy=concern.remedy, owner=concern.owner, due=concern.due, opened_at=opened,
            )  # fmt: skip
    return reviewed
