"""Where events are announced."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Announcer(Protocol):
    """The governance bus."""

    def announce(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Put events on the bus, each a mapping of `detail_type` and `detail`.

        Raises `PublishingFailed` when any of them was not taken; all are announced again then, with the same ids.
        """
