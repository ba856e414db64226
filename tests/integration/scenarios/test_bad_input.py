"""Whatever is registered, somebody finds on the record what was wrong with it, and nothing of it is deployed."""

import json
from typing import Any

import pytest

from local_cloud.registries import MANIFEST
from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.driver import DIGEST, IMAGE, Driver


@pytest.fixture(scope="module")
def group(driver: Driver) -> str:
    return driver.group(unique("bad-input"), model=models.formula())


def never_deployed(driver: Driver, arn: str) -> None:
    driver.settled([arn], quiet=1)
    assert driver.deployments(arn) == []
    assert not driver.head(arn)["sealed"]


def test_a_version_born_approved_is_pending_with_a_finding_and_an_update_that_says_approved_counts(
    driver: Driver, group: str
) -> None:
    model = models.formula(61)
    arn = driver.register(group, model, ModelApprovalStatus="Approved")
    driver.wait_finding(arn, "registered-with-decision")
    driver.wait_sealed(arn)
    assert driver.stage(arn, "development")["model_status"] == "pending"
    assert driver.deployments(arn) == []
    driver.wait_put_back(arn)
    driver.approve_again(arn, "now somebody looked at it")
    assert driver.serves("test", driver.wait_deployed(arn), model)
    driver.wait_finding(arn, "registered-with-decision", "closed")


def test_a_version_born_with_an_approving_life_cycle_is_pending_with_a_finding(driver: Driver, group: str) -> None:
    born = {"Stage": "Production", "StageStatus": "Approved", "StageDescription": "trust me"}
    arn = driver.register(group, models.formula(62), ModelLifeCycle=born)
    driver.wait_finding(arn, "registered-with-decision")
    driver.wait_sealed(arn)
    assert {item["sk"] for item in driver.items(arn, "STAGE#")} == {"STAGE#development"}


def test_a_group_without_use_case_is_governed_all_the_same_and_says_so(driver: Driver) -> None:
    group = driver.group(unique("no-use-case"), use_case=None, model=models.formula())
    arn = driver.register(group, models.formula(63))
    driver.wait_finding(arn, "group-without-use-case")
    record = driver.stage(arn, "development")
    assert (record["use_case_id"], record["model_owner"]) == ("", "mary.jackson")


def test_a_group_without_validation_set_is_deployed_and_says_that_nobody_measured_it(driver: Driver) -> None:
    group = driver.group(unique("no-set"))
    arn = driver.register(group, models.formula(64))
    driver.approve(arn)
    finding = driver.wait_finding(arn, "validation-not-possible")
    assert "no validation set" in finding["detail"]
    record = driver.wait_deployed(arn, validated=False)
    assert record["validated_at"] == ""
    assert json.loads(record["model_validation_metrics"]) == {}


def test_a_validation_set_that_is_not_the_pinned_one_fails_the_deployment_with_that_reason(driver: Driver) -> None:
    group = driver.group(unique("other-set"))
    driver.bind(group, models.formula(), sha256="0" * 64)
    arn = driver.register(group, models.formula(65))
    driver.approve(arn)
    record = driver.wait_failed(arn)
    assert record["deployment_reason"].startswith("Validate:")
    assert "SHA-256 differs" in record["deployment_reason"]


def test_an_unversioned_package_is_noted_and_goes_nowhere(driver: Driver) -> None:
    name = unique("on-its-own")
    container = {"Image": IMAGE, "ImageDigest": DIGEST, "ModelDataUrl": driver.upload(models.formula(66))}
    specification = {"Containers": [container], "SupportedContentTypes": ["text/csv"],
                     "SupportedResponseMIMETypes": ["text/csv"]}  # fmt: skip
    hub = driver.client("sagemaker", "hub")
    arn = hub.create_model_package(ModelPackageName=name, InferenceSpecification=specification)["ModelPackageArn"]
    driver.wait_finding(arn, "unversioned-package")
    never_deployed(driver, arn)


def test_a_merely_logged_package_is_noted_and_goes_nowhere(driver: Driver, group: str) -> None:
    arn = driver.register(group, models.formula(67), ModelPackageRegistrationType="Logged")
    driver.wait_finding(arn, "merely-logged")
    driver.approve(arn)
    never_deployed(driver, arn)


def test_a_failed_package_is_noted_and_goes_nowhere(driver: Driver, group: str) -> None:
    """The local registry makes no failed packages, so only SageMaker's event says that one failed."""
    arn = driver.register(group, models.formula(68))
    driver.wait_sealed(arn)
    described = driver.describe(arn)
    late = (described["CreationTime"].timestamp() + 3600) * 1000
    driver.announce(
        {
            "ModelPackageGroupName": described["ModelPackageGroupName"],
            "ModelPackageVersion": described["ModelPackageVersion"],
            "ModelPackageArn": arn,
            "CreationTime": described["CreationTime"].timestamp() * 1000,
            "LastModifiedTime": str(int(late)),
            "InferenceSpecification": described["InferenceSpecification"],
            "ModelPackageStatus": "Failed",
            "ModelApprovalStatus": "PendingManualApproval",
        }
    )
    driver.wait_finding(arn, "package-failed")


def test_a_missing_artifact_is_refused_with_a_finding(driver: Driver, group: str) -> None:
    arn = driver.register(group, models.formula(69), uri=f"s3://{driver.dev_bucket}/nowhere/model.tar.gz")
    finding = driver.wait_finding(arn, "artifact-missing")
    assert "nowhere/model.tar.gz" in finding["detail"]
    driver.approve(arn)
    never_deployed(driver, arn)


