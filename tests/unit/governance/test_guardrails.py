"""While a version rolls out, the record says how far it is; what guardrails take back is known, and announced once."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.model_version import ModelVersion
from governance.domain.record import stage_record
from governance.domain.rolling_out import Phase, RolloutChange
from governance.domain.told_of_deployments import AlarmChange, EndpointChange, PipelineChange
from governance.runtime.events import read
from governance.runtime.shapes import RolloutDetail
from tests.builders import after
from tests.template.translation import ROOT
from tests.unit.governance.deliveries import Deliveries
from tests.unit.governance.recalls import EIGHT, SEVEN, TEST, announced, sound, to_test
from tests.unit.governance.test_by_hand import codes, finding, under_way
from tests.unit.governance.test_fold_properties import FEW
from tests.world import ENVIRONMENTS, World

SAMPLE = json.loads((ROOT / "events" / "track_deployment-endpoint-deployment-baking.json").read_text())
BEFORE, COMES = "EndpointConfig-before", "EndpointConfig-comes"
ALARM = "steward-credit-risk-pd-test-error-rate"
TRIPPED = "Deploy: Endpoint (AWS::SageMaker::Endpoint): the update was rolled back"

Step = Callable[[World, str, str], object]


def told(phase: Phase, at: float, words: str = "") -> Step:
    """SageMaker tells of a phase of the fleet that comes."""

    def step(world: World, endpoint: str, _: str) -> object:
        change = RolloutChange(
            endpoint_arn=endpoint, leaves=BEFORE, arrives=COMES, phase=phase, words=words, at=after(at)
        )
        return world.tracking.roll_out(change, "event")

    return step


def rings(at: float) -> Step:
    """Its alarm goes on."""

    def step(world: World, endpoint: str, _: str) -> object:
        about = {"alarm": ALARM, "endpoints": (endpoint,), "state": "ALARM", "reason": "9 is more than 5"}
        return world.tracking.hear(AlarmChange.model_validate({**about, "at": after(at)}), "event")

    return step


def back(world: World, endpoint: str, _: str) -> object:
    change = EndpointChange(endpoint_arn=endpoint, status="IN_SERVICE", configuration=BEFORE, at=after(1150))
    return world.tracking.watch(change, "event")


def failed(world: World, _: str, execution: str) -> object:
    world.pipelines.end(execution, "Failed", TRIPPED)
    told = {"pipeline": ENVIRONMENTS[TEST].pipeline, "execution_id": execution, "attempt": 1, "ended": True}
    return world.tracking.follow(PipelineChange(**told, at=after(1160)), "event")


CANARY: list[Step] = [
    told(Phase.CREATING, 1105, "Launching 1 instance(s)."),
    told(Phase.ACTIVATING_TRAFFIC, 1110, "Activating traffic on canary capacity of 1 instance(s)."),
    told(Phase.BAKING, 1120, "Baking for 600 seconds."),
    rings(1130),
    told(Phase.DELETING, 1140, "Terminating 1 instance(s)."),
    back,
    failed,
]
"""What is told of a canary whose alarm goes on while it bakes."""


def canary(steps: list[Step]) -> World:
    """Version 7 serves in test, 8 is on its way there, and somebody tells of it."""
    deliveries, execution = under_way(1)
    return following(deliveries, execution, steps)


def following(deliveries: Deliveries, execution: str, steps: list[Step]) -> World:
    world = deliveries.world
    endpoint = world.deployment(TEST, EIGHT).endpoint_arn
    world.now.moment = after(1170)
    for step in steps:
        step(world, endpoint, execution)
    return world


def shown(world: World) -> dict[str, Any]:
    return stage_record(world.state(EIGHT), TEST)


def test_the_record_says_how_far_it_is():
    world = canary(CANARY[:3])
    record = shown(world)
    assert record["deployment_rollout"].startswith("baking since ")
    assert record["deployment_rollout"].endswith("Baking for 600 seconds.")
    assert announced(world, "GuardrailTripped") == []
    changes = [entry.content["new"].get("test.rollout") for entry in world.ledger.entries[EIGHT]]
    assert [one for one in changes if one] == ["creating", "activating-traffic", "baking"]


def test_what_its_alarm_took_back_is_announced_with_the_alarm_before_the_pipeline_has_ended():
    world = canary(CANARY[:6])
    (event,) = announced(world, "GuardrailTripped")
    assert (event["stage"], event["environment"], event["alarms"]) == ("test", "test", [ALARM])
    assert event["deployment_id"] == world.deployment(TEST, EIGHT).id
    assert "9 is more than 5" in event["reason"]
    assert "taken back by SageMaker's guardrails" in shown(world)["deployment_rollout"]


def told_of(state: ModelVersion) -> Any:
    """All that the record knows of the deployment."""
    return state.deployment_in(TEST)


IN_ORDER = told_of(canary(CANARY).state(EIGHT))


@FEW
@given(order=st.permutations(CANARY), again=st.lists(st.sampled_from(CANARY), max_size=3))
def test_in_any_order_and_any_number_the_record_says_the_same(order, again):
    world = canary([*order, *again])
    assert told_of(world.state(EIGHT)) == IN_ORDER
    assert len(announced(world, "GuardrailTripped")) == 1
    assert IN_ORDER.rolling_out.alarms == {ALARM: "9 is more than 5"}
    sound(world)


WITHIN_A_SECOND: list[Step] = [
    told(Phase.ACTIVATING_TRAFFIC, 1160.1, "Activating traffic on canary capacity of 1 instance(s)."),
    told(Phase.BAKING, 1160.2, "Baking for 600 seconds."),
    failed,
]
"""What is told of one that is taken back in less than a second: the pipeline's end comes in whole ones."""


