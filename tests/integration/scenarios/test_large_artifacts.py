"""Artifacts that one copy cannot hold: an object in parts, and prefixes, one of 2,000 objects.

The local cloud copies in parts above 8 MiB, so that a machine's disk is spared.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from chaos.weather import raging
from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.driver import Driver
from tests.integration.scenarios.record import wait_for
from tests.integration.scenarios.subscriber import Subscriber

MIB = 2**20
UNRECORDED = {
    "principals": ["steward-copy-artifacts"],
    "calls": [{"service": "dynamodb", "operation": "TransactWriteItems", "error": "throttled"}],
}


@pytest.fixture(scope="module")
def group(driver: Driver) -> str:
    return driver.group(unique("large"), model=models.formula())


def padded(seed: int, size: int = 12 * MIB) -> models.Model:
    """A model that carries so many random bytes with it."""
    small = models.formula(seed)
    packed = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(small.archive)) as archive, tarfile.open(fileobj=packed, mode="w:gz") as large:
        for entry in archive.getmembers():
            large.addfile(entry, archive.extractfile(entry))
        about = tarfile.TarInfo("padding.bin")
        about.size = size
        large.addfile(about, io.BytesIO(os.urandom(size)))
    return replace(small, archive=packed.getvalue())


def unpacked(model: models.Model) -> dict[str, bytes]:
    """The files of a model, by their names in its archive."""
    with tarfile.open(fileobj=io.BytesIO(model.archive)) as archive:
        held = {entry.name.removeprefix("./"): archive.extractfile(entry) for entry in archive.getmembers()}
        return {name: file.read() for name, file in held.items() if file}


def versions(driver: Driver, prefix: str) -> Iterator[dict[str, Any]]:
    """Every version that lies below a prefix of the hub's bucket."""
    pages = driver.client("s3", "auditor").get_paginator("list_object_versions")
    for page in pages.paginate(Bucket=driver.outputs["ArtifactBucket"], Prefix=prefix):
        yield from page.get("Versions", ())


def sealed(driver: Driver, arn: str) -> list[dict[str, Any]]:
    """What the record says was sealed of a version."""
    driver.wait_sealed(arn, timeout=600)
    told: list[dict[str, Any]] = json.loads(driver.head(arn)["artifacts"])
    return told


def test_an_object_above_the_threshold_is_copied_in_parts_and_serves(driver: Driver, group: str) -> None:
    model = padded(71)
    arn = driver.register(group, model, uri=driver.upload(model, ChecksumAlgorithm="CRC64NVME"))
    (artifact,) = sealed(driver, arn)
    assert artifact["parts"] == 3
    assert artifact["key"].startswith(f"sealed/parts/{artifact['sha256']}-3/")
    assert artifact["source_check"]["algorithm"] == "CRC64NVME", "as it follows from the CRCs of the parts"
    assert "unverified" not in artifact["source_check"]
    held, step = model.archive, 5 * MIB
    digests = [hashlib.sha256(held[at : at + step]).digest() for at in range(0, len(held), step)]
    assert artifact["sha256"] == hashlib.sha256(b"".join(digests)).hexdigest()
    driver.approve(arn)
    assert driver.serves("test", driver.wait_deployed(arn), model)


@pytest.mark.timeout(900)
def test_a_prefix_of_2000_objects_is_sealed_locked_and_listed_and_serves(driver: Driver, group: str) -> None:
    prefix, s3 = f"trees/{unique('shards')}/", driver.client("s3", "data-scientist")
    model = models.formula(72)
    files = unpacked(model)
    files |= {f"a/shard-{number:04}.bin": b"weights %d" % number for number in range(2000 - len(files))}
    with ThreadPoolExecutor(8) as several:
        list(
            several.map(
                lambda one: s3.put_object(Bucket=driver.dev_bucket, Key=prefix + one[0], Body=one[1]), files.items()
            )
        )
    source = {"S3DataType": "S3Prefix", "CompressionType": "None", "S3Uri": f"s3://{driver.dev_bucket}/{prefix}"}
    container = {"ModelDataUrl": None, "ModelDataSource": {"S3DataSource": source}}
    arn = driver.register(group, model, container=container)
    (artifact,) = sealed(driver, arn)
    assert (artifact["form"], artifact["manifest"]["objects"]) == ("prefix", 2000)
    assert artifact["size"] == sum(map(len, files.values()))
    assert artifact["source_check"] == {"algorithm": "CRC32", "objects": 2000}, "what the SDK has S3 keep by itself"
    lying = {one["Key"]: one["VersionId"] for one in versions(driver, artifact["key"])}
    bucket = driver.outputs["ArtifactBucket"]
    listing = driver.client("s3", "auditor").get_object(Bucket=bucket, Key=artifact["manifest"]["key"])["Body"].read()
    assert hashlib.sha256(listing).hexdigest() == artifact["manifest"]["sha256"]
    listed = {artifact["key"] + one["name"]: one for one in json.loads(listing)["objects"]}
    assert {key: one["version_id"] for key, one in listed.items()} == lying
    assert {key.removeprefix(artifact["key"]): one["sha256"] for key, one in listed.items()} == {
        name: hashlib.sha256(held).hexdigest() for name, held in files.items()
    }
    some = next(iter(lying.items()))
    retention = driver.client("s3", "auditor").get_object_retention(Bucket=bucket, Key=some[0], VersionId=some[1])
    assert retention["Retention"]["Mode"] == "GOVERNANCE"
    driver.approve(arn)
    assert driver.serves("test", driver.wait_deployed(arn), model)


