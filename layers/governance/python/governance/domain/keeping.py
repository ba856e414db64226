"""What is done to keep sealed artifacts: locks made longer, legal holds put on and taken off, each a named effect."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

from governance.domain.artifacts import ObjectVersion
from governance.domain.identifiers import ModelPackageArn, Person
from governance.domain.values import Instant, Value

RETAIN, HOLD = frozenset({"retain"}), frozenset({"hold", "release"})
"""The two families of keepings: of one family, the latest counts."""


class Lock(Value):
    """How an object version is kept from being deleted."""

    until: Instant | None
    """None for one that was never locked."""
    mode: str = ""
    held: bool = False


class Terms(Value):
    """For how long what was sealed is kept, counted from what calls for it."""

    production: timedelta
    retired: timedelta


class HeldBy(Value):
    """A note at a sealed object that a version holds it: `HOLD#<key>` / `MODEL#<arn>`."""

    model_package_arn: ModelPackageArn
    version_id: str
    effect_id: str


class HoldOrder(Value):
    """The last word of a person on whether a version is under legal hold."""

    fingerprint: str
    """Of the fact: the cause of what is done about it."""
    held: bool
    person: Person
    at: Instant
    why: str


class Keeping(Value):
    """One effect on the locks of a version's sealed objects: intended, and how it ended."""

    effect_id: str
    what: Literal["retain", "hold", "release"]
    cause: str
    requested_at: Instant
    until: Instant | None = None
    """Until when to lock; None for holds, which have no end."""
    outcome: Literal["", "done", "failed", "overtaken"] = ""
    objects: tuple[ObjectVersion, ...] = ()
    """What it was done to."""
    reason: str = ""
    """What went wrong, where something did."""

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do: done, or overtaken by a later order."""
        return self.outcome in {"done", "overtaken"}

    @property
    def family(self) -> frozenset[str]:
        """Those that it competes with."""
        return RETAIN if self.what in RETAIN else HOLD


def latest(keepings: Iterable[Keeping], family: frozenset[str]) -> Keeping | None:
    """The one of a family that counts, or None if there was none."""
    return next((one for one in reversed(tuple(keepings)) if one.what in family), None)


def with_hold(keepings: tuple[Keeping, ...], keeping: Keeping) -> tuple[Keeping, ...]:
    """A further order about the hold: those before it that nobody carried out yet are overtaken."""
    overtaken = {"outcome": "overtaken"}
    past = (
        one.model_copy(update=overtaken) if one.what in HOLD and not one.is_over else one
        for one in keepings
        if one.effect_id != keeping.effect_id
    )
    return (*past, keeping)