@pytest.mark.parametrize("order", list(itertools.permutations(WITHIN_A_SECOND)))
def test_an_end_in_whole_seconds_is_not_before_what_was_told_of_that_second(order):
    world = canary([*order, *order])
    assert "taken back by SageMaker's guardrails" in shown(world)["deployment_rollout"]
    assert world.deployment(TEST, EIGHT).status == "failed"
    assert len(announced(world, "GuardrailTripped")) == 1
    sound(world)


@pytest.mark.parametrize("order", list(itertools.permutations([*WITHIN_A_SECOND, rings(1160.3)])))
def test_nor_is_it_before_the_alarm_of_that_second(order):
    world = canary([*order, *order])
    assert world.deployment(TEST, EIGHT).rolling_out.alarms == {ALARM: "9 is more than 5"}
    assert "endpoint-alarm" not in codes(world)
    sound(world)


def test_an_alarm_that_is_told_in_whole_seconds_is_of_what_came_within_that_second():
    deliveries, execution = under_way(1)
    begun = deliveries.world.deployment(TEST, EIGHT).started_at
    second = (begun - after(0)).total_seconds() // 1
    steps = [told(Phase.BAKING, second + 0.9), failed, rings(second)]
    world = following(deliveries, execution, steps)
    assert begun.microsecond, "it began at a fraction of that second"
    assert world.deployment(TEST, EIGHT).rolling_out.alarms == {ALARM: "9 is more than 5"}
    assert "endpoint-alarm" not in codes(world, SEVEN)
    sound(world)


def test_nor_where_the_record_knows_of_a_later_second_by_then():
    later = EndpointChange(endpoint_arn="", status="UPDATING", configuration=COMES, at=after(1161.2))

    def updating(world: World, endpoint: str, _: str) -> object:
        return world.tracking.watch(later.model_copy(update={"endpoint_arn": endpoint}), "event")

    world = canary([*WITHIN_A_SECOND[:2], updating, failed])
    assert world.state(EIGHT).at(TEST).endpoint_status == "UPDATING"
    assert "taken back by SageMaker's guardrails" in shown(world)["deployment_rollout"]
    assert len(announced(world, "GuardrailTripped")) == 1
    sound(world)


