"""Pipeline executions really run: source, function, stack; and end as CodePipeline's do."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from local_cloud.backend.wiring import wiring

from .conftest import DEV, HUB, REGION, Client, RememberingDoor, until

ROLE = f"arn:aws:iam::{HUB}:role/pipeline"
TEMPLATE = {
    "Parameters": {"Name": {"Type": "String"}},
    "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Name"}}}},
    "Outputs": {"QueueName": {"Value": {"Fn::GetAtt": ["Queue", "QueueName"]}}},
}


def declaration(name: str, bucket: str, **source: str) -> dict[str, Any]:
    def action(name: str, category: str, provider: str, configuration: dict[str, str], **more: Any) -> Any:
        kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
        return {"name": name, "actionTypeId": kind, "configuration": configuration, **more}

    bundle = {"S3Bucket": bucket, "S3ObjectKey": "bundles/none.zip", "PollForSourceChanges": "false"}
    stack = {
        "ActionMode": "CREATE_UPDATE",
        "StackName": "#{variables.Stack}",
        "TemplatePath": "Bundle::template.json",
        "TemplateConfiguration": "Bundle::configuration.json",
        "RoleArn": f"arn:aws:iam::{DEV}:role/cloudformation",
    }
    asked = '{"execution":"#{codepipeline.PipelineExecutionId}","queue":"#{Deploy.QueueName}"}'
    inputs = [{"name": "Bundle"}]
    source_action = action("Bundle", "Source", "S3", {**bundle, **source}, outputArtifacts=inputs)
    deploy = action(
        "Deploy",
        "Deploy",
        "CloudFormation",
        stack,
        inputArtifacts=inputs,
        roleArn=f"arn:aws:iam::{DEV}:role/deploy",
        namespace="Deploy",
    )
    validate = action(
        "Validate", "Invoke", "Lambda", {"FunctionName": "validate", "UserParameters": asked}, inputArtifacts=inputs
    )
    return {
        "name": name,
        "roleArn": ROLE,
        "pipelineType": "V2",
        "executionMode": "PARALLEL",
        "artifactStore": {"type": "S3", "location": bucket},
        "variables": [{"name": "Stack", "defaultValue": "none"}, {"name": "Note", "defaultValue": "none"}],
        "stages": [
            {"name": "Source", "actions": [source_action]},
            {"name": "Deploy", "actions": [deploy]},
            {"name": "Validate", "actions": [validate]},
        ],
    }


def bundle(template: dict[str, Any], **parameters: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("template.json", json.dumps(template))
        archive.writestr("configuration.json", json.dumps({"Parameters": parameters, "Tags": {"a": "b"}}))
    return packed.getvalue()


@pytest.fixture
def codepipeline(client: Client) -> Any:
    return client("codepipeline", HUB, "starter")


@pytest.fixture
def pipeline(client: Client, codepipeline: Any, group_name: str) -> str:
    name = group_name.lower()
    s3 = client("s3", HUB)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=name, Key="bundles/good.zip", Body=bundle(TEMPLATE, Name=f"q-{name}"))
    broken = {"Resources": {"Bad": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "no such*name"}}}}
    s3.put_object(Bucket=name, Key="bundles/bad.zip", Body=bundle(broken))
    codepipeline.create_pipeline(pipeline=declaration(name, name, AllowOverrideForS3ObjectKey="true"))
    return name


def started(codepipeline: Any, name: str, key: str = "bundles/good.zip", **more: Any) -> str:
    revision = {"actionName": "Bundle", "revisionType": "S3_OBJECT_KEY", "revisionValue": key}
    variables = [{"name": "Stack", "value": f"stack-{name}"}]
    answer = codepipeline.start_pipeline_execution(name=name, variables=variables, sourceRevisions=[revision], **more)
    return str(answer["pipelineExecutionId"])


def ended(codepipeline: Any, name: str, execution: str, *statuses: str) -> dict[str, Any]:
    def look() -> Any:
        found = codepipeline.get_pipeline_execution(pipelineName=name, pipelineExecutionId=execution)
        return found["pipelineExecution"] if found["pipelineExecution"]["status"] in statuses else None

    found: dict[str, Any] = until(look)
    return found


def succeeding(codepipeline: Any) -> tuple[Callable[[Any], None], list[Any]]:
    events: list[Any] = []

    def function(event: Any) -> None:
        events.append(event)
        codepipeline.put_job_success_result(jobId=event["CodePipeline.job"]["id"])

    return function, events


def states(door: RememberingDoor, kind: str, name: str) -> list[str]:
    found = door.of(f"CodePipeline {kind} Execution State Change", HUB)
    return [event["detail"]["state"] for event in found if event["detail"]["pipeline"] == name]


def test_an_execution_runs_to_its_end(client: Client, codepipeline: Any, pipeline: str, door: RememberingDoor):
    door.functions["validate"], events = succeeding(codepipeline)
    execution = started(codepipeline, pipeline)
    found = ended(codepipeline, pipeline, execution, "Succeeded", "Failed")
    assert found["status"] == "Succeeded"
    assert {v["name"]: v["resolvedValue"] for v in found["variables"]} == {"Stack": f"stack-{pipeline}", "Note": "none"}
    (job,) = (event["CodePipeline.job"] for event in events)
    asked = json.loads(job["data"]["actionConfiguration"]["configuration"]["UserParameters"])
    assert asked == {"execution": execution, "queue": f"q-{pipeline}"}
    location = job["data"]["inputArtifacts"][0]["location"]["s3Location"]
    assert client("s3").get_object(Bucket=location["bucketName"], Key=location["objectKey"])["Body"].read()
    (stack,) = client("cloudformation", DEV).describe_stacks(StackName=f"stack-{pipeline}")["Stacks"]
    assert stack["RoleARN"].endswith(":role/cloudformation")
    assert states(door, "Pipeline", pipeline) == ["STARTED", "SUCCEEDED"]
    assert states(door, "Stage", pipeline) == ["STARTED", "SUCCEEDED"] * 3
    assert states(door, "Action", pipeline) == ["STARTED", "SUCCEEDED"] * 3
    first = door.of("CodePipeline Pipeline Execution State Change")[0]
    assert first["detail"]["execution-trigger"]["trigger-detail"].endswith("/starter")
    assert first["detail"]["pipeline-execution-attempt"] == 1.0
    again = started(codepipeline, pipeline)
    assert ended(codepipeline, pipeline, again, "Succeeded", "Failed")["status"] == "Succeeded"


def test_the_same_token_starts_once(codepipeline: Any, pipeline: str, door: RememberingDoor):
    door.functions["validate"], _ = succeeding(codepipeline)
    first = started(codepipeline, pipeline, clientRequestToken="once")
    assert started(codepipeline, pipeline, clientRequestToken="once") == first
    listed = codepipeline.list_pipeline_executions(pipelineName=pipeline)["pipelineExecutionSummaries"]
    assert [found["pipelineExecutionId"] for found in listed] == [first]
    ended(codepipeline, pipeline, first, "Succeeded")


def test_a_stack_that_fails_fails_the_execution_with_its_reason(
    codepipeline: Any, pipeline: str, door: RememberingDoor
):
    execution = started(codepipeline, pipeline, "bundles/bad.zip")
    ended(codepipeline, pipeline, execution, "Failed")
    actions = codepipeline.list_action_executions(pipelineName=pipeline, filter={"pipelineExecutionId": execution})[
        "actionExecutionDetails"
    ]
    assert [(a["actionName"], a["status"]) for a in actions] == [("Deploy", "Failed"), ("Bundle", "Succeeded")]
    result = actions[0]["output"]["executionResult"]
    assert result["errorDetails"]["code"] == "JobFailed"
    assert result["externalExecutionSummary"] == result["errorDetails"]["message"]
    failed = door.of("CodePipeline Action Execution State Change")[-1]
    assert failed["detail"]["execution-result"]["error-code"] == "JobFailed"
    assert states(door, "Pipeline", pipeline) == ["STARTED", "FAILED"]
    stages = codepipeline.get_pipeline_state(name=pipeline)["stageStates"]
    assert [stage.get("latestExecution", {}).get("status") for stage in stages] == ["Succeeded", "Failed", None]


def test_a_failed_stage_is_tried_again_in_the_same_execution(codepipeline: Any, pipeline: str, door: RememberingDoor):
    def refuse(event: Any) -> None:
        details = {"type": "JobFailed", "message": "AUC too low"}
        codepipeline.put_job_failure_result(jobId=event["CodePipeline.job"]["id"], failureDetails=details)

    door.functions["validate"] = refuse
    execution = started(codepipeline, pipeline)
    ended(codepipeline, pipeline, execution, "Failed")
    door.functions["validate"], _ = succeeding(codepipeline)
    codepipeline.retry_stage_execution(
        pipelineName=pipeline, stageName="Validate", pipelineExecutionId=execution, retryMode="FAILED_ACTIONS"
    )
    ended(codepipeline, pipeline, execution, "Succeeded")
    assert states(door, "Pipeline", pipeline) == ["STARTED", "FAILED", "RESUMED", "SUCCEEDED"]
    assert door.of("CodePipeline Pipeline Execution State Change")[-1]["detail"]["pipeline-execution-attempt"] == 2.0
    names = [
        a["actionName"] for a in codepipeline.list_action_executions(pipelineName=pipeline)["actionExecutionDetails"]
    ]
    assert names == ["Validate", "Validate", "Deploy", "Bundle"]
    with pytest.raises(ClientError, match="StageNotRetryable"):
        codepipeline.retry_stage_execution(
            pipelineName=pipeline, stageName="Validate", pipelineExecutionId=execution, retryMode="ALL_ACTIONS"
        )


@pytest.mark.parametrize("abandon", [True, False])
def test_an_execution_is_stopped(codepipeline: Any, pipeline: str, door: RememberingDoor, abandon: bool):
    waiting: list[Any] = []
    door.functions["validate"] = waiting.append
    execution = started(codepipeline, pipeline)
    until(lambda: waiting)
    codepipeline.stop_pipeline_execution(
        pipelineName=pipeline, pipelineExecutionId=execution, abandon=abandon, reason="wrong model"
    )
    job = waiting[0]["CodePipeline.job"]["id"]
    if not abandon:
        codepipeline.put_job_success_result(jobId=job)
    ended(codepipeline, pipeline, execution, "Stopped")
    assert states(door, "Pipeline", pipeline) == ["STARTED", "STOPPING", "STOPPED"]
    assert states(door, "Action", pipeline)[-1] == ("ABANDONED" if abandon else "SUCCEEDED")
    with pytest.raises(ClientError, match="InvalidJobState"):
        codepipeline.put_job_success_result(jobId=job)
    with pytest.raises(ClientError, match="NotStoppable"):
        codepipeline.stop_pipeline_execution(pipelineName=pipeline, pipelineExecutionId=execution)


def test_a_function_that_never_reports_fails_its_action(
    codepipeline: Any, pipeline: str, door: RememberingDoor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("local_cloud.backend.wiring._current", [replace(wiring(), job_timeout=1)])
    door.functions["validate"] = lambda _: None
    execution = started(codepipeline, pipeline)
    ended(codepipeline, pipeline, execution, "Failed")
    latest = codepipeline.list_action_executions(pipelineName=pipeline)["actionExecutionDetails"][0]
    assert "failed to return a result" in latest["output"]["executionResult"]["errorDetails"]["message"]


def test_a_missing_source_fails_the_execution(codepipeline: Any, pipeline: str):
    execution = started(codepipeline, pipeline, "bundles/gone.zip")
    ended(codepipeline, pipeline, execution, "Failed")
    (source,) = codepipeline.list_action_executions(pipelineName=pipeline)["actionExecutionDetails"]
    assert source["output"]["executionResult"]["errorDetails"]["code"] == "ConfigurationError"


@pytest.mark.parametrize(
    "wrong",
    [
        {"variables": [{"name": "Unknown", "value": "x"}]},
        {"variables": [{"name": "Stack", "value": "x" * 1001}]},
        {"sourceRevisions": [{"actionName": "Deploy", "revisionType": "S3_OBJECT_KEY", "revisionValue": "k"}]},
    ],
)
def test_a_wrong_start_is_refused(codepipeline: Any, pipeline: str, wrong: dict[str, Any]):
    with pytest.raises(ClientError) as refused:
        codepipeline.start_pipeline_execution(name=pipeline, **wrong)
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_what_is_not_there_is_said_so(codepipeline: Any, pipeline: str):
    with pytest.raises(ClientError, match="PipelineNotFoundException"):
        codepipeline.start_pipeline_execution(name="none")
    with pytest.raises(ClientError, match="PipelineExecutionNotFoundException"):
        codepipeline.get_pipeline_execution(pipelineName=pipeline, pipelineExecutionId=str(uuid4()))
    with pytest.raises(ClientError, match="JobNotFoundException"):
        codepipeline.put_job_success_result(jobId=str(uuid4()))
