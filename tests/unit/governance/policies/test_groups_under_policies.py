"""A group stands under the version of its policy that is in force, whenever it is looked at."""

import pytest

from governance.domain.model_group import ModelGroup
from governance.domain.published import DEFAULT
from governance.domain.use_case import ModelRisk
from tests.builders import group_arn, package_arn
from tests.reconciling import ReconciledWorld
from tests.world import World

GROUP = group_arn()
LATER = DEFAULT.model_copy(update={"version": DEFAULT.version + 1})
OURS = DEFAULT.model_copy(
    update={"document": DEFAULT.document.model_copy(update={"name": "house"}), "version": 1},
)


@pytest.fixture
def world() -> World:
    made = World()
    made.register()
    return made


def onboarded(world: World) -> ModelGroup:
    world.grouping.onboard(package_arn(), "correlation")
    return world.groups.kept[GROUP]


def test_a_new_group_is_under_what_is_in_force_and_listed_there(world):
    world.groups.active["default"] = LATER
    group = onboarded(world)
    assert (group.policy, group.in_force, group.listed) == (LATER.id, LATER, "default")
    assert world.groups.members == {"default": {GROUP}}


def test_a_group_of_an_earlier_release_is_listed_and_catches_up(world):
    world.groups.kept[GROUP] = ModelGroup.model_validate({"arn": GROUP, "policy": "default@1", "revision": 4})
    group = onboarded(world)
    assert (group.policy, group.listed, group.revision) == (DEFAULT.id, "default", 5)


def test_a_group_that_was_put_under_another_policy_before_its_first_version_stays_there(world):
    world.groups.active["house"] = OURS
    world.groups.kept[GROUP] = ModelGroup(arn=GROUP, revision=1, listed="house").under(OURS)
    assert onboarded(world).in_force == OURS
    assert world.groups.members == {}


def test_catching_up_twice_changes_nothing(world):
    onboarded(world)
    world.groups.active["default"] = LATER
    assert world.grouping.catch_up(GROUP)
    before = world.groups.kept[GROUP]
    assert not world.grouping.catch_up(GROUP)
    assert world.groups.kept[GROUP] == before
    assert not world.grouping.catch_up(group_arn("never-seen"))


def test_the_reconciler_finds_a_group_that_a_publication_did_not_reach():
    world = ReconciledWorld()
    world.register()
    onboarded(world)
    world.groups.active["default"] = LATER
    assert world.reconcile(dry_run=True).counts.get("policies") is None
    assert world.groups.kept[GROUP].in_force == DEFAULT
    assert world.reconcile().counts["policies"] == 1
    assert world.groups.kept[GROUP].in_force == LATER
    assert world.reconcile().counts.get("policies") is None


@pytest.mark.parametrize("said", ["low", "medium", "nonsense"])
def test_whoever_registers_a_version_does_not_lower_what_is_asked_of_it(said):
    world = World()
    world.register(CustomerMetadataProperties={"steward:risk": said, "steward:project": "loans"})
    profile = world.state().profile
    assert (profile.model_risk, profile.project) == (ModelRisk.HIGH, "loans")
    world.registry.group_tags[GROUP] = {"steward:risk": "low"}
    world.grouping.onboard(package_arn(), "correlation")
    assert world.state().profile.model_risk is ModelRisk.LOW
