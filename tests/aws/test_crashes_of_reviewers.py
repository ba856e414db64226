"""Whatever befalls a command about a model at whichever call, the same request again is the same deed, done once."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from tests.aws.functions import ENVIRONMENT
from tests.aws.officers import ROLES
from tests.aws.rehearsal import Rehearsal
from tests.aws.reviewers import EIGHT, SEVEN, STEPS, WHO
from tests.aws.seam import Fault
from tests.aws.test_at_once import assert_eight_are_one
from tests.aws.test_crashes import FAULTS, assert_scenes_healed
from tests.aws.test_crashes_of_write_backs import timeless

__all__ = ["STEPS"]

DECIDE = "Decide"


@pytest.fixture(scope="module", autouse=True)
def with_officers() -> Iterator[None]:
    """Every function is told who owns, validates and governs."""
    with patch.dict(ENVIRONMENT, {name: {**told, **ROLES} for name, told in ENVIRONMENT.items()}):
        yield


def statuses(lived: Rehearsal, version: str, stage: str) -> list[str]:
    """A version's status in a stage after each step; empty text before it has one."""
    found = []
    for outcome in lived.outcomes:
        rows = [
            json.loads(one) for one in outcome["items"] if f'"STAGE#{stage}"' in one and f'"MODEL#{version}"' in one
        ]
        found.append(rows[0]["model_status"]["S"] if rows else "")
    return found


def entries(outcome: dict[str, Any], action: str) -> int:
    """How many audit entries of a kind there are."""
    return len([one for one in outcome["items"] if '"AUDIT#' in one and f'\\"action\\":\\"{action}\\"' in one])


def test_each_command_did_what_it_says(lived: Rehearsal):
    assert statuses(lived, SEVEN, "development") == [*["pending"] * 4, *["approved"] * 9]
    assert statuses(lived, SEVEN, "test")[5:] == ["rejected"] * 8
    assert statuses(lived, EIGHT, "development")[6:] == [*["pending"] * 3, *["approved"] * 4]
    last = lived.outcomes[-1]
    once = ("resubmitted", "glass-broken", "glass-reviewed", "write-back-requested")
    assert {action: entries(last, action) for action in once} == {**dict.fromkeys(once, 1), "write-back-requested": 3}
    assert entries(last, "findings-raised") == 3
    assert entries(last, "finding-answered") == 4, "one moved, one answered, two closed by the version in its place"


def test_people_go_by_their_ids_and_owners_of_findings_too(lived: Rehearsal):
    names = {who.id for who in WHO.values()}
    told = [one for one in lived.outcomes[-1]["items"] if '"FACT#' in one or '"AUDIT#' in one]
    assert [one for one in told if any(name in one for name in names)] == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_is_healed_by_asking_again(lived: Rehearsal, fault: Fault):
    met = assert_scenes_healed(lived, lived.of(DECIDE), fault, seen=timeless)
    assert met or fault is Fault.RETRIED, "never tried"


def test_eight_times_the_same_command_at_once_are_one_deed(lived: Rehearsal):
    assert_eight_are_one(lived, DECIDE)


def test_a_decision_costs_no_more_calls_the_longer_the_history(lived: Rehearsal):
    costs = {scene.name: len(scene.calls) for scene in lived.of(DECIDE)}
    assert max(costs.values()) <= 10, costs
