"""Model packages behave as they do on AWS."""

import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import DEV, HUB, REGION, Client, RememberingDoor

STATE = "SageMaker Model Package State Change"
TRAIL = "AWS API Call via CloudTrail"
CONTAINER = {
    "Image": "1.dkr.ecr.eu-west-1.amazonaws.com/sklearn:1",
    "ModelDataUrl": "s3://bucket/a/model.tar.gz",
}
SPECIFICATION = {
    "Containers": [CONTAINER],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}


def registered(sagemaker: Any, group: str, uri: str = CONTAINER["ModelDataUrl"], **more: Any) -> str:
    container = {**CONTAINER, "ModelDataUrl": uri}
    made = sagemaker.create_model_package(
        ModelPackageGroupName=group,
        InferenceSpecification={**SPECIFICATION, "Containers": [container]},
        ModelApprovalStatus="PendingManualApproval",
        **more,
    )
    return str(made["ModelPackageArn"])


@pytest.fixture
def sagemaker(client: Client) -> Any:
    return client("sagemaker", HUB, "ada")


@pytest.fixture
def group(sagemaker: Any, group_name: str) -> str:
    sagemaker.create_model_package_group(ModelPackageGroupName=group_name, Tags=[{"Key": "a", "Value": "1"}])
    return group_name


def test_every_field_that_is_sent_comes_back(sagemaker: Any, group: str):
    sent = {
        "ModelLifeCycle": {"Stage": "Development", "StageStatus": "PendingApproval"},
        "SourceUri": "s3://bucket/source",
        "ModelCard": {"ModelCardContent": "{}", "ModelCardStatus": "Draft"},
        "SecurityConfig": {"KmsKeyId": "key"},
        "ModelPackageRegistrationType": "Registered",
        "SkipModelValidation": "All",
        "CustomerMetadataProperties": {"a": "1"},
        "MetadataProperties": {"CommitId": "abc"},
        "ModelPackageDescription": "first",
        "Domain": "MACHINE_LEARNING",
    }
    arn = registered(sagemaker, group, **sent)
    assert arn == f"arn:aws:sagemaker:{REGION}:{HUB}:model-package/{group}/1"
    described = sagemaker.describe_model_package(ModelPackageName=arn)
    assert {key: described[key] for key in sent} == sent
    assert described["ModelPackageName"] == group
    assert described["ModelPackageVersion"] == 1
    assert described["CreationTime"].microsecond == 0
    assert described["CreatedBy"]["IamIdentity"] == {
        "Arn": f"arn:aws:sts::{HUB}:assumed-role/ada-role/ada",
        "PrincipalId": "AROAADA:ada",
        "SourceIdentity": "ada@example.com",
    }


def test_a_partial_update_leaves_the_rest_alone(client: Client, sagemaker: Any, group: str):
    arn = registered(sagemaker, group, CustomerMetadataProperties={"a": "1", "b": "2"})
    update = client("sagemaker", HUB, "grace").update_model_package
    update(ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="fine")
    update(ModelPackageArn=arn, ModelLifeCycle={"Stage": "Test", "StageStatus": "Approved"})
    update(ModelPackageArn=arn, CustomerMetadataProperties={"c": "3"}, CustomerMetadataPropertiesToRemove=["a"])
    described = sagemaker.describe_model_package(ModelPackageName=arn)
    assert described["ModelApprovalStatus"] == "Approved"
    assert described["ApprovalDescription"] == "fine"
    assert described["ModelLifeCycle"]["Stage"] == "Test"
    assert described["CustomerMetadataProperties"] == {"b": "2", "c": "3"}
    assert described["LastModifiedBy"]["IamIdentity"]["Arn"].endswith("/grace")
    assert described["CreatedBy"]["IamIdentity"]["Arn"].endswith("/ada")


def test_numbers_count_up_and_are_never_used_again(sagemaker: Any, group: str):
    arns = [registered(sagemaker, group) for _ in range(2)]
    sagemaker.delete_model_package(ModelPackageName=arns[1])
    assert registered(sagemaker, group).endswith("/3")
    with pytest.raises(ClientError, match=f"ModelPackage {arns[1]} does not exist."):
        sagemaker.describe_model_package(ModelPackageName=arns[1])


def test_the_group_may_be_named_or_given_by_arn(sagemaker: Any, group: str):
    arn = sagemaker.describe_model_package_group(ModelPackageGroupName=group)["ModelPackageGroupArn"]
    registered(sagemaker, arn)
    registered(sagemaker, group)
    by_arn = sagemaker.list_model_packages(ModelPackageGroupName=arn)["ModelPackageSummaryList"]
    assert [summary["ModelPackageVersion"] for summary in by_arn] == [1, 2]
    assert by_arn[0]["ModelApprovalStatus"] == "PendingManualApproval"
    newest = sagemaker.list_model_packages(
        ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending", MaxResults=1
    )
    assert newest["ModelPackageSummaryList"][0]["ModelPackageVersion"] == 2
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group, PaginationConfig={"PageSize": 1}
    )
    assert [len(page["ModelPackageSummaryList"]) for page in pages] == [1, 1]


