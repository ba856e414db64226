"""Pipelines fail, are stopped, tried again, started twice: the record says what happened, and nothing runs twice."""

import json
from pathlib import Path

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import Item, unique
from tests.integration.scenarios.driver import Driver
from tests.integration.scenarios.record import wait_for


@pytest.fixture(scope="module")
def broken(driver: Driver) -> tuple[str, Item]:
    """An approved version whose artifact no container can load, and its failed deployment."""
    group = driver.group(unique("broken"), model=models.formula())
    arn = driver.register(group, models.broken())
    driver.approve(arn)
    return arn, driver.wait_failed(arn)


def test_a_model_that_cannot_be_loaded_fails_with_the_pipelines_own_reason(
    driver: Driver, broken: tuple[str, Item]
) -> None:
    arn, record = broken
    assert record["deployment_reason"].startswith("Deploy:")
    assert "the weights are lost" in record["deployment_reason"]
    finding = driver.findings(arn)["deployment-failed"]
    assert "the weights are lost" in finding["detail"]


def test_the_next_version_of_the_group_is_deployed_after_a_failure(driver: Driver, broken: tuple[str, Item]) -> None:
    group = broken[0].split("/")[1]
    model = models.formula(51)
    arn = driver.register(driver.group_arn(group), model)
    driver.approve(arn)
    assert driver.serves("test", driver.wait_deployed(arn), model)


def test_a_right_taken_away_fails_the_deployment_and_given_back_the_next_approval_deploys(driver: Driver) -> None:
    """The test account's execution role may not read sealed artifacts for a while."""
    group = driver.group(unique("no-right"), model=models.formula())
    model = models.formula(52)
    arn = driver.register(group, model)
    driver.wait_sealed(arn)
    iam, role = driver.client("iam", "test"), f"{driver.install}-model-execution"
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    iam.delete_role_policy(RoleName=role, PolicyName=policy)
    try:
        driver.approve(arn)
        failed = driver.wait_failed(arn)
    finally:
        text = document if isinstance(document, str) else json.dumps(document)
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=text)
    assert "model data" in failed["deployment_reason"] or "AccessDenied" in failed["deployment_reason"]
    driver.approve_again(arn, "the right is back")
    record = wait_for(
        "the second deployment serves",
        lambda: driver.stage(arn, "test"),
        lambda now: now["deployment_status"] == "deployed" and now["validated_at"],
        60,
    )
    assert driver.serves("test", record, model)
    assert [item["status"] for item in driver.deployments(arn)] == ["failed", "deployed"]
    driver.wait_finding(arn, "deployment-failed", "closed")


def started(driver: Driver, arn: str) -> Item:
    """The one deployment of a version, once its execution is known."""
    return wait_for(
        f"the pipeline runs for {arn}",
        lambda: driver.deployments(arn),
        lambda found: found and found[-1]["execution_id"] and found[-1]["claimed_by"],
    )[-1]


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> tuple[models.Model, Path]:
    """A model whose container is not up before its gate is opened."""
    gate = tmp_path_factory.mktemp("stopped") / "gate"
    return models.held(53, gate), gate


@pytest.fixture(scope="module")
def stopped(driver: Driver, slow: tuple[models.Model, Path]) -> tuple[str, Item]:
    """A deployment whose pipeline somebody stopped by hand, while its endpoint was coming up."""
    model, gate = slow
    group = driver.group(unique("stopped"), model=models.formula())
    arn = driver.register(group, model)
    driver.wait_sealed(arn)
    driver.approve(arn)
    run = started(driver, arn)
    driver.client("codepipeline", "hub").stop_pipeline_execution(
        pipelineName=driver.outputs["TestPipeline"], pipelineExecutionId=run["execution_id"], abandon=False,
        reason="the machine room is on fire",
    )  # fmt: skip
    gate.touch()
    return arn, driver.wait_failed(arn)


def test_a_pipeline_stopped_by_hand_leaves_a_failed_deployment_with_its_reason(
    driver: Driver, stopped: tuple[str, Item]
) -> None:
    _, record = stopped
    assert "the machine room is on fire" in record["deployment_reason"]


