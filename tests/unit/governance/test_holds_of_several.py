"""Two versions share an object: whatever comes between whose steps, it is held while, and only while, one holds it.

Every step at the record, at the notes and at the object can be followed by one of somebody else, or by death. Who
died is told again. For two versions all orders of their steps are tried, and for more of everything many by lot.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from governance.domain.errors import GovernanceError
from governance.domain.upkeep import LegalHoldLifted, LegalHoldPlaced
from governance.services.retention import Retention
from tests.aws.turns import Turns
from tests.unit.governance.test_retention import EIGHT, SEVEN, TERMS, Kept

SEEDS = range(60)


class Died(GovernanceError):
    """The process is gone."""


@dataclass
class Steps:
    """What of a world goes step by step; stands in the place of a seam."""

    turn: Callable[[], None] = lambda: None
    death: Callable[[], bool] = lambda: False

    def through(self, target: Any, *names: str) -> Any:
        """The same, each call of the methods named a step."""
        return Stepping(self, target, frozenset(names))


@dataclass
class Stepping:
    """A port whose calls wait for their turn."""

    steps: Steps
    target: Any
    names: frozenset[str]

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.target, name)
        return partial(self.step, found) if name in self.names else found

    def step(self, call: Callable[..., Any], *given: Any) -> Any:
        self.steps.turn()
        if self.steps.death():
            raise Died
        return call(*given)


@dataclass
class Script:
    """Draws that are written down: which of those alive goes next, and how many there were to choose from."""

    prefix: Sequence[int]
    choices: list[tuple[int, int]] = field(default_factory=list)

    def choice(self, alive: Sequence[Any]) -> Any:
        at = len(self.choices)
        chosen = self.prefix[at] if at < len(self.prefix) else 0
        self.choices.append((chosen, len(alive)))
        return alive[chosen]

    def following(self) -> list[int] | None:
        """The next script in order, or None after the last."""
        for at in range(len(self.choices) - 1, -1, -1):
            chosen, among = self.choices[at]
            if chosen + 1 < among:
                return [*(one for one, _ in self.choices[:at]), chosen + 1]
        return None


class Shared:
    """Versions 7 and 8 of the same bytes, and what happens to them at once."""

    def __init__(self, *steps_of: str) -> None:
        self.world, self.steps = Kept(), Steps()
        for version in (7, 8):
            self.world.sealed(version)
        (self.stored,) = self.world.state(SEVEN).sealed_objects
        assert self.world.state(EIGHT).sealed_objects == (self.stored,)
        ledger = self.steps.through(self.world.ledger, *({"open", "save", "facts"} & set(steps_of)))
        self.world.recording = type(self.world.recording)(ledger, self.world.now)
        self.retention = Retention(
            ledger,
            self.world.recording,
            self.steps.through(self.world.locks, "hold"),
            self.steps.through(self.world.journal, "note", "documents"),
            TERMS,
        )

    @property
    def is_held(self) -> bool:
        return self.world.locks.look(self.stored).held

    @property
    def is_ordered(self) -> bool:
        return any(self.world.state(arn).legal_hold for arn in (SEVEN, EIGHT))

    def begin(self, held: bool, arn: str) -> None:
        """Ordered, and carried out, before anything else happens."""
        self.order(held, 100, arn)
        self.keep(arn)

    def order(self, held: bool, at: float, arn: str) -> None:
        self.world.order(LegalHoldPlaced if held else LegalHoldLifted, at, arn)

    def ordered_and_kept(self, held: bool, at: float, arn: str) -> None:
        """An order is put on record, and its event arrives."""
        self.order(held, at, arn)
        self.keep(arn)

    def keep(self, arn: str) -> None:
        self.retention.keep(arn, "e")

    def at_once(self, works: Sequence[tuple[Callable[..., Any], str]], lots: Any) -> None:
        """Everything at once; who fails or dies is told again, one by one."""
        ended = Turns(self.steps, lots).run([partial(work, arn) for work, arn in works])  # type: ignore[arg-type]
        self.steps.death = lambda: False
        for (_, arn), process in zip(works, ended, strict=True):
            assert process.error is None or isinstance(process.error, GovernanceError), process.error
            if process.error:
                self.keep(arn)


@pytest.mark.parametrize(("seven_was_held", "eight_was_held"), [(True, True), (True, False), (False, False)])
def test_in_every_order_of_the_steps_of_two_versions(seven_was_held: bool, eight_was_held: bool):
    prefix: list[int] | None = []
    tried = 0
    while prefix is not None:
        shared = Shared()
        for arn, was_held in ((SEVEN, seven_was_held), (EIGHT, eight_was_held)):
            if was_held:
                shared.begin(True, arn)
            shared.order(not was_held, 200, arn)
        script = Script(prefix)
        shared.at_once([(shared.keep, SEVEN), (shared.keep, EIGHT)], script)
        assert shared.is_held == shared.is_ordered, script.choices
        prefix, tried = script.following(), tried + 1
    assert tried >= 70


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_ordered_of_both_at_once_and_whoever_dies(seed: int):
    lots = random.Random(seed)
    shared = Shared("open", "save", "facts")
    works: list[tuple[Callable[..., Any], str]] = []
    for number in range(5):
        arn, held = lots.choice((SEVEN, EIGHT)), lots.random() < 0.5
        works.append((partial(shared.ordered_and_kept, held, 200 + number), arn))
    shared.steps.death = lambda: lots.random() < 0.02
    shared.at_once(works, lots)
    assert shared.is_held == shared.is_ordered
    for arn in (SEVEN, EIGHT):
        assert all(one.outcome for one in shared.world.state(arn).keepings)


def test_a_note_that_changes_without_end_is_told_and_not_waited_for():
    shared = Shared()
    flips = iter(range(1000))
    journal = shared.world.journal
    journal.documents = lambda subject, prefix: {"x": "y"} if next(flips) % 2 else {}  # type: ignore[method-assign]
    shared.order(True, 100, SEVEN)
    with pytest.raises(GovernanceError):
        shared.keep(SEVEN)
