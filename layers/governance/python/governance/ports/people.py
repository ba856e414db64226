"""Where the names of people are kept beside chains of deeds: one item for each chain, and no part of it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from governance.domain.people import Names


class KeptNames(Protocol):
    """Names by chain. A chain is named by its partition, as in `USECASE#credit-scoring`."""

    def chains(self) -> Sequence[str]:
        """Return every chain beside which names may be kept, sorted: of use cases, policies, and the hub."""

    def of(self, chains: Sequence[str]) -> Mapping[str, Names]:
        """Return the names beside some chains, strongly consistent; a chain without any is left out."""

    def replace(self, chain: str, seen: Names, names: Names) -> None:
        """Keep names in the place of those that were seen. Raises `StaleVersion` if others are kept there by now."""
