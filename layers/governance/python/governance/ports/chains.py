"""Audit trails as they lie in the table: for verifying them and for bringing them back."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from governance.domain.archive import Kept


class Chains(Protocol):
    """Entries, facts and heads of every partition, judged by nobody. No request path reads through here."""

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Every head, audit entry and fact with its keys, as plain values, page by page, strongly consistent."""


class FreshTable(Protocol):
    """A table that a record is brought back into."""

    def put(self, rows: Iterable[Kept]) -> int:
        """Write entries and facts that are not there yet and return how many there are now of those given.

        Raises `ArchiveDiffers` naming the first that is there with other content; nothing there is ever changed.
        """
