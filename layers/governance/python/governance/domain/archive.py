"""What is kept of the record in the archive, under which key, and in which bytes.

Every audit entry and every fact is one object, written once and locked. The day in its key is the day on which it was
archived, by the archive's own clock: an object that comes to lie under a day long over came by no honest way.
`docs/audit-chain.md` specifies keys and bytes for people who verify an archive without this code.
"""

import json
import re
from datetime import date
from typing import Any, ClassVar

from pydantic import ValidationError

from governance.domain.errors import NotOfTheArchive
from governance.domain.values import Value, canonical, sha256_of

ENTRIES, FACTS, ANCHORS = "entries", "facts", "anchors"
"""The archive's folders."""

KEY = re.compile(r"(entries|facts)/(\d{4}-\d{2}-\d{2})/([0-9a-f]{32})/([0-9a-f]{64}|\d{8})\.json")


class Kept(Value):
    """One item of the table as the archive keeps it."""

    folder: ClassVar[str]
    pk: str

    @property
    def name(self) -> str:
        """What the object is called within its subject."""
        raise NotImplementedError

    @property
    def sk(self) -> str:
        """The item's sort key in the table."""
        raise NotImplementedError

    @property
    def text(self) -> str:
        """The object: one canonical text."""
        return canonical(self.model_dump(mode="json"))

    @property
    def place(self) -> str:
        """Where the item is in the table, to be told to people."""
        return f"{self.pk} {self.sk}"

    def key(self, day: date) -> str:
        """The object's key, when it is archived on a day."""
        return f"{self.folder}/{day.isoformat()}/{subject_digest(self.pk)}/{self.name}.json"


class KeptEntry(Kept):
    """An audit entry: its text, its hash, its number and whose chain it belongs to."""

    folder: ClassVar[str] = ENTRIES
    entry: str
    hash: str
    sequence: int

    @property
    def name(self) -> str:
        """Its number."""
        return f"{self.sequence:08d}"

    @property
    def sk(self) -> str:
        """As the table has it."""
        return f"AUDIT#{self.sequence:08d}"


class KeptFact(Kept):
    """A fact: its text, and the key that the table has it under."""

    folder: ClassVar[str] = FACTS
    content: str
    sort_key: str

    @property
    def name(self) -> str:
        """The SHA-256 of its text."""
        return sha256_of(self.content)

    @property
    def sk(self) -> str:
        """As the table has it."""
        return self.sort_key

    @property
    def text(self) -> str:
        """Its sort key is called `sk`, as in the table."""
        return canonical({"content": self.content, "pk": self.pk, "sk": self.sort_key})


def subject_digest(pk: str) -> str:
    """How keys of the archive name a partition of the table: the first 32 digits of its SHA-256."""
    return sha256_of(pk)[:32]


def read_kept(key: str, content: bytes) -> KeptEntry | KeptFact:
    """An object of the archive. Raises `NotOfTheArchive` where it is not what its key says, or not in its one form."""
    parts = KEY.fullmatch(key)
    if parts is None:
        raise NotOfTheArchive(f"{key}: no key of the archive")
    try:
        told = json.loads(content)
        kept = entry_in(told) if parts[1] == ENTRIES else fact_in(told)
        in_form = kept.text.encode() == content
    except (ValueError, TypeError, KeyError, RecursionError) as wrong:
        raise NotOfTheArchive(f"{key}: cannot be read") from wrong
    if not in_form:
        raise NotOfTheArchive(f"{key}: is not in canonical form")
    if (subject_digest(kept.pk), kept.name) != (parts[3], parts[4]):
        raise NotOfTheArchive(f"{key}: holds what belongs under another key")
    return kept


def entry_in(told: dict[str, Any]) -> KeptEntry:
    """The entry that an object tells."""
    try:
        return KeptEntry.model_validate(told, strict=True)
    except ValidationError as wrong:
        raise ValueError("no entry") from wrong


def fact_in(told: dict[str, Any]) -> KeptFact:
    """The fact that an object tells."""
    if set(told) != {"content", "pk", "sk"} or not all(isinstance(value, str) for value in told.values()):
        raise ValueError("no fact")
    return KeptFact(pk=told["pk"], content=told["content"], sort_key=told["sk"])


def day_of(key: str) -> date | None:
    """The day that a key files its object under; None where the key is none of the archive's."""
    found = re.fullmatch(r"(?:entries|facts|anchors)/(\d{4}-\d{2}-\d{2})(?:/.*|\.json)", key)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
