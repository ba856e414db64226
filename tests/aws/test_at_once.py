"""Eight deliveries at once have the effect of one after the other, in whichever order their calls reach AWS."""

import random
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from tests.aws import life
from tests.aws.cloud import Cloud, Delivery
from tests.aws.functions import handed
from tests.aws.rehearsal import Rehearsal
from tests.aws.test_crashes import BROKEN, HARNESSED, assert_same, timeless
from tests.aws.turns import Process, Turns
from tests.builders import ADA, MARY, approved, change, rejected

AT_ONCE = 8
SEEDS = range(20)
"""Draws of the order in which eight different events reach AWS."""


def at_once(cloud: Cloud, deliveries: Sequence[Delivery], seed: str) -> list[Process]:
    """Make deliveries at once, each to an environment of its own; those that failed are made again, one by one."""
    modules = [cloud.fleet.other(one.function, number) for number, one in enumerate(deliveries)]
    works = [partial(handed, module, one) for module, one in zip(modules, deliveries, strict=True)]
    cloud.seam.taken.clear()
    with cloud.seam.watch():
        ended = Turns(cloud.seam, random.Random(seed)).run(works)
    cloud.follow()
    for process, delivery in zip(ended, deliveries, strict=True):
        if process.error is not None:
            assert isinstance(process.error, BROKEN), process.error
            cloud.deliver(Delivery(delivery.function, delivery.event))
    return ended


@pytest.mark.parametrize("function", HARNESSED)
def test_eight_deliveries_of_one_event_have_the_effect_of_one(lived: Rehearsal, function: str):
    assert_eight_are_one(lived, function)


def assert_eight_are_one(lived: Rehearsal, function: str) -> None:
    """Make each delivery of a life eight times at once, and compare how things stand after its step."""
    cloud = lived.cloud
    for number, scene in enumerate(lived.of(function)):
        cloud.restore(scene.before)
        ended = at_once(cloud, [scene.delivery] * AT_ONCE, f"{function} {number}")
        answers = [process.answer for process in ended if process.error is None]
        cloud.queue.extend(scene.delivery.then(answers[0]))
        cloud.settle()
        assert_same(timeless(cloud.outcome()), timeless(lived.outcomes[scene.step]), f"{scene}, {AT_ONCE} at once")


def told_at_once(cloud: Cloud, seed: int | None) -> dict[str, Any]:
    """Eight different events of one version: all at once, or one after the other."""
    life.tell(cloud, change(0), 0, ADA)
    cloud.settle()
    for at in (600, 720, 840):
        life.tell(cloud, approved(at), at, MARY)
        life.tell(cloud, rejected(at + 60), at + 60, MARY)
    life.observe(cloud, life.noted(30), 1000)
    life.called(cloud, 960, MARY)
    deliveries = list(cloud.queue)
    assert len(deliveries) == AT_ONCE
    if seed is not None:
        cloud.queue.clear()
        at_once(cloud, deliveries, str(seed))
    cloud.settle()
    return cloud.outcome()


def standing(outcome: dict[str, Any]) -> list[str]:
    """The state of the record, without the order in which it was learned: stages, findings, facts and sign-offs."""
    return [one for one in timeless(outcome["items"]) if not any(f'"{kind}' in one for kind in HISTORY)]


HISTORY = ("AUDIT#", "HEAD")
"""What tells in which order things were learned, and so differs between orders."""


@pytest.fixture(scope="module")
def one_by_one(lived: Rehearsal) -> list[str]:
    """How things stand when the eight came one after the other."""
    lived.cloud.restore(lived.scenes[0].before)
    lived.cloud.queue.clear()
    return standing(told_at_once(lived.cloud, None))


@pytest.mark.parametrize("seed", SEEDS)
def test_eight_different_events_of_one_version_at_once_give_the_state_that_any_order_gives(
    lived: Rehearsal, one_by_one: list[str], seed: int
):
    lived.cloud.restore(lived.scenes[0].before)
    lived.cloud.queue.clear()
    found = standing(told_at_once(lived.cloud, seed))
    assert found == one_by_one
