"""What is approved in the dev account's own registry comes into the hub's: once, whole, and to be decided there."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.scenarios import models
from tests.integration.scenarios.access import Item, unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import DIGEST, IMAGE, Driver, short, told
from tests.integration.scenarios.models import Model
from tests.integration.scenarios.record import wait_for

CREATE = ["sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage"]
UPDATE = ["sagemaker:UpdateModelPackage", "sagemaker:DescribeModelPackage"]
CARD = json.dumps({"model_overview": {"model_creator": "the pd team"}})


@dataclass
class Local:
    """A group of the dev account's own registry, and one of the hub of the same name."""

    driver: Driver
    name: str
    model: Model

    def client(self, actions: list[str], person: str) -> Any:
        return self.driver.client_with("sagemaker", self.driver.role("dev", actions, person))

    def register(self, by: str = "dorothy.vaughan", **more: Any) -> str:
        """A data scientist registers a version in the local group; its ARN."""
        container = {"Image": IMAGE, "ImageDigest": DIGEST, "ModelDataUrl": self.driver.upload(self.model)}
        report = {"ContentType": "application/json", "S3Uri": f"s3://{self.driver.dev_bucket}/{self.name}/quality.json"}
        made = self.client(CREATE, by).create_model_package(
            ModelPackageGroupName=self.name,
            ModelApprovalStatus="PendingManualApproval",
            ModelPackageDescription="Probability of default",
            InferenceSpecification={
                "Containers": [container],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
            ModelMetrics={"ModelQuality": {"Statistics": report}},
            DriftCheckBaselines={"ModelQuality": {"Statistics": report}},
            ModelCard={"ModelCardContent": CARD, "ModelCardStatus": "Draft"},
            MetadataProperties={"CommitId": "1f0b6f8"},
            CustomerMetadataProperties={"team": "pd"},
            **more,
        )
        return str(made["ModelPackageArn"])

    def decide(self, arn: str, status: str = "Approved", by: str = "grace.hopper") -> None:
        """The local owner decides."""
        self.client(UPDATE, by).update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus=status, ApprovalDescription=f"{status} by the team"
        )

    def describe(self, arn: str) -> Item:
        return dict(self.driver.client("sagemaker", "dev").describe_model_package(ModelPackageName=arn))

    def copies(self) -> list[str]:
        """The versions of the hub's group."""
        listed = self.driver.client("sagemaker", "hub").list_model_packages(ModelPackageGroupName=self.name)
        return [one["ModelPackageArn"] for one in listed["ModelPackageSummaryList"]]

    def imported(self) -> str:
        """The copy in the hub, once it is on record with its source."""
        (arn,) = wait_for("the hub has a copy", self.copies, bool)
        wait_for("its source is on record", lambda: self.state(arn), lambda state: state.get("imported"))
        self.driver.models[arn] = self.model
        return arn

    def state(self, arn: str) -> Item:
        head = self.driver.head(arn)
        return dict(json.loads(head["state"])) if head else {}


@pytest.fixture(scope="module")
def local(driver: Driver) -> Local:
    made = Local(driver, unique("credit-local"), models.formula(61))
    driver.client("sagemaker", "dev").create_model_package_group(ModelPackageGroupName=made.name)
    group = driver.group(made.name, share="", model=made.model)
    tag = {"Key": "steward:imports-from", "Value": driver.accounts["dev"]}
    driver.client("sagemaker", "hub").add_tags(ResourceArn=group, Tags=[tag])
    return made


@pytest.fixture(scope="module")
def source(local: Local) -> str:
    arn = local.register()
    local.decide(arn)
    return arn


@pytest.fixture(scope="module")
def copy(local: Local, source: str) -> str:
    return local.imported()


def test_the_copy_has_everything_that_the_source_has_and_is_pending(local: Local, source: str, copy: str) -> None:
    theirs, ours = local.describe(source), local.driver.describe(copy)
    for name in (
        "ModelPackageDescription", "InferenceSpecification", "ModelMetrics", "DriftCheckBaselines", "ModelCard",
        "MetadataProperties",
    ):  # fmt: skip
        assert ours[name] == theirs[name], name
    assert ours["ModelApprovalStatus"] == "PendingManualApproval"
    properties = ours["CustomerMetadataProperties"]
    assert properties["team"] == "pd"
    assert properties["steward:source-model-package-arn"] == source
    assert "steward-import-model-version" in ours["CreatedBy"]["IamIdentity"]["Arn"]


