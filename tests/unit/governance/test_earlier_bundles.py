"""A return deploys the very bundle by which its version served; where it cannot, one of the same bytes is packed."""

import json
from dataclasses import replace
from typing import Any

import pytest

from governance.domain.bundle import MANIFEST, TEMPLATE, Templates, contents, contradictions, manifest, unpack
from governance.domain.deployment import Deployment
from governance.services.bundling import Bundling
from tests.unit.governance.deliveries import Deliveries
from tests.unit.governance.recalls import EIGHT, NINE, SEVEN, TEST, ask, born, rollbacks, sound, to_test
from tests.world import World

SAME = ("specification", "sealing", "artifacts", "images", "deployment_profile", "deployment_profile_hash")
"""What has to be the same of a version, whichever bundle it returns by."""


def served(*versions: str) -> Deliveries:
    """Versions that served in test, one after the other."""
    deliveries = born(*versions)
    for number, arn in enumerate(versions):
        to_test(deliveries, arn, 100 * (number + 1))
    return deliveries


def of(world: World, arn: str = SEVEN) -> list[Deployment]:
    """A version's deployments in test, the earliest first."""
    return sorted(world.state(arn).deployments.values(), key=lambda one: one.requested_at)


def taken_back(deliveries: Deliveries, at: float, arn: str = EIGHT) -> Deployment:
    """Somebody takes a version back, and version 7 returns."""
    ask(deliveries.world, "roll-back", at, arn, stage="test")
    deliveries.settle()
    assert deliveries.serves[TEST] == SEVEN
    return of(deliveries.world)[-1]


def later_release(world: World) -> None:
    """Steward is installed anew, with another template."""
    templates = Templates(**{name: f"# a later release\n{text}" for name, text in world.promotion.templates})
    world.promotion = replace(world.promotion, templates=templates)
    world.gatekeeping = replace(world.gatekeeping, templates=templates)


@pytest.mark.parametrize("release", [lambda world: None, later_release])
def test_a_return_is_a_new_execution_of_the_bundle_that_served(release):
    deliveries = served(SEVEN, EIGHT)
    world = deliveries.world
    release(world)
    back = taken_back(deliveries, 1000)
    first = of(world)[0]
    assert (back.returns, back.bundle_key) == (first.id, first.bundle_key)
    assert back.execution_id not in {"", first.execution_id}
    assert back.claimed_by == back.execution_id, "it was verified again"
    sound(world)


def test_a_version_that_returns_again_returns_by_the_same_bundle():
    deliveries = served(SEVEN, EIGHT)
    world = deliveries.world
    taken_back(deliveries, 1000)
    world.register(9)
    deliveries.settle()
    to_test(deliveries, NINE, 2000)
    taken_back(deliveries, 3000, NINE)
    keys = [one.bundle_key for one in of(world)]
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert unpack(world.bundles.get(keys[0]))["deployment_id"] == of(world)[0].id


def lost(world: World, key: str) -> None:
    del world.bundles.kept[key]


def damaged(world: World, key: str) -> None:
    world.bundles.kept[key] = b"no archive at all"


def altered(world: World, key: str) -> None:
    world.bundles.kept[key] += b" "


@pytest.mark.parametrize("harm", [lost, damaged, altered])
def test_where_it_is_not_what_it_was_one_of_the_same_bytes_is_packed_by_the_present_template(harm):
    deliveries = served(SEVEN, EIGHT)
    world = deliveries.world
    first = of(world)[0]
    told = unpack(world.bundles.get(first.bundle_key))
    later_release(world)
    harm(world, first.bundle_key)
    back = taken_back(deliveries, 1000)
    assert back.bundle_key != first.bundle_key
    packed = world.bundles.get(back.bundle_key)
    assert {name: unpack(packed).get(name) for name in SAME} == {name: told.get(name) for name in SAME}
    assert contents(packed)[TEMPLATE].startswith(b"# a later release")
    assert rollbacks(world) == [("test", "roll-back", "rolled-back")]


@pytest.mark.parametrize("name", SAME[:4])
def test_a_bundle_that_says_something_else_of_what_runs_is_not_deployed_again(name):
    world = served(SEVEN, EIGHT).world
    state, first = world.state(SEVEN), of(world)[0]
    told: dict[str, Any] = json.loads(json.dumps(manifest(state, first)))
    assert contradictions(state, first, told, first) == []
    assert contradictions(state, first, {**told, "approved_by": "somebody else"}, first) == []
    assert contradictions(state, first, {**told, "approved_by": "somebody else"}, None)
    assert contradictions(state, first, {**told, name: "something else"}, first)
    assert contradictions(state, first, {**told, "deployment_id": "deploy-of-another"}, first)


def test_what_the_bundle_is_called_is_known_before_its_start_is_on_record():
    deliveries = served(SEVEN, EIGHT)
    world = deliveries.world
    back = taken_back(deliveries, 1000)
    unstarted = back.model_copy(update={"bundle_key": ""})
    bundling = Bundling(world.bundles, "steward", world.promotion.templates)
    assert bundling.key(world.state(SEVEN), unstarted, lambda: pytest.fail("nothing is packed")) == back.bundle_key


def test_an_ordinary_deployment_has_a_bundle_of_its_own():
    world = served(SEVEN, EIGHT).world
    keys = {one.bundle_key for arn in (SEVEN, EIGHT) for one in of(world, arn)}
    assert len(keys) == 2
    for key in keys:
        assert json.loads(contents(world.bundles.get(key))[MANIFEST])["deployment_id"]
