"""Another account's group can be used through a share, and through nothing else."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import DEV, HUB, REGION, Client, RememberingDoor
from .test_registry import SPECIFICATION, STATE, TRAIL, registered

PERMISSION = "arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerModelPackageGroupAllow"


@pytest.fixture
def hub(client: Client) -> Any:
    return client("sagemaker", HUB)


@pytest.fixture
def dev(client: Client) -> Any:
    return client("sagemaker", DEV, "ada")


@pytest.fixture
def group_arn(hub: Any, group_name: str) -> str:
    return str(hub.create_model_package_group(ModelPackageGroupName=group_name)["ModelPackageGroupArn"])


def refused(call: Any, **params: Any) -> None:
    with pytest.raises(ClientError) as error:
        call(**params)
    assert error.value.response["Error"]["Code"] == "AccessDeniedException"


def policy(group_arn: str, principal: str, effect: str = "Allow", *actions: str) -> str:
    packages = group_arn.replace("model-package-group", "model-package") + "/*"
    statement = {
        "Effect": effect,
        "Principal": {"AWS": principal},
        "Action": [f"sagemaker:{action}" for action in actions],
        "Resource": [group_arn, packages],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_nothing_is_shared_by_itself(hub: Any, dev: Any, group_arn: str):
    arn = registered(hub, group_arn)
    refused(dev.describe_model_package, ModelPackageName=arn)
    refused(dev.describe_model_package_group, ModelPackageGroupName=group_arn)
    refused(dev.list_model_packages, ModelPackageGroupName=group_arn)
    refused(dev.list_tags, ResourceArn=group_arn)
    refused(dev.create_model_package, ModelPackageGroupName=group_arn, InferenceSpecification=SPECIFICATION)


@pytest.mark.parametrize("principal", [f"arn:aws:iam::{DEV}:root", DEV, f"arn:aws:iam::{DEV}:role/path/ada-role"])
def test_a_policy_admits_its_principals_to_its_actions(
    hub: Any, dev: Any, group_arn: str, principal: str, door: RememberingDoor
):
    allowed = policy(group_arn, principal, "Allow", "CreateModelPackage", "Describe*", "ListModelPackages")
    hub.put_model_package_group_policy(ModelPackageGroupName=group_arn.rpartition("/")[2], ResourcePolicy=allowed)
    arn = registered(dev, group_arn)
    assert f":{HUB}:model-package/" in arn
    assert dev.describe_model_package(ModelPackageName=arn)["CreatedBy"]["IamIdentity"]["Arn"].endswith("/ada")
    assert len(dev.list_model_packages(ModelPackageGroupName=group_arn)["ModelPackageSummaryList"]) == 1
    refused(dev.update_model_package, ModelPackageArn=arn, ModelApprovalStatus="Approved")
    refused(dev.delete_model_package, ModelPackageName=arn)
    assert [event["account"] for event in door.of(STATE)] == [HUB]
    assert {event["detail"]["recipientAccountId"] for event in door.of(TRAIL)} == {HUB, DEV}
    hub.delete_model_package_group_policy(ModelPackageGroupName=group_arn.rpartition("/")[2])
    refused(dev.describe_model_package, ModelPackageName=arn)


def test_a_deny_outweighs_an_allow_for_the_owner_too(hub: Any, group_arn: str):
    arn = registered(hub, group_arn)
    denied = policy(group_arn, "*", "Deny", "DeleteModelPackage")
    hub.put_model_package_group_policy(ModelPackageGroupName=group_arn.rpartition("/")[2], ResourcePolicy=denied)
    refused(hub.delete_model_package, ModelPackageName=arn)
    assert hub.describe_model_package(ModelPackageName=arn)


def test_a_resource_share_admits_to_its_permission(client: Client, hub: Any, dev: Any, group_arn: str):
    ram = client("ram", HUB)
    arn = registered(hub, group_arn)
    share = ram.create_resource_share(
        name="deploy", resourceArns=[group_arn], principals=[DEV], permissionArns=[PERMISSION + "Deploy"]
    )["resourceShare"]["resourceShareArn"]
    assert dev.describe_model_package(ModelPackageName=arn)
    refused(dev.create_model_package, ModelPackageGroupName=group_arn, InferenceSpecification=SPECIFICATION)
    ram.associate_resource_share_permission(resourceShareArn=share, permissionArn=PERMISSION + "Register", replace=True)
    assert registered(dev, group_arn)
    offered = client("ram", DEV).get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]
    assert share in [found["resourceShareArn"] for found in offered]
    ram.disassociate_resource_share(resourceShareArn=share, principals=[DEV])
    refused(dev.describe_model_package, ModelPackageName=arn)
    ram.associate_resource_share(resourceShareArn=share, principals=[DEV])
    assert dev.describe_model_package(ModelPackageName=arn)
    ram.delete_resource_share(resourceShareArn=share)
    refused(dev.describe_model_package, ModelPackageName=arn)


def test_a_bare_name_is_one_of_the_callers_own(dev: Any, group_arn: str):
    name = group_arn.rsplit("/", 1)[-1]
    with pytest.raises(ClientError, match=f"{REGION}:{DEV}:model-package-group/{name} does not exist"):
        dev.describe_model_package_group(ModelPackageGroupName=name)