def test_a_client_token_is_acted_on_once(sagemaker: Any, group: str, door: RememberingDoor):
    token = group[-36:]
    arn = registered(sagemaker, group, ClientToken=token)
    assert registered(sagemaker, group, ClientToken=token) == arn
    for _ in range(2):
        sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved", ClientToken=token)
    assert len(door.of(STATE)) == 2
    with pytest.raises(ClientError, match="ConflictException"):
        registered(sagemaker, group, ClientToken=token, ModelPackageDescription="other")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"ModelApprovalStatus": "Maybe"}, "enum value set"),
        ({"ModelLifeCycle": {"Stage": "x" * 64, "StageStatus": "y"}}, "length less than or equal to 63"),
        ({"ApprovalDescription": "x" * 1025}, "length less than or equal to 1024"),
    ],
)
def test_constraints_of_the_service_hold(sagemaker: Any, group: str, change: dict[str, Any], constraint: str):
    arn = registered(sagemaker, group)
    with pytest.raises(ClientError, match=constraint) as refused:
        sagemaker.update_model_package(ModelPackageArn=arn, **change)
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_a_readable_artifact_gets_its_etag(client: Client, sagemaker: Any, group: str):
    without = registered(sagemaker, group)
    s3 = client("s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="bucket", Key="a/model.tar.gz", Body=b"bytes")
    with_etag = registered(sagemaker, group)

    def container(arn: str) -> dict[str, Any]:
        return sagemaker.describe_model_package(ModelPackageName=arn)["InferenceSpecification"]["Containers"][0]

    assert "ModelDataETag" not in container(without)
    assert container(with_etag)["ModelDataETag"] == hashlib.md5(b"bytes").hexdigest()


def test_many_are_described_at_once(sagemaker: Any, group: str):
    arn = registered(sagemaker, group)
    gone = arn.replace("/1", "/9")
    answer = sagemaker.batch_describe_model_package(ModelPackageArnList=[arn, gone])
    assert answer["ModelPackageSummaries"][arn]["ModelPackageVersion"] == 1
    assert "does not exist" in answer["BatchDescribeModelPackageErrorMap"][gone]["ErrorResponse"]


def test_tags_of_a_group_are_set_listed_and_taken_away(sagemaker: Any, group: str):
    arn = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package-group/{group}"
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}])
    tags = {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]}
    assert tags == {"a": "2", "b": "3"}
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["a"])
    assert [tag["Key"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]] == ["b"]


def test_a_change_is_announced_with_the_fields_that_were_sent(sagemaker: Any, group: str, door: RememberingDoor):
    arn = registered(sagemaker, group)
    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="ok")
    sagemaker.update_model_package(ModelPackageArn=arn, SourceUri="s3://b/k", CustomerMetadataPropertiesToRemove=["x"])
    created, approved, stamped = door.of(STATE, HUB)
    assert created["resources"] == [arn]
    assert "UpdatedModelPackageFields" not in created["detail"]
    assert created["detail"]["CreationTime"].endswith("Z")
    assert created["detail"]["ModelPackageStatusDetails"] == {
        "ValidationStatuses": [],
        "ImageScanStatuses": [],
    }
    assert approved["detail"]["UpdatedModelPackageFields"] == ["ModelApprovalStatus", "ApprovalDescription"]
    assert stamped["detail"]["ModelApprovalStatus"] == "Approved"
    assert set(stamped["detail"]["UpdatedModelPackageFields"]) == {"sourceUri", "CustomerMetadataProperties"}
    trail = door.of(TRAIL, HUB)
    assert [event["detail"]["eventName"] for event in trail] == ["CreateModelPackage"] + ["UpdateModelPackage"] * 2
    assert trail[1]["detail"]["requestParameters"] == {
        "modelPackageArn": arn,
        "modelApprovalStatus": "Approved",
        "approvalDescription": "ok",
    }
    assert trail[1]["detail"]["userIdentity"]["arn"].endswith("assumed-role/ada-role/ada")


def test_events_wait_for_a_door_that_is_not_ready(sagemaker: Any, group: str, door: RememberingDoor):
    door.failures = 3
    registered(sagemaker, group)
    assert len(door.of(STATE)) == 1


def test_an_unversioned_package_has_a_name_and_no_group(sagemaker: Any, group_name: str, door: RememberingDoor):
    made = sagemaker.create_model_package(ModelPackageName=group_name, InferenceSpecification=SPECIFICATION)
    described = sagemaker.describe_model_package(ModelPackageName=group_name)
    assert described["ModelPackageArn"] == made["ModelPackageArn"]
    assert "ModelPackageGroupName" not in described
    assert "ModelApprovalStatus" not in described
    (event,) = door.of(STATE)
    assert event["detail"]["ModelPackageName"] == group_name


def test_search_finds_packages(sagemaker: Any, group: str):
    registered(sagemaker, group)
    found = sagemaker.search(
        Resource="ModelPackage",
        SearchExpression={"Filters": [{"Name": "ModelPackageGroupName", "Operator": "Equals", "Value": group}]},
    )
    assert len(found["Results"]) == 1


def test_groups_are_listed_per_account(client: Client, sagemaker: Any, group: str):
    def names(caller: Any) -> list[str]:
        groups = caller.list_model_package_groups(NameContains=group)["ModelPackageGroupSummaryList"]
        return [found["ModelPackageGroupName"] for found in groups]

    assert names(sagemaker) == [group]
    assert names(client("sagemaker", DEV)) == []


def test_a_name_is_taken_once_and_a_full_group_stays(sagemaker: Any, group: str):
    with pytest.raises(ClientError, match="already exists"):
        sagemaker.create_model_package_group(ModelPackageGroupName=group)
    arn = registered(sagemaker, group)
    with pytest.raises(ClientError, match="ConflictException"):
        sagemaker.delete_model_package_group(ModelPackageGroupName=group)
    sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName=group)
    with pytest.raises(ClientError, match="does not exist"):
        sagemaker.describe_model_package_group(ModelPackageGroupName=group)
