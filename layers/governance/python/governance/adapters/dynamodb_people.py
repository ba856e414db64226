"""The names of people beside chains of deeds in DynamoDB: one item each, written only over what was read of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.dynamodb_transactions import people_row, transact
from governance.adapters.rows import PeopleRow, Table
from governance.domain.errors import RecordDamaged
from governance.domain.people import Names
from governance.domain.published import DEFAULT
from governance.domain.use_case_policy_document import NAME

KINDS = ("POLICY#", "USECASE#")
"""What the chains are called beside which names are kept; the hub has a document for each."""

BUILT_IN = (f"POLICY#{DEFAULT.document.name}", f"POLICY#{NAME}")
"""Policies that groups are put under, and that are judged by, though nobody published any of their name."""


class DynamoDbPeople:
    """`ports.KeptNames` on the governance table."""

    def __init__(self, table: Table, install: str) -> None:
        self.table = table
        self.journal = DynamoDbJournal(table)
        self.hub = f"HUB#{install}"

    def chains(self) -> Sequence[str]:
        """One Query for each kind."""
        found = {key for kind in KINDS for key in self.journal.documents(self.hub, kind)}
        return sorted({*found, *BUILT_IN, self.hub})

    def of(self, chains: Sequence[str]) -> Mapping[str, Names]:
        """One consistent BatchGetItem for each hundred."""
        keys = [(one, "PEOPLE") for one in chains]
        with read_whole():
            rows = self.table(PeopleRow).batch_get(keys, consistent_read=True) if keys else ()
            return {one.pk: Names(by_id=one.names) for one in rows}

    def replace(self, chain: str, seen: Names, names: Names) -> None:
        """One TransactWriteItems of the one item."""
        transact(self.table, chain, [people_row(self.table, chain, seen, names)])


@contextmanager
def read_whole() -> Iterator[None]:
    """Names are read here. Raises `RecordDamaged` for an item that is none: whose names were in it nobody knows."""
    try:
        yield
    except ValueError as damaged:
        remedy = "copy it from a backup, or delete it, and ids are shown"
        raise RecordDamaged(f"an item PEOPLE cannot be read: {remedy}") from damaged