def test_an_artifact_that_the_hub_may_not_read_is_refused_with_a_finding(driver: Driver, group: str) -> None:
    s3, bucket = driver.client("s3", "dev"), unique("private")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": driver.region})
    s3.put_object(Bucket=bucket, Key="model.tar.gz", Body=models.formula(70).archive)
    arn = driver.register(group, models.formula(70), uri=f"s3://{bucket}/model.tar.gz")
    finding = driver.wait_finding(arn, "artifact-unreadable")
    assert bucket in finding["detail"]
    never_deployed(driver, arn)


@pytest.mark.parametrize("form", ["url", "source"])
def test_a_prefix_under_which_nothing_lies_is_refused_with_a_finding(driver: Driver, group: str, form: str) -> None:
    prefix = f"s3://{driver.dev_bucket}/models/many/"
    source = {"S3DataSource": {"S3Uri": prefix, "S3DataType": "S3Prefix", "CompressionType": "None"}}
    container = {} if form == "url" else {"ModelDataUrl": None, "ModelDataSource": source}
    arn = driver.register(group, models.formula(71), uri=prefix, container=container)
    driver.wait_finding(arn, "artifact-missing")
    never_deployed(driver, arn)


def test_an_unknown_life_cycle_stage_decides_nothing_and_says_so(driver: Driver, group: str) -> None:
    arn = driver.register(group, models.formula(72))
    driver.wait_sealed(arn)
    driver.decide(arn, "Canteen")
    finding = driver.wait_finding(arn, "unknown-life-cycle-stage")
    assert "Canteen" in finding["detail"]
    assert driver.stage(arn, "development")["model_status"] == "pending"
    driver.decide(arn, "Development", "Approved")
    driver.wait_deployed(arn)
    driver.wait_finding(arn, "unknown-life-cycle-stage", "closed")


def test_a_stage_that_is_skipped_is_refused_by_the_gate(driver: Driver, group: str) -> None:
    arn = driver.register(group, models.formula(73))
    driver.wait_sealed(arn)
    driver.decide(arn, "Production")
    driver.wait_finding(arn, "gate-refused")
    never = driver.items(arn, "DEPLOYMENT#")
    assert never == []


def test_who_registered_a_version_cannot_approve_it_by_another_way(driver: Driver, group: str) -> None:
    """Root of the hub registers and approves: one person, so the gate refuses."""
    arn = driver.register(group, models.formula(74), who="hub")
    driver.wait_sealed(arn)
    driver.approve(arn, who="hub")
    driver.wait_finding(arn, "gate-refused")
    refusals = [one["detail"] for one in driver.items(arn, "FINDING#") if one["code"] == "gate-refused"]
    assert any("not-by-the-author" in detail for detail in refusals), refusals
    assert driver.deployments(arn) == []
    driver.wait_put_back(arn)
    driver.approve_again(arn, "a second pair of eyes")
    driver.wait_deployed(arn)


def test_an_event_of_a_package_that_no_longer_exists_is_kept_with_a_finding(driver: Driver, group: str) -> None:
    arn = driver.register(group, models.formula(75))
    driver.wait_sealed(arn)
    described = driver.describe(arn)
    driver.client("sagemaker", "hub").delete_model_package(ModelPackageName=arn)
    born = described["CreationTime"].strftime("%Y-%m-%dT%H:%M:%SZ")
    later = described["CreationTime"].timestamp() + 60
    detail = {
        "ModelPackageGroupName": described["ModelPackageGroupName"],
        "ModelPackageVersion": described["ModelPackageVersion"],
        "ModelPackageArn": arn,
        "CreationTime": born,
        "LastModifiedTime": str(int(later * 1000)),
        "InferenceSpecification": described["InferenceSpecification"],
        "ModelPackageStatus": "Completed",
        "ModelApprovalStatus": "Approved",
        "UpdatedModelPackageFields": ["ModelApprovalStatus"],
    }
    driver.announce(detail)
    driver.wait_finding(arn, "package-missing")
    driver.settled([arn], quiet=1)
    assert driver.deployments(arn) == []


def test_an_image_is_refused_while_it_is_hidden_or_gone_and_sealed_once_it_is_there(driver: Driver) -> None:
    """The statement that the finding names is the one that lets the hub look; the tag becomes the digest found."""
    ecr, name = driver.client("ecr", "dev"), unique("own-image")
    ecr.create_repository(repositoryName=name)
    image = f"{driver.accounts['dev']}.dkr.ecr.{driver.region}.amazonaws.com/{name}:1"
    group, model = driver.group(unique("own-image"), model=models.formula()), models.formula(69)
    arn = driver.register(group, model, container={"Image": image, "ImageDigest": None})
    hidden = driver.wait_finding(arn, "image-unreadable")
    statement = json.loads(hidden["detail"].partition(" add ")[2])
    policy = {"Version": "2012-10-17", "Statement": [statement, for_the_gate(statement)]}
    ecr.set_repository_policy(repositoryName=name, policyText=json.dumps(policy))
    driver.approve(arn, "the hub may look now")
    assert "ImageNotFound" in driver.wait_finding(arn, "image-not-found")["detail"]
    pushed = ecr.put_image(repositoryName=name, imageManifest=MANIFEST, imageTag="1")["image"]["imageId"]["imageDigest"]
    driver.approve_again(arn, "the image is there now")
    assert driver.serves("test", driver.wait_deployed(arn), model)
    (sealed,) = json.loads(driver.head(arn)["state"])["sealing"]["images"]
    assert (sealed["digest"], sealed["unverified"]) == (pushed, "")
    assert {one["status"] for one in driver.items(arn, "FINDING#image-")} == {"closed"}


def for_the_gate(statement: dict[str, Any]) -> dict[str, Any]:
    """The same for the role of the last gate."""
    return dict(json.loads(json.dumps(statement).replace("-copy-artifacts", "-verify-deployment")))