def test_the_finding_says_what_it_was_taken_back_for_and_its_alarm_is_nobodys_matter_any_more():
    world = canary(CANARY)
    assert TRIPPED in finding(world, "deployment-failed").detail
    assert f"{ALARM} was on: 9 is more than 5" in finding(world, "deployment-failed").detail
    assert "endpoint-alarm" not in codes(world)
    assert world.state(SEVEN).deployment_status(TEST) == "deployed"


def test_without_any_word_of_it_coming_back_a_failed_deploy_after_traffic_says_so():
    world = canary([CANARY[2], failed])
    (event,) = announced(world, "GuardrailTripped")
    assert event["alarms"] == []
    assert event["reason"].endswith("baking: Baking for 600 seconds.")


def test_a_fleet_that_never_had_traffic_is_no_guardrails():
    world = canary([CANARY[0], back, failed])
    assert announced(world, "GuardrailTripped") == []
    assert world.deployment(TEST, EIGHT).status == "failed"


def test_what_has_come_is_rolling_out_no_more():
    deliveries, execution = under_way(1)
    world = following(deliveries, execution, CANARY[:3])
    world.now.moment = after(1200)
    deliveries.settle()
    assert world.deployment(TEST, EIGHT).status == "deployed"
    assert "deployment_rollout" not in shown(world)
    assert announced(world, "GuardrailTripped") == []
    told(Phase.DELETING, 9000)(world, world.deployment(TEST, EIGHT).endpoint_arn, execution)
    assert world.deployment(TEST, EIGHT).rolling_out is None, "that was no deployment of ours"


def test_approved_again_after_that_it_is_deployed_anew():
    deliveries, execution = under_way(1)
    world = following(deliveries, execution, CANARY)
    deliveries.collect()
    deliveries.settle()
    to_test(deliveries, EIGHT, 2000)
    assert deliveries.serves[TEST] == EIGHT
    assert not world.leases.holders


def test_of_an_endpoint_that_nobody_deployed_nothing_is_recorded():
    world = under_way(1)[0].world
    before = dict(world.ledger.states)
    assert told(Phase.BAKING, 1120)(world, "arn:none", "") is None
    assert world.ledger.states == before


def understood(**detail: Any) -> RolloutChange | None:
    event = {**SAMPLE, "detail": {**SAMPLE["detail"], **detail}}
    incoming = read(event, {"SageMaker Endpoint Deployment State Change": RolloutDetail})
    change: RolloutChange | None = incoming.detail.change(incoming.time)
    return change


def test_the_event_is_understood():
    change = understood()
    assert change is not None
    assert (change.phase, change.leaves, change.arrives) == (
        Phase.BAKING,
        "EndpointConfig-q6kR0mTzY1Xb",
        "EndpointConfig-W3n7sLdP0aHc",
    )
    assert change.words.startswith("Baking for 600 seconds")
    assert change.at.isoformat() == "2026-10-14T10:57:09.181000+00:00"


@pytest.mark.parametrize(
    "detail",
    [
        {"PendingDeploymentSummary": None},
        {
            "PendingDeploymentSummary": {
                "EndpointConfigName": "x",
                "ProductionVariants": [{"VariantName": "AllTraffic"}],
            }
        },
        {
            "PendingDeploymentSummary": {
                "EndpointConfigName": "x",
                "ProductionVariants": [{"VariantStatus": [{"Status": "Dreaming"}]}],
            }
        },
    ],
)
def test_capacity_alone_and_words_that_nobody_knows_are_left(detail):
    assert understood(**detail) is None


@pytest.mark.parametrize(("word", "phase"), [("Creating", "creating"), ("ActivatingTraffic", "activating-traffic")])
def test_every_word_is_written_as_ours(word, phase):
    fleet = {"EndpointConfigName": "x", "ProductionVariants": [{"VariantStatus": [{"Status": word}]}]}
    change = understood(PendingDeploymentSummary=fleet)
    assert change is not None
    assert change.phase == phase
