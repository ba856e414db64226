"""Whatever befalls who collects evidence, told again it leaves the record as if nothing had happened.

A version is registered with a report, one that is missing and a model card; scans are attached by who may and who may
not; another version names the same bytes, and evidence that somebody else has kept in the meantime.
"""

import hashlib
import json
from typing import Any

import pytest

from tests.aws.cloud import Cloud
from tests.aws.life import EIGHT, EIGHTH, SEVEN, envelope, tell
from tests.aws.rehearsal import Rehearsal
from tests.aws.resources import ARTIFACTS, INTAKE_BUS, SOURCES, client
from tests.aws.seam import Fault
from tests.aws.test_at_once import assert_eight_are_one
from tests.aws.test_crashes import FAULTS, RETRY_AFTER, assert_same, disturbed, disturbed_once, points, timeless
from tests.builders import ADA, after, change
from tests.template.translation import DEV, TEST

COLLECT = "CollectEvidence"
QUALITY = json.dumps({"binary_classification_metrics": {"auc": {"value": 0.91}}}).encode()
SCAN = b"%PDF nothing above low"
SHA = hashlib.sha256(QUALITY).hexdigest()
CARD = {"ModelCardContent": '{"model_overview": {}}', "ModelCardStatus": "Draft"}


def leave(bucket: str, key: str, content: bytes) -> str:
    """Somebody leaves a document."""
    client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    return f"s3://{bucket}/{key}"


def reports(*keys: str) -> dict[str, Any]:
    """`ModelMetrics` that name these reports."""
    source = {"ContentType": "application/json"}
    named = {f"Report{key}": {**source, "S3Uri": f"s3://{SOURCES}/{key}"} for key in keys}
    return {"ModelMetrics": {"ModelQuality": named}}


def registered(cloud: Cloud) -> None:
    """Version 7 names a report, another that is not there, and a card."""
    leave(SOURCES, "quality.json", QUALITY)
    tell(cloud, change(0, **reports("missing.json", "quality.json"), ModelCard=CARD), 0, ADA)


def attached(cloud: Cloud, at: float, account: str = DEV, arn: str = SEVEN, bucket: str = ARTIFACTS) -> None:
    """A system attaches a scan."""
    uri = leave(bucket, "documents/scan.pdf", SCAN)
    told = {"schema_version": 1, "model_package_arn": arn, "kind": "security-scan", "uri": uri}
    detail = {**told, "sha256": hashlib.sha256(SCAN).hexdigest(), "attached_at": after(at).isoformat()}
    cloud.clock.moment = after(at + 1)
    cloud.happens(envelope("EvidenceAttached", detail, "example.scanner", at, account), INTAKE_BUS)


STEPS = (
    ("version 7 is registered with evidence", registered),
    ("a scan of it is attached", lambda c: attached(c, 60)),
    ("a scan is attached by who may not", lambda c: attached(c, 120, TEST)),
    (
        "version 8 names the same report",
        lambda c: tell(c, change(840, arn=EIGHT, **EIGHTH, **reports("quality.json")), 840, ADA),
    ),
    ("a scan of version 8 lies elsewhere", lambda c: attached(c, 900, DEV, EIGHT, SOURCES)),
)


def rows(outcome: dict[str, Any], *about: str) -> list[str]:
    """The items in which all of this stands."""
    return [one for one in outcome["items"] if all(text in one for text in about)]


def test_everything_that_was_named_has_an_outcome(lived: Rehearsal):
    last = lived.outcomes[-1]
    assert rows(last, '"EFFECT#collect-', '"open"') == []
    assert len(rows(last, '"EVIDENCE#', '"collected"')) == 5
    assert len(rows(last, '"FINDING#', "evidence-refused", "missing.json is not there")) == 1
    assert len(rows(last, '"FINDING#', "producer-not-registered")) == 1


def test_what_two_versions_name_is_kept_once_locked_and_under_its_own_hash(lived: Rehearsal):
    kept = [one for one in lived.outcomes[-1]["objects"] if "/evidence/" in one]
    assert len(kept) == 3
    assert all(" 1 [" in one and "GOVERNANCE" in one for one in kept)
    assert any(f"/evidence/{SHA} " in one for one in kept)


def test_the_report_is_read(lived: Rehearsal):
    assert len(rows(lived.outcomes[0], f'"EVIDENCE#model-quality#{SHA}"', "0.91")) == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_is_healed_by_redelivery(lived: Rehearsal, fault: Fault):
    met = 0
    for scene in lived.of(COLLECT):
        expected = timeless(lived.outcomes[scene.step])
        for at in points(scene, fault):
            if fault is Fault.DENIED and str(scene.calls[at - 1]) == "s3:GetObject":
                continue  # that is an answer: see below
            met += 1
            found = timeless(disturbed_once(lived, scene, fault, at, RETRY_AFTER))
            assert_same(found, expected, f"{scene}, {fault} call {at}, {scene.calls[at - 1]}")
    assert met, "never tried"


def test_a_document_that_nobody_granted_ends_as_a_refusal_with_its_reason(lived: Rehearsal):
    met = 0
    for scene in lived.of(COLLECT):
        for at in [number for number, one in enumerate(scene.calls, 1) if str(one) == "s3:GetObject"]:
            met += 1
            found = disturbed(lived, scene, Fault.DENIED, at, RETRY_AFTER)
            assert rows(found, '"FINDING#', "evidence-refused", "cannot be read by the hub")
    assert met


def test_eight_deliveries_of_one_event_have_the_effect_of_one(lived: Rehearsal):
    assert_eight_are_one(lived, COLLECT)


def test_it_costs_three_calls_and_two_for_a_document(lived: Rehearsal):
    """Of what happens in one microsecond, as nothing does but here, some is late: that reads the facts and the rows."""
    counted = {
        (scene.delivery.event["detail-type"], tuple(str(one) for one in scene.calls if one.operation != "Query"))
        for scene in lived.of(COLLECT)
    }
    opened, saved = "dynamodb:BatchGetItem", "dynamodb:TransactWriteItems"
    learned, again = (opened, saved), ("s3:PutObject", "s3:HeadObject", "s3:PutObjectRetention")
    assert counted == {
        ("EvidenceAttached", learned),
        ("EvidenceRequested", (opened, "s3:GetObject", *learned)),
        ("EvidenceRequested", (opened, "s3:GetObject", "s3:PutObject", *learned)),
        ("EvidenceRequested", (opened, "s3:GetObject", *again, *learned)),
        ("EvidenceRequested", (opened, "sagemaker:DescribeModelPackage", "s3:PutObject", *learned)),
    }
