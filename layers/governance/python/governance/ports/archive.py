"""The archive: where everything recorded is kept a second time, locked, by whoever cannot write the table."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from governance.domain.values import Instant, Value


class Stored(Value):
    """One key of the archive: the version that was written first, and whether that is all there is to it."""

    key: str
    version_id: str = ""
    versions: int = 1
    """How many versions lie under the key; more than one means that somebody wrote over the first."""
    deleted: bool = False
    """Whether a delete marker hides it."""


class Read(Value):
    """An object as it was first written, and its lock."""

    stored: Stored
    content: bytes
    locked_from: Instant | None = None
    """When it was written."""
    locked_until: Instant | None = None
    """Until when nobody may delete it; None where it is not locked."""


class Archive(Protocol):
    """Objects that are written once and never again."""

    def keep(self, key: str, content: bytes) -> bool:
        """Write an object that must not be there yet, and lock it; return whether it was written.

        False means that the very same bytes were there. Raises `ArchiveDiffers` if other bytes were: nothing is
        written then.
        """

    def objects(self, prefix: str) -> Iterator[Stored]:
        """Every key below a prefix, in the order of their bytes, deleted ones and overwritten ones too."""

    def read(self, objects: Iterable[Stored]) -> Iterator[Read]:
        """The first version of each, in the order given. Reads ahead by a bounded number."""
