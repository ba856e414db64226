"""Whatever befalls a sealing in pieces at whichever call, tried again it seals just the same, and leaves no upload.

A version of an object in parts and of a prefix, another of the same object, one whose prefix was written to after it
was registered, one whose parts cannot be copied however often it is tried, and one whose first execution was stopped.
"""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from governance.domain.upkeep import LegalHoldPlaced
from tests.aws.cloud import Cloud, machine
from tests.aws.conftest import hub_in_memory
from tests.aws.functions import ENVIRONMENT
from tests.aws.life import EIGHT, EIGHTH, NINE, NINTH, SEVEN, envelope
from tests.aws.rehearsal import Rehearsal, rehearse
from tests.aws.resources import SOURCES, client
from tests.aws.rights import rights
from tests.aws.seam import Fault
from tests.aws.test_crashes import FAULTS, RETRY_AFTER, assert_healed, disturbed
from tests.aws.test_crashes_of_holds import ordered
from tests.builders import ADA, BORN, after, change, described, package_arn
from tests.template.policies import allows, statements_of

COPY = "CopyArtifacts"
IN_SMALL = {"SINGLE_COPY_MIB": "5", "PART_MIB": "5"}
"""What is above 5 MiB is copied in parts here: as small as S3 lets parts be."""
ELEVEN = package_arn(version=11)
TWELVE = package_arn(version=12)
TWELFTH = {"CreationTime": after(910).isoformat()}
ELEVENTH = {"CreationTime": after(300).isoformat()}
LARGE = b"weights " * (6 * 2**20 // 8)
OTHER = b"WEIGHTS " * (6 * 2**20 // 8)


def left(key: str, content: bytes, late: bool = False) -> str:
    """An object of somebody's, written before anything was registered; or after everything was."""
    client("s3").put_object(Bucket=SOURCES, Key=key, Body=content)
    kept = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[SOURCES].keys[key]
    kept.last_modified = (after(10**8) if late else BORN).replace(tzinfo=None)
    return f"s3://{SOURCES}/{key}"


def container(own: str, further: str = "") -> dict[str, Any]:
    """A container of an object, and of a prefix."""
    told: dict[str, Any] = {"Image": "repo/image@sha256:1", "ModelDataUrl": own}
    source = {"S3DataType": "S3Prefix", "CompressionType": "None", "S3Uri": further}
    return told | ({"AdditionalModelDataSources": [{"ChannelName": "base", "S3DataSource": source}]} if further else {})


def registered(cloud: Cloud, at: float, arn: str, told: dict[str, Any], **born: Any) -> None:
    """A version is registered with this container."""
    specification = {"Containers": [told]}
    happened = change(at, arn=arn, InferenceSpecification=specification, **born)
    answer = described(happened, ADA).model_dump(by_alias=True, exclude_none=True)
    cloud.registry.packages[arn] = {**answer, "InferenceSpecification": specification}
    detail = happened.model_dump(mode="json", by_alias=True, exclude_none=True)
    cloud.clock.moment = after(at + 1)
    cloud.happens(envelope("SageMaker Model Package State Change", detail, "aws.sagemaker", at))


def first(cloud: Cloud) -> None:
    for name in ("a.bin", "b/c.bin"):
        left(f"base/{name}", name.encode())
    registered(cloud, 0, SEVEN, container(left("large.tar.gz", LARGE), f"s3://{SOURCES}/base/"))


def late(cloud: Cloud) -> None:
    left("late/a.bin", b"before")
    left("late/b.bin", b"after", late=True)
    registered(cloud, 900, NINE, container(left("large.tar.gz", LARGE), f"s3://{SOURCES}/late/"), **NINTH)


def stopped(cloud: Cloud) -> None:
    registered(cloud, 910, TWELVE, container(left("small", b"small")), **TWELFTH)


def announced_again(cloud: Cloud) -> None:
    """The reconciler has it announced again, and another execution begins."""
    told = [one for one in cloud.announced() if one["detail-type"] == "SealingRequested"]
    (event,) = {one["detail"]["event_id"]: one for one in told if one["detail"]["model_package_arn"] == TWELVE}.values()
    cloud.queue.append(machine(event, "execution-2"))


STEPS = (
    ("version 7 of a large object and a prefix is registered", first),
    ("version 11 cannot be copied", lambda c: registered(c, 300, ELEVEN, container(left("o", OTHER)), **ELEVENTH)),
    ("version 8 of the same object is registered",
     lambda c: registered(c, 840, EIGHT, container(left("large.tar.gz", LARGE)), **EIGHTH)),
    ("version 9 of a prefix that was written to since is registered", late),
    ("version 12 is registered, and its sealing stopped", stopped),
    ("its sealing is announced again", announced_again),
    ("version 7 is held", lambda c: ordered(c, LegalHoldPlaced, 1000, SEVEN)),
)  # fmt: skip


@pytest.fixture(scope="module")
def lived() -> Iterator[Rehearsal]:
    with patch.dict(ENVIRONMENT[COPY], IN_SMALL), hub_in_memory() as made:
        yield rehearse(made, STEPS)


def items(lived: Rehearsal, arn: str, word: str) -> list[str]:
    return [one for one in lived.outcomes[-1]["items"] if arn in one and word in one]


def test_a_large_object_and_a_prefix_are_sealed_and_share_what_is_the_same(lived: Rehearsal):
    assert items(lived, SEVEN, '"kind\\":\\"artifacts-sealed')
    assert items(lived, EIGHT, '"kind\\":\\"artifacts-sealed')
    sealed = [one.split(" ")[0] for one in lived.outcomes[-1]["objects"] if "/sealed/" in one]
    kinds = sorted(one.split("/sealed/")[1].split("/")[0] for one in sealed if not one.endswith("/small"))
    assert kinds == ["manifests", "parts", "trees", "trees"]


def test_what_broke_down_says_so_and_leaves_no_upload(lived: Rehearsal):
    (finding,) = items(lived, ELEVEN, '"FINDING#sealing-failed')
    assert "SlowDown" in finding
    assert lived.outcomes[-1]["uploads"] == []


def test_what_was_written_after_the_registration_is_refused(lived: Rehearsal):
    (finding,) = items(lived, NINE, '"FINDING#artifact-changed')
    assert "late/b.bin" in finding


def test_what_was_stopped_is_taken_over_by_the_next_execution(lived: Rehearsal):
    assert items(lived, TWELVE, '"kind\\":\\"artifacts-sealed')
    again = [one for one in lived.of(COPY) if lived.steps[one.step][1] is announced_again]
    told = [(one.delivery.event["task"], len(one.calls)) for one in again]
    assert told == [("plan", 5), ("copy", 3), ("seal", 2)], (
        "three more: whose the claim is, whether it runs, and its own"
    )


def test_sealing_in_pieces_costs_what_it_must(lived: Rehearsal):
    told = [(one.delivery.event["task"], len(one.calls)) for one in lived.of(COPY) if one.step == 0]
    assert told == [
        ("plan", 2),  # the record, and the claim
        ("copy", 1),  # it is too large, as its GetObject tells
        ("copy", 0),
        ("seal", 0),
        ("pieces", 5),  # the claim, HeadObject, ListObjectsV2, and two papers
        ("measure", 6),  # four pieces, and two papers
        ("name", 8),  # two papers read and three written; HeadObject, ListMultipartUploads, CreateMultipartUpload
        ("place", 12),  # four papers read and one written; ListParts, two parts, two objects copied and locked
        (
            "complete",
            8,
        ),  # three papers read and one written; ListParts, Complete…, PutObjectRetention, ListMultipartUploads
        ("gather", 8),  # four papers and the claim read, the list, and two calls for the record
    ]


def test_every_object_of_a_prefix_that_is_held_is_held_with_its_list(lived: Rehearsal):
    mine = [one for one in lived.outcomes[-1]["objects"] if "/sealed/" in one and "/small " not in one]
    assert len(mine) == 4
    assert all(one.endswith("'ON')]") for one in mine)


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.THROTTLED, Fault.OVERTAKEN])
def test_a_fault_while_a_prefix_is_held_is_healed(lived: Rehearsal, fault: Fault):
    assert_healed(lived, "RetainArtifacts", fault)