def test_it_is_recorded_as_registered_by_the_author_of_the_source(
    local: Local, source: str, copy: str, steward: Steward
) -> None:
    local.driver.wait_sealed(copy)
    assert local.driver.stage(copy, "development")["model_audit_user"] == "dorothy.vaughan"
    shown = told(steward("auditor", "show", short(copy), "--json"))
    assert shown["imported"]["source"] == source
    assert shown["imported"]["approved_by"] == "grace.hopper"
    assert not {"import-incomplete", "source-changed", "source-not-approved"} & set(local.driver.findings(copy))


def test_the_hubs_own_approval_follows_as_for_any_other_version(local: Local, copy: str) -> None:
    assert local.driver.stage(copy, "development")["model_status"] == "pending"
    local.driver.approve(copy, "documentation is complete")
    record = local.driver.wait_deployed(copy, "test")
    assert local.driver.serves("test", record, local.model)
    assert local.driver.stage(copy, "development")["model_audit_user"] == "mary.jackson"


def test_what_becomes_of_the_source_is_on_the_record_and_nothing_is_imported_again(
    local: Local, source: str, copy: str
) -> None:
    local.decide(source, "Rejected")
    local.driver.wait_finding(copy, "source-not-approved")
    last = local.describe(source)["LastModifiedTime"]
    wait_for(
        "a later second", lambda: local.decide(source), lambda _: local.describe(source)["LastModifiedTime"] > last
    )
    local.driver.wait_finding(copy, "source-not-approved", "closed")
    assert local.copies() == [copy]


def test_the_author_of_the_source_cannot_approve_the_copy(local: Local, copy: str) -> None:
    local.decide(local.register(by="mary.jackson"))
    (arn,) = wait_for("another copy", lambda: [one for one in local.copies() if one != copy], bool)
    wait_for("its source is on record", lambda: local.state(arn), lambda state: state.get("imported"))
    local.driver.wait_sealed(arn)
    local.driver.approve(arn, "my own")
    assert "not-by-the-author" in local.driver.wait_put_back(arn)["ApprovalDescription"]


def test_a_group_that_the_hub_does_not_have_is_a_finding_and_is_not_made(local: Local) -> None:
    other = Local(local.driver, unique("nowhere"), local.model)
    local.driver.client("sagemaker", "dev").create_model_package_group(ModelPackageGroupName=other.name)
    arn = other.register()
    other.decide(arn)
    driver, table = local.driver, local.driver.outputs["GovernanceTable"]

    def refused() -> list[str]:
        found = driver.client("dynamodb", "hub").query(
            TableName=table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": {"S": f"HUB#{driver.install}"}, ":sk": {"S": "FINDING#import-refused"}},
        )["Items"]
        return [one["document"]["S"] for one in found if arn in one["document"]["S"]]

    (finding,) = wait_for("the finding", refused, bool)
    assert f"the hub has no model group {other.name}" in finding
    with pytest.raises(ClientError, match="does not exist"):
        driver.client("sagemaker", "hub").describe_model_package_group(ModelPackageGroupName=other.name)


@pytest.mark.parametrize("who", ["ml-engineer", "officer", "hub"])
def test_nobody_but_the_function_enters_the_dev_account_by_the_role_for_imports(local: Local, who: str) -> None:
    arn = f"arn:aws:iam::{local.driver.accounts['dev']}:role/{local.driver.install}-import-source-{local.driver.region}"
    with pytest.raises(ClientError, match="AccessDenied"):
        local.driver.client("sts", who).assume_role(RoleArn=arn, RoleSessionName="somebody")


def test_an_event_of_a_package_of_another_account_ends_among_the_failed_events_with_the_reason(local: Local) -> None:
    driver, name = local.driver, unique("forged")
    arn = f"arn:aws:sagemaker:{driver.region}:{driver.accounts['test']}:model-package/{name}/1"
    told = {"ModelPackageArn": arn, "CreationTime": "2026-10-12T09:14:03Z", "LastModifiedTime": "2026-10-12T10:14:03Z"}
    driver.announce({**told, "ModelApprovalStatus": "Approved"}, account="dev")
    found = wait_for("it is among the failed events", lambda: driver.failed_event(arn), bool, 90)
    assert found["responsePayload"]["errorType"] == "ImportNotAllowed"
    driver.forget(found)
