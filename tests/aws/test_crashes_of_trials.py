"""Whatever befalls who arranges a trial, begins it and removes it, at whichever call, told again it is done once."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from tests.aws.cloud import Cloud, Delivery
from tests.aws.decisions import signed
from tests.aws.functions import ENVIRONMENT
from tests.aws.life import EIGHT, EIGHTH, SEVEN, job, tell, turned
from tests.aws.officers import ROLES
from tests.aws.recalls import begun, registered
from tests.aws.rehearsal import Rehearsal
from tests.aws.seam import Fault
from tests.aws.test_crashes import FAULTS, assert_scenes_healed
from tests.builders import KATHERINE, after, approved, group_arn, moved

TRIED = {"title": "tried first", "stages": {"test": {"trial": {"kind": "shadow", "percent": 20}}}}


def profile(cloud: Cloud) -> None:
    """An officer lets the group's versions be tried in test."""
    cloud.clock.moment = after(41 * 60)
    delivery = Delivery("Decide", signed(cloud, "set-deployment-profile", 41, document=TRIED, group=group_arn()))
    cloud.clock.wait(5)
    cloud.queue.append(delivery)


def refused(cloud: Cloud) -> None:
    """The version on trial is rejected in test."""
    tell(cloud, moved(2700, "Test", "Rejected", arn=EIGHT, **EIGHTH), 2700, KATHERINE)


STEPS = (
    ("version 7 is registered", begun),
    ("and approved", lambda c: tell(c, approved(60), 60)),
    ("its pipeline asks whether it may", lambda c: job(c, "VerifyDeployment", SEVEN, "test", 120)),
    ("and succeeds", lambda c: turned(c, SEVEN, "test", "SUCCEEDED", 180)),
    ("version 8 is registered", lambda c: registered(c, 840, EIGHT, EIGHTH)),
    ("an officer lets versions be tried", profile),
    ("version 8 is approved", lambda c: tell(c, approved(2520, arn=EIGHT, **EIGHTH), 2520)),
    ("it may be deployed", lambda c: job(c, "VerifyDeployment", EIGHT, "test", 2580)),
    ("it stands beside version 7", lambda c: turned(c, EIGHT, "test", "SUCCEEDED", 2640)),
    ("it is rejected", refused),
    ("version 7 may return alone", lambda c: job(c, "VerifyDeployment", SEVEN, "test", 2760)),
    ("it serves alone", lambda c: turned(c, SEVEN, "test", "SUCCEEDED", 2820)),
)
ACTING = {"StartDeployment", "VerifyDeployment", "SyncModelGroup", "RollBack"}


@pytest.fixture(scope="module", autouse=True)
def with_officers() -> Iterator[None]:
    """Every function is told who owns, validates and governs."""
    with patch.dict(ENVIRONMENT, {name: {**told, **ROLES} for name, told in ENVIRONMENT.items()}):
        yield


def rows(outcome: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """The rows of a kind by version."""
    found = [json.loads(one) for one in outcome["items"] if kind in one]
    return {one["pk"]["S"].removeprefix("MODEL#"): one for one in found}


def test_the_trial_stood_beside_what_serves_and_is_gone(lived: Rehearsal):
    tried = rows(lived.outcomes[8], '"STAGE#test"')
    assert tried[EIGHT]["deployment_trial"]["S"] == f"shadow, 20 percent, beside {SEVEN}"
    assert {one["deployment_status"]["S"] for one in tried.values()} == {"deployed"}
    gone = rows(lived.outcomes[-1], '"STAGE#test"')
    assert {arn: one["deployment_status"]["S"] for arn, one in gone.items()} == {
        SEVEN: "deployed",
        EIGHT: "rolled-back",
    }
    assert [one for one in lived.outcomes[-1]["items"] if '"LEASE#' in one] == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_about_a_trial_is_healed(lived: Rehearsal, fault: Fault):
    scenes = [one for one in lived.scenes if one.step >= 6 and one.delivery.function in ACTING]
    assert {one.delivery.function for one in scenes} == ACTING
    assert_scenes_healed(lived, scenes, fault)
