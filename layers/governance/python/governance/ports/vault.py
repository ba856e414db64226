"""Where artifacts are kept safe: copied from wherever they were registered, never to be changed, locked and held."""

from typing import Protocol

from governance.domain.artifacts import Container, ObjectVersion, SealedArtifact
from governance.domain.keeping import Lock
from governance.domain.values import Instant


class Vault(Protocol):
    """The hub's store of sealed artifacts."""

    def seal(self, container: Container, registered_at: Instant) -> SealedArtifact:
        """Copy one object into the hub, verify it and lock it.

        The copy is of the object as it was registered: its ETag then, or no later than `registered_at` where
        nobody kept one. Sealing the same bytes again finds them sealed, and locked for longer if they are. Raises
        `ArtifactRefused` with the codes `artifact-missing`, `artifact-unreadable`, `artifact-changed` or
        `artifact-too-large`. Three calls, four for bytes whose lock ends too early.
        """

    def holds(self, artifact: SealedArtifact) -> bool:
        """Whether just this object version is there, with just this checksum. One call."""


class Locks(Protocol):
    """What keeps sealed objects from being deleted: a lock until some day, and a legal hold without an end."""

    def extend(self, stored: ObjectVersion, until: Instant) -> None:
        """See that an object version is locked until then, or longer. A lock is never shortened and keeps its mode.

        Raises `SealedObjectMissing`. One call, and one more where the lock ends too early.
        """

    def hold(self, stored: ObjectVersion, held: bool) -> None:
        """Put an object version under legal hold, or release it. Raises `SealedObjectMissing`. One call."""

    def look(self, stored: ObjectVersion) -> Lock:
        """Tell how an object version is locked and held. Raises `SealedObjectMissing`. Two calls."""
