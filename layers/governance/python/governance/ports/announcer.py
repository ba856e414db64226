"""Where events are announced."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from governance.domain.audit import AuditEntry


class Announcer(Protocol):
    """The governance bus."""

    def announce(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Put events on the bus, each a mapping of `detail_type` and `detail`.

        Raises `PublishingFailed` when any of them was not taken; all are announced again then, with the same ids.
        """


class Acknowledgements(Protocol):
    """How far the entries of each chain were announced."""

    def acknowledge(self, subject: str, first: int, last: int) -> None:
        """Note that the entries from first to last of a chain were announced.

        Counts only where everything before the first is noted already; else, and where the last is noted already,
        nothing changes. What is noted never becomes less.
        """


class Outbox(Protocol):
    """The relay, which alone may announce, asked to announce once more what was saved."""

    def again(self, subject: str, entries: Sequence[AuditEntry]) -> None:
        """Have the events of entries of one chain announced, in order, with the ids they always had.

        `subject` is the chain's partition. Raises `PublishingFailed` when not all were taken.
        """
