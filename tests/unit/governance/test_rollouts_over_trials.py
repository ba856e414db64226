"""A trial stands at an endpoint, and what comes there next has another profile: only a rollout that SageMaker takes.

AWS, "Deployment guardrails", exclusions: the variants before and after have the same names.
"""

from typing import Any

import pytest

from governance.domain.deployment_profile import DeploymentProfile, PublishedProfile
from governance.domain.model_group import ModelGroup
from governance.domain.record import stage_records
from tests.builders import KATHERINE, after, group_arn, moved, package_arn
from tests.unit.governance.deliveries import ACTS, LISTENERS, Deliveries
from tests.unit.governance.recalls import (
    EIGHT,
    NINE,
    PRODUCTION,
    SEVEN,
    announced,
    ask,
    born,
    sound,
    to_production,
    to_test,
)
from tests.unit.governance.test_retiring import retired
from tests.unit.governance.test_trials import SHADOW, WEIGHTED, bundle, decided
from tests.world import World

TEN = package_arn(version=10)


FOUR = {"instances": {"type": "ml.m5.large", "count": 4}}
CANARY = {"kind": "canary", "percent": 25, "wait_seconds": 600, "bake_seconds": 300}
ROLLING = {"kind": "rolling", "percent": 25, "wait_seconds": 600}


def publish(world: World, number: int, production: dict[str, Any]) -> None:
    """Another profile is in force from now on."""
    document = DeploymentProfile.model_validate(
        {"title": "t", "stages": {"production": {name: said for name, said in {**FOUR, **production}.items() if said}}}
    )
    published = PublishedProfile(document=document, version=number)
    known = world.groups.kept.get(group_arn()) or ModelGroup(arn=group_arn())
    changed = {"deployment_profile": published, "revision": known.revision + 1}
    world.groups.kept[group_arn()] = known.model_copy(update=changed)
    world.profiles.versions[group_arn(), number] = published


def tried_under_the_second(first: dict[str, Any], second: dict[str, Any]) -> Deliveries:
    """Version 7 serves by one profile, and version 8 is tried beside it by the next."""
    deliveries = born(SEVEN)
    world = deliveries.world
    publish(world, 1, first)
    to_production(deliveries, SEVEN, 100)
    publish(world, 2, second)
    world.register(8)
    deliveries.settle()
    to_test(deliveries, EIGHT, 1000)
    world.now.moment = after(1051)
    world.tell(moved(1050, "Test", "Approved", arn=EIGHT), by=KATHERINE)
    deliveries.settle()
    assert deliveries.tries == {PRODUCTION: EIGHT}
    return deliveries


@pytest.mark.parametrize("how", ["rejected", "quarantined"])
def test_a_share_is_taken_away_without_the_rollout_of_the_profile_before(how):
    deliveries = tried_under_the_second({"rollout": CANARY}, {"trial": WEIGHTED})
    world = deliveries.world
    assert bundle(world, SEVEN)["Rollout"] == "CANARY"
    if how == "rejected":
        decided(deliveries, "Rejected", 2000)
    else:
        ask(world, "quarantine", 2000)
        deliveries.settle()
    back = world.deployment(PRODUCTION, SEVEN)
    assert (back.is_return, back.status) == (True, "deployed")
    made = bundle(world, SEVEN)
    assert (made["Rollout"], made["DeploymentId"]) == ("none", back.id)
    assert "where a version is tried as weighted" in made["manifest"]["no_rollout"]
    assert (deliveries.serves[PRODUCTION], deliveries.tries) == (SEVEN, {})
    sound(world)


@pytest.mark.parametrize(
    ("trial", "rollout", "taken"),
    [(WEIGHTED, CANARY, "none"), (SHADOW, CANARY, "CANARY"), (SHADOW, ROLLING, "none"), (WEIGHTED, ROLLING, "none")],
)
def test_a_full_rollout_by_a_later_profile_is_one_that_sagemaker_takes(trial, rollout, taken):
    deliveries = tried_under_the_second({}, {"trial": trial})
    world = deliveries.world
    publish(world, 3, {"rollout": rollout})
    decided(deliveries, "Approved", 2000)
    full = world.deployment(PRODUCTION, EIGHT)
    assert (bool(full.completes), full.status) == (True, "deployed")
    assert bundle(world)["Rollout"] == taken
    assert bool(full.no_rollout) == (taken == "none")
    told = stage_records(world.state(EIGHT))["production"]["deployment_trial"]
    assert told.startswith(f"full rollout of {full.completes}")
    assert ("without the rollout of its profile" in told) == (taken == "none")
    sound(world)


def test_a_later_version_comes_over_a_share_without_a_rollout_and_the_next_has_one_again():
    deliveries = tried_under_the_second({}, {"trial": WEIGHTED})
    world = deliveries.world
    publish(world, 3, {"rollout": CANARY})
    world.register(9)
    deliveries.settle()
    to_production(deliveries, NINE, 2000)
    assert (deliveries.serves[PRODUCTION], deliveries.tries) == (NINE, {})
    assert bundle(world, NINE)["Rollout"] == "none"
    world.register(10)
    deliveries.settle()
    to_production(deliveries, TEN, 3000)
    assert bundle(world, TEN)["Rollout"] == "CANARY"
    ask(world, "roll-back", 4000, TEN, stage="production")
    deliveries.settle()
    assert (world.deployment(PRODUCTION, NINE).is_return, bundle(world, NINE)["Rollout"]) == (True, "CANARY")
    sound(world)


