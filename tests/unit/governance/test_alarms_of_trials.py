"""An alarm of a variant on trial is about the version that is tried, and never about the one that serves beside it."""

import json
from typing import Any

import pytest

from governance.domain.told_of_deployments import AlarmChange
from governance.runtime.events import read
from governance.runtime.shapes import AlarmDetail
from governance.services.tracking import Tracking
from tests.builders import KATHERINE, after, moved
from tests.template.translation import ROOT
from tests.unit.governance.deliveries import Deliveries
from tests.unit.governance.recalls import EIGHT, PRODUCTION, SEVEN, announced, rollbacks, sound
from tests.unit.governance.test_by_hand import codes, finding
from tests.unit.governance.test_trials import SHADOW, WEIGHTED, approved_in_test, decided, tried
from tests.world import World

NAME = "steward-credit-risk-pd-production-trial-5xx"
KINDS = pytest.mark.parametrize("trial", [SHADOW, WEIGHTED])


def alarm(world: World, state: str = "ALARM", at: float = 2000, variant: str = "Trial") -> None:
    """An alarm on a variant of the endpoint of production changes its state."""
    world.now.moment = max(world.now.moment, after(at + 1))
    endpoint = world.deployment(PRODUCTION, EIGHT).endpoint_arn
    told = {"alarm": NAME, "endpoints": (endpoint,), "state": state, "reason": "7 is more than 1", "at": after(at)}
    world.tracking.hear(AlarmChange.model_validate({**told, "variant": variant}), "event")


def rolling(deliveries: Deliveries) -> Deliveries:
    """With Steward taking back of itself what an alarm speaks of."""
    world = deliveries.world
    world.tracking = Tracking(world.recording, world.pipelines, world.ledger, rolls_back_on_alarm=True)
    return deliveries


@KINDS
def test_it_is_a_finding_of_the_version_that_is_tried_until_it_is_off(trial):
    world = tried(trial).world
    alarm(world)
    assert "reject the version in production" in finding(world, "endpoint-alarm").remedy
    assert "endpoint-alarm" not in codes(world, SEVEN)
    assert [one["code"] for one in announced(world, "FindingOpened")].count("endpoint-alarm") == 1
    alarm(world, "OK", 2001)
    assert "endpoint-alarm" not in codes(world)
    sound(world)


@KINDS
def test_an_alarm_of_what_serves_is_not_about_what_is_tried(trial):
    world = tried(trial).world
    alarm(world, variant="AllTraffic")
    assert "endpoint-alarm" in codes(world, SEVEN)
    assert "endpoint-alarm" not in codes(world)


@KINDS
def test_with_the_setting_what_is_tried_is_taken_away_and_what_serves_serves_alone(trial):
    deliveries = rolling(tried(trial))
    world = deliveries.world
    alarm(world)
    deliveries.settle()
    assert (deliveries.serves[PRODUCTION], deliveries.tries.get(PRODUCTION)) == (SEVEN, None)
    assert rollbacks(world) == [("production", "roll-back", "rolled-back")]
    assert rollbacks(world, SEVEN) == []
    assert world.state(EIGHT).stage(PRODUCTION).bar.why == f"{NAME} is on"
    sound(world)


def test_it_is_heard_while_the_trial_is_on_its_way():
    deliveries = approved_in_test(WEIGHTED)
    world = deliveries.world
    deliveries.hear()
    assert world.deployment(PRODUCTION, EIGHT).status == "deploying"
    alarm(world)
    assert "endpoint-alarm" in codes(world)
    assert "endpoint-alarm" not in codes(world, SEVEN)


def test_it_is_heard_while_the_trial_stands_on_after_its_full_rollout_failed():
    deliveries = tried(WEIGHTED)
    world = deliveries.world
    world.now.moment = after(2001)
    world.tell(moved(2000, "Production", "Approved", arn=EIGHT), by=KATHERINE)
    deliveries.hear()
    [execution] = deliveries.running()
    deliveries.end(execution, "Failed", "Deploy: no capacity")
    deliveries.settle()
    alarm(world, at=3000)
    assert "endpoint-alarm" in codes(world)
    assert "endpoint-alarm" not in codes(world, SEVEN)


def test_once_the_trial_is_over_it_is_nobodys():
    deliveries = tried(WEIGHTED)
    world = deliveries.world
    decided(deliveries, "Rejected", 2000)
    before = dict(world.ledger.states)
    alarm(world, at=3000)
    assert world.ledger.states == before


def test_the_event_names_the_variant_that_its_alarm_measures():
    sample: dict[str, Any] = json.loads((ROOT / "events" / "track_deployment-alarm-on-trial.json").read_text())
    incoming = read(sample, {"CloudWatch Alarm State Change": AlarmDetail})
    told = incoming.detail.change(incoming.resources, incoming.time)
    assert (told.variant, told.alarm) == ("Trial", NAME)
    (endpoint,) = told.endpoints
    assert endpoint.endswith("endpoint/steward-credit-risk-pd-production")
