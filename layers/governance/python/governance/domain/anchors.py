"""Anchors: one hash for each day that stands for everything archived on it, and is tied to the day before.

Whoever notes one anchor's hash where nobody can change it holds every object of that day, and of all days before.
"""

from datetime import date, datetime, timedelta
from typing import Literal

from governance.domain.archive import ANCHORS
from governance.domain.audit import GENESIS
from governance.domain.identifiers import Sha256
from governance.domain.merkle import MerkleTree
from governance.domain.values import Value, canonical, in_utc, sha256_of

CLOSING = timedelta(hours=1)
"""For how long after its end a day may still get objects: a function lives for 15 minutes at most (AWS: "Lambda
quotas"), so that nothing that was filed under a day is still being written an hour after it."""

A_DAY = timedelta(days=1)


class Anchor(Value):
    """What one day of the archive comes to."""

    schema_version: Literal[1] = 1
    day: date
    count: int
    """How many objects were archived on the day."""
    root: Sha256
    """Merkle root over the day's objects in the order of their keys."""
    previous_anchor: Sha256 = GENESIS
    """Hash of the anchor of the day before."""

    @property
    def key(self) -> str:
        """Where the archive keeps it."""
        return anchor_key(self.day)

    @property
    def text(self) -> str:
        """The object: one canonical text."""
        return canonical(self.model_dump(mode="json"))

    @property
    def hash(self) -> str:
        """What the next anchor is tied to, and what is worth noting elsewhere."""
        return sha256_of(self.text)


def anchor_key(day: date) -> str:
    """Where the archive keeps the anchor of a day."""
    return f"{ANCHORS}/{day.isoformat()}.json"


def leaf(key: str, content: bytes) -> bytes:
    """What one object contributes to its day's tree."""
    return key.encode() + b"\n" + content


def anchor_of(day: date, tree: MerkleTree, previous: str) -> Anchor:
    """The anchor of a day whose objects are all in the tree."""
    return Anchor(day=day, count=tree.count, root=tree.root, previous_anchor=previous)


def last_closed(now: datetime) -> date:
    """The last day to which nothing can be added any more."""
    return (in_utc(now) - CLOSING).date() - A_DAY


def days_between(first: date, last: date) -> list[date]:
    """All days from the first to the last, both counted."""
    return [first + number * A_DAY for number in range((last - first).days + 1)]
