"""A trial that could not be validated stands where it came to, and whatever befalls who hears of it, that is known.

Its group remembers it until something else comes there: told again after any fault, once.
"""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from tests.aws.cloud import Cloud, Delivery
from tests.aws.decisions import signed
from tests.aws.functions import ENVIRONMENT
from tests.aws.life import EIGHT, EIGHTH, NINE, NINTH, SEVEN, execution, job, tell, turned
from tests.aws.officers import ROLES
from tests.aws.recalls import begun, registered
from tests.aws.rehearsal import Rehearsal
from tests.aws.seam import Fault
from tests.aws.test_crashes import FAULTS, assert_scenes_healed
from tests.builders import after, approved, group_arn

TRIED = {"title": "tried first", "stages": {"test": {"trial": {"kind": "weighted", "percent": 10}}}}
CANARY = {"kind": "canary", "percent": 50, "wait_seconds": 600, "bake_seconds": 300}
FOUR = {"type": "ml.m5.large", "count": 4}
AT_ONCE = {"title": "with a canary", "stages": {"test": {"instances": FOUR, "rollout": CANARY}}}


def profile(cloud: Cloud, minute: int, document: dict[str, Any]) -> None:
    """An officer says how the group's versions are deployed."""
    cloud.clock.moment = after(minute * 60)
    delivery = Delivery("Decide", signed(cloud, "set-deployment-profile", minute, document=document, group=group_arn()))
    cloud.clock.wait(5)
    cloud.queue.append(delivery)


def left(cloud: Cloud) -> None:
    """Version 8 came to the endpoint, and cannot be validated there."""
    execution(cloud, EIGHT, "test")[1]["deployed"] = True
    turned(cloud, EIGHT, "test", "FAILED", 2640, "no row of the set was answered")


STEPS = (
    ("version 7 is registered", begun),
    ("and approved", lambda c: tell(c, approved(60), 60)),
    ("its pipeline asks whether it may", lambda c: job(c, "VerifyDeployment", SEVEN, "test", 120)),
    ("and succeeds", lambda c: turned(c, SEVEN, "test", "SUCCEEDED", 180)),
    ("version 8 is registered", lambda c: registered(c, 840, EIGHT, EIGHTH)),
    ("an officer lets versions be tried", lambda c: profile(c, 41, TRIED)),
    ("version 8 is approved", lambda c: tell(c, approved(2520, arn=EIGHT, **EIGHTH), 2520)),
    ("it may be deployed", lambda c: job(c, "VerifyDeployment", EIGHT, "test", 2580)),
    ("it is left beside version 7", left),
    ("an officer lets versions come with a canary", lambda c: profile(c, 45, AT_ONCE)),
    ("version 9 is registered", lambda c: registered(c, 2760, NINE, NINTH)),
    ("version 9 is approved", lambda c: tell(c, approved(2820, arn=NINE, **NINTH), 2820)),
    ("it may be deployed", lambda c: job(c, "VerifyDeployment", NINE, "test", 2880)),
    ("it serves", lambda c: turned(c, NINE, "test", "SUCCEEDED", 2940)),
)
LEFT, CAME = 8, len(STEPS) - 1
ACTING = {LEFT: {"TrackDeployment", "StartDeployment", "RollBack"}, CAME: {"StartDeployment", "SyncModelGroup"}}
"""Who hears of it that the trial is left, and who that another version came there."""


@pytest.fixture(scope="module", autouse=True)
def with_officers() -> Iterator[None]:
    """Every function is told who owns, validates and governs."""
    with patch.dict(ENVIRONMENT, {name: {**told, **ROLES} for name, told in ENVIRONMENT.items()}):
        yield


def tried(outcome: dict[str, Any]) -> str:
    """What the group's row says of trials."""
    [group] = [row for one in outcome["items"] if (row := json.loads(one))["pk"]["S"] == f"GROUP#{group_arn()}"]
    return json.dumps(group)


def test_what_comes_over_the_trial_has_no_rollout_and_nobody_remembers_the_trial_then(lived: Rehearsal):
    trial = execution(lived.cloud, EIGHT, "test")[1]["variables"]["DeploymentId"]
    last = execution(lived.cloud, NINE, "test")[1]["variables"]["DeploymentId"]
    known = [trial in tried(one) for one in lived.outcomes[LEFT - 1 :]]
    assert known == [False, *[True] * (CAME - LEFT), False]
    arranged = [one for one in lived.outcomes[CAME]["items"] if '"deployment-arranged' in one and last in one]
    assert any("where a version is tried as weighted" in one for one in arranged)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_about_a_trial_that_is_left_is_healed(lived: Rehearsal, fault: Fault):
    scenes = [one for one in lived.scenes if one.delivery.function in ACTING.get(one.step, ())]
    assert {one.delivery.function for one in scenes} == ACTING[LEFT] | ACTING[CAME]
    assert_scenes_healed(lived, scenes, fault)
