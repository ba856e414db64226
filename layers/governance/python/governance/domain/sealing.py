"""The sealing of a version's artifacts, as its record knows it."""

from collections.abc import Sequence
from enum import StrEnum

from governance.domain.artifacts import Container, Refusal, SealedArtifact
from governance.domain.images import SealedImage
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
    images: tuple[SealedImage, ...] = ()
    """What the images were found to be; of what was sealed before anybody looked nothing is known."""

    def pinned(self, containers: Sequence[Container]) -> tuple[Container, ...]:
        """The containers as they are deployed: an image that was registered by tag alone is the one that was found."""
        found = {one.index: one.digest for one in self.images}
        return tuple(
            one if one.image_digest or not found.get(one.index) else one.by_digest(found[one.index])
            for one in containers
        )
