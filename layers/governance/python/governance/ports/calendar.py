"""Which versions something is due on."""

from collections.abc import Iterator
from typing import Protocol

from governance.domain.identifiers import ModelPackageArn
from governance.domain.values import Instant


class Calendar(Protocol):
    """What is due when, over the whole fleet."""

    def due(self, by: Instant) -> Iterator[ModelPackageArn]:
        """The versions on which something is due by a moment, each once, found as they are asked for.

        Eventually consistent: it reads an index. What it costs grows with what is due, and not with the fleet.
        """
