"""Both halves together: a deployment across accounts, with the rights of the roles that AWS would use."""

import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local_cloud import processes
from local_cloud.place import ROOT, Place, ministack_python

from .conftest import DEV, HUB, REGION, until
from .test_hosting import packed, pickled, plus
from .test_pipelines import ended
from .test_registry import SPECIFICATION

TEST = "555566667777"
BUCKET = "hub-bucket"
ENDPOINT = "steward-credit-test"
CODE = """
import boto3
def handler(event, context):
    boto3.client("codepipeline").put_job_success_result(jobId=event["CodePipeline.job"]["id"])
"""

Client = Callable[..., Any]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    if not ministack_python().exists() and Path("/tmp/ms/bin/python").exists():
        os.environ["STEWARD_MINISTACK_PYTHON"] = "/tmp/ms/bin/python"
    place = Place(tmp_path_factory.mktemp("cloud"))
    running = processes.start(place)

    def client(service: str, account: str = HUB, session: dict[str, str] | None = None) -> Any:
        keys = session or {"AccessKeyId": account, "SecretAccessKey": "test", "SessionToken": None}
        return boto3.client(
            service,
            endpoint_url=running.endpoint_url,
            region_name=REGION,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            config=Config(retries={"total_max_attempts": 1}, proxies={}, s3={"addressing_style": "path"}),
        )

    try:
        yield client
    finally:
        processes.stop(place)


def allow(*actions: str, on: Any = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on}


def role(cloud: Client, account: str, name: str, trusted: dict[str, str], *statements: dict[str, Any]) -> str:
    iam = cloud("iam", account)
    trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=policy)
    return str(made["Role"]["Arn"])


def person(cloud: Client, account: str, name: str, *statements: dict[str, Any]) -> dict[str, str]:
    arn = role(cloud, account, name, {"AWS": f"arn:aws:iam::{account}:root"}, *statements)
    issued = cloud("sts", account).assume_role(RoleArn=arn, RoleSessionName=name)
    return dict(issued["Credentials"])


