"""Whatever order the groups hear of their deployments in, the version that came last is the one that is deployed."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.domain.model_group import REMEMBERED
from tests.builders import after, approved, package_arn
from tests.unit.governance.recalls import EIGHT, SEVEN, TEST, born, sound, to_test
from tests.unit.governance.test_fold_properties import FEW
from tests.world import World

FIRST = 7


def came_there(world: World, number: int) -> None:
    """Versions were deployed to test one after the other, each turn given to the next, and no group has heard."""
    for version in range(FIRST, FIRST + number):
        world.register(version)
        world.seal(package_arn(version=version))
    for version in range(FIRST, FIRST + number):
        arn, at = package_arn(version=version), 200.0 * (version - FIRST + 1)
        world.now.moment = max(world.now.moment, after(at + 1))
        world.tell(approved(at, arn=arn))
        world.start(TEST, arn)
        world.verify(TEST, arn=arn)
        world.end(TEST, arn=arn)
        world.promotion.give_way(arn, TEST, world.deployment(TEST, arn).id, "c")


def hear(world: World, version: int) -> None:
    """`sync_model_group` hears that a version was deployed."""
    world.grouping.serve(package_arn(version=version), TEST, "c")


def deployments(world: World, number: int) -> list[tuple[str, str]]:
    """How each version's deployment stands, and what is said of it."""
    every = [world.deployment(TEST, package_arn(version=version)) for version in range(FIRST, FIRST + number)]
    return [(str(one.status), one.reason) for one in every]


def in_order(number: int) -> list[tuple[str, str]]:
    """As they stand where each was replaced by the next."""
    replaced = [("superseded", f"superseded by {package_arn(version=FIRST + n + 1)}") for n in range(number - 1)]
    return [*replaced, ("deployed", "")]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_each_of_three_is_superseded_by_the_next_in_whatever_order_they_are_heard_of(order):
    world = World()
    came_there(world, 3)
    for one in order:
        hear(world, FIRST + one)
    assert deployments(world, 3) == in_order(3)
    sound(world)


@settings(FEW, max_examples=20)
@given(st.lists(st.integers(0, 4), max_size=8), st.permutations(range(5)))
def test_any_order_and_repetition_ends_with_exactly_the_last_one_deployed(again, order):
    world = World()
    came_there(world, 5)
    for one in (*again, *order):
        hear(world, FIRST + one)
    assert deployments(world, 5) == in_order(5)
    facts = len(world.ledger.facts(package_arn(version=FIRST)))
    hear(world, FIRST)
    assert len(world.ledger.facts(package_arn(version=FIRST))) == facts


def test_what_the_group_remembers_no_more_is_superseded_by_what_came_last():
    world, number = World(), REMEMBERED + 3
    came_there(world, number)
    for version in reversed(range(FIRST, FIRST + number)):
        hear(world, version)
    statuses = [status for status, _ in deployments(world, number)]
    assert statuses == ["superseded"] * (number - 1) + ["deployed"]


def test_one_event_of_the_last_makes_up_for_all_that_never_came():
    world = World()
    came_there(world, 4)
    hear(world, FIRST + 3)
    assert deployments(world, 4) == in_order(4)


def test_what_was_approved_again_while_it_served_stays_superseded_until_it_is_approved_after_that():
    deliveries = born(SEVEN, EIGHT)
    to_test(deliveries, SEVEN, 100)
    to_test(deliveries, SEVEN, 200)
    to_test(deliveries, EIGHT, 300)
    assert deliveries.serves[TEST] == EIGHT
    assert deliveries.deployed(TEST) == [EIGHT]
    to_test(deliveries, SEVEN, 400)
    assert deliveries.serves[TEST] == SEVEN
    assert deliveries.deployed(TEST) == [SEVEN]
    sound(deliveries.world)
