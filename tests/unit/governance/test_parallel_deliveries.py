"""Deliveries at once: whoever read the record before another wrote it decides again, and all is told once."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from governance.domain.audit import breaks
from governance.domain.errors import StaleVersion
from governance.domain.fold import fold
from governance.domain.lifecycle import ModelStatus, Stage
from governance.ports.ledger import Change
from governance.services.recording import ATTEMPTS
from tests.builders import KATHERINE, MARY, after, approved, call, change, described, moved, package_arn, rejected
from tests.world import World

Delivery = Callable[[World], Any]


def deliver_in_between(world: World, deliveries: list[Delivery]) -> None:
    """Each delivery begins after the one before it has read the record and before that one writes."""
    save = world.ledger.save
    waiting = list(deliveries)

    def save_after_the_others(change: Change) -> None:
        if waiting:
            waiting.pop(0)(world)
        save(change)

    world.ledger.save = save_after_the_others
    while waiting:
        waiting.pop(0)(world)
    world.ledger.save = save


def registered_and_sealed() -> World:
    world = World()
    world.register()
    world.seal()
    world.registry.packages[package_arn()] = described(moved(75, "Test", "Approved"), by=KATHERINE)
    world.now.moment = after(80)
    return world


EVENTS: dict[str, Delivery] = {
    "approved in development": lambda world: world.deliver(approved(60)),
    "approved in test": lambda world: world.deliver(moved(75, "Test", "Approved")),
    "who approved": lambda world: world.synchronisation.identify(
        call(60, by=MARY, modelApprovalStatus="Approved"), "event-9"
    ),
    "metadata": lambda world: world.deliver(
        change(70, "Approved", UpdatedModelPackageFields=["CustomerMetadataProperties"])
    ),
}


@pytest.mark.parametrize("order", list(permutations(EVENTS)))
def test_different_events_at_once_give_what_they_give_one_after_the_other(order):
    alone, together = registered_and_sealed(), registered_and_sealed()
    for name in EVENTS:
        EVENTS[name](alone)
    deliver_in_between(together, [EVENTS[name] for name in order])
    state = together.state()
    assert {stage: known.status for stage, known in state.stages.items()} == {
        stage: known.status for stage, known in alone.state().stages.items()
    }
    assert state.deployments.keys() == alone.state().deployments.keys()
    assert state == fold(together.ledger.facts(package_arn()))
    assert breaks(together.ledger.entries[package_arn()]) == []


@pytest.mark.parametrize("count", [2, 5, ATTEMPTS])
@pytest.mark.parametrize("event", [approved(60), rejected(60)])
def test_one_event_delivered_many_times_at_once_is_recorded_once(event, count):
    world = World()
    world.register()
    world.seal()
    world.registry.packages[package_arn()] = described(event)
    world.now.moment = after(61)
    deliver_in_between(world, [lambda world: world.deliver(event)] * count)
    told = [fact.fingerprint for fact in world.ledger.facts(package_arn())]
    assert len(told) == len(set(told))
    assert world.ledger.events(package_arn()).count("DeploymentRequested") == (
        event.model_approval_status == "Approved"
    )
    wanted = ModelStatus.APPROVED if event.model_approval_status == "Approved" else ModelStatus.REJECTED
    assert world.state().stage(Stage.DEVELOPMENT).status is wanted


def test_a_registration_delivered_many_times_at_once_is_announced_once():
    world = World()
    world.registry.packages[package_arn()] = described(change(0))
    deliver_in_between(world, [lambda world: world.deliver(change(0))] * ATTEMPTS)
    assert world.ledger.events(package_arn()) == ["ModelVersionRegistered", "SealingRequested"]


def test_a_record_that_never_holds_still_is_left_to_the_events_own_retries():
    world = World()
    world.register()

    def refused(change: Change) -> None:
        raise StaleVersion(change.after.model.arn)

    world.ledger.save = refused
    before = world.state()
    world.registry.packages[package_arn()] = described(approved(60))
    with pytest.raises(StaleVersion):
        world.deliver(approved(60))
    assert world.state() == before
