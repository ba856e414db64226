"""Transactions on the governance table: an entry at the end of its chain, and whatever goes with it, or nothing."""

from collections.abc import Sequence

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from governance.adapters.clients import code_of
from governance.adapters.rows import AuditRow, ChainRow, PeopleRow, Row, Table
from governance.domain.audit import AuditEntry, Link
from governance.domain.errors import StaleVersion
from governance.domain.people import Names

CONTENDED = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
"""Reasons for which a transaction is refused because somebody else was faster (AWS API: TransactWriteItems)."""

Items = Sequence[tuple[Row, Condition | None]]
"""Rows, each with the condition on what lies under its key so far, where there is one."""


def appended(table: Table, subject: str, link: Link, entry: AuditEntry, end: Row | None = None) -> Items:
    """The end of a chain, if it is where it was read, and its new entry.

    The end is an item of its own, unless it lies in one that says more, as where a use case stands.
    """
    head = table(ChainRow)
    unmoved = head.audit_sequence == link.sequence if link.sequence else head.audit_sequence.does_not_exist()
    end = end or head(subject, "HEAD", audit_sequence=entry.sequence, audit_hash=entry.hash)
    return [(end, unmoved), audit_item(table, subject, entry)]


def audit_item(table: Table, subject: str, entry: AuditEntry) -> tuple[AuditRow, Condition]:
    """An audit entry, which is never written again."""
    row = table(AuditRow)
    key = f"AUDIT#{entry.sequence:08d}"
    return row(subject, key, sequence=entry.sequence, entry=entry.entry, hash=entry.hash), row.pk.does_not_exist()


def people_row(table: Table, chain: str, seen: Names, names: Names) -> tuple[PeopleRow, Condition]:
    """The item with some names, and the condition that those are there still that were seen.

    Whoever writes names has to write under it: else a name that was erased meanwhile would come back.
    """
    row = table(PeopleRow)
    unmoved = row.names == dict(seen.by_id) if seen.by_id else row.pk.does_not_exist()
    return row(chain, "PEOPLE", names=dict(names.by_id)), unmoved


def people_beside(table: Table, chain: str, seen: Names, names: Names | None) -> Items:
    """The names beside a chain of deeds, where others are to be kept than were seen."""
    return [people_row(table, chain, seen, names)] if names and names != seen else []


def unconditional(rows: Sequence[Row]) -> Items:
    """Rows, whatever lies there so far."""
    return [(row, None) for row in rows]


def transact(table: Table, subject: str, kept: Items, gone: Items = (), checked: Items = ()) -> None:
    """As `send`. Raises `StaleVersion` of the subject where a condition does not hold, or somebody else writes."""
    try:
        send(table, kept, gone, checked)
    except TransactWriteError as refused:
        codes = {reason.code for reason in refused.cancellation_reasons or [] if reason}
        if CONTENDED & codes or code_of(refused) == "TransactionConflictException":
            raise StaleVersion(subject) from refused
        raise


def send(table: Table, kept: Items, gone: Items = (), checked: Items = ()) -> None:
    """One TransactWriteItems: what is put, what is deleted, and what only has to hold. Raises `TransactWriteError`."""
    with TransactWrite(connection=table.connection) as transaction:
        for row, condition in kept:
            transaction.save(row, condition=condition)
        for row, condition in gone:
            transaction.delete(row, condition=condition)
        for row, condition in checked:
            transaction.condition_check(type(row), row.pk, row.sk, condition)
