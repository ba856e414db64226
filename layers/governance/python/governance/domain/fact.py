"""What every fact is: something learned of one model version, with two times and a fingerprint of its content."""

from datetime import datetime, timedelta
from typing import ClassVar

from governance.domain.identifiers import VersionIdentity
from governance.domain.values import SCHEMA_VERSION, Instant, Value, canonical, iso, sha256_of

FOREMOST = timedelta(minutes=5)
"""How far ahead of Steward's clock somebody else's may run before what it says cannot be."""


class Fact(Value):
    """What all facts share. `told` names the fields that make a fact the same fact when it is told again."""

    schema_version: int = SCHEMA_VERSION
    model: VersionIdentity
    effective_at: Instant
    recorded_at: Instant

    rank: ClassVar[int] = 9
    """Among facts of one moment, the lower comes first."""
    told: ClassVar[tuple[str, ...]] = ()

    @property
    def restrictiveness(self) -> str:
        """Among facts of one moment and rank, the greater text comes later and so prevails."""
        return ""

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the version, the kind, the moment and the told fields."""
        content = self.model_dump(mode="json", include={"model", "kind", "effective_at", *self.told})
        return sha256_of(canonical(content))

    @property
    def text(self) -> str:
        """The canonical text that is stored, and whose hash the audit entry holds."""
        return canonical(self.model_dump(mode="json"))

    @property
    def counts_from(self) -> datetime:
        """When it happened; of a moment that cannot be, the nearest that can.

        Nothing happens to a version before it is created, and nothing told now has happened later than now.
        """
        if self.effective_at > self.recorded_at + FOREMOST:
            return max(self.recorded_at, self.model.created_at)
        return max(self.effective_at, self.model.created_at)

    @property
    def position(self) -> str:
        """Where the fact stands in the fold, as a text that sorts."""
        return f"{iso(self.counts_from)}#{self.rank}#{self.restrictiveness}#{self.fingerprint}"
