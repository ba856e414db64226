"""An officer sets how versions are deployed; a deployment goes by what was in force when it was requested."""

import json
import zipfile
from io import BytesIO
from typing import Any

import pytest

from governance.domain.bundle import pack
from governance.domain.deployment_profile import BUILT_IN, PublishedProfile
from governance.domain.errors import DeploymentRefused, RecordDamaged, Refused, StaleVersion
from governance.domain.lifecycle import Stage
from governance.domain.orders_on_profiles import SetDeploymentProfile
from governance.domain.people import Pseudonyms
from governance.ports.identity import Caller
from governance.services.profiles import Profiling, pinned
from tests.builders import KATHERINE, MARY, PERSON_KEY, after, approved, group_arn, package_arn
from tests.fakes_of_policies import InMemoryPolicies
from tests.unit.governance.policies.office import AUTHORITY, DOROTHY
from tests.unit.governance.test_rollbacks import SEVEN, unjustified
from tests.world import TEMPLATE, World

GROUP = group_arn()
NOW = after(30)


def profile(count: int) -> dict[str, Any]:
    return {"title": f"{count} instances", "stages": {"test": {"instances": {"count": count}}}}


class Desk:
    """Officers who set profiles in a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.profiling = Profiling(world.profiles, world.groups, InMemoryPolicies(world.groups), AUTHORITY)
        self.count = 0

    def set(self, document: dict[str, Any], by: Any = KATHERINE, **more: Any) -> dict[str, Any]:
        self.count += 1
        common = {"function": "f", "request_id": f"request-{self.count:04d}", "why": "as decided", "group": GROUP}
        told = {**common, "command": "set-deployment-profile", "document": document, **more}
        order = SetDeploymentProfile.model_validate(told)
        return self.profiling.carry_out(order, Caller(person=by, at=NOW), NOW)

    @property
    def chain(self) -> list[dict[str, Any]]:
        return [one.content for one in self.world.profiles.journal.entries.get(f"PROFILE#{GROUP}", [])]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def requested(world: World, arn: str = "", at: int = 60) -> Any:
    """A version that was approved, so that its deployment to test is requested."""
    arn = arn or package_arn()
    world.register(int(arn.rsplit("/")[-1]))
    world.seal(arn)
    world.tell(approved(at, arn=arn))
    world.now.moment = after(at + 1)
    return world.deployment(Stage.TEST, arn)


def bundle(world: World, arn: str = "") -> tuple[dict[str, str], dict[str, Any]]:
    """The parameters and the manifest that a deployment was handed over with."""
    content = world.bundles.get(world.deployment(Stage.TEST, arn or package_arn()).bundle_key)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        told = json.loads(archive.read("configuration.json"))["Parameters"]
        return told, json.loads(archive.read("manifest.json"))


def test_a_profile_is_numbered_in_its_group_and_on_the_groups_chain(desk: Desk):
    assert desk.set(profile(2)) == {
        "group": GROUP, "profile": "profile@1", "profile_hash": desk.world.profiles.version(GROUP, 1).hash,
        "replaces": "profile@0", "changed": True, "would_change": False,
    }  # fmt: skip
    assert desk.set(profile(3))["profile"] == "profile@2"
    assert [one["new"]["version"] for one in desk.chain] == ["profile@1", "profile@2"]
    assert desk.chain[1]["old"]["version"] == "profile@1"
    assert {one["who"] for one in desk.chain} == {Pseudonyms(PERSON_KEY).person(KATHERINE).id}


def test_the_same_profile_again_changes_nothing(desk: Desk):
    desk.set(profile(2))
    again = desk.set(profile(2) | {"schema_version": 1})
    assert (again["profile"], again["changed"], len(desk.chain)) == ("profile@1", False, 1)


def test_a_dry_run_says_what_would_be_and_changes_nothing(desk: Desk):
    told = desk.set(profile(2), dry_run=True)
    assert (told["profile"], told["changed"], told["would_change"]) == ("profile@1", False, True)
    assert (desk.chain, desk.world.groups.get(GROUP)) == ([], None)


@pytest.mark.parametrize("who", [MARY, DOROTHY])
def test_nobody_but_an_officer_sets_one(desk: Desk, who: Any):
    with pytest.raises(Refused, match="not-entitled"):
        desk.set(profile(2), by=who)
    assert desk.chain == []


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"title": "x", "stages": {"test": {"instances": {"cuont": 2}}}}, "did you mean count"),
        ({"title": "x", "stages": {"test": {"rollout": {"kind": "canary", "percent": 10}}}}, "two at least"),
        ({"stages": {}}, "title: it is missing"),
        ({"title": "x", "description": "d" * 5000}, "description"),
    ],
)
def test_what_is_no_profile_is_refused_where_it_arrives(desk: Desk, document: dict[str, Any], said: str):
    with pytest.raises(Refused, match="no-profile") as refused:
        desk.set(document)
    assert said in refused.value.detail
    assert desk.chain == []


def test_a_profile_that_does_not_fit_into_the_groups_head_is_refused(desk: Desk):
    business = {"namespace": "Desk", "metric": "m", "trips": "above", "threshold": 1.0}
    business["dimensions"] = {f"{number}{'d' * 250}": "v" * 255 for number in range(10)}
    rollout = {"kind": "all-at-once", "bake_seconds": 60}
    stage = {"rollout": rollout, "rollback_alarms": {"business": business}}
    stages = dict.fromkeys(("test", "pre-production", "production"), stage)
    with pytest.raises(Refused, match="16,384 are the most"):
        desk.set({"title": "x", "description": "d" * 3000, "stages": stages})


def test_who_is_overtaken_looks_again_and_gives_up_where_nothing_holds_still(desk: Desk, monkeypatch):
    keep, refusals = desk.world.profiles.keep, iter([True, True, False])

    def contended(group: Any, deed: Any) -> None:
        if next(refusals, True):
            raise StaleVersion(group.arn)
        keep(group, deed)

    monkeypatch.setattr(desk.world.profiles, "keep", contended)
    assert desk.set(profile(2))["changed"]
    with pytest.raises(StaleVersion):
        desk.set(profile(3))


def test_without_a_profile_a_deployment_is_by_the_built_in_one(world: World):
    asked = requested(world)
    assert (asked.profile, asked.profile_hash) == (BUILT_IN.id, BUILT_IN.hash)
    world.start(Stage.TEST)
    parameters, manifest = bundle(world)
    assert (parameters["InstanceCount"], parameters["Rollout"]) == ("1", "none")
    assert manifest["deployment_profile"] == "profile@0"


def test_a_deployment_is_by_the_profile_of_its_request_whatever_is_in_force_when_it_is_handed_over(desk: Desk):
    world = desk.world
    desk.set(profile(2))
    asked = requested(world)
    desk.set(profile(5))
    world.start(Stage.TEST)
    parameters, manifest = bundle(world)
    assert parameters["InstanceCount"] == "2"
    assert (manifest["deployment_profile"], manifest["deployment_profile_hash"]) == ("profile@1", asked.profile_hash)
    world.verify(Stage.TEST)


def test_a_bundle_that_is_made_again_has_the_same_bytes_also_after_another_profile_is_in_force(desk: Desk):
    world = desk.world
    desk.set(profile(2))
    asked = requested(world)
    keys = set()
    state = world.state()
    for count in (3, 4):
        found = pinned(world.profiles, GROUP, asked)
        world.promotion.hand_over(state, asked, found, "c")
        keys |= set(world.bundles.kept)
        desk.set(profile(count))
    assert len(keys) == 1


@pytest.mark.parametrize("known", [True, False], ids=["bundle on record", "execution not on record yet"])
def test_the_last_gate_lets_the_bundle_by_the_pinned_profile_through_and_no_other(desk: Desk, known: bool):
    world = desk.world
    desk.set(profile(2))
    asked = requested(world)
    desk.set(profile(5))
    asked = world.start(Stage.TEST) if known else asked
    right, wrong = (
        world.bundles.put(pack(TEMPLATE, world.state(), asked, "steward", one.document))
        for one in (world.profiles.versions[GROUP, 1], world.profiles.versions[GROUP, 2])
    )
    execution = asked.execution_id or "e-1"
    with pytest.raises(DeploymentRefused, match="is not the bundle of"):
        world.knock(package_arn(), Stage.TEST, asked.id, execution, wrong)
    world.bundles.kept[f"steward-deploy-test/Bundle/{execution}"] = world.bundles.kept[right]
    world.knock(package_arn(), Stage.TEST, asked.id, execution, right)


def test_the_next_version_is_by_the_profile_in_force_by_then(desk: Desk):
    world = desk.world
    requested(world)
    world.start(Stage.TEST)
    world.end(Stage.TEST)
    desk.set(profile(2))
    second = package_arn(version=8)
    assert requested(world, second, 120).profile == "profile@1"


def test_a_deployment_whose_profile_is_not_there_is_not_started(desk: Desk):
    world = desk.world
    desk.set(profile(2))
    requested(world)
    world.profiles.versions[GROUP, 1] = PublishedProfile(document=BUILT_IN.document, version=1)
    for _ in range(2):
        with pytest.raises(RecordDamaged, match="which is not there"):
            world.start(Stage.TEST)
        world.profiles.versions.clear()
    assert world.deployment(Stage.TEST).execution_id == ""
    assert world.bundles.kept == {}


def test_what_was_requested_before_there_were_profiles_pins_none_and_is_deployed_as_it_was(world: World):
    asked = requested(world).model_copy(update={"profile": "", "profile_hash": ""})
    assert asked.pins == {}
    assert pinned(world.profiles, GROUP, asked) == BUILT_IN.document


def test_a_version_that_returns_does_so_as_it_last_served_and_not_by_what_may_have_broken_the_other():
    deliveries = unjustified(SEVEN)
    desk = Desk(deliveries.world)
    desk.set(profile(5))
    deliveries.settle()
    first, back = sorted(desk.world.state(SEVEN).deployments.values(), key=lambda one: one.requested_at)
    assert back.is_return
    assert (back.profile, back.profile_hash) == (first.profile, first.profile_hash) == ("profile@0", BUILT_IN.hash)
