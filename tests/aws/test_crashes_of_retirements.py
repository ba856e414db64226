"""Whatever befalls a retirement at whichever call, told again it is carried through: once, and wholly."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from tests.aws.functions import ENVIRONMENT
from tests.aws.life import EIGHT, NINE, SEVEN
from tests.aws.rehearsal import Rehearsal
from tests.aws.retirements import ID, ROLES, STEPS
from tests.aws.seam import Fault
from tests.aws.test_at_once import assert_eight_are_one
from tests.aws.test_crashes import FAULTS, assert_scenes_healed

__all__ = ["STEPS"]

ORDERED, RETIRED, VERIFIED, REMOVED = 7, 12, 13, 14
"""The steps in which a version is retired, the use case is, its removal is let through, and has ended."""

RETIRE = "RetireUseCase"
ACTING = {"Decide", RETIRE, "StartDeployment", "VerifyDeployment", "TrackDeployment", "SyncModelGroup"}


@pytest.fixture(scope="module", autouse=True)
def with_officers() -> Iterator[None]:
    """Every function is told who governs."""
    with patch.dict(ENVIRONMENT, {name: {**told, **ROLES} for name, told in ENVIRONMENT.items()}):
        yield


def rows(outcome: dict[str, Any], sk: str) -> list[dict[str, Any]]:
    """The items whose sort key begins so."""
    return [one for one in map(json.loads, outcome["items"]) if one["sk"]["S"].startswith(sk)]


def use_case(outcome: dict[str, Any]) -> tuple[str, str]:
    """Where the use case is."""
    (head,) = [one for one in rows(outcome, "HEAD") if one["pk"]["S"] == f"USECASE#{ID}"]
    return head["use_case_stage"]["S"], head["use_case_status"]["S"]


def test_it_is_retired_with_its_models_and_closed_when_what_served_is_gone(lived: Rehearsal):
    assert use_case(lived.outcomes[RETIRED - 1]) == ("development", "pending"), "one person's word changes nothing"
    assert use_case(lived.outcomes[RETIRED]) == ("retired", "pending")
    assert use_case(lived.outcomes[REMOVED]) == ("retired", "approved")
    last = lived.outcomes[REMOVED]
    stages = rows(last, "STAGE#")
    assert {one["model_package_arn"]["S"] for one in stages} == {SEVEN, EIGHT, NINE}
    assert {one["model_status"]["S"] for one in stages} == {"retired"}
    assert [one["deployment_status"]["S"] for one in rows(last, "STAGE#test")] == ["removed"]
    told = {one["status"]["S"]: one.get("removes", {}).get("S") for one in rows(last, "DEPLOYMENT#remove-")}
    assert list(told) == ["removed"]
    assert told["removed"].startswith("deploy-")
    assert {"UseCaseRetirementBegun", "EndpointRemoved", "RetirementCompleted", "UseCaseRetired"} <= set(
        last["announced"].values()
    )


def test_the_shares_are_revoked_and_what_the_policy_denies_stays(lived: Rehearsal):
    before, after = (lived.outcomes[step]["others"][0] for step in (RETIRED - 1, RETIRED))
    assert len(before["shares"]) == 1
    assert after["shares"] == []
    assert [one["Effect"] for one in json.loads(after["policy"])["Statement"]] == ["Deny"]
    (effect,) = rows(lived.outcomes[RETIRED], "EFFECT#revoke-")
    assert (effect["effect"]["S"], effect["outcome"]["S"]) == ("revoke", "done")


def test_no_lease_is_left_and_the_group_knows_that_nothing_serves(lived: Rehearsal):
    last = lived.outcomes[-1]
    assert [one for one in last["items"] if '"LEASE#' in one] == []
    (group,) = [one for one in rows(last, "HEAD") if one["pk"]["S"].startswith("GROUP#")]
    assert json.loads(group["document"]["S"])["serving"] == {}


def test_each_version_is_a_transaction_of_its_own_and_no_larger_than_a_transaction_may_be(lived: Rehearsal):
    calls = [call for scene in lived.of(RETIRE) for call in scene.calls if "TransactWrite" in call.operation]
    assert max(len(call.parameters["TransactItems"]) for call in calls) <= 25
    for call in calls:
        keys = [next(iter(item.values())) for item in call.parameters["TransactItems"]]
        partitions = {(one.get("Item") or one.get("Key"))["pk"]["S"] for one in keys}
        assert len({one for one in partitions if one.startswith(("MODEL#", "USECASE#"))}) == 1


def test_people_go_by_their_ids(lived: Rehearsal):
    told = [one for one in lived.outcomes[-1]["items"] if '"FACT#' in one or '"AUDIT#' in one]
    assert [one for one in told if "katherine" in one or "mary" in one] == []
    beside = [one for one in rows(lived.outcomes[-1], "PEOPLE") if one["pk"]["S"] == f"MODEL#{EIGHT}"]
    assert {"katherine.johnson", "mary.jackson"} <= set(json.loads(beside[0]["names"]["S"]).values()), "known beside it"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_of_a_retirement_is_healed(lived: Rehearsal, fault: Fault):
    steps = {ORDERED, RETIRED, VERIFIED, REMOVED}
    scenes = [one for one in lived.scenes if one.step in steps and one.delivery.function in ACTING]
    assert {one.delivery.function for one in scenes} == ACTING
    assert_scenes_healed(lived, scenes, fault, pause=0)  # other things happen in the same moment: their order is told


def test_eight_times_the_same_at_once_are_one_deed(lived: Rehearsal):
    assert_eight_are_one(lived, RETIRE)
