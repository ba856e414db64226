"""The sealing of a version's artifacts, as its record knows it."""

from enum import StrEnum

from governance.domain.artifacts import Refusal, SealedArtifact
from governance.domain.values import Instant, Value


class SealingStatus(StrEnum):
    """Where the sealing of the artifacts stands."""

    NONE = "none"
    REQUESTED = "requested"
    SEALED = "sealed"
    REFUSED = "refused"


class Sealing(Value):
    """The copy of the artifacts into the hub."""

    status: SealingStatus = SealingStatus.NONE
    effect_id: str = ""
    cause: str = ""
    requested_at: Instant | None = None
    approval_then: str = ""
    """The approval that stood when it was refused: only a later one tries again."""
    artifacts: tuple[SealedArtifact, ...] = ()
    refusals: tuple[Refusal, ...] = ()
