"""The CloudFormation types that the door adds, and the properties that it completes."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import DEV, HUB, REGION

pytestmark = pytest.mark.cloud


def deployed(client: Callable[..., Any], name: str, resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Create or update the stack and wait; the stack as described, with its failures under `Why`."""
    cloudformation = client("cloudformation")
    body = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})
    known = {stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]}
    act = cloudformation.update_stack if name in known else cloudformation.create_stack
    act(StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"], **more)
    while True:
        time.sleep(0.1)
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            break
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    why = [event.get("ResourceStatusReason", "") for event in events if event["ResourceStatus"].endswith("FAILED")]
    return {**stack, "Why": " ".join(why)}


def test_buses_keep_their_policies_and_archives(client):
    bus_arn = f"arn:aws:events:{REGION}:{HUB}:event-bus/stack-bus"
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{DEV}:root"},
        "Action": "events:PutEvents",
        "Resource": bus_arn,
    }
    resources = {
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "stack-bus"}},
        "Policy": {
            "Type": "AWS::Events::EventBusPolicy",
            "Properties": {"EventBusName": {"Ref": "Bus"}, "StatementId": "Dev", "Statement": statement},
        },
        "Archive": {
            "Type": "AWS::Events::Archive",
            "Properties": {"ArchiveName": "stack-archive", "SourceArn": {"Fn::GetAtt": ["Bus", "Arn"]}},
        },
    }

    assert deployed(client, "buses", resources)["StackStatus"] == "CREATE_COMPLETE"
    policy = json.loads(client("events").describe_event_bus(Name="stack-bus")["Policy"])
    assert policy["Statement"] == [{**statement, "Sid": "Dev"}]
    assert client("events").describe_archive(ArchiveName="stack-archive")["EventSourceArn"] == bus_arn

    resources.pop("Policy")
    assert deployed(client, "buses", resources)["StackStatus"] == "UPDATE_COMPLETE"
    assert "Policy" not in client("events").describe_event_bus(Name="stack-bus")


def test_a_model_group_is_shared_and_tagged(client):
    group_arn = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package-group/stack-group"
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Dev",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{DEV}:root"},
                "Action": ["sagemaker:DescribeModelPackageGroup"],
                "Resource": group_arn,
            }
        ],
    }
    properties = {
        "ModelPackageGroupName": "stack-group",
        "ModelPackageGroupPolicy": policy,
        "Tags": [{"Key": "steward:risk", "Value": "low"}],
    }
    share = {"Name": "stack-share", "ResourceArns": [{"Ref": "Group"}], "Principals": [DEV]}
    resources = {
        "Group": {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": properties},
        "Share": {"Type": "AWS::RAM::ResourceShare", "Properties": share},
    }

    assert deployed(client, "group", resources)["StackStatus"] == "CREATE_COMPLETE"
    tags = {tag["Key"]: tag["Value"] for tag in client("sagemaker").list_tags(ResourceArn=group_arn)["Tags"]}
    assert tags["steward:risk"] == "low"
    described = client("sagemaker", DEV).describe_model_package_group(ModelPackageGroupName=group_arn)
    assert described["ModelPackageGroupArn"] == group_arn

    properties["Tags"] = [{"Key": "steward:risk", "Value": "high"}]
    assert deployed(client, "group", resources)["StackStatus"] == "UPDATE_COMPLETE"
    tags = {tag["Key"]: tag["Value"] for tag in client("sagemaker").list_tags(ResourceArn=group_arn)["Tags"]}
    assert tags["steward:risk"] == "high"


def test_a_stack_acts_with_its_service_role(client, role):
    allowed = role(
        "may-make-groups", [{"Action": "sagemaker:*", "Resource": "*"}], service="cloudformation.amazonaws.com"
    )
    denied = role("may-make-nothing", [], service="cloudformation.amazonaws.com")
    resources = {
        "Group": {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": {"ModelPackageGroupName": "by-role"}}
    }

    refused = deployed(client, "refused", resources, RoleARN=denied)
    assert refused["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "is not authorized to perform: sagemaker:CreateModelPackageGroup" in refused["Why"]
    assert deployed(client, "by-role", resources, RoleARN=allowed)["StackStatus"] == "CREATE_COMPLETE"


def test_an_endpoint_that_cannot_load_its_model_fails_its_stack(client, role):
    execution = role("execution", [], service="sagemaker.amazonaws.com")
    model = {
        "ExecutionRoleArn": execution,
        "PrimaryContainer": {"Image": f"x@sha256:{'0' * 64}", "ModelDataUrl": "s3://no-such-bucket/model.tar.gz"},
    }
    variant = {"VariantName": "v", "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]}, "InstanceType": "ml.m5.large"}
    variant |= {"InitialInstanceCount": "1", "InitialVariantWeight": "1"}
    config_name = {"Fn::GetAtt": ["Config", "EndpointConfigName"]}
    resources = {
        "Model": {"Type": "AWS::SageMaker::Model", "Properties": model},
        "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": [variant]}},
        "Endpoint": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {"EndpointName": "named-by-us", "EndpointConfigName": config_name},
        },
    }

    failed = deployed(client, "endpoint", resources)
    assert failed["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "named-by-us" in failed["Why"]
    assert client("sagemaker").list_models()["Models"] == []


def test_buckets_and_tables_keep_what_the_template_asks(client):
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    encryption = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    bucket = {
        "BucketName": "stack-bucket",
        "ObjectLockEnabled": True,
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [encryption]},
    }
    table = {
        "TableName": "stack-table",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "DeletionProtectionEnabled": "false",
    }
    resources = {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": bucket},
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": table},
    }

    assert deployed(client, "kept", resources)["StackStatus"] == "CREATE_COMPLETE"
    put = client("s3").put_object(Bucket="stack-bucket", Key="x", Body=b"")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", key)
    lock = client("s3").get_object_lock_configuration(Bucket="stack-bucket")["ObjectLockConfiguration"]
    assert lock["ObjectLockEnabled"] == "Enabled"
    backups = client("dynamodb").describe_continuous_backups(TableName="stack-table")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert client("dynamodb").describe_table(TableName="stack-table")["Table"]["DeletionProtectionEnabled"] is False
