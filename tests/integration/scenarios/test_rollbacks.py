"""What nothing justifies is taken back: stopped on its way, or replaced by the version that served before it."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import CHANGES, Item, unique
from tests.integration.scenarios.driver import Driver
from tests.integration.scenarios.record import wait_for
from tests.integration.scenarios.subscriber import Subscriber

FIRST, SECOND = (models.formula(number) for number in (91, 92))


@pytest.fixture(scope="module")
def serving(driver: Driver) -> str:
    """A version that serves in test."""
    group = driver.group(unique("returning"), model=models.formula())
    arn = driver.register(group, FIRST)
    driver.wait_sealed(arn)
    driver.approve(arn)
    assert driver.serves("test", driver.wait_deployed(arn), FIRST)
    return arn


def sealed_late(driver: Driver, subscriber: Subscriber, group: str) -> tuple[str, dict[str, Any]]:
    """A version that was approved, and rejected a second later, before it was sealed: of the rejection nobody told.

    The rules that start the copies and that record the registry's changes are switched off for a while. Returns the
    version, and the event that is still to come.
    """
    events, machine = driver.client("events", "hub"), driver.outputs["CopyArtifactsMachine"]
    bus = {"EventBusName": driver.outputs["GovernanceBus"]}
    (copies,) = events.list_rule_names_by_target(TargetArn=machine, **bus)["RuleNames"]
    events.disable_rule(Name=copies, **bus)
    try:
        arn = driver.register(group, SECOND)
        driver.approve(arn)
        driver.wait_stage(arn, "development", model_status="approved")
        asked = wait_for("the request to seal is announced", lambda: requests(subscriber, arn), bool)
        rejection = untold(driver, arn)
    finally:
        events.enable_rule(Name=copies, **bus)
    driver.client("stepfunctions", "hub").start_execution(stateMachineArn=machine, input=json.dumps(asked[0]))
    return arn, rejection


def requests(subscriber: Subscriber, arn: str) -> list[dict[str, Any]]:
    about = [one for one in subscriber.listen() if one["detail-type"] == "SealingRequested"]
    return [one for one in about if one["detail"].get("model_package_arn") == arn]


def untold(driver: Driver, arn: str) -> dict[str, Any]:
    """The owner rejects a version, and its event is lost: as it would have been."""
    events, function = driver.client("events", "hub"), driver.outputs["SyncModelVersionName"]
    target = f"arn:aws:lambda:{driver.region}:{driver.accounts['hub']}:function:{function}"
    rules = events.list_rule_names_by_target(TargetArn=target)["RuleNames"]
    for rule in rules:
        events.disable_rule(Name=rule)
    try:
        approved = driver.describe(arn)["LastModifiedTime"].timestamp()
        wait_for("the next second", time.time, lambda now: int(now) > approved, 3)
        driver.approve(arn, "a mistake", status="Rejected")
        rejected = driver.describe(arn)
        driver.wait_told(arn)
    finally:
        for rule in rules:
            events.enable_rule(Name=rule)
    return driver.envelope(told(rejected), CHANGES)


def told(described: Item) -> dict[str, Any]:
    """The event of a package's last change."""
    names = ("ModelPackageArn", "ModelPackageGroupName", "ModelPackageVersion", "ModelPackageStatus",
             "ModelApprovalStatus", "ApprovalDescription", "InferenceSpecification")  # fmt: skip
    times = {name: described[name].isoformat() for name in ("CreationTime", "LastModifiedTime")}
    fields = {"UpdatedModelPackageFields": ["ModelApprovalStatus", "ApprovalDescription"]}
    return {**{name: described[name] for name in names}, **times, **fields}


def test_a_late_rejection_lets_the_version_before_serve_again(
    driver: Driver, serving: str, subscriber: Subscriber
) -> None:
    arn, rejection = sealed_late(driver, subscriber, driver.group_arn(serving.split("/")[1]))
    assert driver.serves("test", driver.wait_deployed(arn), SECOND)
    driver.wait_stage(serving, "test", deployment_status="superseded")
    driver.invoke("SyncModelVersion", rejection)
    record = driver.wait_stage(arn, "test", deployment_status="rolled-back")
    assert f"{serving} serves again" in record["deployment_reason"]
    assert driver.serves("test", driver.wait_deployed(serving), FIRST)
    driver.settled([arn, serving])
    assert [one["status"] for one in driver.deployments(serving)] == ["superseded", "deployed"]
    assert {"deployment-unjustified", "rollback-impossible"}.isdisjoint(driver.findings(arn))
    actions = driver.actions(arn)
    assert actions.index("rollback-requested") < actions.index("rollback-finished")
    assert actions.count("rollback-requested") == 1
    (effect,) = (one for one in driver.items(arn, "EFFECT#") if one["effect"] == "roll-back")
    assert effect["outcome"] == "rolled-back"
    (back,) = (one for one in driver.items(serving, "EFFECT#") if f"EFFECT#{one['cause']}" == effect["sk"])
    assert back["effect"] == "deploy"
    announced = {"RollbackRequested", "ModelRolledBack"}
    wait_for("it is announced", lambda: heard(subscriber, arn), announced.issubset)


def heard(subscriber: Subscriber, arn: str) -> set[str]:
    """The kinds of announcements about a version."""
    return {one["detail-type"] for one in subscriber.listen() if one["detail"].get("model_package_arn") == arn}


def test_what_is_rejected_while_its_pipeline_deploys_is_stopped_and_the_version_before_serves_again(
    driver: Driver, serving: str, tmp_path: Path
) -> None:
    """The pipeline cannot be quicker than whoever stops it: its endpoint is not up before it is being stopped."""
    gate = tmp_path / "open"
    arn = driver.register(driver.group_arn(serving.split("/")[1]), models.held(93, gate))
    driver.wait_sealed(arn)
    driver.approve(arn)
    run = wait_for("its pipeline deploys", lambda: driver.deployments(arn), lambda all_: all_ and all_[0]["claimed_by"])
    try:
        driver.approve(arn, "a mistake", status="Rejected")
        wait_for("it is being stopped", lambda: status_of(driver, run[0]), lambda one: one in {"Stopping", "Stopped"})
    finally:
        gate.touch()
    driver.wait_stage(arn, "test", deployment_status="rolled-back")
    assert status_of(driver, run[0]) == "Stopped"
    assert driver.serves("test", driver.wait_deployed(serving), FIRST)


def status_of(driver: Driver, deployment: Item) -> str:
    """Where the execution of a deployment stands."""
    execution = driver.client("codepipeline", "auditor").get_pipeline_execution(
        pipelineName=driver.outputs["TestPipeline"], pipelineExecutionId=deployment["execution_id"]
    )
    return str(execution["pipelineExecution"]["status"])
