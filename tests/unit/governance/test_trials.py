"""A version is tried beside the one that serves; its stage's own approval rolls it out, its rejection removes it."""

import json
from typing import Any

import pytest

from governance.domain.bundle import CONFIGURATION, TEMPLATE, contents, unpack
from governance.domain.deployment_profile import DeploymentProfile, PublishedProfile
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup
from governance.ports.inspection import EndpointSeen
from governance.services.comparing_deployments import as_compared, drift
from tests.builders import KATHERINE, after, approved, group_arn, moved, specification
from tests.unit.governance.deliveries import Deliveries
from tests.unit.governance.recalls import (
    EIGHT,
    NINE,
    PRODUCTION,
    SEVEN,
    announced,
    ask,
    born,
    rollbacks,
    serving,
    sound,
    to_production,
    to_test,
)
from tests.world import World, open_findings

SHADOW, WEIGHTED = {"kind": "shadow", "percent": 20}, {"kind": "weighted", "percent": 10}


def with_profile(world: World, trial: dict[str, Any] | None, number: int = 1) -> None:
    """The group tries versions in production from now on."""
    stages = {"production": {"trial": trial}} if trial else {}
    published = PublishedProfile(
        document=DeploymentProfile.model_validate({"title": "tried", "stages": stages}), version=number
    )
    known = world.groups.kept.get(group_arn()) or ModelGroup(arn=group_arn())
    world.groups.kept[group_arn()] = known.model_copy(
        update={"deployment_profile": published, "revision": known.revision + 1}
    )
    world.profiles.versions[group_arn(), number] = published


def approved_in_test(trial: dict[str, Any] = SHADOW, *before: str) -> Deliveries:
    """Version 8 was just approved in test, in a group that tries what comes to production; version 7 serves there."""
    deliveries = serving(*(before or (SEVEN,)))
    world = deliveries.world
    with_profile(world, trial)
    world.register(8)
    deliveries.settle()
    to_test(deliveries, EIGHT, 1000)
    world.now.moment = after(1051)
    world.tell(moved(1050, "Test", "Approved", arn=EIGHT), by=KATHERINE)
    return deliveries


def tried(trial: dict[str, Any] = SHADOW, *before: str) -> Deliveries:
    """And it is tried in production beside the one that serves."""
    deliveries = approved_in_test(trial, *before)
    served = deliveries.serves[PRODUCTION]
    deliveries.settle()
    assert (deliveries.serves[PRODUCTION], deliveries.tries[PRODUCTION]) == (served, EIGHT)
    return deliveries


def decided(deliveries: Deliveries, status: str, at: float, arn: str = EIGHT) -> None:
    """Somebody decides on a version in production, and everybody hears of it."""
    deliveries.world.now.moment = max(deliveries.world.now.moment, after(at + 1))
    deliveries.world.tell(moved(at, "Production", status, arn=arn), by=KATHERINE)
    deliveries.settle()


def bundle(world: World, arn: str = EIGHT) -> dict[str, Any]:
    """What the latest deployment in production consists of."""
    content = world.bundles.get(world.deployment(PRODUCTION, arn).bundle_key)
    told = json.loads(contents(content)[CONFIGURATION])["Parameters"]
    return {**told, "manifest": unpack(content), "template": contents(content)[TEMPLATE].decode()}


def test_what_serves_goes_on_beside_what_is_tried_and_both_are_pinned():
    world = tried().world
    assert world.state(SEVEN).deployment_status(PRODUCTION) == "deployed"
    deployment = world.deployment(PRODUCTION, EIGHT)
    assert (deployment.status, deployment.beside.version) == ("deployed", SEVEN)
    made = bundle(world)
    assert (made["Trial"], made["TrialWeight"], made["ServingWeight"]) == ("shadow", "20", "100")
    assert made["ServingModelPackageArn"] == SEVEN
    serves = world.state(SEVEN)
    beside = made["manifest"]["beside"]
    assert (beside["version"], beside["sealing"]) == (SEVEN, serves.sealing.effect_id)
    assert beside["images"] == [serves.containers[0].pinned_image]
    assert serves.sealing.artifacts[0].uri in made["template"]
    group = world.groups.get(group_arn())
    assert group.serving[PRODUCTION].version == SEVEN
    [told] = [one for one in announced(world, "DeploymentSucceeded", EIGHT) if one["stage"] == "production"]
    assert (told["trial"], told["beside"]) == ("shadow", SEVEN)
    assert world.ledger.serving(deployment.endpoint_arn) == (SEVEN, PRODUCTION)
    sound(world)


