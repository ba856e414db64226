"""Whatever befalls who imports, told again it has imported once.

A data scientist registers in the dev account's own registry and its owner approves there. Somebody approves another one
of a group that the hub does not have, rejects it, and approves it again once the hub has the group.
"""

import json
import re
from typing import Any

import pytest

from tests.aws.cloud import Cloud
from tests.aws.life import PROFILE, envelope, of_the_source
from tests.aws.rehearsal import Rehearsal
from tests.aws.resources import INTAKE_BUS
from tests.aws.seam import Fault
from tests.aws.test_at_once import assert_eight_are_one
from tests.aws.test_crashes import FAULTS, assert_scenes_healed
from tests.aws.test_crashes import timeless as without_times
from tests.builders import ADA, DEV, REGION, Person, after, group_arn, package_arn, user

IMPORT = "ImportModelVersion"
GRACE = Person(id="grace.hopper", arn=f"arn:aws:sts::{DEV}:assumed-role/local-owner/grace.hopper")
CHURN = "churn"


def local(group: str = "credit-risk-pd") -> str:
    """A version of the dev account's own registry."""
    return f"arn:aws:sagemaker:{REGION}:{DEV}:model-package/{group}/3"


def tell(cloud: Cloud, arn: str, approval: str, at: float, by: Person = GRACE) -> None:
    """Somebody registers or decides in the dev account, and a second later its event is on the intake bus."""
    known = cloud.registry.elsewhere.get(arn)
    born = known["CreationTime"] if known else after(at).isoformat()
    told = {
        "ModelPackageArn": arn,
        "ModelPackageGroupName": arn.split("/")[1],
        "CreationTime": born,
        "LastModifiedTime": after(at).isoformat(),
        "ModelPackageStatus": "Completed",
        "ModelApprovalStatus": approval,
        "InferenceSpecification": of_the_source(),
        "CustomerMetadataProperties": {"team": "pd"},
    }
    author = known["CreatedBy"] if known else user(ADA)
    cloud.registry.elsewhere[arn] = {**told, "CreatedBy": author, "LastModifiedBy": user(by)}
    updated = {"UpdatedModelPackageFields": ["ModelApprovalStatus"]} if known else {}
    cloud.clock.moment = after(at + 1)
    event = envelope("SageMaker Model Package State Change", {**told, **updated}, "aws.sagemaker", at, DEV)
    cloud.happens(event, INTAKE_BUS)


def registered(cloud: Cloud) -> None:
    """The hub's group takes imports, and has none of the other name; a data scientist registers."""
    cloud.registry.tags[group_arn()] = {**PROFILE, "steward:imports-from": DEV}
    cloud.registry.gone.add(group_arn(CHURN))
    tell(cloud, local(), "PendingManualApproval", 0, ADA)


def approved_again(cloud: Cloud, at: float) -> None:
    """The hub has the group by now."""
    cloud.registry.gone.discard(group_arn(CHURN))
    cloud.registry.tags[group_arn(CHURN)] = {"steward:imports-from": DEV}
    tell(cloud, local(CHURN), "Approved", at)


def approved_nowhere(cloud: Cloud, at: float) -> None:
    """A version of a group that the hub does not have is approved."""
    cloud.registry.gone.add(group_arn(CHURN))
    tell(cloud, local(CHURN), "Approved", at)


STEPS = (
    ("a version is registered in the dev account", registered),
    ("its owner approves it there", lambda c: tell(c, local(), "Approved", 600)),
    ("and rejects it there", lambda c: tell(c, local(), "Rejected", 660)),
    ("one of another group is registered", lambda c: tell(c, local(CHURN), "PendingManualApproval", 720, ADA)),
    ("it is approved, and the hub has no such group", lambda c: approved_nowhere(c, 780)),
    ("it is rejected", lambda c: tell(c, local(CHURN), "Rejected", 840)),
    ("it is approved again, and the hub has the group", lambda c: approved_again(c, 900)),
)  # fmt: skip


def with_group(lived: Rehearsal, step: int) -> None:
    """Which groups the hub has is no part of what is restored."""
    gone = lived.cloud.registry.gone
    (gone.discard if step == len(STEPS) - 1 else gone.add)(group_arn(CHURN))


def timeless(told: dict[str, Any]) -> Any:
    """An outcome without times, and without what follows from when the copy was made: names of effects and events."""
    told = {**told, "announced": sorted(told["announced"].values())}
    return json.loads(re.sub(r"\bseal-[0-9a-f]{32}\b", "<name>", json.dumps(without_times(told))))


def documents(outcome: dict[str, Any]) -> list[dict[str, Any]]:
    """The imports, as the hub's chain has them."""
    rows = [json.loads(one) for one in outcome["items"] if '"HUB#steward"' in one and '"EFFECT#import-' in one]
    return [json.loads(row["document"]["S"]) for row in rows]


def test_each_was_imported_once_and_the_reason_why_not_was_said_before(lived: Rehearsal):
    kept = [[one["status"] for one in documents(outcome)] for outcome in lived.outcomes]
    assert [sorted(one) for one in kept] == [
        [], ["done"], ["done"], ["done"], ["done", "refused"], ["done", "withdrawn"], ["done", "done"],
    ]  # fmt: skip
    assert sorted(lived.registries[-1]) == sorted([package_arn(version=1), package_arn(CHURN, 1)])
    copy = lived.registries[-1][package_arn(version=1)]
    assert copy["ModelApprovalStatus"] == "PendingManualApproval"
    assert copy["InferenceSpecification"] == of_the_source()
    assert copy["CustomerMetadataProperties"]["steward:source-model-package-arn"] == local()
    assert copy["CustomerMetadataProperties"]["team"] == "pd"


def test_the_copy_is_sealed_and_its_source_is_on_its_record(lived: Rehearsal):
    mine = [one for one in lived.outcomes[-1]["items"] if f'"MODEL#{package_arn(version=1)}"' in one]
    (head,) = [json.loads(one) for one in mine if '"HEAD"' in one]
    state = json.loads(head["state"]["S"])
    assert head["sealed"]["BOOL"]
    assert state["imported"]["source"]["arn"] == local()
    assert "source-not-approved" in state["findings"]
    assert state["registered_by"]["id"] != state["imported"]["approved_by"]["id"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_is_healed_by_redelivery(lived: Rehearsal, fault: Fault):
    met = 0
    for scene in lived.of(IMPORT):
        with_group(lived, scene.step)
        met += assert_scenes_healed(lived, [scene], fault, seen=timeless)
    assert met, "never tried"


def test_eight_deliveries_of_one_event_have_the_effect_of_one(lived: Rehearsal):
    lived.cloud.registry.gone.add(group_arn(CHURN))
    last = [scene for scene in lived.of(IMPORT) if scene.step == len(STEPS) - 1]
    before = Rehearsal(lived.cloud, lived.steps, [one for one in lived.scenes if one not in last], lived.outcomes)
    assert_eight_are_one(before, IMPORT)
    with_group(lived, len(STEPS) - 1)
    assert_eight_are_one(Rehearsal(lived.cloud, lived.steps, last, lived.outcomes), IMPORT)


def test_what_is_not_approved_costs_one_call_and_an_import_twelve(lived: Rehearsal):
    assert [len(scene.calls) for scene in lived.of(IMPORT)][:3] == [1, 12, 3]
