"""The same events again, late and in any order, change nothing and start nothing."""

import json
import random
from typing import Any

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.driver import Driver
from tests.integration.scenarios.record import wait_for


@pytest.fixture(scope="module")
def recorded(driver: Driver) -> Any:
    """Everything that SageMaker and CodePipeline say on the hub's default bus, kept in a queue."""
    name = unique("recorder")
    sqs, events = driver.client("sqs", "hub"), driver.client("events", "hub")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:{driver.region}:{driver.accounts['hub']}:{name}"
    allow = {
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Principal": {"Service": "events.amazonaws.com"},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    pattern = {"source": ["aws.sagemaker", "aws.codepipeline"]}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    kept: list[dict[str, Any]] = []

    def read() -> list[dict[str, Any]]:
        while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                kept.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return kept

    yield read
    events.remove_targets(Rule=name, Ids=["queue"])
    events.delete_rule(Name=name)


TOLD = (5, 4)
"""By the registry: registered, approved, decided, the two calls in CloudTrail too. By two pipelines: begun, ended."""


def of_life(driver: Driver, arn: str, events: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], ...]:
    """What the registry told of a version, and what CodePipeline told of its executions."""
    ours = [
        event for event in events
        if arn in json.dumps(event)
        and event["detail-type"] in {"SageMaker Model Package State Change", "AWS API Call via CloudTrail"}
        and event["detail"].get("eventName", "UpdateModelPackage") == "UpdateModelPackage"
    ]  # fmt: skip
    executions = {item["execution_id"] for item in driver.deployments(arn)}
    pipeline = [
        event for event in events
        if event["detail-type"] == "CodePipeline Pipeline Execution State Change"
        and event["detail"]["execution-id"] in executions
    ]  # fmt: skip
    return ours, pipeline


@pytest.fixture(scope="module")
def life(driver: Driver, recorded: Any) -> tuple[str, list[dict[str, Any]]]:
    """A version that lived: registered, approved, deployed, approved in test, deployed to production."""
    group = driver.group(unique("again"), model=models.formula())
    arn = driver.register(group, models.formula(31))
    driver.wait_sealed(arn)
    driver.approve(arn)
    driver.wait_deployed(arn)
    driver.decide(arn, "Test")
    driver.wait_deployed(arn, "production")
    wait_for(
        "everything is told of it",
        lambda: tuple(len(found) for found in of_life(driver, arn, recorded())),
        lambda found: found == TOLD,
    )
    driver.settled([arn])
    return arn, recorded()


def again(driver: Driver, event: dict[str, Any]) -> None:
    copy = {**event, "id": driver.envelope({})["id"]}
    function = "TrackDeployment" if event["source"] == "aws.codepipeline" else "SyncModelVersion"
    driver.invoke(function, copy)


def handled(driver: Driver) -> int:
    """How many invocations ended: what the functions' own metrics say is not at hand, so their logs are asked."""
    logs = driver.client("logs", "ml-engineer")
    count = 0
    for name in ("sync-model-version", "track-deployment"):
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=f"/aws/lambda/{driver.install}-{name}", filterPattern="nothing new"
        )
        count += sum("nothing new" in event["message"] for page in pages for event in page["events"])
    return count


def of_version(driver: Driver, arn: str) -> set[str]:
    """The executions that were started for a version: others' may begin at any time."""
    client, found = driver.client("codepipeline", "auditor"), set()
    for name in ("TestPipeline", "ProdPipeline"):
        pipeline = driver.outputs[name]
        for page in client.get_paginator("list_pipeline_executions").paginate(pipelineName=pipeline):
            for one in page["pipelineExecutionSummaries"]:
                execution = one["pipelineExecutionId"]
                told = client.get_pipeline_execution(pipelineName=pipeline, pipelineExecutionId=execution)
                if arn in json.dumps(told["pipelineExecution"]["variables"]):
                    found.add(execution)
    return found


def test_every_event_again_in_any_order_under_another_id_changes_no_item_and_starts_nothing(
    driver: Driver, life: tuple[str, list[dict[str, Any]]]
) -> None:
    arn, events = life
    ours, pipeline = of_life(driver, arn, events)
    before, noted = driver.settled([arn]), handled(driver)
    copies = [*ours, *ours, *pipeline]
    random.Random(7).shuffle(copies)
    for event in copies:
        again(driver, event)
    wait_for("all copies were handled", lambda: handled(driver), lambda now: now >= noted + len(copies))
    assert driver.settled([arn]) == before
    assert of_version(driver, arn) == {item["execution_id"] for item in driver.deployments(arn)}


def test_a_change_of_metadata_that_still_says_approved_decides_nothing(
    driver: Driver, life: tuple[str, list[dict[str, Any]]]
) -> None:
    arn, _ = life
    before = {stage: driver.stage(arn, stage) for stage in ("development", "test", "production")}
    deployments, actions = driver.deployments(arn), driver.actions(arn)
    driver.client("sagemaker", "model-owner").update_model_package(
        ModelPackageArn=arn, CustomerMetadataProperties={"reviewed-by": "nobody"}
    )
    wait_for("the change is on record", lambda: driver.actions(arn), lambda now: len(now) > len(actions))
    driver.settled([arn])
    assert driver.deployments(arn) == deployments
    assert {stage: driver.stage(arn, stage) for stage in before} == before
    assert driver.actions(arn)[len(actions) :] == ["changed"]


def test_an_event_that_is_late_and_told_first_now_is_put_in_its_place_and_decides_nothing_new(driver: Driver) -> None:
    """An event of before the approval arrives after it: the record keeps it, and stays approved."""
    group = driver.group(unique("late"), model=models.formula())
    arn = driver.register(group, models.formula(32))
    driver.approve_again(arn, "good enough")  # in a later second than it was registered
    driver.wait_deployed(arn)
    driver.settled([arn])
    described = driver.describe(arn)
    detail = {
        name: described[name]
        for name in ("ModelPackageGroupName", "ModelPackageVersion", "ModelPackageArn", "InferenceSpecification",
                     "ModelPackageStatus")
    }  # fmt: skip
    born = described["CreationTime"].strftime("%Y-%m-%dT%H:%M:%SZ")
    late = {
        **detail, "CreationTime": born, "LastModifiedTime": born, "ModelApprovalStatus": "PendingManualApproval",
        "ApprovalDescription": "first look", "UpdatedModelPackageFields": ["ApprovalDescription"],
    }  # fmt: skip
    facts = len(driver.items(arn, "FACT#"))
    driver.invoke("SyncModelVersion", driver.envelope(late))
    wait_for("the late fact is kept", lambda: len(driver.items(arn, "FACT#")), lambda now: now > facts)
    driver.settled([arn])
    assert driver.stage(arn, "development")["model_status"] == "approved"
    assert driver.stage(arn, "test")["deployment_status"] == "deployed"
    assert len(driver.deployments(arn)) == 1
