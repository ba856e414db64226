"""Where deeds are written that are no facts of a version: of policies, of the hub, of those who operate it."""

from collections.abc import Mapping
from typing import Protocol

from governance.domain.audit import AuditEntry, Deed
from governance.domain.values import Value


class Journal(Protocol):
    """Chains of audit entries beside those of versions, each with a few documents of its own.

    A chain is named by its partition: `POLICY#<name>`, `PROFILE#<arn>`, or `HUB#<install>` for what concerns no
    version, no policy and no group.
    """

    def write(self, subject: str, deed: Deed, documents: Mapping[str, Value | None]) -> AuditEntry:
        """Add an entry, and keep documents by sort key (None removes one), all in one transaction.

        A chain that moved on meanwhile is read again. Raises `StaleVersion` if it would not hold still.
        """

    def write_once(self, subject: str, deed: Deed, key: str, document: Value) -> AuditEntry | None:
        """Add an entry with a document that must not be there yet, in one transaction; None if the document is there.

        So a deed that is done again, or at the same time, is written once. Raises `StaleVersion` as `write` does.
        """

    def replace(self, subject: str, key: str, seen: str | None, document: Value, deed: Deed) -> AuditEntry | None:
        """Add an entry, and keep a document in the place of the one that was seen (None: there was none).

        Returns None, and writes nothing, when another stands there by now: of several who do the same at once, one
        does it. Raises `StaleVersion` as `write` does.
        """

    def document(self, subject: str, key: str) -> str | None:
        """Return the JSON text of a document as it is now, or None if there is none."""

    def documents(self, subject: str, prefix: str) -> Mapping[str, str]:
        """Return the JSON texts of all documents whose key begins so, by key."""

    def note(self, subject: str, key: str, document: Value | None) -> None:
        """Keep a document, or remove it, without an entry: for what is no decision, as how far a run has come."""
