"""The days of an archive: their trees, their anchors, and whether the two agree."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from governance.domain.anchors import A_DAY, anchor_key, days_between, leaf
from governance.domain.archive import KEY, day_of
from governance.domain.audit import GENESIS
from governance.domain.merkle import MerkleTree
from governance.domain.proof import ProblemCode, canonically

FIELDS = {"count", "day", "previous_anchor", "root", "schema_version"}
Told = Callable[[ProblemCode, str, str], None]


@dataclass(slots=True)
class Days:
    """What was archived on each day, and the anchors that say so."""

    trees: dict[date, MerkleTree] = field(default_factory=dict)
    anchors: dict[date, bytes] = field(default_factory=dict)

    def add(self, key: str, content: bytes) -> bool:
        """One object, in the order of the keys; whether its key is one of the archive's."""
        day = day_of(key) if KEY.fullmatch(key) else None
        if day:
            self.trees.setdefault(day, MerkleTree()).add(leaf(key, content))
        return day is not None

    def add_anchor(self, key: str, content: bytes) -> bool:
        """One anchor; whether its key is that of one."""
        day = day_of(key)
        if day and key == anchor_key(day):
            self.anchors[day] = content
            return True
        return False

    def not_anchored(self) -> tuple[date, ...]:
        """Days with objects and without an anchor."""
        return tuple(sorted(self.trees.keys() - self.anchors.keys()))

    def verify(self, tell: Told, today: date) -> dict[date, str]:
        """Every day that is over has its anchor, made of its objects and tied to the day before; returns the hashes.

        Yesterday's may still be to come: it is made some hours after the day's end.
        """
        known, due = sorted({*self.trees, *self.anchors}), today - 2 * A_DAY
        hashes: dict[date, str] = {}
        previous: str | None = GENESIS
        for day in days_between(known[0], max([due, known[0], *self.anchors])) if known else ():
            if day in self.anchors:
                self.one(day, previous, tell)
                previous = hashes[day] = hashlib.sha256(self.anchors[day]).hexdigest()
                continue
            if day <= due:
                tell(ProblemCode.ANCHOR_MISSING, anchor_key(day), "the day is over and has no anchor")
            previous = None
        return hashes

    def one(self, day: date, previous: str | None, tell: Told) -> None:
        """One anchor against its day, and against the one before it."""
        key, tree, told = anchor_key(day), self.trees.get(day, MerkleTree()), canonically(self.anchors[day]) or {}
        if set(told) != FIELDS or told["day"] != day.isoformat():
            tell(ProblemCode.ANCHOR_UNREADABLE, key, "cannot be read, or is not in canonical form")
            return
        if (told["count"], told["root"]) != (tree.count, tree.root):
            found = f"it was made of {told['count']} objects, and there are {tree.count}"
            tell(ProblemCode.ANCHOR_DIFFERS, key, f"{found}; some were changed, removed or added since")
        if previous is not None and told["previous_anchor"] != previous:
            tell(ProblemCode.ANCHOR_UNTIED, key, "it is not tied to the anchor of the day before")
