"""What is made to fail lies among the dead letters with its cause, a redrive heals it, and a replay changes nothing."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chaos.weather import raging
from steward import redriving
from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver
from tests.integration.scenarios.record import wait_for
from tests.integration.scenarios.subscriber import Subscriber

pytestmark = pytest.mark.cloud

ENGINEER = "ml-engineer"
WHY = ("--why", "it answers again")


def letters(steward: Steward, arn: str) -> list[dict[str, Any]]:
    """The letters that name a version."""
    listed = json.loads(steward(ENGINEER, "redrive", "--json").stdout)
    return [one for one in listed["letters"] if arn in one["versions"]]


def redrive(steward: Steward, *ids: str) -> dict[str, Any]:
    """Redrive letters, all of which their targets take."""
    ended = steward(ENGINEER, "redrive", *ids, *WHY, "--json")
    told = json.loads(ended.stdout)
    assert ended.exit_code == 0, told
    return dict(told)


@pytest.fixture(scope="module")
def unheard(driver: Driver, cloud: dict[str, Any], steward: Steward) -> str:
    """A version of whose registration the registry would say nothing more when it was asked."""
    failing = {"service": "sagemaker", "operation": "DescribeModelPackage", "error": "AccessDeniedException"}
    group = driver.group(unique("unheard"))
    with raging(cloud["endpoint_url"], {"seed": 1, "calls": [{**failing, "message": "the role was changed"}]}):
        arn = driver.register(group, models.formula(71))
        wait_for("the dead letter", lambda: letters(steward, arn), bool, 120)
    return arn


def test_an_event_that_its_function_gave_up_on_is_shown_with_its_cause_and_healed(
    driver: Driver, steward: Steward, unheard: str
) -> None:
    (letter,) = letters(steward, unheard)
    assert (letter["box"], letter["attempts"]) == ("failed", 3)
    assert letter["target"].endswith("sync-model-version")
    assert "the role was changed" in letter["cause"]
    assert driver.items(unheard) == []
    told = redrive(steward, letter["id"])
    assert [one["outcome"] for one in told["letters"]] == ["accepted"]
    assert told["versions"] == {unheard: "as its facts give"}
    assert letters(steward, unheard) == []
    driver.wait_sealed(unheard)
    assert steward("auditor", "verify", unheard).exit_code == 0


def test_what_could_not_be_delivered_is_delivered_to_functions_and_to_the_machine(
    driver: Driver, cloud: dict[str, Any], steward: Steward
) -> None:
    group = driver.group(unique("undelivered"))
    with raging(cloud["endpoint_url"], {"seed": 2, "deliveries": {"undeliverable": 1, "sources": ["aws.sagemaker"]}}):
        arn = driver.register(group, models.formula(72))
        wait_for("the first dead letter", lambda: letters(steward, arn), bool)
    (letter,) = letters(steward, arn)
    assert (letter["box"], letter["cause"]) == ("undelivered", "SDK_CLIENT_ERROR: The target did not answer.")
    sealing = {"undeliverable": 1, "sources": ["steward"], "detail_types": ["SealingRequested"]}
    with raging(cloud["endpoint_url"], {"seed": 3, "deliveries": sealing}):
        steward(ENGINEER, "redrive", letter["id"], *WHY)  # it may see the next one already
        (second,) = wait_for("the second dead letter", lambda: letters(steward, arn), bool)
    assert second["target"].endswith("copy-artifacts")
    assert not driver.head(arn)["sealed"]
    redrive(steward, second["id"])
    driver.wait_sealed(arn)


def test_stream_records_that_the_relay_gave_up_on_are_announced_by_a_redrive(
    driver: Driver, cloud: dict[str, Any], steward: Steward, subscriber: Subscriber
) -> None:
    """Twelve refusals are more than the relay's retries, for which nobody should wait: the batch is given to Lambda's
    own place for it, as Lambda writes it."""
    arn = driver.register(driver.group(unique("stream")), models.formula(73))
    driver.wait_sealed(arn)
    driver.wait_stage(arn, "development", model_owner="mary.jackson")
    driver.settled([arn])
    entries = driver.items(arn, "AUDIT#")
    records = [
        {
            "eventID": one["hash"][:32], "eventName": "INSERT", "eventSource": "aws:dynamodb",
            "dynamodb": {
                "Keys": {"pk": {"S": f"MODEL#{arn}"}, "sk": {"S": one["sk"]}}, "SequenceNumber": str(one["sequence"]),
                "NewImage": {
                    "pk": {"S": f"MODEL#{arn}"}, "sk": {"S": one["sk"]}, "sequence": {"N": str(one["sequence"])},
                    "entry": {"S": one["entry"]}, "hash": {"S": one["hash"]},
                },
            },
        }
        for one in entries
    ]  # fmt: skip
    account, region = driver.accounts["hub"], driver.region
    about = {"functionArn": f"arn:aws:lambda:{region}:{account}:function:{driver.outputs['RelayChangesName']}"}
    kept = {"requestContext": {**about, "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 11}}
    kept |= {"responseContext": {"functionError": "Unhandled"}, "DDBStreamBatchInfo": {"batchSize": len(records)}}
    body = json.dumps({**kept, "payload": json.dumps({"Records": records})}).encode()
    key = f"aws/lambda/{unique('mapping')}/shardId-0/2026-11-21T10.00.00-1"
    driver.client("s3", "hub").put_object(Bucket=driver.outputs["StreamFailureBucket"], Key=key, Body=body)
    (letter,) = letters(steward, arn)
    assert (letter["box"], letter["cause"]) == ("stream", f"RetryAttemptsExhausted: Unhandled ({len(records)} records)")
    redrive(steward, letter["id"])
    assert letters(steward, arn) == []
    heard = wait_for(
        "all events, and some again",
        lambda: of(subscriber, arn),
        lambda found: len(found) > len(ids(found)) and ids(found) >= announced(driver, arn),
    )
    assert ids(heard) == announced(driver, arn)


def of(subscriber: Subscriber, arn: str) -> list[dict[str, Any]]:
    """What was announced of a version, as often as it was."""
    return [one for one in subscriber.listen() if one["detail"].get("model_package_arn") == arn]


def ids(heard: list[dict[str, Any]]) -> set[str]:
    return {one["detail"]["event_id"] for one in heard}


def announced(driver: Driver, arn: str) -> set[str]:
    """The ids of all events in the entries of a version."""
    entries = (json.loads(item["entry"]) for item in driver.items(arn, "AUDIT#"))
    return {event["detail"]["event_id"] for entry in entries for event in entry["events"]}


def test_every_redrive_is_an_entry_in_the_chain_of_the_hub(driver: Driver, unheard: str) -> None:
    dynamodb, table = driver.client("dynamodb", "auditor"), driver.outputs["GovernanceTable"]
    values = {":pk": {"S": f"HUB#{driver.install}"}, ":sk": {"S": "AUDIT#"}}
    condition = "pk = :pk AND begins_with(sk, :sk)"
    found = dynamodb.query(TableName=table, KeyConditionExpression=condition, ExpressionAttributeValues=values)["Items"]
    deeds = [json.loads(one["entry"]["S"]) for one in found]
    (deed,) = [one for one in deeds if one["action"] == "redriven" and unheard in one["new"]["versions"]]
    assert deed["why"] == "it answers again"
    assert deed["acting_as"].endswith("role/steward-ml-engineer")
    assert deed["who"].startswith("person-")


@pytest.mark.parametrize("who", ["data-scientist", "model-owner", "validator", "officer", "auditor"])
def test_nobody_else_redrives_or_replays(steward: Steward, who: str) -> None:
    assert steward(who, "redrive", "--json").exit_code == 3
    assert steward(who, "replay", "--from", "2026-10-12", "--json").exit_code == 3


def test_the_ml_engineer_has_no_way_around_the_function(driver: Driver) -> None:
    sqs = driver.client("sqs", "ml-engineer")
    for queue in ("FailedEvents", "UndeliveredEvents"):
        with pytest.raises(sqs.exceptions.ClientError, match="AccessDenied"):
            sqs.receive_message(QueueUrl=driver.outputs[queue])


def test_what_came_in_replayed_changes_no_item_and_announces_nothing(
    driver: Driver, steward: Steward, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redriving, "PAUSE", 0.2)
    begun = datetime.now(UTC) - timedelta(seconds=1)
    group = driver.group(unique("replayed"), model=models.formula(74))
    arn = driver.register(group, models.formula(74))
    driver.approve(arn)
    driver.wait_deployed(arn)
    before = driver.settled([arn])
    wait_for("all is heard", lambda: ids(of(subscriber, arn)), lambda found: found == announced(driver, arn))
    heard = len(of(subscriber, arn))
    until = datetime.now(UTC) + timedelta(seconds=1)
    name = driver.outputs["RecordMetricsName"]

    def again() -> int:
        pages = driver.client("logs", "ml-engineer").get_paginator("filter_log_events").paginate(
            logGroupName=f"/aws/lambda/{name}", filterPattern="nothing new"
        )  # fmt: skip
        return sum("nothing new" in event["message"] for page in pages for event in page["events"])

    noted = again()
    ended = steward(ENGINEER, "replay", "--from", begun.isoformat(), "--to", until.isoformat(), "--json")
    assert ended.exit_code == 0, ended.output
    assert json.loads(ended.stdout)["state"] == "COMPLETED"
    wait_for("the validation's report is told again", again, lambda now: now > noted)
    assert driver.settled([arn]) == before
    assert len(of(subscriber, arn)) == heard