def test_the_stages_own_approval_is_the_full_rollout():
    deliveries = tried(WEIGHTED)
    world = deliveries.world
    trial = world.deployment(PRODUCTION, EIGHT)
    decided(deliveries, "Approved", 2000)
    full = world.deployment(PRODUCTION, EIGHT)
    assert (full.status, full.completes, full.cause) == (
        "deployed",
        trial.id,
        world.state(EIGHT).stage(PRODUCTION).basis,
    )
    assert (deliveries.serves[PRODUCTION], deliveries.tries) == (EIGHT, {})
    assert bundle(world)["Trial"] == "none"
    assert world.state(SEVEN).deployment_status(PRODUCTION) == "superseded"
    assert world.state(EIGHT).deployments[trial.id].status == "superseded"
    group = world.groups.get(group_arn())
    assert (group.serving[PRODUCTION].version, dict(group.tried)) == (EIGHT, {})
    deliveries.settle()
    assert world.deployment(PRODUCTION, EIGHT).id == full.id
    sound(world)


def test_its_rejection_removes_it_and_what_served_serves_alone():
    deliveries = tried(WEIGHTED)
    world = deliveries.world
    decided(deliveries, "Rejected", 2000)
    assert (deliveries.serves[PRODUCTION], deliveries.tries) == (SEVEN, {})
    assert rollbacks(world) == [("production", "roll-back", "rolled-back")]
    assert world.state(EIGHT).deployment_status(PRODUCTION) == "rolled-back"
    assert world.state(SEVEN).deployment_status(PRODUCTION) == "deployed"
    assert world.groups.get(group_arn()).serving[PRODUCTION].version == SEVEN
    assert [one["stage"] for one in announced(world, "ModelRolledBack")] == ["production"]
    assert world.state(EIGHT).deployment_status(Stage.TEST) == "deployed"
    sound(world)


def test_where_nothing_serves_there_is_nothing_to_stand_beside_and_the_record_says_so():
    deliveries = born(EIGHT)
    with_profile(deliveries.world, SHADOW)
    to_production(deliveries, EIGHT, 1000)
    assert (deliveries.serves[PRODUCTION], deliveries.tries) == (EIGHT, {})
    arranged = deliveries.world.deployment(PRODUCTION, EIGHT).arrangement
    assert (arranged.trial, "no other version serves" in arranged.why) == (None, True)
    assert bundle(deliveries.world)["manifest"]["at_once"] == arranged.why
    decided(deliveries, "Approved", 2000)
    assert len([one for one in deliveries.world.state(EIGHT).deployments.values() if one.stage is PRODUCTION]) == 1
    sound(deliveries.world)


def test_each_step_has_an_entry_of_its_own_that_says_what_the_stage_does():
    deliveries = tried()
    decided(deliveries, "Approved", 2000)
    entries = deliveries.world.ledger.entries[EIGHT]
    steps = [one.content["new"]["production.trial"] for one in entries if "production.trial" in one.content["new"]]
    trial, full = steps
    assert trial == f"shadow, 20 percent, beside {SEVEN}"
    assert full.startswith("full rollout of deploy-")


def test_an_approval_from_before_the_trial_says_nothing_of_it():
    deliveries = approved_in_test()
    world = deliveries.world
    world.now.moment = after(1056)
    world.tell(moved(1055, "Production", "Approved", arn=EIGHT), by=KATHERINE)
    world.now.moment = after(1100)
    deliveries.settle()
    assert deliveries.tries[PRODUCTION] == EIGHT
    [finding] = [one for one in world.state(EIGHT).findings.values() if one.code == "trial-not-decided"]
    assert (finding.is_open, "approve it in production again" in finding.remedy) == (True, True)
    decided(deliveries, "Approved", 2000)
    assert deliveries.serves[PRODUCTION] == EIGHT
    assert "trial-not-decided" not in open_findings(world, EIGHT)


def test_what_is_tried_and_nobody_approved_yet_is_no_finding():
    deliveries = tried()
    assert "trial-not-decided" not in open_findings(deliveries.world, EIGHT)


def test_what_is_rejected_before_its_turn_is_not_begun_and_while_it_comes_is_stopped():
    deliveries = approved_in_test()
    world = deliveries.world
    deliveries.hear()
    world.now.moment = after(1061)
    world.tell(moved(1060, "Production", "Rejected", arn=EIGHT), by=KATHERINE)
    deliveries.settle()
    assert (deliveries.serves[PRODUCTION], deliveries.tries) == (SEVEN, {})
    assert rollbacks(world) == [("production", "stop", "stopped")]
    sound(world)


