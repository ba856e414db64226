"""Whatever befalls a command about a policy at whichever call, the same request again is the same deed, done once."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from governance.domain.use_case_policy import BUILT_IN
from tests.aws.functions import ENVIRONMENT
from tests.aws.officers import ROLES, STEPS
from tests.aws.rehearsal import Rehearsal
from tests.aws.seam import Fault
from tests.aws.test_at_once import assert_eight_are_one
from tests.aws.test_crashes import FAULTS, assert_scenes_healed

__all__ = ["STEPS"]

DECIDE = "Decide"


@pytest.fixture(scope="module", autouse=True)
def with_officers() -> Iterator[None]:
    """Every function is told who governs."""
    with patch.dict(ENVIRONMENT, {name: {**told, **ROLES} for name, told in ENVIRONMENT.items()}):
        yield


def under(outcome: dict[str, Any]) -> list[str]:
    """The policies that groups are under after a step."""
    heads = [one for one in outcome["items"] if '"GROUP#arn' in one and '"HEAD"' in one]
    return [json.loads(head)["policy"]["S"] for head in heads]


def test_each_command_did_what_it_says(lived: Rehearsal):
    first, second, built_in = ["sr-26-2@1"], ["sr-26-2@2"], ["default@2"]
    assert [under(outcome) for outcome in lived.outcomes] == [
        [],
        first,
        first,
        first,
        second,
        second,
        *[built_in] * 8,
    ]
    last = lived.outcomes[-1]["items"]
    done = ("policy-proposed", "policy-assigned", "assignment-proposed", "role-delegated", "delegation-ended",
            "deployment-profile-set")  # fmt: skip
    for action in done:
        many = 2 if action in {"policy-assigned", "policy-proposed"} else 1
        assert len([one for one in last if '"AUDIT#' in one and f'\\"{action}\\"' in one]) == many, action
    named = [json.loads(one) for one in last if "annie" in one or "dorothy" in one]
    assert {one["sk"]["S"] for one in named} == {"PEOPLE"}, "people go by their ids"
    beside = {one["pk"]["S"] for one in map(json.loads, last) if one["sk"]["S"] == "PEOPLE"}
    assert {"POLICY#sr-26-2", "POLICY#default", "POLICY#use-cases", "HUB#steward"} <= beside


def test_what_is_judged_is_judged_by_the_policy_of_use_cases_that_is_in_force_then(lived: Rehearsal):
    deeds = [json.loads(json.loads(one)["entry"]["S"]) for one in lived.outcomes[-1]["items"] if '"AUDIT#' in one]
    (published,) = [
        one["new"] for one in deeds if str(one["new"].get("version")) == "use-cases@2" and one["new"].get("confirms")
    ]
    created, rejected = (
        next(one for one in deeds if one["action"] == action) for action in ("use-case-created", "stage-rejected")
    )
    assert (created["policy"], created["policy_hash"]) == (BUILT_IN.id, BUILT_IN.hash), "only proposed by then"
    assert (rejected["policy"], rejected["policy_hash"]) == ("use-cases@2", published["policy_hash"])


def test_what_is_asked_about_a_use_case_reads_the_policy_in_force_once(lived: Rehearsal):
    for scene in [one for one in lived.of(DECIDE) if "use-case" in one.delivery.event["payload"]["command"]]:
        read = [one for one in scene.calls if "POLICY#use-cases" in str(one.parameters)]
        assert [(one.operation, one.parameters["ConsistentRead"]) for one in read] == [("GetItem", True)]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_is_healed_by_asking_again(lived: Rehearsal, fault: Fault):
    met = assert_scenes_healed(lived, lived.of(DECIDE), fault)
    assert met or fault is Fault.RETRIED, "never tried"


def test_eight_times_the_same_command_at_once_are_one_deed(lived: Rehearsal):
    assert_eight_are_one(lived, DECIDE)
