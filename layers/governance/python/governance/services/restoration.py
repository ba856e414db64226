"""Bring the record back into a table of its own, and measure it: a drill, which the live table does not notice.

Two ways: from the table's continuous backups, and from the archive alone. Either way the restored table is verified
and compared with what its facts give, and the newest thing in it is the recovery point.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from governance.domain.archive import ENTRIES, FACTS, Kept, KeptEntry, read_kept
from governance.domain.audit import Link
from governance.domain.errors import GovernanceError, NotOfTheArchive, NotRestorable
from governance.domain.proof import Problem
from governance.domain.values import Instant, Value, in_utc
from governance.ports.archive import Archive
from governance.ports.chains import Chains
from governance.ports.recovery import Backups, FreshTable
from governance.services.rebuilding import Rebuilding
from governance.services.verification import Verification

PAUSE = 5.0
"""Seconds between two looks at a table that is being restored."""

MODEL = "MODEL#"
Say = Callable[[str], None]


class Restored(Value):
    """How a drill went."""

    table: str
    asked: Instant
    """The moment that was to be come back to."""
    recovery_point: Instant | None
    """When the newest thing in the restored table was recorded."""
    behind_seconds: float
    """How far the recovery point is before the moment asked for: what was recorded in between, if anything, is lost."""
    seconds: float
    """How long it took until the table was there, rebuilt and verified."""
    versions: int
    entries: int
    facts: int
    differences: int
    """Rows that are not what the facts give."""
    problems: int
    """What the verification found."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A restored table, from every side that a drill needs."""

    fresh: FreshTable
    chains: Chains
    rebuilding: Rebuilding


@dataclass(frozen=True, slots=True)
class Restoration:
    """Restore, verify, measure. `wait` lets seconds pass; a test lets none."""

    backups: Backups
    archive: Archive | None
    opened: Callable[[str], Opened]
    now: Callable[[], datetime]
    wait: Callable[[float], None]

    def from_backup(self, into: str, say: Say, at: datetime | None = None) -> Restored:
        """Restore a moment, by default the latest, into a new table. Raises `NotRestorable`."""
        began = self.now()
        earliest, latest = map(in_utc, self.backups.window())
        if at and not earliest <= in_utc(at) <= latest:
            raise NotRestorable(f"{at.isoformat()} is not between {earliest.isoformat()} and {latest.isoformat()}")
        self.backups.restore(into, at)
        self.until_ready(into, say)
        return self.judged(into, at or began, began, None, say)

    def from_archive(self, into: str, say: Say, archive: Archive | None = None) -> Restored:
        """Fill a new table from the archive, or from a downloaded copy of it.

        Entries and facts are written as they were, heads and projections as the facts give them. Not in the archive,
        and so not brought back: names of people and the key of their ids, groups, leases and documents of policies;
        the next events and runs of the reconciler make groups and leases anew. Repeating it writes what is missing.
        Raises `ArchiveDiffers` if the table holds anything in other words, `NotRestorable` if it is the live one.
        """
        began, source = self.now(), archive or self.archive
        if source is None:
            raise NotRestorable("there is no archive to restore from")
        self.backups.make(into)
        self.until_ready(into, say)
        table, ends = self.opened(into), dict[str, Link]()
        written = table.fresh.put(self.kept(source, ends, say))
        say(f"{written} objects read and written")
        for pk, link in ends.items():
            table.fresh.end(pk, link)
        for version in list(table.rebuilding.versions()):
            try:
                table.rebuilding.restore(version)
            except GovernanceError as broken:
                say(f"{version}: not rebuilt: {type(broken).__name__}: {broken}")
        return self.judged(into, began, began, source, say)

    def until_ready(self, table: str, say: Say) -> None:
        """Wait for a table, and say so now and then."""
        began = self.now()
        while not self.backups.is_ready(table):
            say(f"{table} is being made, for {(self.now() - began).total_seconds():.0f} s now")
            self.wait(PAUSE)

    def kept(self, archive: Archive, ends: dict[str, Link], say: Say) -> Iterator[Kept]:
        """Every entry and fact of an archive; the ends of chains that are no version's are noted on the way."""
        for folder in (ENTRIES, FACTS):
            for read in archive.read(archive.objects(f"{folder}/")):
                try:
                    kept = read_kept(read.stored.key, read.content)
                except NotOfTheArchive as wrong:
                    say(f"left out: {wrong}")
                    continue
                if isinstance(kept, KeptEntry) and not kept.pk.startswith(MODEL):
                    last = ends.get(kept.pk, Link())
                    ends[kept.pk] = max(
                        last, Link(sequence=kept.sequence, hash=kept.hash), key=lambda one: one.sequence
                    )
                yield kept

    def judged(self, table: str, asked: datetime, began: datetime, archive: Archive | None, say: Say) -> Restored:
        """Compare, verify and measure a restored table."""
        opened, versions, differences = self.opened(table), 0, 0
        for version in opened.rebuilding.versions():
            versions += 1
            for difference in opened.rebuilding.check(version):
                differences += 1
                say(f"{difference.place}: expected {difference.expected!r}, found {difference.found!r}")

        def told(problem: Problem) -> None:
            say(f"{problem.code} at {problem.place}: {problem.detail}")

        verified = Verification(opened.chains, archive, self.now).verify(told)
        newest = newest_of(opened.chains)
        return Restored(
            table=table,
            asked=asked,
            recovery_point=newest,
            behind_seconds=(asked - newest).total_seconds() if newest else 0.0,
            seconds=(self.now() - began).total_seconds(),
            versions=versions,
            entries=verified.entries,
            facts=verified.facts,
            differences=differences,
            problems=verified.problems,
        )


def newest_of(chains: Chains) -> datetime | None:
    """When the last entry was recorded."""
    newest = ""
    for row in chains.rows():
        if str(row["sk"]).startswith("AUDIT#"):
            try:
                newest = max(newest, str(json.loads(row["entry"])["at"]))
            except (KeyError, ValueError, TypeError):
                continue
    return datetime.fromisoformat(newest) if newest else None
