"""Where artifacts are kept safe: copied from wherever they were registered, never to be changed, locked and held."""

from collections.abc import Sequence
from typing import Protocol

from governance.domain.artifacts import Container, ObjectVersion, SealedArtifact
from governance.domain.keeping import Lock
from governance.domain.values import Instant


class Vault(Protocol):
    """The hub's store of sealed artifacts."""

    def seal(self, container: Container, registered_at: Instant) -> SealedArtifact | None:
        """Copy one object into the hub, verify it and lock it. None for what is to be copied in pieces.

        In pieces: a prefix, of which nothing is asked, and an object that is too large for one copy.

        The copy is of the object as it was registered: its ETag then, or no later than `registered_at` where
        nobody kept one. Sealing the same bytes again finds them sealed, and locked for longer if they are. Raises
        `ArtifactRefused` with the codes `artifact-missing`, `artifact-unreadable` or `artifact-changed`. Three calls,
        four for bytes whose lock ends too early.
        """

    def holds(self, artifact: SealedArtifact) -> bool:
        """Whether just this object version is there, with just this checksum. One call.

        Of a prefix, whether just the versions that its manifest lists are there and nothing else: one call, and one
        for every thousand objects.
        """


class Locks(Protocol):
    """What keeps sealed objects from being deleted: a lock until some day, and a legal hold without an end.

    The list of a prefix stands for everything that it lists: what is done to it is done to all of that, in one call
    more for each, and none is missing from it unnoticed. Looked at is the list alone, which is locked last.
    """

    def extend(self, stored: ObjectVersion, until: Instant) -> None:
        """See that an object version is locked until then, or longer. A lock is never shortened and keeps its mode.

        Raises `SealedObjectMissing`. One call, and one more where the lock ends too early.
        """

    def hold(self, stored: ObjectVersion, held: bool) -> None:
        """Put an object version under legal hold, or release it. Raises `SealedObjectMissing`. One call."""

    def look(self, stored: ObjectVersion) -> Lock:
        """Tell how an object version is locked and held. Raises `SealedObjectMissing`. Two calls."""

    def within(self, stored: ObjectVersion) -> Sequence[ObjectVersion]:
        """What a prefix's list names; of any other object nothing. Raises `SealedObjectMissing`. One call at most."""

    def look_at(self, objects: Sequence[ObjectVersion]) -> Sequence[Lock | None]:
        """How each is locked and held, in their order; None for one that is not there. Two calls for each."""