@pytest.fixture(scope="module")
def hub(cloud: Client) -> str:
    """The hub: a bucket, a function, and a pipeline into the test account."""
    s3 = cloud("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    readers = {"AWS": f"arn:aws:iam::{TEST}:root"}
    statement = {**allow("s3:GetObject", on=f"arn:aws:s3:::{BUCKET}/*"), "Principal": readers}
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    packed_code = io.BytesIO()
    with zipfile.ZipFile(packed_code, "w") as archive:
        archive.writestr("app.py", CODE)
    runs = role(cloud, HUB, "check", {"Service": "lambda.amazonaws.com"}, allow("codepipeline:PutJobSuccessResult"))
    cloud("lambda").create_function(
        FunctionName="check",
        Runtime="python3.13",
        Handler="app.handler",
        Role=runs,
        Code={"ZipFile": packed_code.getvalue()},
    )
    role(
        cloud,
        HUB,
        "steward-pipeline",
        {"Service": "codepipeline.amazonaws.com"},
        allow(
            "s3:GetObject", "s3:GetBucketVersioning", on=[f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/bundles/*"]
        ),
        allow("s3:PutObject", on=f"arn:aws:s3:::{BUCKET}/steward-deploy-*"),
        allow("lambda:InvokeFunction", on=f"arn:aws:lambda:{REGION}:{HUB}:function:check"),
        allow("sts:AssumeRole", on=f"arn:aws:iam::{TEST}:role/steward-deployment"),
    )
    cloud("codepipeline").create_pipeline(pipeline=declaration())
    return BUCKET


def declaration() -> dict[str, Any]:
    def stage(name: str, category: str, provider: str, configuration: dict[str, str], **more: Any) -> Any:
        kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
        return {
            "name": name,
            "actions": [{"name": name, "actionTypeId": kind, "configuration": configuration, **more}],
        }

    source = {"S3Bucket": BUCKET, "S3ObjectKey": "bundles/good.zip", "AllowOverrideForS3ObjectKey": "true"}
    stack = {
        "ActionMode": "CREATE_UPDATE",
        "StackName": ENDPOINT,
        "TemplatePath": "Bundle::template.yaml",
        "TemplateConfiguration": "Bundle::configuration.json",
        "Capabilities": "CAPABILITY_NAMED_IAM",
        "RoleArn": f"arn:aws:iam::{TEST}:role/steward-cloudformation",
    }
    inputs = [{"name": "Bundle"}]
    return {
        "name": "steward-deploy-test",
        "roleArn": f"arn:aws:iam::{HUB}:role/steward-pipeline",
        "pipelineType": "V2",
        "executionMode": "PARALLEL",
        "artifactStore": {"type": "S3", "location": BUCKET},
        "stages": [
            stage("Source", "Source", "S3", source, outputArtifacts=inputs),
            stage("Check", "Invoke", "Lambda", {"FunctionName": "check"}, inputArtifacts=inputs),
            stage(
                "Deploy",
                "Deploy",
                "CloudFormation",
                stack,
                inputArtifacts=inputs,
                roleArn=f"arn:aws:iam::{TEST}:role/steward-deployment",
            ),
        ],
    }


@pytest.fixture(scope="module")
def workload(cloud: Client) -> None:
    """The test account, from the template that a real one gets."""
    cloudformation = cloud("cloudformation", TEST)
    given = {
        "Stage": "test",
        "HubAccountId": HUB,
        "HubIntakeBusArn": f"arn:aws:events:{REGION}:{HUB}:event-bus/intake",
        "ArtifactBucketName": BUCKET,
        "ArtifactKeyArn": f"arn:aws:kms:{REGION}:{HUB}:key/artifacts",
        "PipelineBucketName": BUCKET,
        "PipelineKeyArn": f"arn:aws:kms:{REGION}:{HUB}:key/pipeline",
    }
    cloudformation.create_stack(
        StackName="steward-workload",
        TemplateBody=(ROOT / "stacks/workload-account.yaml").read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    until(lambda: status(cloudformation, "steward-workload") == "CREATE_COMPLETE")


def status(cloudformation: Any, stack: str) -> str:
    return str(cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])


def deployed(cloud: Client, version: str, artifact: str) -> dict[str, Any]:
    """Deploy a bundle, and return the execution once it has ended, with its actions."""
    parameters = {
        "Install": "steward",
        "Stage": "test",
        "EndpointName": ENDPOINT,
        "ModelPackageArn": f"arn:aws:sagemaker:{REGION}:{HUB}:model-package/credit/{version}",
        "ModelGroup": "credit",
        "ModelVersion": version,
        "DeploymentId": version,
    }
    image = "1.dkr.ecr.eu-west-1.amazonaws.com/sklearn@sha256:" + "a" * 64
    container = json.dumps({"Image": image, "ModelDataUrl": f"s3://{BUCKET}/{artifact}"})
    template = (ROOT / "stacks/model-endpoint.yaml").read_text()
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("template.yaml", template.replace("PrimaryContainer: {}", f"PrimaryContainer: {container}"))
        archive.writestr("configuration.json", json.dumps({"Parameters": parameters, "Tags": {"a": "b"}}))
    key = f"bundles/{version}.zip"
    cloud("s3").put_object(Bucket=BUCKET, Key=key, Body=bundle.getvalue())
    pipelines, name = cloud("codepipeline"), "steward-deploy-test"
    revision = {"actionName": "Source", "revisionType": "S3_OBJECT_KEY", "revisionValue": key}
    execution = pipelines.start_pipeline_execution(name=name, sourceRevisions=[revision])["pipelineExecutionId"]
    found = ended(pipelines, name, execution, "Succeeded", "Failed")
    actions = pipelines.list_action_executions(pipelineName=name, filter={"pipelineExecutionId": execution})
    return {**found, "actions": actions["actionExecutionDetails"]}


@pytest.mark.usefixtures("hub", "workload")
def test_a_bundle_becomes_an_endpoint_in_another_account_and_an_unsealed_one_does_not(cloud: Client):
    for key in ("sealed/1/model.tar.gz", "open/2/model.tar.gz"):
        cloud("s3").put_object(Bucket=BUCKET, Key=key, Body=packed(**{"model.joblib": pickled(plus(1))}))
    first = deployed(cloud, "1", "sealed/1/model.tar.gz")
    assert first["status"] == "Succeeded", first["actions"]
    runtime = cloud("sagemaker-runtime", TEST)
    ask = {"EndpointName": ENDPOINT, "ContentType": "text/csv", "Accept": "text/csv"}
    assert float(runtime.invoke_endpoint(Body=b"1\n", **ask)["Body"].read()) == pytest.approx(2.0)
    second = deployed(cloud, "2", "sealed/gone/model.tar.gz")
    assert second["status"] == "Failed"
    reason = second["actions"][0]["output"]["executionResult"]["errorDetails"]["message"]
    assert "Could not access model data" in reason
    assert float(runtime.invoke_endpoint(Body=b"1\n", **ask)["Body"].read()) == pytest.approx(2.0)
    role_arn = f"arn:aws:iam::{TEST}:role/steward-model-execution"
    sagemaker = cloud("sagemaker", TEST)
    container = {"Image": "i", "ModelDataUrl": f"s3://{BUCKET}/open/2/model.tar.gz"}
    sagemaker.create_model(ModelName="open", PrimaryContainer=container, ExecutionRoleArn=role_arn)
    variant = {"VariantName": "a", "ModelName": "open", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="open", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="open", EndpointConfigName="open")
    failed = until(lambda: _settled(sagemaker, "open"))
    assert "AccessDenied" in failed["FailureReason"]


def _settled(sagemaker: Any, name: str) -> Any:
    found = sagemaker.describe_endpoint(EndpointName=name)
    return found if found["EndpointStatus"] not in ("Creating", "Updating") else None


def test_a_shared_group_is_used_by_the_people_who_may(cloud: Client):
    owner = cloud("sagemaker")
    arn = owner.create_model_package_group(ModelPackageGroupName="Shared")["ModelPackageGroupArn"]
    packages = arn.replace("-group", "") + "/*"
    ada = cloud("sagemaker", DEV, person(cloud, DEV, "ada", allow("sagemaker:*", on=[arn, packages])))
    register = {"ModelPackageGroupName": arn, "InferenceSpecification": SPECIFICATION}
    with pytest.raises(ClientError, match="no resource-based policy allows"):
        ada.create_model_package(**register)
    shared = allow("sagemaker:CreateModelPackage", "sagemaker:Describe*", on=[arn, packages])
    principal = {"Principal": {"AWS": f"arn:aws:iam::{DEV}:root"}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**shared, **principal}]})
    owner.put_model_package_group_policy(ModelPackageGroupName="Shared", ResourcePolicy=policy)
    version = ada.create_model_package(**register)["ModelPackageArn"]
    identity = owner.describe_model_package(ModelPackageName=version)["CreatedBy"]["IamIdentity"]
    assert identity["Arn"] == f"arn:aws:sts::{DEV}:assumed-role/ada/ada"
    assert identity["PrincipalId"].endswith(":ada")
    with pytest.raises(ClientError, match="AccessDenied"):
        ada.update_model_package(ModelPackageArn=version, ModelApprovalStatus="Approved")
    test_stage = {"StringEquals": {"sagemaker:ModelLifeCycle:stage": "Test"}}
    tester = person(cloud, HUB, "tester", {**allow("sagemaker:UpdateModelPackage"), "Condition": test_stage})
    officer = cloud("sagemaker", HUB, tester)
    cycle = {"Stage": "Test", "StageStatus": "Approved"}
    officer.update_model_package(ModelPackageArn=version, ModelLifeCycle=cycle)
    with pytest.raises(ClientError, match="AccessDenied"):
        officer.update_model_package(ModelPackageArn=version, ModelLifeCycle={**cycle, "Stage": "Production"})
