"""An alarm is on the record of the version that serves at its endpoint; a setting decides whether it is taken back."""

import json
from typing import Any

import pytest

from governance.domain.errors import MalformedEvent
from governance.domain.identifiers import STEWARD
from governance.domain.told_of_deployments import AlarmChange
from governance.runtime.events import read
from governance.runtime.shapes import AlarmDetail
from governance.services.tracking import Tracking
from tests.builders import after, approved, group_arn
from tests.template.translation import ROOT
from tests.unit.governance.deliveries import Deliveries
from tests.unit.governance.recalls import (
    EIGHT,
    PRODUCTION,
    SEVEN,
    TEST,
    announced,
    born,
    rollbacks,
    serving,
    sound,
    to_test,
)
from tests.unit.governance.test_by_hand import codes, finding, under_way
from tests.world import World

SAMPLE = json.loads((ROOT / "events" / "track_deployment-alarm-on.json").read_text())
FIVES = "steward-credit-risk-pd-test-5xx"


def alarm(world: World, state: str = "ALARM", name: str = FIVES, arn: str = EIGHT, at: float = 2000) -> None:
    """An alarm on the endpoint of test changes its state."""
    world.now.moment = max(world.now.moment, after(at + 1))
    endpoints = ("arn:aws:sagemaker:eu-west-1:555566667777:endpoint/none", world.deployment(TEST, arn).endpoint_arn)
    told = {"alarm": name, "endpoints": endpoints, "state": state, "reason": "7 is more than 1", "at": after(at)}
    world.tracking.hear(AlarmChange.model_validate(told), "event")


def rolling(deliveries: Deliveries) -> Deliveries:
    """With Steward taking back of itself what an alarm speaks of."""
    world = deliveries.world
    world.tracking = Tracking(world.recording, world.pipelines, world.ledger, rolls_back_on_alarm=True)
    return deliveries


def test_an_alarm_is_a_finding_until_it_is_off_and_takes_nothing_back_of_itself():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    alarm(world)
    assert "7 is more than 1" in finding(world, "endpoint-alarm").detail
    assert "steward roll-back" in finding(world, "endpoint-alarm").remedy
    assert [one["code"] for one in announced(world, "FindingOpened") if one["code"] == "endpoint-alarm"]
    alarm(world, at=2001)
    alarm(world, "INSUFFICIENT_DATA", at=2002)
    assert "endpoint-alarm" not in codes(world)
    deliveries.settle()
    assert (rollbacks(world), deliveries.serves[TEST]) == ([], EIGHT)
    assert len([one for one in world.ledger.facts(EIGHT) if one.kind == "alarm-observed"]) == 2
    sound(world)


def test_with_the_setting_the_version_before_serves_again_in_stewards_name():
    deliveries = rolling(serving(SEVEN, EIGHT))
    world = deliveries.world
    alarm(world)
    bar = world.state(EIGHT).stage(TEST).bar
    assert (bar.person, bar.why) == (STEWARD, f"{FIVES} is on")
    alarm(world, name="steward-credit-risk-pd-test-latency", at=2001)
    deliveries.settle()
    assert deliveries.serves == {TEST: SEVEN, PRODUCTION: EIGHT}
    assert rollbacks(world) == [("test", "roll-back", "rolled-back")]
    assert "endpoint-alarm" not in codes(world)
    sound(world)


def test_where_nothing_can_return_the_setting_takes_nothing_back():
    deliveries = rolling(serving(EIGHT))
    alarm(deliveries.world)
    deliveries.settle()
    assert rollbacks(deliveries.world) == []
    assert "endpoint-alarm" in codes(deliveries.world)
    assert deliveries.world.state(EIGHT).may_run_in(TEST)


def test_an_alarm_that_goes_off_takes_nothing_back():
    deliveries = rolling(serving(SEVEN, EIGHT))
    alarm(deliveries.world, "OK")
    assert rollbacks(deliveries.world) == []


def test_an_alarm_of_an_endpoint_that_nobody_deployed_is_not_recorded():
    world = serving(EIGHT).world
    before = world.ledger.states[EIGHT]
    told = {"alarm": "a", "endpoints": ("arn:none",), "state": "ALARM", "reason": "", "at": after(2000)}
    assert world.tracking.hear(AlarmChange.model_validate(told), "event") is None
    assert world.ledger.states[EIGHT] == before


def test_an_alarm_of_an_earlier_deployment_is_not_spoken_of_when_the_version_comes_again():
    deliveries = rolling(serving(SEVEN, EIGHT))
    world = deliveries.world
    alarm(world)
    deliveries.settle()
    to_test(deliveries, EIGHT, 3000)
    assert deliveries.serves[TEST] == EIGHT
    assert "endpoint-alarm" not in codes(world)


def test_what_guardrails_took_back_by_themselves_has_failed_with_their_reason_and_what_served_serves_on_record():
    deliveries, execution = under_way(1)
    world = deliveries.world
    reason = "Deploy: UPDATE_ROLLBACK_COMPLETE: Endpoint was rolled back: alarm steward-credit-risk-pd-test-5xx"
    deliveries.end(execution, "Failed", reason)
    deliveries.settle()
    assert world.state(EIGHT).deployment_status(TEST) == "failed"
    assert reason in finding(world, "deployment-failed").detail
    assert "stack-stuck" not in codes(world)
    assert world.state(SEVEN).deployment_status(TEST) == "deployed"
    assert world.groups.get(group_arn()).serving[TEST].version == SEVEN
    assert not world.leases.holders


def understood(event: dict[str, Any]) -> AlarmChange:
    incoming = read(event, {"CloudWatch Alarm State Change": AlarmDetail})
    told: AlarmChange = incoming.detail.change(incoming.resources, incoming.time)
    return told


def test_the_event_names_the_endpoint_by_what_the_alarm_measures():
    told = understood(SAMPLE)
    assert told.endpoints == ("arn:aws:sagemaker:eu-west-1:555566667777:endpoint/steward-credit-risk-pd-test",)
    assert (told.alarm, told.state) == (FIVES, "ALARM")
    assert told.at.isoformat() == "2026-10-14T10:58:02.403000+00:00"


@pytest.mark.parametrize("metrics", [None, [], [{"id": "e", "expression": "m1/m2"}]])
def test_else_by_the_alarm_s_name(metrics):
    detail = {**SAMPLE["detail"], "alarmName": "steward-pd-test-error-rate", "configuration": {"metrics": metrics}}
    assert [one.rpartition("/")[2] for one in understood({**SAMPLE, "detail": detail}).endpoints] == [
        "steward-pd-test-error",
        "steward-pd-test",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"resources": []},
        {"detail": {**SAMPLE["detail"], "state": {"value": "RED"}}},
        {"detail": {"state": {"value": "OK"}}},
    ],
)
def test_an_event_that_is_none_is_refused_with_what_is_wrong(wrong):
    with pytest.raises(MalformedEvent):
        understood({**SAMPLE, **wrong})


def test_an_alarm_while_it_is_being_deployed_is_on_its_record():
    deliveries = born(EIGHT)
    world = deliveries.world
    world.now.moment = after(101)
    world.tell(approved(100, arn=EIGHT))
    deliveries.hear()
    alarm(world)
    assert "endpoint-alarm" in codes(world)
