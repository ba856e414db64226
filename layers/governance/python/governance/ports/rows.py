"""The rows of a version's record as they lie in the table, damaged or not: for comparing and correcting them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from governance.domain.audit import AuditEntry
from governance.domain.identifiers import ModelPackageArn
from governance.domain.values import Value


class StoredRow(Value):
    """One row, whatever is in it: its sort key, and its attributes as plain JSON values."""

    sk: str
    attributes: Mapping[str, Any]
    """`schema_version` among them; without the partition and the sort key."""


class Correction(Value):
    """Rows to put as they should be, and rows to delete, with the audit entry that says so.

    `found` is the audit sequence that the head gave when it was read, or None where it gave none. Without an entry
    it is a restoration: nothing but what the facts and the entries give already is written.
    """

    version: ModelPackageArn
    found: int | None
    put: Mapping[str, Mapping[str, Any]]
    delete: tuple[str, ...] = ()
    entry: AuditEntry | None = None


class Rows(Protocol):
    """Every row of every version's record. No request path reads through here."""

    def of(self, version: ModelPackageArn) -> Sequence[StoredRow]:
        """Return all rows of a version in the order of their sort keys, strongly consistent, and judge none of them."""

    def person_key(self) -> str:
        """Return the key that people's ids are made with, or an empty text while there is none."""

    def make_person_key(self) -> str:
        """Return that key, made where there was none: whoever acts is on record by an id from the first deed on."""

    def versions(self) -> Iterator[ModelPackageArn]:
        """Return every version of which any row is there, each once, page by page. Reads the whole table's keys."""

    def correct(self, correction: Correction) -> None:
        """Write a correction, all of it or nothing. Raises `StaleVersion` if the head has moved on meanwhile."""


class Catalogue(Protocol):
    """Stage records by where they stand, from the indexes: eventually consistent."""

    def standing(self, stage: str, status: str) -> Iterator[Mapping[str, Any]]:
        """Return the stage records of a stage that have a status, newest first within each shard."""

    def of_use_case(self, use_case: str) -> Iterator[Mapping[str, Any]]:
        """Return the stage records of a use case, by group, version and stage."""
