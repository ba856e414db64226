"""CloudTrail tells of every version that anybody changed; of those without a record only a new one is waited for."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from governance.domain.errors import UnknownModelVersion
from governance.services.synchronisation import ON_ITS_WAY
from tests.builders import ADA, BORN, MARY, approved, call, change, described, package_arn
from tests.world import World

CALL = {"modelApprovalStatus": "Approved"}


@pytest.fixture
def at() -> Callable[[timedelta], World]:
    """A world that has never heard of a version, so long after it was made."""

    def world(age: timedelta) -> World:
        made = World(now=lambda: BORN + age)
        made.registry.packages[package_arn()] = described(change(0), ADA)
        return made

    return world


def test_a_call_about_a_version_from_before_governance_leaves_nothing_behind(at):
    world = at(ON_ITS_WAY)
    assert world.synchronisation.identify(call(60, MARY, **CALL), "c") is None
    assert world.ledger.open(package_arn()).state is None


def test_a_call_about_a_version_that_the_registry_no_longer_has_leaves_nothing_behind(at):
    world = at(timedelta(0))
    world.registry.packages.clear()
    assert world.synchronisation.identify(call(60, MARY, **CALL), "c") is None


def test_a_call_that_overtakes_the_first_event_of_a_version_waits_for_it(at):
    world = at(ON_ITS_WAY - timedelta(seconds=1))
    with pytest.raises(UnknownModelVersion):
        world.synchronisation.identify(call(60, MARY, **CALL), "c")
    world.deliver(change(0))
    world.deliver(approved(60))
    world.synchronisation.identify(call(60, MARY, **CALL), "c")
    assert "steward-model-owner" in world.state().stages["development"].decision.person.arn