@pytest.mark.parametrize("status", ["Approved", "Rejected"])
def test_what_is_quarantined_while_it_is_tried_is_removed_and_safe(status):
    deliveries = tried()
    world = deliveries.world
    ask(world, "quarantine", 3000, EIGHT)
    deliveries.settle()
    assert (deliveries.serves[PRODUCTION], deliveries.tries) == (SEVEN, {})
    assert world.state(EIGHT).quarantine.safe_at is not None
    decided(deliveries, status, 4000)
    assert (deliveries.serves[PRODUCTION], deliveries.tries) == (SEVEN, {})
    sound(world)


def test_a_quarantine_after_the_full_rollout_is_safe_as_well():
    deliveries = tried()
    decided(deliveries, "Approved", 2000)
    ask(deliveries.world, "quarantine", 3000, EIGHT)
    deliveries.settle()
    assert deliveries.serves[PRODUCTION] == SEVEN
    assert deliveries.world.state(EIGHT).quarantine.safe_at is not None
    sound(deliveries.world)


def test_where_what_serves_is_taken_back_the_version_before_it_serves_alone_and_the_trial_is_over():
    deliveries = tried(SHADOW, NINE, SEVEN)
    world = deliveries.world
    ask(world, "quarantine", 3000, SEVEN)
    deliveries.settle()
    assert (deliveries.serves[PRODUCTION], deliveries.tries) == (NINE, {})
    assert world.state(SEVEN).quarantine.safe_at is not None
    assert world.state(EIGHT).deployment_status(PRODUCTION) == "superseded"
    assert "deployment-unjustified" not in open_findings(world, EIGHT)
    decided(deliveries, "Approved", 4000)
    assert deliveries.serves[PRODUCTION] == NINE
    sound(world)


def test_where_nothing_can_return_for_what_serves_the_approval_of_the_trial_replaces_it():
    deliveries = tried()
    world = deliveries.world
    ask(world, "quarantine", 3000, SEVEN)
    deliveries.settle()
    assert "rollback-impossible" in open_findings(world, SEVEN)
    decided(deliveries, "Approved", 4000)
    assert (deliveries.serves[PRODUCTION], deliveries.tries) == (EIGHT, {})
    assert "rollback-impossible" not in open_findings(world, SEVEN)
    assert world.state(SEVEN).quarantine.safe_at is not None
    sound(world)


def test_the_last_gate_refuses_a_trial_beside_what_may_not_serve_any_more():
    deliveries = serving(NINE, SEVEN)
    world = deliveries.world
    with_profile(world, SHADOW)
    world.register(8)
    deliveries.settle()
    to_test(deliveries, EIGHT, 1000)
    world.now.moment = after(1051)
    world.tell(moved(1050, "Test", "Approved", arn=EIGHT), by=KATHERINE)
    deliveries.hear()
    ask(world, "quarantine", 1060, SEVEN)
    deliveries.settle()
    assert world.state(EIGHT).deployment_status(PRODUCTION) == "failed"
    assert (deliveries.serves[PRODUCTION], deliveries.tries) == (NINE, {})
    sound(world)


def test_a_trial_takes_the_place_of_another_trial():
    deliveries = tried()
    world = deliveries.world
    world.register(9)
    deliveries.settle()
    to_production(deliveries, NINE, 2000)
    assert (deliveries.serves[PRODUCTION], deliveries.tries[PRODUCTION]) == (SEVEN, NINE)
    assert world.state(EIGHT).deployment_status(PRODUCTION) == "superseded"
    decided(deliveries, "Rejected", 3000, NINE)
    assert (deliveries.serves[PRODUCTION], deliveries.tries) == (SEVEN, {})
    assert dict(world.groups.get(group_arn()).tried) == {}
    sound(world)


def test_a_full_rollout_that_fails_leaves_the_trial_to_be_approved_again_or_rejected():
    for status, serves in (("Approved", EIGHT), ("Rejected", SEVEN)):
        deliveries = tried()
        world = deliveries.world
        world.now.moment = after(2001)
        world.tell(moved(2000, "Production", "Approved", arn=EIGHT), by=KATHERINE)
        deliveries.hear()
        [execution] = deliveries.running()
        deliveries.advance(execution)
        deliveries.advance(execution, fails=True)
        deliveries.settle()
        assert world.state(EIGHT).deployment_status(PRODUCTION) == "failed"
        assert deliveries.tries[PRODUCTION] == EIGHT
        decided(deliveries, status, 3000)
        assert (deliveries.serves[PRODUCTION], deliveries.tries) == (serves, {})
        sound(world)


