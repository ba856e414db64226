"""What the record says of sealed objects is compared with the bucket: each that is not kept so is named."""

from collections.abc import Callable
from typing import Any

import pytest

from governance.domain.artifacts import ObjectVersion
from governance.domain.keeping import Lock
from governance.domain.proof import Problem
from governance.domain.upkeep import LegalHoldLifted, LegalHoldPlaced
from governance.services.verification_of_sealed import SealedVerification
from tests.builders import after
from tests.unit.governance.test_retention import A_DAY, SEVEN, TERMS, Kept


class Proven(Kept):
    """A world whose sealed objects are looked at."""

    most: int | None = 2

    def found(self) -> set[str]:
        problems: list[Problem] = []
        rows: Any = None
        verification = SealedVerification(rows, self.vault, self.locks, self.now, self.most)
        assert verification.look(SEVEN, self.ledger.facts(SEVEN), problems.append) == len(self.state().sealed_objects)
        within = [one for listed in self.locks.lists.values() for one in listed]
        assert {one.place for one in problems} <= {one.name for one in (*self.state().sealed_objects, *within)}
        return {one.code for one in problems}

    def change(self, **told: Any) -> None:
        (stored,) = self.state().sealed_objects
        self.locks.kept[stored] = self.locks.kept[stored].model_copy(update=told)


def kept() -> Proven:
    """A version that went to production and is held."""
    world = Proven()
    world.in_production()
    world.order(LegalHoldPlaced, 400)
    world.keep()
    return world


def remove(world: Proven) -> None:
    world.locks.kept.clear()


def exchange(world: Proven) -> None:
    world.vault.sealed = dict.fromkeys(world.vault.sealed, b"other bytes")


WRONGS: dict[str, Callable[[Proven], None]] = {
    "sealed-missing": remove,
    "sealed-changed": exchange,
    "sealed-unlocked": lambda world: world.change(until=None),
    "sealed-not-held": lambda world: world.change(held=False),
}


def test_what_is_kept_as_the_record_says_is_fine():
    assert not kept().found()


@pytest.mark.parametrize("code", sorted(WRONGS))
def test_what_is_not_kept_so_is_named(code: str):
    world = kept()
    WRONGS[code](world)
    assert world.found() == {code}


def test_a_lock_that_ends_before_the_day_on_record_is_named():
    world = kept()
    world.change(until=world.state().retained_until - A_DAY / 2)
    assert world.found() == {"sealed-unlocked"}


def test_a_longer_lock_and_a_hold_of_somebody_else_are_fine():
    world = Proven()
    world.sealed()
    world.change(until=after(0) + 99 * A_DAY, held=True)
    assert not world.found()


def test_what_was_only_ordered_is_not_promised_yet():
    world = Proven()
    world.in_production()
    world.order(LegalHoldPlaced, 400)
    assert not world.found()


def test_what_was_released_need_not_be_held():
    world = kept()
    world.order(LegalHoldLifted, 500)
    world.keep()
    assert not world.found()


@pytest.mark.parametrize("held", [False, True])
def test_when_its_time_is_over_an_object_may_be_gone_unless_it_is_held(held: bool):
    world = Proven()
    world.in_production()
    if held:
        world.order(LegalHoldPlaced, 400)
    world.keep()
    world.now.moment = after(0) + TERMS.production + 2 * A_DAY
    world.change(until=None)
    assert not world.found()
    remove(world)
    assert world.found() == ({"sealed-missing"} if held else set())


def test_a_version_of_which_nothing_was_sealed_has_nothing_to_look_at():
    world = Proven()
    world.register()
    assert not world.found()


def test_a_sealing_whose_lock_was_already_longer_is_promised_for_as_long():
    world = Proven()
    world.sealed()
    (stored,) = world.state().sealed_objects
    world.locks.kept[stored] = Lock(until=world.state().sealing.artifacts[0].locked_until)
    assert not world.found()


def prefix_of(objects: int) -> tuple[Proven, list[ObjectVersion]]:
    """A world in which what was sealed is a list of so many objects, each locked and held as it is."""
    world = kept()
    (stored,) = world.state().sealed_objects
    names = [stored.model_copy(update={"key": f"sealed/trees/x/{number}"}) for number in range(objects)]
    world.locks.lists[stored] = names
    world.locks.kept |= dict.fromkeys(names, world.locks.kept[stored])
    return world, names


@pytest.mark.parametrize(
    ("told", "code"),
    [({"until": None}, "sealed-unlocked"), ({"held": False}, "sealed-not-held"), (None, "sealed-missing")],
)
def test_the_single_objects_of_a_prefix_are_locked_and_held_too(told: dict[str, Any] | None, code: str):
    world, (one, _) = prefix_of(2)
    assert not world.found()
    if told is None:
        del world.locks.kept[one]
    else:
        world.locks.kept[one] = world.locks.kept[one].model_copy(update=told)
    assert world.found() == {code}


def test_of_a_large_prefix_others_are_looked_at_every_day_and_all_on_request():
    world, names = prefix_of(40)
    world.locks.kept |= dict.fromkeys(names[::2], Lock(until=None, held=True))
    named, start = [], world.now.moment
    for day in range(5):
        world.now.moment = start + day * A_DAY
        named.append(bool(world.found()))
        assert bool(world.found()) == named[-1], "the same all day long"
    assert set(named) == {True, False}, "two of forty, and half of them are wrong"
    world.most = None
    assert world.found() == {"sealed-unlocked"}