def asked(subscriber: Subscriber, arn: str) -> str:
    """The event that asks for the sealing of a version, as it starts an execution."""
    found = wait_for(
        "the request to seal is announced",
        lambda: [
            event
            for event in subscriber.listen()
            if event["detail-type"] == "SealingRequested" and event["detail"].get("model_package_arn") == arn
        ],
        bool,
    )
    return json.dumps(found[0])


def ended(states: Any, execution: str) -> tuple[str, set[str]]:
    """In which status an execution ended, and which states it has entered."""
    status = wait_for(
        "the execution ends",
        lambda: str(states.describe_execution(executionArn=execution)["status"]),
        lambda status: status != "RUNNING",
        300,
    )
    history = states.get_execution_history(executionArn=execution, maxResults=1000)["events"]
    return status, {one["stateEnteredEventDetails"]["name"] for one in history if "stateEnteredEventDetails" in one}


def test_of_executions_that_come_while_one_seals_none_seals_beside_it(
    driver: Driver, group: str, subscriber: Subscriber
) -> None:
    model, machine = padded(73), driver.outputs["CopyArtifactsMachine"]
    arn = driver.register(group, model)
    event, states = asked(subscriber, arn), driver.client("stepfunctions", "hub")
    others = [states.start_execution(stateMachineArn=machine, input=event)["executionArn"] for _ in range(3)]
    (artifact,) = sealed(driver, arn)
    assert artifact["parts"] == 3
    outcomes = [ended(states, one) for one in others]
    assert {status for status, _ in outcomes} == {"SUCCEEDED"}
    working = [entered for _, entered in outcomes if "CopyEach" in entered]
    assert len(working) <= 1, "one of them may have been before the rule's own"
    resting = [entered for _, entered in outcomes if "CopyEach" not in entered]
    assert all(entered & {"AlreadyUnderWay", "NothingToDo"} for entered in resting)


def test_what_an_execution_that_was_stopped_leaves_the_next_one_goes_on_with(
    driver: Driver, group: str, subscriber: Subscriber
) -> None:
    """The rule that starts executions is off for a while: an operator starts one, stops it, and starts another.

    The first cannot be quicker than the operator: what it does cannot be recorded before it is stopped.
    """
    machine, states = driver.outputs["CopyArtifactsMachine"], driver.client("stepfunctions", "hub")
    events, where = driver.client("events", "hub"), {"EventBusName": driver.outputs["GovernanceBus"]}
    (rule,) = events.list_rule_names_by_target(TargetArn=machine, **where)["RuleNames"]
    events.disable_rule(Name=rule, **where)
    try:
        arn = driver.register(group, padded(74))
        event = asked(subscriber, arn)
    finally:
        events.enable_rule(Name=rule, **where)
    with raging(driver.cloud["endpoint_url"], UNRECORDED):
        first = states.start_execution(stateMachineArn=machine, input=event)["executionArn"]
        states.stop_execution(executionArn=first, cause="by hand")
    second = states.start_execution(stateMachineArn=machine, input=event)["executionArn"]
    (artifact,) = sealed(driver, arn)
    assert artifact["parts"] == 3
    assert ended(states, first)[0] == "ABORTED"
    assert ended(states, second)[0] == "SUCCEEDED"
    bucket = driver.outputs["ArtifactBucket"]
    open_ones = driver.client("s3", "hub").list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    assert [one["Key"] for one in open_ones if one["Key"] == artifact["key"]] == []


def test_a_prefix_that_was_written_to_after_the_registration_is_refused(driver: Driver, group: str) -> None:
    prefix, s3 = f"trees/{unique('late')}/", driver.client("s3", "data-scientist")
    source = {"S3DataType": "S3Prefix", "CompressionType": "None", "S3Uri": f"s3://{driver.dev_bucket}/{prefix}"}
    container = {"ModelDataUrl": None, "ModelDataSource": {"S3DataSource": source}}
    arn = driver.register(group, models.formula(), container=container)
    driver.wait_finding(arn, "artifact-missing")
    driver.wait_told(arn)
    s3.put_object(Bucket=driver.dev_bucket, Key=f"{prefix}a.bin", Body=b"late")
    driver.approve(arn)
    driver.wait_finding(arn, "artifact-changed")
    assert driver.deployments(arn) == []