def left_on_trial(trial: dict[str, Any] = WEIGHTED) -> Deliveries:
    """Version 8 came beside version 7, and its pipeline failed when it was to be validated: there it stands."""
    deliveries = born(SEVEN)
    world = deliveries.world
    publish(world, 1, {})
    to_production(deliveries, SEVEN, 100)
    publish(world, 2, {"trial": trial})
    world.register(8)
    deliveries.settle()
    to_test(deliveries, EIGHT, 1000)
    world.now.moment = after(1051)
    world.tell(moved(1050, "Test", "Approved", arn=EIGHT), by=KATHERINE)
    deliveries.hear()
    [execution] = deliveries.running()
    for fails in (False, False, True):
        deliveries.advance(execution, fails=fails)
    deliveries.settle()
    left = world.deployment(PRODUCTION, EIGHT)
    assert (left.status, left.is_left, deliveries.tries) == ("failed", True, {PRODUCTION: EIGHT})
    return deliveries


def remembered(world: World) -> list[str]:
    """The versions that the group knows to be tried in production."""
    return [one.version for one in world.groups.get(group_arn()).tried.get(PRODUCTION, ())]


@pytest.mark.parametrize(
    ("trial", "rollout", "taken"),
    [(WEIGHTED, CANARY, "none"), (SHADOW, CANARY, "CANARY"), (SHADOW, ROLLING, "none")],
)
def test_what_comes_over_a_trial_that_could_not_be_validated_has_a_rollout_that_sagemaker_takes(trial, rollout, taken):
    deliveries = left_on_trial(trial)
    world = deliveries.world
    assert remembered(world) == [EIGHT]
    publish(world, 3, {"rollout": rollout})
    world.register(9)
    deliveries.settle()
    to_production(deliveries, NINE, 2000)
    assert (deliveries.serves[PRODUCTION], deliveries.tries) == (NINE, {})
    assert bundle(world, NINE)["Rollout"] == taken
    assert (remembered(world), world.state(EIGHT).deployment_status(PRODUCTION)) == ([], "superseded")
    world.register(10)
    deliveries.settle()
    to_production(deliveries, TEN, 3000)
    assert bundle(world, TEN)["Rollout"] == rollout["kind"].upper()
    sound(world)


def test_a_trial_that_could_not_be_validated_is_forgotten_when_it_is_taken_away():
    deliveries = left_on_trial()
    world = deliveries.world
    decided(deliveries, "Rejected", 2000)
    assert (deliveries.serves[PRODUCTION], deliveries.tries, remembered(world)) == (SEVEN, {}, [])
    assert world.state(EIGHT).deployment_status(PRODUCTION) == "rolled-back"
    publish(world, 3, {"rollout": CANARY})
    world.register(9)
    deliveries.settle()
    to_production(deliveries, NINE, 3000)
    assert bundle(world, NINE)["Rollout"] == "CANARY"
    sound(world)


def test_a_trial_that_could_not_be_validated_is_gone_with_the_endpoint_that_it_stood_at():
    deliveries = left_on_trial()
    world = deliveries.world
    retired(world, 2000, SEVEN)
    deliveries.settle()
    assert (deliveries.serves.get(PRODUCTION), remembered(world)) == (None, [])
    gone = world.deployment(PRODUCTION, EIGHT)
    assert (gone.status, gone.removed_by) == ("removed", SEVEN)
    ask(world, "quarantine", 3000, EIGHT)
    deliveries.settle()
    assert PRODUCTION not in deliveries.serves
    sound(world)


@pytest.mark.parametrize("name", ["DeploymentFailed", "DeploymentSucceeded"])
def test_the_end_of_a_trial_that_is_over_is_told_again_and_nobody_remembers_it_anew(name):
    deliveries = left_on_trial() if name == "DeploymentFailed" else tried_under_the_second({}, {"trial": WEIGHTED})
    world = deliveries.world
    [told] = [one for one in announced(world, name, EIGHT) if one["stage"] == "production"]
    publish(world, 3, {})
    world.register(9)
    deliveries.settle()
    to_production(deliveries, NINE, 2000)
    for listener in ("start_deployment", "sync_model_group", "roll_back"):
        if name in LISTENERS[listener]:
            ACTS[listener](world, name, told)
    assert remembered(world) == []
    sound(world)


def a_third_on_its_way() -> tuple[Deliveries, str]:
    """Version 9, which is to take the place of the one on trial, and the execution that brings it."""
    deliveries = tried_under_the_second({}, {"trial": WEIGHTED})
    world = deliveries.world
    world.register(9)
    deliveries.settle()
    to_test(deliveries, NINE, 2000)
    world.now.moment = after(2051)
    world.tell(moved(2050, "Test", "Approved", arn=NINE), by=KATHERINE)
    deliveries.hear()
    [execution] = deliveries.running()
    return deliveries, execution


def test_a_trial_that_failed_before_it_came_to_the_endpoint_is_not_remembered():
    deliveries, execution = a_third_on_its_way()
    world = deliveries.world
    for fails in (False, True):
        deliveries.advance(execution, fails=fails)
    deliveries.settle()
    assert (world.deployment(PRODUCTION, NINE).is_left, remembered(world)) == (False, [EIGHT])
    sound(world)


def test_a_trial_that_was_stopped_after_it_had_come_is_remembered_until_what_served_is_alone_again():
    deliveries, execution = a_third_on_its_way()
    world = deliveries.world
    for _ in range(2):
        deliveries.advance(execution)
    ask(world, "quarantine", 2100, NINE)
    deliveries.hear()
    deliveries.advance(execution)
    assert world.deployment(PRODUCTION, NINE).is_left
    deliveries.settle()
    assert (deliveries.serves[PRODUCTION], deliveries.tries, remembered(world)) == (SEVEN, {}, [])
    sound(world)
