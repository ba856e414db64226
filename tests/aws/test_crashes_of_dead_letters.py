"""Whatever befalls a redrive at whichever call, no letter is lost, and asking again is as having asked once."""

from dataclasses import replace
from typing import Any

import pytest

from tests.aws.cloud import Delivery
from tests.aws.letters import FAILED, STEPS, UNDELIVERED, asked
from tests.aws.rehearsal import Rehearsal, Scene
from tests.aws.seam import Fault
from tests.aws.test_at_once import AT_ONCE, at_once
from tests.aws.test_crashes import FAULTS, assert_same, disturbed, points, timeless

__all__ = ["STEPS"]

REDRIVE = "RedriveEvents"
OUT_OF_SIGHT = 200.0
"""After so many seconds a letter that somebody held who is gone shows again."""
OF_THE_PLATFORM = {"HandOverFailures", "WriteItsLog", "WriteItsTraces"}


def redrive(lived: Rehearsal) -> Scene:
    return lived.of(REDRIVE)[0]


def settled(outcome: dict[str, Any]) -> dict[str, Any]:
    """An outcome without who had a letter in hand until when."""
    queues, machines = outcome["others"]
    left = {url: sorted(one["Body"] for one in kept.values()) for url, kept in queues.items()}
    return timeless({**outcome, "others": [left, machines]})


def test_every_letter_reached_its_target_and_only_what_nobody_can_read_is_left(lived: Rehearsal):
    before, after = lived.outcomes[1], lived.outcomes[2]
    assert [len(kept) for kept in before["others"][0].values()] == [2, 2]
    assert len(before["abandoned"]) == 1
    assert (after["others"][0][UNDELIVERED], after["abandoned"]) == ({}, [])
    (left,) = after["others"][0][FAILED].values()
    assert "nobody" in left["Body"]
    assert "ModelStageApproved" in after["announced"].values()
    assert "ModelStageApproved" not in before["announced"].values()


def test_who_redrove_what_and_why_is_one_entry_in_the_chain_of_the_hub(lived: Rehearsal):
    (entry,) = [one for one in lived.outcomes[-1]["items"] if "HUB#" in one and '"AUDIT#' in one]
    for part in ("redriven", "it answers again", "steward-sync-model-version", "model-package/"):
        assert part in entry
    assert "edsger" not in entry


def test_looking_changes_nothing_and_hides_nothing(lived: Rehearsal):
    cloud = lived.cloud
    cloud.restore(redrive(lived).before)
    before = cloud.outcome()
    answer = cloud.fleet.invoke(REDRIVE, asked(cloud, "list"))
    dry = cloud.fleet.invoke(REDRIVE, asked(cloud, dry_run=True, why=""))
    assert len(answer["letters"]) == len(dry["letters"]) == 5
    assert settled(cloud.outcome()) == settled(before)
    queues = cloud.others[0]
    assert all(queues.visible(one) for kept in queues.kept.values() for one in kept.values())
    (failed,) = [one for one in answer["letters"] if one["box"] == "failed" and not one["obstacle"]]
    assert failed["cause"] == "ClientError: the registry does not answer"
    assert (failed["attempts"], len(failed["versions"])) == (3, 1)


def test_only_what_was_asked_for_is_redriven(lived: Rehearsal):
    cloud = lived.cloud
    cloud.restore(redrive(lived).before)
    (wanted,) = [
        one["id"] for one in cloud.fleet.invoke(REDRIVE, asked(cloud, "list"))["letters"] if one["box"] == "stream"
    ]
    answer = cloud.fleet.invoke(REDRIVE, asked(cloud, ids=[wanted, "failed-000000000000"]))
    assert [(one["id"], one["outcome"]) for one in answer["letters"]] == [(wanted, "accepted")]
    assert answer["missing"] == ["failed-000000000000"]
    left = cloud.fleet.invoke(REDRIVE, asked(cloud, "list"))
    assert len(left["letters"]) == 4


def test_what_somebody_else_has_in_hand_is_counted_and_there_for_the_next_request(lived: Rehearsal):
    cloud = lived.cloud
    cloud.restore(redrive(lived).before)
    cloud.others[0].ReceiveMessage(QueueUrl=UNDELIVERED, MaxNumberOfMessages=10, VisibilityTimeout=60)
    answer = cloud.fleet.invoke(REDRIVE, asked(cloud))
    assert {name: box["held"] for name, box in answer["boxes"].items()} == {"undelivered": 2, "failed": 0, "stream": 0}
    cloud.clock.wait(60)
    again = cloud.fleet.invoke(REDRIVE, asked(cloud, number=3))
    assert sorted(one["outcome"] for one in again["letters"]) == ["accepted", "accepted", "kept"]


def test_the_same_request_takes_no_letter_that_came_after_it(lived: Rehearsal):
    cloud = lived.cloud
    cloud.restore(redrive(lived).before)
    cloud.deliver(redrive(lived).delivery)
    cloud.others[0].put(FAILED, {"came": "later"})
    again = cloud.fleet.invoke(REDRIVE, redrive(lived).delivery.event)
    assert len(again["missing"]) == 4
    assert len([one for one in again["letters"] if one["outcome"] == "accepted"]) == 0


def test_a_redrive_without_a_reason_or_without_a_proof_is_refused(lived: Rehearsal):
    cloud = lived.cloud
    cloud.restore(redrive(lived).before)
    before = cloud.outcome()

    def code(event: dict[str, Any]) -> str:
        return str(cloud.fleet.invoke(REDRIVE, event)["refused"]["code"])

    assert code(asked(cloud, why=" ")) == "no-reason"
    assert code(asked(cloud, "burn")) == "malformed-command"
    assert code(asked(cloud, function="arn:other")) == "identity-not-proven"
    assert cloud.outcome() == before


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault is not Fault.OVERTAKEN])
def test_a_fault_at_any_call_is_healed_by_asking_again(lived: Rehearsal, fault: Fault):
    met = 0
    for scene in lived.of(REDRIVE):
        expected = settled(lived.outcomes[scene.step])
        for at in points(scene, fault):
            if fault is Fault.RETRIED and scene.calls[at - 1].operation == "ReceiveMessage":
                continue  # the first answer was lost with its letters: they are in nobody's hand, as tested below
            met += 1
            found = settled(disturbed(lived, scene, fault, at, OUT_OF_SIGHT))
            assert_same(found, expected, f"{scene}, {fault} call {at}, {scene.calls[at - 1]}")
    assert met, "never tried"


def without_deeds(outcome: dict[str, Any]) -> dict[str, Any]:
    """An outcome without what is said of who redrove what."""
    return {**outcome, "items": [one for one in outcome["items"] if "HUB#" not in one]}


@pytest.mark.parametrize("seed", range(5))
def test_eight_times_the_same_request_at_once_are_one_deed_and_the_next_request_finds_all_that_is_left(
    lived: Rehearsal, seed: int
):
    cloud, scene = lived.cloud, redrive(lived)
    cloud.restore(scene.before)
    at_once(cloud, [replace(scene.delivery, then=lambda _: [])] * AT_ONCE, str(seed))
    cloud.settle()
    deeds = [one for one in cloud.outcome()["items"] if "HUB#" in one and '"AUDIT#' in one]
    assert len(deeds) == 1
    cloud.clock.wait(OUT_OF_SIGHT)
    cloud.deliver(Delivery(REDRIVE, asked(cloud, number=9)))
    cloud.settle()
    expected = without_deeds(settled(lived.outcomes[scene.step]))
    assert_same(without_deeds(settled(cloud.outcome())), expected, f"{AT_ONCE} at once, {seed}")