def test_a_stage_tried_again_by_hand_carries_the_same_deployment_to_its_end(
    driver: Driver, stopped: tuple[str, Item], slow: tuple[models.Model, Path]
) -> None:
    arn, record = stopped
    client, pipeline = driver.client("codepipeline", "hub"), driver.outputs["TestPipeline"]
    (run,) = driver.deployments(arn)
    executed = client.get_pipeline_state(name=pipeline)["stageStates"]
    actions = client.list_action_executions(pipelineName=pipeline, filter={"pipelineExecutionId": run["execution_id"]})[
        "actionExecutionDetails"
    ]
    assert executed
    done = {action["stageName"] for action in actions if action["status"] == "Succeeded"}
    again = next(stage for stage in ("Verify", "Deploy", "Validate") if stage not in done)
    client.retry_stage_execution(
        pipelineName=pipeline, stageName=again, pipelineExecutionId=run["execution_id"], retryMode="FAILED_ACTIONS"
    )
    record = wait_for(
        "the same deployment is deployed",
        lambda: driver.stage(arn, "test"),
        lambda now: now["deployment_status"] == "deployed" and now["validated_at"],
        60,
    )
    (run,) = driver.deployments(arn)
    assert (run["status"], run["attempt"]) == ("deployed", 2)
    assert driver.serves("test", record, slow[0])


def test_a_second_execution_for_the_same_deployment_fails_at_the_claim_and_harms_nothing(
    driver: Driver, stopped: tuple[str, Item]
) -> None:
    arn, _ = stopped
    before = driver.settled([arn])
    (run,) = driver.deployments(arn)
    client, pipeline = driver.client("codepipeline", "hub"), driver.outputs["TestPipeline"]
    first = client.get_pipeline_execution(pipelineName=pipeline, pipelineExecutionId=run["execution_id"])
    variables = [
        {"name": one["name"], "value": one["resolvedValue"]} for one in first["pipelineExecution"]["variables"]
    ]
    revision = {"actionName": "Bundle", "revisionType": "S3_OBJECT_KEY", "revisionValue": run["bundle_key"]}
    second = client.start_pipeline_execution(name=pipeline, variables=variables, sourceRevisions=[revision])
    ended = wait_for(
        "the second execution ends",
        lambda: client.get_pipeline_execution(pipelineName=pipeline, pipelineExecutionId=second["pipelineExecutionId"])[
            "pipelineExecution"
        ],
        lambda execution: execution["status"] not in {"InProgress", "Stopping"},
    )
    assert ended["status"] == "Failed"
    actions = client.list_action_executions(
        pipelineName=pipeline, filter={"pipelineExecutionId": second["pipelineExecutionId"]}
    )["actionExecutionDetails"]
    failed = next(action for action in actions if action["status"] == "Failed")
    assert failed["stageName"] == "Verify"
    assert "ClaimHeld" in failed["output"]["executionResult"]["errorDetails"]["message"]
    after = driver.settled([arn])
    assert [item for item in after[arn] if not item["sk"].startswith(("AUDIT#", "FACT#", "HEAD"))] == [
        item for item in before[arn] if not item["sk"].startswith(("AUDIT#", "FACT#", "HEAD"))
    ]


def test_a_bundle_of_another_deployment_is_not_let_through(driver: Driver, stopped: tuple[str, Item]) -> None:
    """Somebody starts the pipeline with an approved deployment's variables and their own bundle."""
    arn, _ = stopped
    client, pipeline = driver.client("codepipeline", "hub"), driver.outputs["TestPipeline"]
    (run,) = driver.deployments(arn)
    variables = [
        {"name": "DeploymentId", "value": "deploy-" + "0" * 32},
        {"name": "ModelPackageArn", "value": arn},
        {"name": "BundleKey", "value": run["bundle_key"]},
        {"name": "StackName", "value": "steward-forged"},
    ]
    revision = {"actionName": "Bundle", "revisionType": "S3_OBJECT_KEY", "revisionValue": run["bundle_key"]}
    forged = client.start_pipeline_execution(name=pipeline, variables=variables, sourceRevisions=[revision])
    ended = wait_for(
        "the forged execution ends",
        lambda: client.get_pipeline_execution(pipelineName=pipeline, pipelineExecutionId=forged["pipelineExecutionId"])[
            "pipelineExecution"
        ],
        lambda execution: execution["status"] not in {"InProgress", "Stopping"},
    )
    assert ended["status"] == "Failed"
    assert driver.stage(arn, "test")["deployment_status"] == "deployed"
    for _ in range(2):  # that it began, and that it ended: nobody knows the deployment, and operators hear of it
        told = wait_for(
            "it is among the failed events", lambda: driver.failed_event(ended["pipelineExecutionId"]), bool
        )
        assert told["responsePayload"]["errorType"] == "UnknownDeployment"
        driver.forget(told)
