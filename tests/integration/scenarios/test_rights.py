"""What nobody may do, IAM refuses: each forbidden act of each person, and of those who only look like Steward."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.driver import Driver
from tests.integration.scenarios.record import wait_for

DENIED = {"AccessDenied", "AccessDeniedException", "403", "AuthorizationError", "UnauthorizedOperation"}
HUB_PEOPLE = ("model-owner", "validator", "officer", "second-officer", "ml-engineer", "auditor")
FUNCTIONS = (
    "sync-model-version", "import-model-version", "sync-model-group", "copy-artifacts", "start-deployment",
    "verify-deployment", "track-deployment", "validate-deployment", "record-metrics", "relay-changes",
    "collect-evidence", "expire-evidence", "roll-up-use-case",
)  # fmt: skip
PEOPLE = ("data-scientist", "second-data-scientist", *HUB_PEOPLE)


def refused(act: Callable[[], Any]) -> None:
    with pytest.raises(ClientError) as error:
        act()
    assert error.value.response["Error"]["Code"] in DENIED, error.value


@pytest.fixture(scope="module")
def group(driver: Driver) -> str:
    return driver.group(unique("rights"), model=models.formula())


@pytest.fixture(scope="module")
def arn(driver: Driver, group: str) -> str:
    found = driver.register(group, models.formula(91))
    driver.wait_sealed(found)
    return found


@pytest.fixture(scope="module")
def sealed(driver: Driver, arn: str) -> dict[str, Any]:
    artifacts = driver.head(arn)["artifacts"]
    (artifact,) = json.loads(artifacts) if isinstance(artifacts, str) else artifacts
    return dict(artifact)


@pytest.mark.parametrize("who", ["data-scientist", "second-data-scientist"])
def test_a_data_scientist_decides_nothing(driver: Driver, arn: str, who: str) -> None:
    refused(lambda: driver.approve(arn, who=who))
    refused(lambda: driver.approve(arn, who=who, status="Rejected"))
    refused(lambda: driver.decide(arn, "Development", who=who))
    assert driver.describe(arn)["ModelApprovalStatus"] == "PendingManualApproval"


def test_a_data_scientist_changes_nothing_of_a_registered_version_or_its_group(
    driver: Driver, arn: str, group: str
) -> None:
    sagemaker, name = driver.client("sagemaker", "data-scientist"), group.rpartition("/")[2]
    refused(lambda: sagemaker.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties={"a": "b"}))
    refused(lambda: sagemaker.delete_model_package(ModelPackageName=arn))
    refused(lambda: sagemaker.add_tags(ResourceArn=group, Tags=[{"Key": "steward:risk", "Value": "low"}]))
    refused(
        lambda: sagemaker.put_model_package_group_policy(ModelPackageGroupName=name, ResourcePolicy=driver.policy("x"))
    )
    refused(lambda: sagemaker.delete_model_package_group(ModelPackageGroupName=group))


def test_a_data_scientist_reads_and_writes_nothing_of_stewards(driver: Driver, sealed: dict[str, Any]) -> None:
    dynamodb, s3 = driver.client("dynamodb", "data-scientist"), driver.client("s3", "data-scientist")
    table = driver.outputs["GovernanceTableArn"]
    key = {"pk": {"S": "MODEL#x"}, "sk": {"S": "HEAD"}}
    refused(lambda: dynamodb.get_item(TableName=table, Key=key))
    refused(lambda: dynamodb.scan(TableName=table))
    refused(lambda: s3.put_object(Bucket=sealed["bucket"], Key="sealed/forged/model.tar.gz", Body=b"forged"))
    refused(lambda: s3.get_object(Bucket=sealed["bucket"], Key=sealed["key"]))
    refused(lambda: s3.put_object(Bucket=driver.outputs["PipelineBucket"], Key="bundles/forged.zip", Body=b"forged"))


def test_a_data_scientist_cannot_register_without_a_share(driver: Driver) -> None:
    group = driver.group(unique("not-shared"), "none")
    sagemaker = driver.client("sagemaker", "data-scientist")
    refused(lambda: driver.register(group, models.formula(92)))
    refused(lambda: sagemaker.list_model_packages(ModelPackageGroupName=group))
    refused(lambda: sagemaker.describe_model_package_group(ModelPackageGroupName=group))


def test_the_test_account_cannot_register_in_a_group_shared_with_dev(driver: Driver, group: str) -> None:
    refused(
        lambda: driver.register(group, models.formula(93), who="test", uri=f"s3://{driver.dev_bucket}/x/model.tar.gz")
    )


def test_a_model_owner_decides_in_development_only(driver: Driver, arn: str) -> None:
    for stage in ("Test", "Staging", "Production"):
        refused(lambda stage=stage: driver.decide(arn, stage, who="model-owner"))
    refused(lambda: driver.client("sagemaker", "model-owner").delete_model_package(ModelPackageName=arn))


def test_a_model_owner_binds_validation_sets_and_changes_no_other_tag(driver: Driver, group: str) -> None:
    sagemaker = driver.client("sagemaker", "model-owner")
    refused(lambda: sagemaker.add_tags(ResourceArn=group, Tags=[{"Key": "steward:risk", "Value": "low"}]))
    refused(lambda: sagemaker.add_tags(ResourceArn=group, Tags=[{"Key": "steward:owner", "Value": "me"}]))
    refused(lambda: sagemaker.delete_tags(ResourceArn=group, TagKeys=["steward:validation-set"]))


@pytest.mark.parametrize("who", ["validator", "ml-engineer", "auditor"])
def test_who_only_measures_onboards_or_audits_decides_nothing(driver: Driver, arn: str, who: str) -> None:
    refused(lambda: driver.approve(arn, who=who))
    refused(lambda: driver.decide(arn, "Test", who=who))


@pytest.mark.parametrize("who", PEOPLE)
def test_nobody_deletes_a_version(driver: Driver, arn: str, who: str) -> None:
    refused(lambda: driver.client("sagemaker", who).delete_model_package(ModelPackageName=arn))


@pytest.mark.parametrize("who", HUB_PEOPLE)
def test_nobody_writes_the_record(driver: Driver, arn: str, who: str) -> None:
    dynamodb, table = driver.client("dynamodb", who), driver.outputs["GovernanceTable"]
    key = {"pk": {"S": f"MODEL#{arn}"}, "sk": {"S": "STAGE#development"}}
    refused(lambda: dynamodb.put_item(TableName=table, Item={**key, "model_status": {"S": "approved"}}))
    refused(lambda: dynamodb.delete_item(TableName=table, Key=key))
    refused(
        lambda: dynamodb.update_item(
            TableName=table, Key=key, UpdateExpression="SET model_status = :s",
            ExpressionAttributeValues={":s": {"S": "approved"}},
        )
    )  # fmt: skip
    refused(lambda: dynamodb.batch_write_item(RequestItems={table: [{"DeleteRequest": {"Key": key}}]}))
    refused(lambda: dynamodb.transact_write_items(TransactItems=[{"Delete": {"TableName": table, "Key": key}}]))
    refused(lambda: dynamodb.delete_table(TableName=table))


@pytest.mark.parametrize("who", [*PEOPLE, "hub", "dev", "prod"])
def test_nobody_but_the_relay_announces_anything(driver: Driver, arn: str, who: str) -> None:
    entry = {
        "EventBusName": driver.outputs["GovernanceBusArn"],
        "Source": "steward",
        "DetailType": "DeploymentRequested",
        "Detail": json.dumps({"model_package_arn": arn, "stage": "test", "deployment_id": "forged"}),
    }
    refused(lambda: driver.client("events", who).put_events(Entries=[entry]))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_but_the_relay_announces_anything_and_none_but_the_copier_seals(
    driver: Driver, sealed: dict[str, Any], function: str
) -> None:
    role = f"arn:aws:iam::{driver.accounts['hub']}:role/{driver.install}-{function}"
    entry = {"EventBusName": driver.outputs["GovernanceBus"], "Source": "steward", "DetailType": "X", "Detail": "{}"}
    if function != "relay-changes":
        events = driver.as_service(role, "lambda.amazonaws.com", "events")
        refused(lambda: events.put_events(Entries=[entry]))
    s3 = driver.as_service(role, "lambda.amazonaws.com", "s3")
    if function != "copy-artifacts":
        refused(lambda: s3.put_object(Bucket=sealed["bucket"], Key="sealed/forged", Body=b"forged"))
    refused(lambda: s3.delete_object(Bucket=sealed["bucket"], Key=sealed["key"], VersionId=sealed["version_id"]))


@pytest.mark.parametrize("who", [*HUB_PEOPLE, "hub", "dev"])
def test_nobody_but_the_copy_role_writes_or_deletes_a_sealed_artifact(
    driver: Driver, sealed: dict[str, Any], who: str
) -> None:
    s3 = driver.client("s3", who)
    refused(lambda: s3.put_object(Bucket=sealed["bucket"], Key=sealed["key"], Body=b"other weights"))
    refused(lambda: s3.put_object(Bucket=sealed["bucket"], Key="sealed/forged/model.tar.gz", Body=b"forged"))
    refused(lambda: s3.delete_object(Bucket=sealed["bucket"], Key=sealed["key"]))
    refused(
        lambda: s3.delete_object(
            Bucket=sealed["bucket"], Key=sealed["key"], VersionId=sealed["version_id"], BypassGovernanceRetention=True
        )
    )


@pytest.mark.parametrize("account", ["test", "prod"])
def test_a_workload_account_reads_sealed_artifacts_as_its_endpoints_do_and_nothing_else(
    driver: Driver, sealed: dict[str, Any], account: str
) -> None:
    """Root of the account and a role of its own making are nobody; the execution role reads sealed keys alone."""
    somebody = driver.role(account, ["s3:*", "sts:AssumeRole", "kms:Decrypt"])
    bucket = sealed["bucket"]
    unsealed = f"validation/{unique('x')}.csv"
    driver.client("s3", "model-owner").put_object(Bucket=bucket, Key=unsealed, Body=b"a,b\n")
    for s3 in (driver.client("s3", account), driver.client_with("s3", somebody)):
        refused(lambda s3=s3: s3.get_object(Bucket=bucket, Key=unsealed))
        refused(lambda s3=s3: s3.get_object(Bucket=bucket, Key=sealed["key"]))
        refused(lambda s3=s3: s3.put_object(Bucket=bucket, Key="sealed/forged", Body=b"forged"))
    role = f"arn:aws:iam::{driver.accounts[account]}:role/{driver.install}-model-execution"
    refused(lambda: driver.client_with("sts", somebody).assume_role(RoleArn=role, RoleSessionName="somebody"))
    as_endpoint = driver.as_service(role, "sagemaker.amazonaws.com", "s3")
    assert as_endpoint.get_object(Bucket=bucket, Key=sealed["key"])["Body"].read() == models.formula(91).archive
    refused(lambda: as_endpoint.get_object(Bucket=bucket, Key=unsealed))
    refused(lambda: as_endpoint.put_object(Bucket=bucket, Key=sealed["key"], Body=b"forged"))


@pytest.mark.parametrize("who", PEOPLE)
def test_nobody_starts_a_pipeline_or_a_function_by_hand(driver: Driver, who: str) -> None:
    pipeline, function = driver.outputs["ProdPipeline"], driver.outputs["SyncModelVersionName"]
    refused(lambda: driver.client("codepipeline", who).start_pipeline_execution(name=pipeline))
    refused(lambda: driver.client("lambda", who).invoke(FunctionName=function, Payload=b"{}"))


def test_measurements_from_an_account_that_may_not_report_are_not_used(driver: Driver, arn: str) -> None:
    """The dev account may put on the intake bus, but not report on what runs in production."""
    detail = {
        "model_package_arn": arn, "stage": "production", "endpoint": "steward-x", "deployment_id": "deploy-x",
        "completed_at": "2026-01-01T00:00:00Z", "rows": 1, "validation_set": "",
        "metrics": [{"name": "auc", "value": 1.0}],
    }  # fmt: skip
    entry = {
        "EventBusName": driver.outputs["IntakeBusArn"], "Source": "somebody",
        "DetailType": "ModelValidationCompleted", "Detail": json.dumps(detail),
    }  # fmt: skip
    assert driver.client("events", "dev").put_events(Entries=[entry])["FailedEntryCount"] == 0
    finding = driver.wait_finding(arn, "producer-not-registered")
    assert driver.accounts["dev"] in finding["detail"]
    assert all(item["sk"] != "STAGE#production" for item in driver.items(arn, "STAGE#"))
    wait_for("no metric is kept", lambda: driver.items(arn, "METRIC#"), lambda found: not found, 5)
