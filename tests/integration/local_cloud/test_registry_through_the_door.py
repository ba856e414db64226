"""SageMaker and CodePipeline behind the door: authorised by name, by ARN, by life cycle, and across accounts."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import DEV, HUB, REGION

pytestmark = pytest.mark.cloud

GROUPS = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package-group"
PACKAGES = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package"


def refused(call: Callable[..., Any], **kwargs: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**kwargs)
    return str(error.value.response["Error"]["Code"])


@pytest.fixture(scope="module")
def group(client: Callable[..., Any]) -> str:
    client("sagemaker").create_model_package_group(ModelPackageGroupName="credit")
    return "credit"


@pytest.fixture(scope="module")
def version(client: Callable[..., Any], group: str) -> str:
    return str(client("sagemaker").create_model_package(**a_package(group))["ModelPackageArn"])


def a_package(group: str) -> dict[str, Any]:
    container = {
        "Image": f"{HUB}.dkr.ecr.{REGION}.amazonaws.com/m@sha256:{'0' * 64}",
        "ModelDataUrl": "s3://b/m.tar.gz",
    }
    inference = {
        "Containers": [container],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    return {
        "ModelPackageGroupName": group,
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": inference,
    }


def test_root_registers_in_its_own_account(version: str):
    assert version == f"{PACKAGES}/credit/1"


def test_a_role_may_describe_only_what_its_policy_names(client, role, version):
    allowed = role("reader", [{"Action": "sagemaker:DescribeModelPackage", "Resource": f"{PACKAGES}/credit/*"}])
    sagemaker = client("sagemaker", role=allowed)

    assert sagemaker.describe_model_package(ModelPackageName=version)["ModelPackageVersion"] == 1
    assert refused(sagemaker.describe_model_package, ModelPackageName=version.replace("credit", "other")).startswith(
        "AccessDenied"
    )
    assert refused(sagemaker.update_model_package, ModelPackageArn=version, ApprovalDescription="x").startswith(
        "AccessDenied"
    )


def test_registering_needs_the_package_and_the_group(client, role, group):
    packages_only = role("half", [{"Action": "sagemaker:CreateModelPackage", "Resource": f"{PACKAGES}/credit/*"}])
    both = role(
        "whole",
        [{"Action": "sagemaker:CreateModelPackage", "Resource": [f"{PACKAGES}/credit/*", f"{GROUPS}/credit"]}],
    )

    assert refused(client("sagemaker", role=packages_only).create_model_package, **a_package(group)).startswith(
        "AccessDenied"
    )
    assert client("sagemaker", role=both).create_model_package(**a_package(f"{GROUPS}/{group}"))


def test_a_life_cycle_stage_can_be_forbidden(client, role, version):
    development_only = role(
        "owner",
        [
            {
                "Action": "sagemaker:UpdateModelPackage",
                "Resource": f"{PACKAGES}/credit/*",
                "Condition": {"StringEqualsIfExists": {"sagemaker:ModelLifeCycle:stage": "Development"}},
            }
        ],
    )
    sagemaker = client("sagemaker", role=development_only)
    test = {"Stage": "Test", "StageStatus": "Approved"}

    sagemaker.update_model_package(ModelPackageArn=version, ModelApprovalStatus="Approved")
    sagemaker.update_model_package(ModelPackageArn=version, ModelLifeCycle={**test, "Stage": "Development"})
    assert refused(sagemaker.update_model_package, ModelPackageArn=version, ModelLifeCycle=test).startswith(
        "AccessDenied"
    )


def test_the_person_behind_the_session_shows_up(client, role, group):
    ada = role("scientist", [{"Action": "sagemaker:*", "Resource": "*"}])
    sagemaker = client("sagemaker", role=ada)
    arn = sagemaker.create_model_package(**a_package(group))["ModelPackageArn"]

    created_by = sagemaker.describe_model_package(ModelPackageName=arn)["CreatedBy"]["IamIdentity"]

    assert created_by["Arn"] == f"arn:aws:sts::{HUB}:assumed-role/scientist/ada.lovelace"
    assert created_by["PrincipalId"].endswith(":ada.lovelace")


def test_another_account_gets_in_through_the_share_and_only_through_it(client, role, version):
    everything = role("dev-scientist", [{"Action": "sagemaker:*", "Resource": "*"}], account=DEV)
    nothing = role("dev-nobody", [], account=DEV)
    outside = client("sagemaker", DEV, role=everything)

    assert refused(outside.describe_model_package, ModelPackageName=version).startswith("AccessDenied")
    statement = {
        "Sid": "Dev",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{DEV}:root"},
        "Action": ["sagemaker:DescribeModelPackage", "sagemaker:CreateModelPackage"],
        "Resource": [f"{GROUPS}/credit", f"{PACKAGES}/credit/*"],
    }
    client("sagemaker").put_model_package_group_policy(
        ModelPackageGroupName="credit",
        ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    assert outside.describe_model_package(ModelPackageName=version)["ModelPackageArn"] == version
    assert outside.create_model_package(**a_package(f"{GROUPS}/credit"))["ModelPackageArn"].startswith(PACKAGES)
    assert refused(outside.update_model_package, ModelPackageArn=version, ModelApprovalStatus="Approved").startswith(
        "AccessDenied"
    )
    assert refused(client("sagemaker", DEV, role=nothing).describe_model_package, ModelPackageName=version).startswith(
        "AccessDenied"
    )


def test_pipelines_are_named_by_their_arn(client, role):
    allowed = role(
        "starter",
        [{"Action": "codepipeline:GetPipeline", "Resource": f"arn:aws:codepipeline:{REGION}:{HUB}:steward-*"}],
    )
    codepipeline = client("codepipeline", role=allowed)

    assert refused(codepipeline.get_pipeline, name="other").startswith("AccessDenied")
    assert refused(codepipeline.get_pipeline, name="steward-x") == "PipelineNotFoundException"
