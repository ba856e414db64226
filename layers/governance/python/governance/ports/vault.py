"""Where artifacts are kept safe: copied from wherever they were registered, never to be changed."""

from typing import Protocol

from governance.domain.artifacts import Container, SealedArtifact
from governance.domain.values import Instant


class Vault(Protocol):
    """The hub's store of sealed artifacts."""

    def seal(self, container: Container, registered_at: Instant) -> SealedArtifact:
        """Copy one object into the hub, verify it and lock it.

        The copy is of the object as it was registered: its ETag then, or no later than `registered_at` where
        nobody kept one. Sealing the same bytes again finds them sealed. Raises `ArtifactRefused` with the codes
        `artifact-missing`, `artifact-unreadable`, `artifact-changed` or `artifact-too-large`. Three calls.
        """

    def holds(self, artifact: SealedArtifact) -> bool:
        """Whether just this object version is there, with just this checksum. One call."""
