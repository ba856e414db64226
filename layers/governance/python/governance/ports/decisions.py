"""Where it is kept which versions took part in a decision."""

from collections.abc import Sequence
from typing import Protocol

from governance.domain.served_decisions import Participation


class Decisions(Protocol):
    """Decisions of use cases, each with the versions that took part in it, for as long as is configured."""

    def keep(self, part: Participation) -> None:
        """Keep a version's part. The same invocation again is the same part."""

    def of(self, use_case: str, decision_id: str) -> Sequence[Participation]:
        """Return who took part in a decision, in the order of their answers."""
