"""What a verification has to remember: a temporary database on disk, so that its memory does not grow with the record.

Texts are not kept, only their hashes and where they were seen. The two sides are `table` and `archive`.
"""

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

from governance.domain.archive import KeptEntry, KeptFact
from governance.domain.proof import EntryTold
from governance.domain.values import sha256_of

SCHEMA = """
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
CREATE TABLE entries (side, pk, sequence INTEGER, place, at, hash, previous, fact_key, fact_hash, object, readable);
CREATE TABLE facts (side, pk, sk, place, at, hash, object);
CREATE TABLE heads (pk PRIMARY KEY, sequence INTEGER, hash);
"""
INDEXES = """
CREATE INDEX entries_by_number ON entries (side, pk, sequence, place);
CREATE INDEX entries_by_fact ON entries (side, pk, fact_key);
CREATE INDEX facts_by_key ON facts (side, pk, sk);
"""

ORDERED = """
SELECT pk, sequence, place, at, hash, previous, readable, object FROM entries WHERE side = ?
ORDER BY pk, sequence, place
"""
WITHOUT_FACT = """
SELECT DISTINCT pk, fact_key FROM entries e WHERE side = ? AND fact_key IS NOT NULL AND NOT EXISTS
  (SELECT 1 FROM facts f WHERE f.side = e.side AND f.pk = e.pk AND f.sk = e.fact_key) ORDER BY pk, fact_key
"""
JUDGED = """
SELECT f.place, f.at, COUNT(e.pk), COALESCE(MAX(e.fact_hash IS NULL OR e.fact_hash = f.hash), 0) FROM facts f
LEFT JOIN entries e ON e.side = f.side AND e.pk = f.pk AND e.fact_key = f.sk WHERE f.side = ? GROUP BY f.rowid
"""
ON_OTHER_SIDE = """
SELECT t.place, t.at, COUNT(o.pk), COALESCE(MAX(o.object = t.object), 0) FROM {what} t
LEFT JOIN {what} o ON o.side = ? AND o.pk = t.pk AND o.{key} = t.{key} WHERE t.side = ? GROUP BY t.rowid
"""
KEYS = {"entries": "sequence", "facts": "sk"}


class Index:
    """Entries, facts and heads as they were seen, to be asked about together."""

    def __init__(self) -> None:
        self.database = sqlite3.connect("")
        self.database.executescript(SCHEMA)

    def add_entry(self, side: str, kept: KeptEntry, place: str, told: EntryTold) -> None:
        """Remember an entry."""
        row = (
            side, kept.pk, kept.sequence, place, told.at, kept.hash, told.previous, told.fact_key, told.fact_hash,
            sha256_of(kept.text), told.readable,
        )  # fmt: skip
        self.database.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def add_fact(self, side: str, kept: KeptFact, place: str, at: str) -> None:
        """Remember a fact."""
        row = (side, kept.pk, kept.sk, place, at, sha256_of(kept.content), sha256_of(kept.text))
        self.database.execute("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def add_head(self, pk: str, sequence: int, digest: str) -> None:
        """Remember a head."""
        self.database.execute("INSERT OR REPLACE INTO heads VALUES (?, ?, ?)", (pk, sequence, digest))

    def close(self) -> None:
        """Everything was seen; what follows are questions."""
        self.database.executescript(INDEXES)

    def ordered(self, side: str) -> Iterator[tuple[Any, ...]]:
        """Every entry of a side: by partition, number and place."""
        yield from self.database.execute(ORDERED, (side,))

    def heads(self) -> dict[str, tuple[int, str]]:
        """All heads."""
        return {pk: (number, digest) for pk, number, digest in self.database.execute("SELECT * FROM heads ORDER BY pk")}

    def without_fact(self, side: str) -> Iterator[tuple[str, str]]:
        """Partition and sort key of each fact that an entry tells of and that is not there."""
        yield from self.database.execute(WITHOUT_FACT, (side,))

    def judged(self, side: str) -> Iterator[tuple[str, str, bool, bool]]:
        """Each fact: its place, when it was recorded, whether an entry tells of it, and whether in these words."""
        yield from self.database.execute(JUDGED, (side,))

    def compared(self, what: str, side: str, other: str) -> Iterator[tuple[str, str, bool, bool]]:
        """Each entry or fact of a side: its place, when, whether the other side has it, and whether in its bytes."""
        yield from self.database.execute(ON_OTHER_SIDE.format(what=what, key=KEYS[what]), (other, side))

    def has(self, pk: str, digest: str) -> bool:
        """Whether some entry of a partition has a hash."""
        asked = "SELECT 1 FROM entries WHERE pk = ? AND hash = ? LIMIT 1"
        return self.database.execute(asked, (pk, digest)).fetchone() is not None

    def is_told_of_lately(self, pk: str, fact_key: str, is_recent: Callable[[str], bool]) -> bool:
        """Whether an entry told of a fact so lately that the fact may be on its way to the archive."""
        asked = "SELECT MAX(at) FROM entries WHERE side = 'archive' AND pk = ? AND fact_key = ?"
        return is_recent(self.database.execute(asked, (pk, fact_key)).fetchone()[0] or "")

    def counted(self, side: str) -> dict[str, int]:
        """How many chains, entries and facts a side has."""
        asked = "SELECT COUNT(DISTINCT pk), COUNT(*) FROM entries WHERE side = ?"
        subjects, entries = self.database.execute(asked, (side,)).fetchone()
        (facts,) = self.database.execute("SELECT COUNT(*) FROM facts WHERE side = ?", (side,)).fetchone()
        return {"subjects": subjects, "entries": entries, "facts": facts}
