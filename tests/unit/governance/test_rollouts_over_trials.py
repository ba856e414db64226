"""A trial stands at an endpoint, and what comes there next has another profile: only a rollout that SageMaker takes.

AWS, "Deployment guardrails", exclusions: the variants before and after have the same names.
"""

from typing import Any

import pytest

from governance.domain.deployment_profile import DeploymentProfile, PublishedProfile
from governance.domain.model_group import ModelGroup
from governance.domain.record import stage_records
from tests.builders import KATHERINE, after, group_arn, moved, package_arn
from tests.unit.governance.deliveries import Deliveries
from tests.unit.governance.recalls import EIGHT, NINE, PRODUCTION, SEVEN, ask, born, sound, to_production, to_test
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
