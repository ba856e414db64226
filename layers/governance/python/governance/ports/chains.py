"""Audit trails as they lie in the table: for verifying them."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol


class Chains(Protocol):
    """Entries, facts and heads of every partition, judged by nobody. No request path reads through here."""

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Every head, audit entry and fact with its keys, as plain values, page by page, strongly consistent."""
