"""What was sealed is kept for as long as the latest reason asks, and held for as long as anybody holds it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.keeping import HOLD, RETAIN, Lock, Terms, latest
from governance.domain.lifecycle import Stage
from governance.domain.model_version import ModelVersion
from governance.domain.people import Names
from governance.domain.upkeep import LegalHoldLifted, LegalHoldPlaced, VersionBackfilled
from governance.services.inventory import hold_of
from governance.services.retention import Retention
from tests import fakes
from tests.builders import KATHERINE, MARY, after, approved, moved, package_arn
from tests.fakes_of_the_hub import InMemoryJournal
from tests.world import World

A_DAY = timedelta(days=1)
TERMS = Terms(production=10 * A_DAY, retired=7 * A_DAY)
SEVEN, EIGHT = package_arn(version=7), package_arn(version=8)


class Kept(World):
    """A world in which sealed objects lie in a bucket with locks."""

    def __init__(self) -> None:
        super().__init__()
        self.locks, self.journal = fakes.InMemoryLocks(), InMemoryJournal()
        self.retention = Retention(self.ledger, self.recording, self.locks, self.journal, TERMS)

    def sealed(self, version: int = 7) -> str:
        arn = self.register(version)
        self.seal(arn)
        for stored in self.state(arn).sealed_objects:
            self.locks.kept.setdefault(stored, Lock(until=after(86400), mode="GOVERNANCE"))
        return arn

    def in_production(self) -> None:
        """Version 7 goes all the way."""
        self.sealed()
        self.tell(approved(60))
        self.now.moment = after(61)
        self.start(Stage.TEST)
        self.verify(Stage.TEST)
        self.end(Stage.TEST)
        self.tell(moved(120, "Test", "Approved"), by=KATHERINE)
        self.now.moment = after(121)
        self.start(Stage.PRODUCTION)
        self.verify(Stage.PRODUCTION)
        self.end(Stage.PRODUCTION)

    def retire(self, at: float = 600) -> None:
        self.now.moment = after(at)
        self.tell(moved(at, "Production", "Retired"), by=KATHERINE)

    def order(self, kind: Any, at: float, arn: str = SEVEN) -> None:
        told = {"effective_at": after(at), "recorded_at": after(at), "person": MARY, "why": "a court"}
        self.recording.learn(arn, lambda page, _: [kind(model=page.state.model, **told)], "e")

    def keep(self, arn: str = SEVEN) -> ModelVersion | None:
        return self.retention.keep(arn, "e")

    def lock(self, arn: str = SEVEN) -> Lock:
        (stored,) = self.state(arn).sealed_objects
        return self.locks.look(stored)


def outcomes(world: Kept, arn: str = SEVEN) -> Sequence[str]:
    return [f"{one.what}: {one.outcome or 'open'}" for one in world.state(arn).keepings]


def test_a_version_that_is_merely_sealed_is_kept_as_it_was_sealed():
    world = Kept()
    world.sealed()
    assert world.keep() is None
    assert world.lock() == Lock(until=after(86400), mode="GOVERNANCE")


def test_a_version_in_production_is_locked_from_its_deployment_on():
    world = Kept()
    world.in_production()
    world.keep()
    until = world.deployment(Stage.PRODUCTION).finished_at.replace(microsecond=0) + TERMS.production
    assert world.lock().until == until == world.state().retained_until
    assert outcomes(world) == ["retain: done"]


def test_the_deployment_to_test_locks_nothing():
    world = Kept()
    world.sealed()
    world.tell(approved(60))
    world.now.moment = after(61)
    world.start(Stage.TEST)
    world.end(Stage.TEST)
    assert world.keep() is None


def test_a_retired_version_is_locked_from_its_retirement_on():
    world = Kept()
    world.in_production()
    world.retire(600 + 30 * 86400)
    world.keep()
    assert world.lock().until == after(600 + 30 * 86400) + TERMS.retired


@pytest.mark.parametrize("order", list(permutations(("deployed", "retired", "again"))))
def test_whatever_comes_first_the_latest_reason_counts(order: Sequence[str]):
    world = Kept()
    world.in_production()
    if order.index("retired") < order.index("deployed"):
        world.retire()
    world.keep()
    if order.index("retired") > order.index("deployed"):
        world.retire()
    for _ in order:
        world.keep()
    finished = world.deployment(Stage.PRODUCTION).finished_at.replace(microsecond=0)
    assert world.lock().until == max(finished + TERMS.production, after(600) + TERMS.retired)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_a_lock_is_never_shortened(days: list[int]):
    world = Kept()
    world.in_production()
    (stored,) = world.state().sealed_objects
    seen: list[datetime] = []
    for day in days:
        world.locks.extend(stored, after(0) + day * A_DAY)
        world.keep()
        until = world.lock().until
        assert until
        seen.append(until)
    assert seen == sorted(seen)


def test_told_again_it_does_nothing_again():
    world = Kept()
    world.in_production()
    world.keep()
    entries = len(world.ledger.entries[SEVEN])
    assert world.keep() is None
    assert len(world.ledger.entries[SEVEN]) == entries


def test_a_version_that_is_sealed_after_it_was_retired_is_locked_when_it_is_sealed():
    world = Kept()
    world.register()
    world.tell(moved(60, "Development", "Retired"), by=KATHERINE)
    world.now.moment = after(61)
    assert world.keep() is None
    world.seal()
    (stored,) = world.state().sealed_objects
    world.locks.kept[stored] = Lock(until=None)
    world.keep()
    assert world.lock().until == after(60) + TERMS.retired


def test_what_was_due_long_ago_locks_nothing():
    world = Kept()
    world.in_production()
    world.now.moment = after(0) + 100 * A_DAY
    assert world.keep() is None


def test_a_held_version_is_held_until_it_is_released():
    world = Kept()
    world.sealed()
    world.order(LegalHoldPlaced, 100)
    world.keep()
    assert world.lock().held
    assert outcomes(world) == ["hold: done"]
    world.order(LegalHoldLifted, 200)
    assert world.lock().held
    world.keep()
    assert not world.lock().held
    assert outcomes(world) == ["release: done"]


def test_what_is_sealed_while_its_version_is_held_is_held_too():
    world = Kept()
    world.register()
    world.order(LegalHoldPlaced, 100)
    world.keep()
    world.now.moment = after(200)
    world.seal()
    assert outcomes(world) == ["hold: open"]
    (stored,) = world.state().sealed_objects
    world.locks.kept[stored] = Lock(until=None)
    world.keep()
    assert world.lock().held
    assert outcomes(world) == ["hold: done"]
    shown = hold_of(world.state(), Names())
    assert shown is not None
    assert shown["outcome"] == "done"


def test_what_turns_out_to_have_been_sealed_by_then_is_held_and_on_record_too():
    world = Kept()
    world.register()
    world.order(LegalHoldPlaced, 100)
    world.keep()
    world.now.moment = after(50)
    world.seal()
    (stored,) = world.state().sealed_objects
    world.locks.kept[stored] = Lock(until=None)
    for _ in range(2):
        world.keep()
    assert world.lock().held
    (keeping,) = world.state().keepings
    assert (keeping.outcome, keeping.objects) == ("done", (stored,))


def test_an_order_that_a_later_one_overtook_is_not_followed():
    world = Kept()
    world.sealed()
    world.order(LegalHoldPlaced, 100)
    world.order(LegalHoldLifted, 200)
    world.keep()
    assert not world.lock().held
    assert latest(world.state().keepings, HOLD).outcome == "done"  # type: ignore[union-attr]


def test_an_object_of_two_versions_is_released_when_neither_holds_it():
    world = Kept()
    for version, arn in ((7, SEVEN), (8, EIGHT)):
        world.sealed(version)
        world.order(LegalHoldPlaced, 100, arn)
        world.keep(arn)
    assert world.state(SEVEN).sealed_objects == world.state(EIGHT).sealed_objects
    world.order(LegalHoldLifted, 200, SEVEN)
    world.keep(SEVEN)
    assert world.lock().held
    world.order(LegalHoldLifted, 200, EIGHT)
    world.keep(EIGHT)
    assert not world.lock().held


@pytest.mark.parametrize("ordered", [True, False])
def test_an_object_that_is_gone_is_a_finding_that_closes_when_it_is_back(ordered: bool):
    world = Kept()
    world.in_production()
    if ordered:
        world.order(LegalHoldPlaced, 400)
    kept = dict(world.locks.kept)
    world.locks.kept.clear()
    for _ in range(2):
        world.keep()
    found = [one for one in world.state().findings.values() if one.code == "artifacts-not-kept"]
    assert len(found) == 1 + ordered
    assert all("is not there" in one.detail for one in found)
    entries = len(world.ledger.entries[SEVEN])
    world.keep()
    assert len(world.ledger.entries[SEVEN]) == entries
    world.locks.kept = kept
    world.keep()
    assert not [one for one in world.state().findings.values() if one.code == "artifacts-not-kept"]
    assert latest(world.state().keepings, RETAIN).outcome == "done"  # type: ignore[union-attr]


def test_of_a_version_that_nobody_adopted_nothing_is_kept_or_announced():
    world = Kept()
    world.register()
    told = {"effective_at": after(0), "recorded_at": after(1)}
    world.recording.learn(SEVEN, lambda page, _: [VersionBackfilled(model=page.state.model, **told)], "e")
    world.order(LegalHoldPlaced, 100)
    assert world.keep() is None
    assert "LegalHoldPlaced" not in world.ledger.events(SEVEN)