REFUSED = frozenset({"s3:GetObject", "s3:CopyObject", "s3:UploadPartCopy", "s3:HeadObject", "s3:ListObjectsV2"})


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_is_healed_by_redelivery(lived: Rehearsal, fault: Fault, monkeypatch):
    if fault is Fault.DENIED:
        monkeypatch.setattr("tests.aws.test_crashes.OF_OTHERS", {(COPY, one) for one in REFUSED})
    assert_healed(lived, COPY, fault)


def test_an_object_that_nobody_granted_ends_as_a_refusal_and_leaves_no_upload(lived: Rehearsal):
    for scene in [one for one in lived.of(COPY) if one.delivery.event["task"] in {"measure", "place"} and not one.step]:
        for at, call in enumerate(scene.calls, 1):
            if str(call) in REFUSED and of_a_source(call.parameters):
                found = disturbed(lived, scene, Fault.DENIED, at, RETRY_AFTER)
                assert any("artifact-unreadable" in one for one in found["items"]), str(call)
                assert found["uploads"] == []


def of_a_source(asked: Any) -> bool:
    return SOURCES in (asked["Bucket"], asked.get("CopySource", {}).get("Bucket"))


def test_every_call_is_allowed(lived: Rehearsal):
    statements = statements_of(COPY)
    asked = [right for scene in lived.of(COPY) for call in scene.calls for right in rights(call)]
    assert [one for one in asked if not allows(statements, one.action, one.resource, one.context)] == []
