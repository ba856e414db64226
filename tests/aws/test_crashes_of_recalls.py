"""Whatever befalls who takes back what runs, at whichever call, told again it is taken back once."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from tests.aws.functions import ENVIRONMENT
from tests.aws.life import EIGHT, NINE, SEVEN
from tests.aws.officers import ROLES
from tests.aws.recalls import STEPS, WHO, asked
from tests.aws.rehearsal import Rehearsal
from tests.aws.seam import Fault
from tests.aws.test_at_once import assert_eight_are_one
from tests.aws.test_crashes import FAULTS, assert_scenes_healed
from tests.builders import after

__all__ = ["STEPS"]

ORDERS = {"rolled back": 8, "an alarm": 15, "version 9 quarantined": 17, "and version 8": 18, "released": 22}


ACTING = {"Decide", "RollBack", "StartDeployment", "TrackDeployment"}


@pytest.fixture(scope="module", autouse=True)
def with_officers() -> Iterator[None]:
    """Every function is told who owns, validates and governs."""
    with patch.dict(ENVIRONMENT, {name: {**told, **ROLES} for name, told in ENVIRONMENT.items()}):
        yield


def statuses(outcome: dict[str, Any]) -> dict[str, str]:
    """How each version's deployment to test stands."""
    rows = [json.loads(one) for one in outcome["items"] if '"STAGE#test"' in one]
    return {one["model_package_arn"]["S"]: one["deployment_status"]["S"] for one in rows}


def test_each_order_did_what_it_says(lived: Rehearsal):
    after_step = [statuses(outcome) for outcome in lived.outcomes]
    assert after_step[10] == {SEVEN: "deployed", EIGHT: "rolled-back"}
    assert after_step[16] == {SEVEN: "superseded", EIGHT: "deploying", NINE: "deployed"}
    assert after_step[-1] == {SEVEN: "deployed", EIGHT: "rolled-back", NINE: "rolled-back"}
    last = set(lived.outcomes[-1]["announced"].values())
    told = [name for outcome in lived.outcomes for name in outcome["announced"].values()]
    assert {"ModelQuarantined", "QuarantineCompleted", "ModelReleased", "ModelRolledBack"} <= {*told, *last}


def test_the_alarm_is_on_the_record_of_the_version_that_serves(lived: Rehearsal):
    told = [one for one in lived.outcomes[15]["items"] if '"FINDING#endpoint-alarm' in one]
    assert len(told) == 1
    assert NINE in told[0]


def test_no_lease_is_left(lived: Rehearsal):
    left = [one for one in lived.outcomes[-1]["items"] if '"LEASE#' in one]
    assert left == []


def test_people_go_by_their_ids(lived: Rehearsal):
    names = {who.id for who in WHO.values()}
    told = [one for one in lived.outcomes[-1]["items"] if '"FACT#' in one or '"AUDIT#' in one]
    assert [one for one in told if any(name in one for name in names)] == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_of_an_order_and_of_what_follows_is_healed(lived: Rehearsal, fault: Fault):
    steps = set(ORDERS.values())
    scenes = [one for one in lived.scenes if one.step in steps and one.delivery.function in ACTING]
    assert_scenes_healed(lived, scenes, fault)


def test_eight_times_the_same_order_at_once_are_one_deed(lived: Rehearsal):
    assert_eight_are_one(lived, "Decide")


@pytest.mark.parametrize(
    ("step", "command", "version", "more"),
    [(8, "roll-back", EIGHT, {"stage": "test"}), (17, "quarantine", NINE, {}), (22, "release", NINE, {})],
)
def test_a_dry_run_changes_nothing(lived: Rehearsal, step: int, command: str, version: str, more: dict[str, Any]):
    cloud = lived.cloud
    (scene,) = [one for one in lived.of("Decide") if one.step == step]
    cloud.restore(scene.before)
    before = cloud.outcome()
    cloud.clock.moment = after({8: 21, 17: 41, 22: 61}[step] * 60)
    asked(cloud, {8: 21, 17: 41, 22: 61}[step], command, version, dry_run=True, **more)
    answer = cloud.fleet.invoke("Decide", cloud.queue.pop().event)
    assert (answer["changed"], answer["would_change"]) == (False, True), answer
    assert cloud.outcome() == before


def test_an_order_costs_no_more_calls_the_longer_the_history(lived: Rehearsal):
    costs = {scene.name: len(scene.calls) for scene in lived.of("Decide")}
    assert max(costs.values()) <= 9, costs
