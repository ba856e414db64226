"""Anchor the archive: each day that is over gets one hash over all its objects, tied to the day before."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import ValidationError

from governance.domain.anchors import A_DAY, Anchor, anchor_key, anchor_of, days_between, last_closed, leaf
from governance.domain.archive import ANCHORS, ENTRIES, FACTS, day_of
from governance.domain.audit import GENESIS
from governance.domain.errors import DayNotOver, NotOfTheArchive
from governance.domain.merkle import MerkleTree
from governance.ports.archive import Archive, Stored


@dataclass(frozen=True, slots=True)
class Anchoring:
    """Anchor days in their order, each of them once."""

    archive: Archive
    now: Callable[[], datetime]

    def anchor(self, until: date | None = None) -> Iterator[Anchor]:
        """Anchor every day up to one, by default the last that is over; days that were missed come first.

        Lazily, so that who runs out of time stops between two days and goes on from there the next time. A day that is
        anchored already is computed anew and compared: `ArchiveDiffers` names an anchor that its day no longer gives.
        Raises `DayNotOver` for a day that may still get objects, and `NotOfTheArchive` for an anchor that cannot be
        read. A day without objects has an anchor too.
        """
        closed = last_closed(self.now())
        until = until or closed
        if until > closed:
            raise DayNotOver(until.isoformat())
        last = self.last()
        if last and last.day >= until:
            previous = self.read(anchor_key(until - A_DAY))
            yield self.kept(until, previous.hash if previous else GENESIS)
            return
        previous_hash = last.hash if last else GENESIS
        for day in days_between(last.day + A_DAY if last else self.first_day(until), until):
            anchored = self.kept(day, previous_hash)
            previous_hash = anchored.hash
            yield anchored

    def kept(self, day: date, previous: str) -> Anchor:
        """Read a day and keep its anchor."""
        tree = MerkleTree()
        for read in self.archive.read(self.objects_of(day)):
            tree.add(leaf(read.stored.key, read.content))
        anchor = anchor_of(day, tree, previous)
        self.archive.keep(anchor.key, anchor.text.encode())
        return anchor

    def objects_of(self, day: date) -> Iterator[Stored]:
        """Everything that was archived on a day, in the order of the keys."""
        for folder in (ENTRIES, FACTS):
            yield from self.archive.objects(f"{folder}/{day.isoformat()}/")

    def first_day(self, otherwise: date) -> date:
        """The day on which the archive begins."""
        firsts = [next(self.archive.objects(f"{folder}/"), None) for folder in (ENTRIES, FACTS)]
        days = [day for stored in firsts if stored and (day := day_of(stored.key))]
        return min([*days, otherwise])

    def last(self) -> Anchor | None:
        """The newest anchor, or None before the first."""
        newest = None
        for stored in self.archive.objects(f"{ANCHORS}/"):
            newest = stored
        return self.read(newest.key) if newest else None

    def read(self, key: str) -> Anchor | None:
        """One anchor, or None where there is none."""
        for read in self.archive.read(one for one in self.archive.objects(key) if one.key == key):
            try:
                return Anchor.model_validate_json(read.content)
            except ValidationError as wrong:
                raise NotOfTheArchive(key) from wrong
        return None
