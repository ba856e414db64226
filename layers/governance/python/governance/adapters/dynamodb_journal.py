"""The journal in DynamoDB: chains of deeds, and the documents that they are about."""

from collections.abc import Mapping, Sequence

from governance.adapters.dynamodb_transactions import Items, appended, transact, unconditional
from governance.adapters.rows import ChainRow, DocumentRow, Row, Table
from governance.domain.audit import AuditEntry, Deed, Link, deed_entry
from governance.domain.errors import StaleVersion
from governance.domain.values import Value, canonical

ATTEMPTS = 8
"""How often an entry is written anew when others keep adding to the chain."""


class DynamoDbJournal:
    """`ports.Journal` on the governance table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def write(self, subject: str, deed: Deed, documents: Mapping[str, Value | None]) -> AuditEntry:
        """One GetItem and one TransactWriteItems, again while others are faster."""
        kept = [self.row(subject, key, document) for key, document in documents.items() if document is not None]
        removed = [self.row(subject, key, None) for key, document in documents.items() if document is None]
        return self.append(subject, deed, unconditional(kept), removed)

    def write_once(self, subject: str, deed: Deed, key: str, document: Value) -> AuditEntry | None:
        """One GetItem, then as `write`; the transaction holds only where the document is not there."""
        if self.document(subject, key) is not None:
            return None
        return self.replace(subject, key, None, document, deed)

    def replace(self, subject: str, key: str, seen: str | None, document: Value, deed: Deed) -> AuditEntry | None:
        """One GetItem and one TransactWriteItems; after a refusal the document is looked at, and it is tried again."""
        row = self.table(DocumentRow)
        unchanged = row.pk.does_not_exist() if seen is None else row.document == seen
        for _ in range(ATTEMPTS):
            if entry := self.tried(subject, deed, [(self.row(subject, key, document), unchanged)]):
                return entry
            if self.document(subject, key) != seen:
                return None
        raise StaleVersion(subject)

    def append(self, subject: str, deed: Deed, kept: Items, removed: Sequence[Row] = ()) -> AuditEntry:
        """An entry, with rows of any kind kept (each under its condition) and removed in its transaction.

        Raises `StaleVersion` if the chain would not hold still, or a row's condition does not hold.
        """
        for _ in range(ATTEMPTS):
            if entry := self.tried(subject, deed, kept, removed):
                return entry
        raise StaleVersion(subject)

    def tried(self, subject: str, deed: Deed, kept: Items, removed: Sequence[Row] = ()) -> AuditEntry | None:
        """An entry at the end of the chain as it is now; None if somebody else was faster."""
        link = self.link(subject)
        entry = deed_entry(link, subject, deed)
        try:
            transact(self.table, subject, [*appended(self.table, subject, link, entry), *kept], unconditional(removed))
        except StaleVersion:
            return None
        return entry

    def link(self, subject: str) -> Link:
        """The end of a chain, consistently read."""
        head = self.table(ChainRow)
        try:
            found = head.get(subject, "HEAD", consistent_read=True)
        except head.DoesNotExist:
            return Link()
        return Link(sequence=int(found.audit_sequence), hash=found.audit_hash)

    def row(self, subject: str, key: str, document: Value | None) -> DocumentRow:
        """A document as a row."""
        text = canonical(document.model_dump(mode="json")) if document is not None else ""
        return self.table(DocumentRow)(subject, key, document=text)

    def document(self, subject: str, key: str) -> str | None:
        """One consistent GetItem."""
        row = self.table(DocumentRow)
        try:
            return row.get(subject, key, consistent_read=True).document
        except row.DoesNotExist:
            return None

    def documents(self, subject: str, prefix: str) -> Mapping[str, str]:
        """One consistent Query, in pages of a megabyte."""
        row = self.table(DocumentRow)
        found = row.query(subject, row.sk.startswith(prefix), consistent_read=True)
        return {one.sk: one.document for one in found}

    def note(self, subject: str, key: str, document: Value | None) -> None:
        """One PutItem or DeleteItem."""
        row = self.row(subject, key, document)
        if document is None:
            row.delete()
        else:
            row.save()
