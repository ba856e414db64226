"""The whole life of a version, whatever kind of model it is and however its group is called."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from sklearn.metrics import accuracy_score, mean_absolute_error, r2_score, roc_auc_score, root_mean_squared_error

from examples.demo.records import ATTRIBUTES
from tests.integration.scenarios import models
from tests.integration.scenarios.access import Item, unique
from tests.integration.scenarios.driver import Driver
from tests.integration.scenarios.models import Model
from tests.integration.scenarios.record import wait_for


@dataclass
class Life:
    """A version that went all the way, and what was seen on it."""

    arn: str
    group: str
    model: Model
    born: Item
    test: Item
    production: Item


def led(driver: Driver, group: str, model: Model, by: str) -> Life:
    arn = driver.register(by, model)
    born = driver.wait_registered(arn)
    driver.wait_sealed(arn)
    driver.approve(arn, "documentation is complete")
    test = driver.wait_deployed(arn, "test")
    driver.decide(arn, "Test")
    production = driver.wait_deployed(arn, "production")
    return Life(arn, group, model, born, driver.stage(arn, "test") or test, production)


@pytest.fixture(scope="module")
def classifier(driver: Driver) -> Life:
    """A binary classifier in a group shared by policy, whose name is mixed case with a hash as AWS appends it."""
    name = unique("Credit-Risk-p")
    model = models.classifier(7)
    return led(driver, name, model, driver.group(name, "policy", model=model))


@pytest.fixture(scope="module")
def regression(driver: Driver) -> Life:
    """A regression model in a group shared through RAM, whose name has sixty characters."""
    name = unique("Expected-Loss-Given-Default-Of-Consumer-Loans-Europe")[:60].ljust(60, "x")
    model = models.regression(7)
    return led(driver, name, model, driver.group(name, "ram", model=model))


@pytest.fixture(scope="module", params=["classifier", "regression"])
def life(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def test_a_version_is_recorded_pending_with_all_fifteen_attributes_on_every_stage_record(life: Life) -> None:
    assert life.born["model_status"] == "pending"
    for record in (life.born, life.test, life.production):
        assert set(ATTRIBUTES) <= set(record)
        assert record["model_group"] == life.group
        assert record["model_version"] == 1
        assert record["schema_version"] == 2


def test_who_answers_for_a_version_comes_from_the_tags_of_its_group(driver: Driver, life: Life) -> None:
    for stage in ("development", "test", "production"):
        record = driver.stage(life.arn, stage)
        told = {name: record[name] for name in ("use_case_id", "model_owner", "model_lob", "model_risk")}
        assert told == {
            "use_case_id": "credit",
            "model_owner": "mary.jackson",
            "model_lob": "retail",
            "model_risk": "low",
        }


def test_each_decision_is_credited_to_the_person_who_made_it(driver: Driver, life: Life) -> None:
    assert life.born["model_audit_user"] == "ada.lovelace"
    development = driver.stage(life.arn, "development")
    assert (development["model_status"], development["model_audit_user"]) == ("approved", "mary.jackson")
    assert development["approval_description"] == "documentation is complete"
    assert development["policy"] == "default@2"
    assert (life.test["model_status"], life.test["model_audit_user"]) == ("approved", "katherine.johnson")


@pytest.mark.parametrize("stage", ["test", "production"])
def test_the_metrics_of_a_classifier_are_those_that_sklearn_measures(classifier: Life, stage: str) -> None:
    measured = json.loads(getattr(classifier, stage)["model_validation_metrics"])
    truth, scores = classifier.model.truth, classifier.model.answers
    assert measured["auc"] == pytest.approx(roc_auc_score(truth, scores))
    assert measured["accuracy"] == pytest.approx(accuracy_score(truth, [score >= 0.5 for score in scores]))
    assert measured["latency_p95_ms"] >= measured["latency_p50_ms"] > 0


@pytest.mark.parametrize("stage", ["test", "production"])
def test_the_metrics_of_a_regression_model_are_those_that_sklearn_measures(regression: Life, stage: str) -> None:
    measured = json.loads(getattr(regression, stage)["model_validation_metrics"])
    truth, values = regression.model.truth, regression.model.answers
    assert measured["rmse"] == pytest.approx(root_mean_squared_error(truth, values))
    assert measured["mae"] == pytest.approx(mean_absolute_error(truth, values))
    assert measured["r2"] == pytest.approx(r2_score(truth, values))


@pytest.mark.parametrize(("stage", "account"), [("test", "test"), ("production", "prod")])
def test_the_endpoint_answers_as_the_registered_model_row_for_row(
    driver: Driver, life: Life, stage: str, account: str
) -> None:
    answered = driver.ask(account, getattr(life, stage)["endpoint_name"], life.model.features)
    assert answered == pytest.approx(life.model.answers, rel=1e-12)
    assert len(answered) == len(life.model.truth)


@pytest.mark.parametrize(("stage", "account"), [("test", "test"), ("production", "prod")])
def test_the_endpoint_carries_the_approved_arn_and_runs_the_image_by_digest(
    driver: Driver, life: Life, stage: str, account: str
) -> None:
    sagemaker = driver.client("sagemaker", account)
    endpoint = sagemaker.describe_endpoint(EndpointName=getattr(life, stage)["endpoint_name"])
    tags = {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=endpoint["EndpointArn"])["Tags"]}
    assert tags["steward:model-package-arn"] == life.arn
    config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    model = sagemaker.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
    assert "@sha256:" in model["PrimaryContainer"]["Image"]
    assert model["PrimaryContainer"]["ModelDataUrl"].startswith(f"s3://{driver.outputs['ArtifactBucket']}/sealed/")
    assert life.model.sha256 in model["PrimaryContainer"]["ModelDataUrl"]


def test_there_is_one_deployment_for_each_environment_and_its_execution_claimed_it(driver: Driver, life: Life) -> None:
    deployments = driver.deployments(life.arn)
    assert [(item["stage"], item["status"]) for item in deployments] == [
        ("test", "deployed"),
        ("production", "deployed"),
    ]
    assert all(item["claimed_by"] == item["execution_id"] != "" for item in deployments)


def test_the_group_knows_which_version_serves_and_how_well(driver: Driver, life: Life) -> None:
    group = wait_for(
        "the group knows what serves in production",
        lambda: driver.item(f"GROUP#{driver.group_arn(life.group)}", "HEAD"),
        lambda head: life.arn in json.dumps(head.get("serving", "")),
    )
    assert group["use_case_id"] == "credit"


def test_a_whole_life_leaves_no_finding_open(driver: Driver, life: Life) -> None:
    assert driver.findings(life.arn) == {}


def test_sealed_artifacts_are_locked_versions_under_the_hubs_key(driver: Driver, life: Life) -> None:
    artifact = driver.head(life.arn)["artifacts"]
    (artifact,) = json.loads(artifact) if isinstance(artifact, str) else artifact
    s3 = driver.client("s3", "hub")
    where = {"Bucket": artifact["bucket"], "Key": artifact["key"], "VersionId": artifact["version_id"]}
    head = s3.head_object(**where)
    assert head["ServerSideEncryption"] == "aws:kms"
    assert head["SSEKMSKeyId"] == driver.outputs["ArtifactKeyArn"]
    assert head["ObjectLockMode"] == "GOVERNANCE"
    assert artifact["sha256"] == life.model.sha256


def test_a_group_is_found_by_its_name_in_the_hub_and_by_its_arn_from_dev(driver: Driver, life: Life) -> None:
    by_name = driver.client("sagemaker", "model-owner").list_model_packages(ModelPackageGroupName=life.group)
    by_arn = driver.client("sagemaker", "data-scientist").list_model_packages(
        ModelPackageGroupName=driver.group_arn(life.group)
    )
    listed = [[one["ModelPackageArn"] for one in answer["ModelPackageSummaryList"]] for answer in (by_name, by_arn)]
    assert listed == [[life.arn], [life.arn]]


def test_a_version_registered_in_the_hub_by_the_groups_name_lives_the_same_life(driver: Driver) -> None:
    name = unique("by-name")
    model = models.formula(3)
    driver.group(name, "none", model=model)
    arn = driver.register(name, model, who="hub", uri=driver.upload(model))
    assert arn == f"arn:aws:sagemaker:{driver.region}:{driver.accounts['hub']}:model-package/{name}/1"
    driver.approve(arn)
    assert driver.serves("test", driver.wait_deployed(arn), model)


def test_groups_whose_long_names_begin_alike_have_endpoints_of_their_own(driver: Driver) -> None:
    stem = unique("models-of-retail-credit-decisions-in-europe")[:52]
    one, two = models.formula(4), models.formula(5)
    arns = [
        driver.register(driver.group(f"{stem}-{which}", model=one), model)
        for which, model in (("homes", one), ("boats", two))
    ]
    for arn in arns:
        driver.approve(arn)
    records = [driver.wait_deployed(arn) for arn in arns]
    assert records[0]["endpoint_name"] != records[1]["endpoint_name"]
    assert driver.serves("test", records[0], one)
    assert driver.serves("test", records[1], two)
