"""Versions that came from the registry of another account: what is learned of their source, as facts and as state."""

from typing import ClassVar, Literal

from governance.domain.fact import Fact
from governance.domain.identifiers import Person, VersionIdentity
from governance.domain.lifecycle import ApprovalStatus
from governance.domain.values import Instant, Value, iso


class VersionImported(Fact):
    """Steward registered this version itself, as a copy of one that was approved in the account where it was built.

    It is the outcome of the effect of that name, on the record of what the effect made.
    """

    kind: Literal["version-imported"] = "version-imported"
    effect_id: str
    source: VersionIdentity
    source_changed_at: Instant
    """The source's `LastModifiedTime` when it was copied: what is told of earlier moments is no news."""
    specification: str
    """Digest of the inference specification that was copied."""
    registered_by: Person | None = None
    """Who registered the source; None where its registry names nobody."""
    approved_by: Person | None = None
    """Who approved it there; None where somebody wrote to it since."""
    why: str = ""
    """The approval description of the source."""
    left_out: tuple[str, ...] = ()
    """What of the source could not be copied."""
    rank: ClassVar[int] = 1
    told: ClassVar[tuple[str, ...]] = ("effect_id",)


class SourceObserved(Fact):
    """The registry that a version was imported from told how its source is since."""

    kind: Literal["source-observed"] = "source-observed"
    source_changed_at: Instant
    """When the source was changed. The fact itself counts from the copy's creation on, if that was later."""
    approval: ApprovalStatus | None
    specification: str = ""
    """Digest of the source's inference specification; empty where the event named no container."""
    rank: ClassVar[int] = 2
    told: ClassVar[tuple[str, ...]] = ("source_changed_at", "approval", "specification")

    @property
    def restrictiveness(self) -> str:
        """In the order of the source's own changes; of one second the most restrictive prevails."""
        return f"{iso(self.source_changed_at)}#{strictness(self.approval)}"


def strictness(approval: ApprovalStatus | None) -> int:
    """Approved, then pending or nothing, then rejected."""
    return {ApprovalStatus.APPROVED: 0, ApprovalStatus.REJECTED: 2}.get(approval or ApprovalStatus.PENDING, 1)


class Imported(Value):
    """Where a version came from, and how its source is as far as anybody told."""

    effect_id: str
    source: VersionIdentity
    specification: str
    approved_by: Person | None
    why: str
    left_out: tuple[str, ...]
    seen_at: Instant
    """Of which moment the last word on the source is."""
    seen_approval: ApprovalStatus | None = ApprovalStatus.APPROVED
    seen_specification: str
