"""What a package names as evidence, and what systems and people attach, is fetched, kept and read; or said why not."""

import hashlib
import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import Item, unique
from tests.integration.scenarios.driver import Driver
from tests.integration.scenarios.record import wait_for

QUALITY = json.dumps({"binary_classification_metrics": {"auc": {"value": 0.91}, "f1": {"value": "NaN"}}}).encode()
CARD = json.dumps({"model_overview": {"model_creator": "ada"}})


def leave(driver: Driver, content: bytes, name: str = "report.json") -> str:
    """A data scientist leaves a document in the dev bucket."""
    key = f"reports/{uuid.uuid4().hex}/{name}"
    driver.client("s3", "data-scientist").put_object(Bucket=driver.dev_bucket, Key=key, Body=content)
    return f"s3://{driver.dev_bucket}/{key}"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def attach(driver: Driver, arn: str, who: str, uri: str, content: bytes, **told: Any) -> None:
    """A system of an account says that a scan lies ready."""
    detail = {
        "schema_version": 1, "model_package_arn": arn, "kind": "security-scan", "uri": uri, "sha256": digest(content),
        "attached_at": datetime.now(UTC).isoformat(), **told,
    }  # fmt: skip
    entry = {"EventBusName": driver.outputs["IntakeBusArn"], "Source": "scanner", "DetailType": "EvidenceAttached",
             "Detail": json.dumps(detail)}  # fmt: skip
    assert driver.client("events", who).put_events(Entries=[entry])["FailedEntryCount"] == 0


def collected(driver: Driver, arn: str, kind: str, content: bytes) -> Item:
    """The row of a piece of evidence, once it is there."""
    key = f"EVIDENCE#{kind}#{digest(content)}"
    return wait_for(
        f"{key} of {arn}",
        lambda: driver.item(f"MODEL#{arn}", key),
        lambda row: row.get("status") == "collected",
        hopeless=lambda _: {"evidence-refused", "evidence-unreadable"} & set(driver.findings(arn)),
    )


@pytest.fixture(scope="module")
def group(driver: Driver) -> str:
    return driver.group(unique("evidence"), model=models.formula())


@pytest.fixture(scope="module")
def arn(driver: Driver, group: str) -> str:
    source = {"ContentType": "application/json", "S3Uri": leave(driver, QUALITY)}
    claimed = {**source, "ContentDigest": f"sha256:{digest(QUALITY)}"}
    card = {"ModelCardContent": CARD, "ModelCardStatus": "Draft"}
    metrics = {"ModelQuality": {"Statistics": claimed}}
    registered = driver.register(group, models.formula(81), ModelMetrics=metrics, ModelCard=card)
    driver.wait_registered(registered)
    return registered


def test_a_report_that_a_package_names_is_kept_locked_and_read(driver: Driver, arn: str) -> None:
    row = collected(driver, arn, "model-quality", QUALITY)
    assert json.loads(row["values"]) == {"auc": 0.91, "f1": "NaN"}
    stored = json.loads(row["stored"])
    reading = {"Bucket": stored["bucket"], "Key": stored["key"], "VersionId": stored["version_id"]}
    found = driver.client("s3", "auditor").get_object(**reading)
    assert found["Body"].read() == QUALITY
    locked = driver.client("s3", "auditor").get_object_retention(**reading)["Retention"]
    assert locked["RetainUntilDate"] > datetime.now(UTC)


def test_the_model_card_of_a_package_is_kept(driver: Driver, arn: str) -> None:
    row = collected(driver, arn, "model-card", CARD.encode())
    assert json.loads(row["stored"])["key"] == f"evidence/{digest(CARD.encode())}"


def test_a_scan_that_a_system_of_the_dev_account_attaches_is_kept(driver: Driver, arn: str) -> None:
    scan = b"%PDF nothing above low " + uuid.uuid4().bytes
    attach(driver, arn, "dev", leave(driver, scan, "scan.pdf"), scan)
    assert collected(driver, arn, "security-scan", scan)["source"] == "attached"


def test_what_a_validator_leaves_in_the_hub_is_kept(driver: Driver, arn: str) -> None:
    plan, bucket = b"who watches, and what they do " + uuid.uuid4().bytes, driver.outputs["ArtifactBucket"]
    key = f"documents/{uuid.uuid4().hex}/plan.md"
    driver.client("s3", "validator").put_object(Bucket=bucket, Key=key, Body=plan)
    attach(driver, arn, "hub", f"s3://{bucket}/{key}", plan, kind="human-oversight-plan")
    collected(driver, arn, "human-oversight-plan", plan)


WRONG = [
    ("missing", lambda d: (f"s3://{d.dev_bucket}/reports/nothing.json", b"{}"), "is not there"),
    ("changed", lambda d: (leave(d, b"this"), b"that"), "is not what was named"),
    ("large", lambda d: (leave(d, bytes(50_000_000)), bytes(50_000_000)), "50,000,000 bytes"),
]


@pytest.mark.parametrize(("document", "reason"), [one[1:] for one in WRONG], ids=[one[0] for one in WRONG])
def test_what_cannot_be_taken_says_why(driver: Driver, group: str, document: Any, reason: str) -> None:
    version = driver.register(group, models.formula(82))
    driver.wait_registered(version)
    uri, content = document(driver)
    attach(driver, version, "dev", uri, content)
    assert reason in driver.wait_finding(version, "evidence-refused")["detail"]


def test_the_held_out_rows_are_never_taken_as_evidence(driver: Driver, group: str) -> None:
    version = driver.register(group, models.formula(83))
    driver.wait_registered(version)
    bucket, rows = driver.outputs["ArtifactBucket"], models.formula().validation_set
    key = f"validation/{group.rsplit('/', 1)[-1]}/{models.formula().name}.csv"
    attach(driver, version, "dev", f"s3://{bucket}/{key}", rows)
    assert "cannot be read by the hub" in driver.wait_finding(version, "evidence-refused")["detail"]


def test_an_account_that_builds_no_models_attaches_nothing(driver: Driver, arn: str) -> None:
    scan = b"forged " + uuid.uuid4().bytes
    attach(driver, arn, "prod", leave(driver, scan), scan)
    finding = driver.wait_finding(arn, "producer-not-registered")
    assert driver.accounts["prod"] in finding["detail"]
    assert not driver.item(f"MODEL#{arn}", f"EVIDENCE#security-scan#{digest(scan)}")


def test_nobody_writes_or_deletes_evidence(driver: Driver, arn: str) -> None:
    stored = json.loads(collected(driver, arn, "model-quality", QUALITY)["stored"])
    for who in ("officer", "validator", "hub"):
        s3 = driver.client("s3", who)
        for change in (
            lambda s3=s3: s3.put_object(Bucket=stored["bucket"], Key=stored["key"], Body=b"better"),
            lambda s3=s3: s3.delete_object(Bucket=stored["bucket"], Key=stored["key"], VersionId=stored["version_id"]),
        ):
            with pytest.raises(s3.exceptions.ClientError):
                change()
