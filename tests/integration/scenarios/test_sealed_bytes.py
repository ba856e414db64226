"""What runs is what was sealed; what changed before it could be sealed is refused."""

import hashlib

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.driver import Driver
from tests.integration.scenarios.record import wait_for


@pytest.fixture(scope="module")
def group(driver: Driver) -> str:
    return driver.group(unique("sealed"), model=models.formula())


def test_what_happens_to_the_source_after_sealing_changes_nothing_of_what_serves(driver: Driver, group: str) -> None:
    approved, other = models.formula(41), models.formula(42)
    assert approved.answers != other.answers
    uri = driver.upload(approved)
    arn = driver.register(group, approved, uri=uri)
    driver.wait_sealed(arn)
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    s3 = driver.client("s3", "data-scientist")
    s3.put_object(Bucket=bucket, Key=key, Body=other.archive)
    s3.delete_object(Bucket=bucket, Key=key)
    driver.approve(arn)
    assert driver.serves("test", driver.wait_deployed(arn), approved)


def test_a_source_overwritten_right_after_registration_is_sealed_as_registered_or_refused(
    driver: Driver, group: str
) -> None:
    approved, other = models.formula(43), models.formula(44)
    uri = driver.upload(approved)
    arn = driver.register(group, approved, uri=uri)
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    driver.client("s3", "data-scientist").put_object(Bucket=bucket, Key=key, Body=other.archive)
    driver.approve(arn)
    sealed = wait_for(
        "it is sealed or refused",
        lambda: (bool(driver.head(arn).get("sealed")), "artifact-changed" in driver.findings(arn)),
        any,
    )[0]
    if sealed:
        assert driver.serves("test", driver.wait_deployed(arn), approved)
    else:
        driver.settled([arn])
        assert driver.deployments(arn) == []


def test_a_source_that_is_not_the_registered_one_is_refused_with_a_finding_and_never_deployed(
    driver: Driver, group: str
) -> None:
    model = models.formula(45)
    other = hashlib.md5(b"what the author says it was", usedforsecurity=False).hexdigest()
    arn = driver.register(group, model, container={"ModelDataETag": other})
    finding = driver.wait_finding(arn, "artifact-changed")
    assert "ETag" in finding["detail"]
    driver.approve(arn)
    driver.wait_stage(arn, "development", model_status="approved")
    driver.settled([arn])
    assert driver.deployments(arn) == []
    assert not driver.head(arn)["sealed"]


def test_a_refused_source_put_right_is_sealed_on_the_next_approval(driver: Driver, group: str) -> None:
    model = models.formula(46)
    key = f"models/{unique('late')}/model.tar.gz"
    etag = hashlib.md5(model.archive, usedforsecurity=False).hexdigest()
    uri = f"s3://{driver.dev_bucket}/{key}"
    arn = driver.register(group, model, uri=uri, container={"ModelDataETag": etag})
    driver.wait_finding(arn, "artifact-missing")
    driver.upload(model, key)
    driver.approve(arn)  # in the second of the refusal or later: the registry's clock cannot tell
    assert driver.serves("test", driver.wait_deployed(arn), model)
    driver.wait_finding(arn, "artifact-missing", "closed")


def test_the_same_bytes_in_two_versions_are_sealed_once_and_serve_both(driver: Driver, group: str) -> None:
    model = models.formula(47)
    arns = [driver.register(group, model), driver.register(group, model)]
    for arn in arns:
        driver.wait_sealed(arn)
    keys = {str(driver.head(arn)["artifacts"]) for arn in arns}
    assert all(model.sha256 in key for key in keys)


def test_changing_the_container_after_the_approval_voids_the_approval(driver: Driver, group: str) -> None:
    model = models.formula(48)
    arn = driver.register(group, model)
    driver.approve(arn)
    driver.wait_deployed(arn)
    specification = driver.describe(arn)["InferenceSpecification"]
    specification["Containers"][0]["ModelDataUrl"] = driver.upload(models.formula(49))
    specification["Containers"][0].pop("ModelDataETag", None)
    driver.client("sagemaker", "model-owner").update_model_package(
        ModelPackageArn=arn, InferenceSpecification=specification
    )
    driver.wait_finding(arn, "specification-changed")
    assert driver.stage(arn, "development")["model_status"] == "pending"
