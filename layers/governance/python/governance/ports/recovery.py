"""Tables that a record is brought back into. They are beside the live one, which no drill touches."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from governance.domain.archive import Kept
from governance.domain.audit import Link


class Backups(Protocol):
    """The governance table's backups, and new tables like it."""

    def window(self) -> tuple[datetime, datetime]:
        """The earliest and the latest moment that can be come back to. Raises `NotRestorable` where there is none."""

    def restore(self, into: str, at: datetime | None) -> None:
        """Begin to restore into a new table: as of a moment, or of the latest. Raises `NotRestorable`."""

    def make(self, into: str) -> None:
        """Begin to make an empty table with the live one's keys and indexes; one that is there is left as it is.

        Raises `NotRestorable` where it is the live table itself.
        """

    def is_ready(self, table: str) -> bool:
        """Whether a table can be read and written, with all its indexes."""


class FreshTable(Protocol):
    """A table while it is being filled."""

    def put(self, rows: Iterable[Kept]) -> int:
        """Write entries and facts, and return how many were given.

        One that is there already in the same words is left as it is; `ArchiveDiffers` names one that is there in
        others. Nothing that is there is ever changed.
        """

    def end(self, pk: str, link: Link) -> None:
        """Write the head of a chain that is no version's. A head that is there is left as it is."""
