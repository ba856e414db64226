"""Whatever befalls a command about a use case, or what follows from it, at whichever call: done once, and wholly."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from tests.aws.functions import ENVIRONMENT
from tests.aws.officers import ANNIE, DOROTHY
from tests.aws.rehearsal import Rehearsal
from tests.aws.seam import Fault
from tests.aws.test_at_once import assert_eight_are_one
from tests.aws.test_crashes import FAULTS, RETRY_AFTER, assert_scenes_healed, disturbed
from tests.aws.test_crashes_of_the_reconciler import places
from tests.aws.use_cases import GROUP, HEARD_OF, ID, ROLES, STEPS, UNHEARD_OF
from tests.builders import KATHERINE, MARY, package_arn

__all__ = ["STEPS"]

DECIDE, FOLLOW, ROLL_UP = "Decide", "SyncModelGroup", "RollUpUseCase"
NOTIFY, RECORD = "Notify", "RecordDecisions"
WRITE = "TransactWriteItems"


@pytest.fixture(scope="module", autouse=True)
def with_officers() -> Iterator[None]:
    """Every function is told who governs."""
    with patch.dict(ENVIRONMENT, {name: {**told, **ROLES} for name, told in ENVIRONMENT.items()}):
        yield


def item(outcome: dict[str, Any], pk: str, sk: str) -> dict[str, Any]:
    """An item of an outcome."""
    found = (json.loads(one) for one in outcome["items"])
    told: dict[str, Any] = next(one for one in found if (one["pk"]["S"], one["sk"]["S"]) == (pk, sk))
    return told


def stands(outcome: dict[str, Any]) -> tuple[str, str]:
    """Where the use case is after a step, and as what."""
    head = item(outcome, f"USECASE#{ID}", "HEAD")
    return head["use_case_stage"]["S"], head["ai_act_class"]["S"]


def test_each_command_did_what_it_says(lived: Rehearsal):
    assert [stands(one) for one in lived.outcomes] == [
        ("proof-of-concept", ""),
        *[("proof-of-concept", "high")] * 2,
        *[("development", "high")] * 5,
        *[("quality-assurance", "high")] * 4,
        *[("development", "high")] * 5,
        *[("development", "limited")] * 5,
    ]
    last = lived.outcomes[-1]
    group = json.loads(item(last, f"GROUP#{GROUP}", "HEAD")["document"]["S"])
    told = {"id": ID, "name": "Scores", "stage": "development", "ai_act_class": "limited"}
    assert told.items() <= group["use_case"].items(), "the group follows"
    record = item(lived.outcomes[5], f"MODEL#{package_arn()}", "STAGE#development")
    assert (record["use_case_name"]["S"], record["use_case_stage"]["S"]) == ("Credit scoring", "development")
    named = [one for one in last["items"] if "annie" in one or "dorothy" in one]
    assert len(named) == 1, "people go by their ids"
    known = set(json.loads(item(last, f"USECASE#{ID}", "PEOPLE")["names"]["S"]).values())
    assert known == {MARY.id, DOROTHY.id, KATHERINE.id, ANNIE.id}, "but for the one item beside the chain"
    names = [name for name in last["announced"].values() if name.startswith(("UseCase", "ModelGroup"))]
    assert names.count("UseCaseAdvanced") == 2
    assert {"UseCaseCreated", "UseCaseAssessed", "UseCaseRejected", "ModelGroupDetached"} <= set(names)


def test_whatever_is_written_is_written_in_one_small_transaction(lived: Rehearsal):
    calls = [call for scene in lived.of(DECIDE) for call in scene.calls]
    written = [call.parameters["TransactItems"] for call in calls if call.operation == "TransactWriteItems"]
    assert len(written) == len(lived.of(DECIDE)), "each command is one"
    assert max(map(len, written)) <= 5, "however many groups there are"
    others = {call.operation for call in calls} - {"TransactWriteItems"}
    assert others <= {"GetItem", "BatchGetItem", "Query", "PutItem", "GetCallerIdentity"}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_is_healed_by_asking_again(lived: Rehearsal, fault: Fault):
    met = assert_scenes_healed(lived, lived.of(DECIDE), fault)
    assert met or fault is Fault.RETRIED, "never tried"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_group_learns_of_its_use_case_whatever_befalls_it(lived: Rehearsal, fault: Fault):
    scenes = [one for one in lived.of(FOLLOW) if one.delivery.event["detail-type"].startswith("UseCase")]
    assert len(scenes) >= 6
    assert_scenes_healed(lived, scenes, fault)


def test_what_the_use_case_came_to_was_told_in_turn(lived: Rehearsal):
    told = ("UseCaseAdvanceOffered", "UseCaseAdvanceWithdrawn", "UseCaseRiskChanged", "UseCaseAffected")
    names = [[name for name in one["announced"].values() if name in told] for one in lived.outcomes]
    offered, advanced, taken_back = names[6], names[8], names[-4]
    assert offered == ["UseCaseAdvanceOffered"], "as soon as its only model is approved"
    assert advanced == offered, "taken up, and not withdrawn"
    assert taken_back[-1] == "UseCaseAdvanceWithdrawn"


def test_the_roll_up_of_each_step_is_one_small_transaction_each_for_group_and_use_case(lived: Rehearsal):
    for scene in lived.of(ROLL_UP):
        written = [len(call.parameters["TransactItems"]) for call in scene.calls if call.operation == WRITE]
        assert len(written) <= 2
        assert max(written, default=0) <= 7


@pytest.mark.parametrize("fault", FAULTS)
def test_a_use_case_comes_to_the_same_whatever_befalls_who_counts(lived: Rehearsal, fault: Fault):
    scenes = lived.of(ROLL_UP)
    assert len(scenes) >= 8
    assert_scenes_healed(lived, scenes, fault)


def belongs(outcome: dict[str, Any], group: str) -> str:
    """The use case that a group belongs to."""
    return str(json.loads(item(outcome, f"GROUP#{group}", "HEAD")["document"]["S"])["use_case"]["id"])


def test_a_group_that_a_stack_made_belongs_to_the_use_case_that_its_tags_name(lived: Rehearsal):
    first, last = lived.outcomes[-3:-1]
    assert belongs(first, HEARD_OF) == belongs(last, UNHEARD_OF) == ID
    deeds = [json.loads(json.loads(one)["entry"]["S"]) for one in last["items"] if '"AUDIT#' in one]
    taken = [one for one in deeds if one["action"] == "group-attached" and one["who"] == "steward"]
    assert {one["new"]["group"] for one in taken} == {HEARD_OF, UNHEARD_OF}
    assert list(last["announced"].values()).count("ModelGroupAttached") == 4
    record = item(first, f"MODEL#{package_arn('credit-risk-ead', 1)}", "STAGE#development")
    assert record["use_case_name"]["S"] == "Scores", "its first version knows it"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_group_is_taken_in_once_whatever_befalls_its_first_event(lived: Rehearsal, fault: Fault):
    kinds = [(one.delivery.event["detail-type"], one) for one in lived.of(FOLLOW)]
    scenes = [one for kind, one in kinds if kind == "ModelVersionRegistered" and one.step == len(STEPS) - 3]
    assert len(scenes) == 1
    assert_scenes_healed(lived, scenes, fault)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_group_is_taken_in_once_whatever_befalls_the_reconciler(lived: Rehearsal, fault: Fault):
    for scene in lived.of("ReconcileRegistry"):
        for at in places(scene, fault):
            found = disturbed(lived, scene, fault, at, RETRY_AFTER)
            taken = [
                one for one in found["items"] if '"AUDIT#' in one and "group-attached" in one and UNHEARD_OF in one
            ]
            assert (len(taken), belongs(found, UNHEARD_OF)) == (1, ID), f"{fault} call {at}, {scene.calls[at - 1]}"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_keeps_nobody_from_being_told(lived: Rehearsal, fault: Fault):
    scenes = lived.of(NOTIFY)
    assert [one.delivery.event["detail"]["approved_stage"] for one in scenes] == ["proof-of-concept"]
    met = assert_scenes_healed(lived, scenes, fault)
    assert met or fault is Fault.CONTENDED, "never tried"


def test_the_ml_engineer_is_told_once_for_each_approval_what_to_do_and_by_whom_it_was_approved(lived: Rehearsal):
    (told,) = lived.outcomes[-1]["others"]
    (text,) = told.values()
    for words in ("Use case credit-risk may have model groups", "EU AI Act class: high", "use-cases@1", "person-",
                  "steward onboard onboarding.yaml"):  # fmt: skip
        assert words in text, words
    assert "dorothy" not in text


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_keeps_a_decision_from_being_lost_or_kept_twice(lived: Rehearsal, fault: Fault):
    scenes = lived.of(RECORD)
    assert [len(one.calls) for one in scenes] == [2], "one GetItem, one PutItem"
    (kept,) = [one for one in lived.outcomes[-1]["items"] if '"DECISION#' in one]
    assert f'"DECISION#{ID}#loan-2026-10-20.4711"' in kept
    assert_scenes_healed(lived, scenes, fault)


def test_eight_times_the_same_command_at_once_are_one_deed(lived: Rehearsal):
    assert_eight_are_one(lived, DECIDE)
