"""Whatever befalls a person's command at whichever call, the same request again is the same deed, done once."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.aws.cloud import Delivery
from tests.aws.decisions import SEVEN, STEPS, signed
from tests.aws.rehearsal import Rehearsal
from tests.aws.seam import Fault
from tests.aws.test_at_once import assert_eight_are_one
from tests.aws.test_crashes import FAULTS, assert_healed, assert_same, timeless
from tests.aws.test_crashes_of_the_reconciler import FUNCTION as RECONCILER
from tests.aws.test_crashes_of_the_reconciler import befallen, places, record

__all__ = ["STEPS"]

DECIDE = "Decide"


def entries(lived: Rehearsal, outcome: dict[str, Any], action: str) -> list[str]:
    """The audit entries of a kind."""
    return [one for one in outcome["items"] if '"AUDIT#' in one and action in one]


def test_each_command_did_what_it_says(lived: Rehearsal):
    announced = [set(outcome["announced"].values()) for outcome in lived.outcomes]
    assert announced[0] == set(), "nothing follows of a version that nobody adopted"
    assert {"ModelVersionRegistered", "SealingRequested", "ArtifactsSealed"} <= announced[1]
    last = lived.outcomes[-1]
    for action in ("version-adopted", "legal-hold-placed", "legal-hold-lifted", "repaired", "person-forgotten"):
        assert len(entries(lived, last, action)) == 1, action
    assert not [one for one in last["items"] if "katherine" in one]


def test_a_command_is_answered_with_how_things_stand(lived: Rehearsal):
    cloud = lived.cloud
    (scene, *_) = lived.of(DECIDE)
    cloud.restore(scene.before)
    first = cloud.fleet.invoke(DECIDE, scene.delivery.event)
    again = cloud.fleet.invoke(DECIDE, scene.delivery.event)
    assert (first["changed"], first["is_dormant"]) == (True, False)
    assert (again["changed"], again["is_dormant"]) == (False, False)
    json.dumps(first)


def test_a_hold_that_was_lifted_is_not_placed_again_by_the_same_request(lived: Rehearsal):
    cloud = lived.cloud
    _, hold, released, *_ = lived.of(DECIDE)
    cloud.restore(released.before)
    cloud.deliver(released.delivery)
    cloud.deliver(replace(hold.delivery))
    cloud.settle()
    assert_same(timeless(cloud.outcome()), timeless(lived.outcomes[released.step]), "held again")


@pytest.mark.parametrize("command", ["adopt", "hold", "release-hold", "repair", "forget-person"])
def test_a_dry_run_changes_nothing(lived: Rehearsal, command: str):
    cloud = lived.cloud
    for scene in lived.of(DECIDE):
        cloud.restore(scene.before)
        before = cloud.outcome()
        about = {"name": "katherine.johnson"} if command == "forget-person" else {"version": SEVEN}
        answer = cloud.fleet.invoke(DECIDE, signed(cloud, command, dry_run=True, **about))
        assert answer["changed"] is False
        assert cloud.outcome() == before


def test_what_is_refused_leaves_no_trace(lived: Rehearsal):
    cloud = lived.cloud
    cloud.restore(lived.scenes[-1].before)
    before = cloud.outcome()

    def code(event: dict[str, Any]) -> str:
        return str(cloud.fleet.invoke(DECIDE, event)["refused"]["code"])

    good = signed(cloud, "hold", version=SEVEN)
    assert code(signed(cloud, "hold", version=SEVEN.replace("/7", "/999"))) == "unknown-version"
    assert code({**good, "proof": good["proof"].replace("X-Amz-Expires=900", "X-Amz-Expires=901")}) == (
        "identity-not-proven"
    )
    assert code(signed(cloud, "hold", version=SEVEN, function="arn:other")) == "identity-not-proven"
    assert code(signed(cloud, "burn", version=SEVEN)) == "malformed-command"
    assert code(signed(cloud, "hold", version=SEVEN, why=" ")) == "malformed-command"
    assert code({"payload": good["payload"]}) == "malformed-command"
    assert cloud.outcome() == before


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_is_healed_by_asking_again(lived: Rehearsal, fault: Fault):
    assert_healed(lived, DECIDE, fault)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_of_the_backfill_is_healed_by_the_next_call(lived: Rehearsal, fault: Fault):
    (scene,) = lived.of(RECONCILER)
    expected = record(lived.outcomes[scene.step])
    for at in places(scene, fault):
        found = record(befallen(lived, scene, fault, at))
        assert_same(found, expected, f"{scene}, {fault} call {at}, {scene.calls[at - 1]}")


def test_eight_times_the_same_command_at_once_are_one_deed(lived: Rehearsal):
    assert_eight_are_one(lived, DECIDE)


def test_the_last_delivery_is_no_longer_a_command_once_its_time_is_over(lived: Rehearsal):
    cloud = lived.cloud
    scene = lived.of(DECIDE)[0]
    cloud.restore(scene.before)
    cloud.clock.wait(16 * 60)
    answer = cloud.fleet.invoke(DECIDE, Delivery(DECIDE, scene.delivery.event).event)
    assert answer["refused"]["code"] == "identity-not-proven"