def test_of_a_trial_its_own_variant_is_compared_with_what_was_sealed():
    world = tried().world
    state, trial = world.state(EIGHT), world.deployment(PRODUCTION, EIGHT)
    sealed = {"tried_model_data": tuple(one.uri for one in state.sealing.artifacts)}
    images = {"tried_images": tuple(one.pinned_image for one in state.containers)}
    seen = EndpointSeen(arn=trial.endpoint_arn, status="InService", model_data=("s3://beside",), **sealed, **images)
    assert drift(state, trial, as_compared(trial, seen)) == ""
    strange = seen.model_copy(update={"tried_model_data": ("s3://elsewhere",)})
    assert "s3://elsewhere" in drift(state, trial, as_compared(trial, strange))
    gone = seen.model_copy(update={"tried_images": None, "tried_model_data": ()})
    assert "no variant for the version that is tried" in drift(state, trial, as_compared(trial, gone))


@pytest.mark.parametrize("steps", range(4))
def test_a_rejection_while_the_full_rollout_is_on_its_way_takes_it_back_as_well(steps):
    deliveries = tried()
    world = deliveries.world
    world.now.moment = after(2001)
    world.tell(moved(2000, "Production", "Approved", arn=EIGHT), by=KATHERINE)
    if steps:
        deliveries.hear()
        [execution] = deliveries.running()
        for _ in range(steps - 1):
            deliveries.advance(execution)
    world.now.moment = after(2011)
    world.tell(moved(2010, "Production", "Rejected", arn=EIGHT), by=KATHERINE)
    deliveries.settle()
    assert (deliveries.serves[PRODUCTION], deliveries.tries) == (SEVEN, {})
    assert world.groups.get(group_arn()).serving[PRODUCTION].version == SEVEN
    assert world.state(SEVEN).deployment_status(PRODUCTION) == "deployed"
    sound(world)


def test_a_shadow_of_a_model_of_several_containers_is_not_begun_and_a_share_is():
    for trial, tries in ((SHADOW, {}), (WEIGHTED, {PRODUCTION: EIGHT})):
        deliveries = serving(SEVEN)
        world = deliveries.world
        with_profile(world, trial)
        two = [*specification()["Containers"], *specification(ModelDataUrl=None, ModelDataETag=None)["Containers"]]
        world.register(8, InferenceSpecification={"Containers": two})
        deliveries.settle()
        world.now.moment = after(1001)
        world.tell(approved(1000, arn=EIGHT, InferenceSpecification={"Containers": two}))
        deliveries.settle()
        told = moved(1050, "Test", "Approved", arn=EIGHT, InferenceSpecification={"Containers": two})
        world.now.moment = after(1051)
        world.tell(told, by=KATHERINE)
        deliveries.settle()
        assert (deliveries.serves[PRODUCTION], deliveries.tries) == (SEVEN, tries)
        if not tries:
            assert "no shadows of models of several containers" in world.deployment(PRODUCTION, EIGHT).reason
        sound(world)


def test_one_return_is_enough_for_what_is_tried_and_what_serves_beside_it():
    deliveries = tried(SHADOW, NINE, SEVEN)
    world = deliveries.world
    world.now.moment = after(3001)
    world.tell(moved(3000, "Production", "Rejected", arn=EIGHT), by=KATHERINE)
    ask(world, "quarantine", 3060, SEVEN)
    deliveries.settle()
    assert (deliveries.serves[PRODUCTION], deliveries.tries) == (NINE, {})
    assert world.state(NINE).deployment_status(PRODUCTION) == "deployed"
    assert world.state(SEVEN).quarantine.safe_at is not None
    assert world.state(EIGHT).deployment_status(PRODUCTION) in {"rolled-back", "superseded"}
    sound(world)


def test_an_officers_order_takes_the_trial_back():
    deliveries = tried()
    ask(deliveries.world, "roll-back", 3000, EIGHT, stage="production")
    deliveries.settle()
    assert (deliveries.serves[PRODUCTION], deliveries.tries) == (SEVEN, {})
    assert deliveries.world.state(EIGHT).deployment_status(PRODUCTION) == "rolled-back"
    sound(deliveries.world)
