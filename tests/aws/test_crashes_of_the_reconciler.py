"""Whatever befalls the reconciler, called again it leaves the record as if nothing had happened."""

from datetime import timedelta
from typing import Any

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from tests.aws.cloud import Cloud, Delivery
from tests.aws.life import tell
from tests.aws.rehearsal import Rehearsal, Scene
from tests.aws.resources import TABLE
from tests.aws.seam import Fault
from tests.aws.test_at_once import AT_ONCE, at_once
from tests.aws.test_crashes import FAULTS, assert_no_exemption, assert_same, disturbed, points, timeless
from tests.builders import ADA, BORN, MARY, after, approved, change, package_arn
from tests.template.translation import REGION

A_DAY = timedelta(days=1)
FUNCTION = "ReconcileRegistry"
NOW = {"mode": "reconcile", "grace_seconds": 0}
EIGHT, NINE = package_arn(version=8), package_arn(version=9)
EIGHTH, NINTH = {"CreationTime": after(840).isoformat()}, {"CreationTime": after(60).isoformat()}


APPROVAL = {
    "eventName": "UpdateModelPackage",
    "eventTime": after(600).isoformat(),
    "userIdentity": {"arn": MARY.arn},
    "requestParameters": {"modelPackageArn": package_arn(version=7), "modelApprovalStatus": "Approved"},
}
"""What CloudTrail knows of the approval that no event told."""


def registered(cloud: Cloud) -> None:
    """Two versions, told as they should be, in a hub that was there before them."""
    dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[TABLE].created_at = BORN.replace(tzinfo=None) - A_DAY
    cloud.seam.standins["cloudtrail"].records.append(APPROVAL)
    tell(cloud, change(0), 0, ADA)
    tell(cloud, change(60, arn=NINE, **NINTH), 60, ADA)


def untold(cloud: Cloud) -> None:
    """The registry changes thrice, no event tells of it, and the reconciler comes by."""
    tell(cloud, approved(600), 600)
    tell(cloud, change(840, arn=EIGHT, **EIGHTH), 840, ADA)
    del cloud.registry.packages[NINE]
    cloud.queue.clear()
    compared(cloud, 1200)


def compared(cloud: Cloud, at: float) -> None:
    """The reconciler comes by."""
    cloud.clock.moment = after(at)
    cloud.queue.append(Delivery(FUNCTION, NOW))


STEPS = (
    ("two versions are registered", registered),
    ("nobody is told of its approval, of another version and of the loss of a third", untold),
    ("nothing happened since", lambda c: compared(c, 1500)),
)


RUNS = ("AUDIT#", "RUN#", '"HEAD"', "GOVERNED", "RELAYED")


def record(outcome: dict[str, Any]) -> dict[str, Any]:
    """How things stand but for the journal of the reconciler's own runs: a second run is one run more."""
    items = [one for one in outcome["items"] if not ('"HUB#' in one and any(kind in one for kind in RUNS))]
    return timeless({**outcome, "items": items})


IN_ANOTHER_ACCOUNT = frozenset({"sts:AssumeRole", "sagemaker:ListEndpoints"})
"""Calls whose denial is an answer, not a failure: somebody else has to grant them."""


def places(scene: Scene, fault: Fault) -> list[int]:
    """The calls that a fault can befall, but for those that it befalls just as it does the one before.

    Of calls that follow upon one another and read the same way, only the first; and since nothing outside of the
    process happens while it reads, only what follows upon a write is killed.
    """

    def differs(at: int) -> bool:
        call, before = scene.calls[at - 1], scene.calls[at - 2]
        if at == 1 or call.writes:
            return True
        return before.writes if fault is Fault.KILLED_BEFORE else str(call) != str(before)

    answered = IN_ANOTHER_ACCOUNT if fault is Fault.DENIED else frozenset()
    return [at for at in points(scene, fault) if differs(at) and str(scene.calls[at - 1]) not in answered]


def befallen(lived: Rehearsal, scene: Scene, fault: Fault, at: int) -> dict[str, Any]:
    """How things stand after a run that began cold, as the rehearsed one did, and met a fault; called again at once."""
    lived.cloud.fleet.kill(FUNCTION)
    return disturbed(lived, scene, fault, at, 0)


def test_one_run_puts_on_the_record_what_no_event_told(lived: Rehearsal):
    approvals = [one for one in lived.outcomes[1]["items"] if '"STAGE#development"' in one and '"approved"' in one]
    assert approvals
    assert any(EIGHT in one for one in lived.outcomes[1]["items"])
    assert any("package-deleted" in one for one in lived.outcomes[1]["items"])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_is_healed_by_the_next_call(lived: Rehearsal, fault: Fault):
    assert_no_exemption(lived, FUNCTION, fault)
    scene = lived.of(FUNCTION)[0]
    expected = record(lived.outcomes[scene.step])
    for at in places(scene, fault):
        found = record(befallen(lived, scene, fault, at))
        assert_same(found, expected, f"{scene}, {fault} call {at}, {scene.calls[at - 1]}")


@pytest.mark.parametrize("call", sorted(IN_ANOTHER_ACCOUNT))
def test_an_account_that_lets_nobody_look_is_said_until_it_does(lived: Rehearsal, call: str):
    scene = lived.of(FUNCTION)[0]
    at = next(number for number, one in enumerate(scene.calls, 1) if str(one) == call)
    found = record(befallen(lived, scene, Fault.DENIED, at))
    kept = [one for one in found["items"] if "account-unreadable" in one]
    assert kept
    assert all('"status\\":\\"open\\"' in one for one in kept)
    assert_same({"items": [one for one in found["items"] if one not in kept]}, {"items": expected_items(lived)}, call)
    lived.cloud.deliver(scene.delivery)
    again = record(lived.cloud.outcome())
    assert not [one for one in again["items"] if "account-unreadable" in one and '"status\\":\\"open\\"' in one]


def expected_items(lived: Rehearsal) -> list[str]:
    """What an undisturbed run leaves."""
    return record(lived.outcomes[lived.of(FUNCTION)[0].step])["items"]


def test_eight_runs_at_once_have_the_effect_of_one(lived: Rehearsal):
    cloud = lived.cloud
    for number, scene in enumerate(lived.of(FUNCTION)):
        cloud.restore(scene.before)
        at_once(cloud, [scene.delivery] * AT_ONCE, str(number))
        cloud.settle()
        assert_same(record(cloud.outcome()), record(lived.outcomes[scene.step]), f"{scene}, {AT_ONCE} at once")
