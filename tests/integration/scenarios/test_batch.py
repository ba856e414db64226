"""A model without an endpoint: deployed, measured by a transform job, promoted, started by whoever may, taken back."""

import json
from dataclasses import dataclass

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import Item, unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, short, told
from tests.integration.scenarios.record import wait_for

pytestmark = pytest.mark.cloud

WHY = ("--why", "as decided")
FIRST, SECOND = (models.formula(number) for number in (151, 152))
JOBS = """\
title: Scored over night
stages:
  test:
    batch: {{output: s3://{name}-test/batch-output/scores, split: none}}
  production:
    batch:
      output: s3://{name}-prod/batch-output/scores
      split: line
      strategy: single-record
      max_concurrent: 4
"""


@dataclass(frozen=True)
class Portfolio:
    """A group whose versions run as jobs: one that runs in production, and one that follows it in test."""

    name: str
    group: str
    first: str
    second: str
    in_test: Item
    in_production: Item


def scored(driver: Driver, account: str, record: Item, bucket: str, content: str) -> list[float]:
    """Somebody of the account lays down a file, starts the state machine and reads the answers."""
    s3, states = driver.client("s3", account), driver.client("stepfunctions", account)
    s3.put_object(Bucket=bucket, Key="batch-input/loans/today.csv", Body=content.encode())
    given = json.dumps({"input": f"s3://{bucket}/batch-input/loans/today.csv"})
    arn = states.start_execution(stateMachineArn=record["endpoint_arn"], name=unique("run"), input=given)[
        "executionArn"
    ]
    ended = wait_for("the job has ended", lambda: states.describe_execution(executionArn=arn), is_over, 60)
    assert ended["status"] == "SUCCEEDED", ended
    key = f"batch-output/scores/{arn.rsplit(':', 1)[-1]}/today.csv.out"
    return [float(one) for one in s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode().split()]


def is_over(told: Item) -> bool:
    return bool(told["status"] != "RUNNING")


def everything_in(driver: Driver, account: str, bucket: str) -> list[str]:
    found = driver.client("s3", account).list_objects_v2(Bucket=bucket).get("Contents", [])
    return [one["Key"] for one in found if "validation" in one["Key"]]


@pytest.fixture(scope="module")
def portfolio(driver: Driver, steward: Steward, tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    name = unique("portfolio")
    group = driver.group(name, model=FIRST)
    for account in ("test", "prod"):
        where = {"LocationConstraint": driver.region}
        driver.client("s3", account).create_bucket(Bucket=f"{name}-{account}", CreateBucketConfiguration=where)
    file = tmp_path_factory.mktemp("batch") / "profile.yaml"
    file.write_text(JOBS.format(name=name))
    told(steward("officer", "profile", "set", name, str(file), *WHY, "--json"))
    first, second = driver.register(group, FIRST), driver.register(group, SECOND)
    for arn in (first, second):
        driver.wait_sealed(arn)
    driver.approve(first)
    in_test = driver.wait_deployed(first)
    driver.decide(first, "Test")
    in_production = driver.wait_deployed(first, "production")
    driver.approve(second)
    driver.wait_deployed(second)
    return Portfolio(name, group, first, second, in_test, in_production)


def test_the_record_says_that_it_runs_as_batch_and_by_which_machine_and_model(driver: Driver, portfolio: Portfolio):
    assert portfolio.in_test["deployment_runs_as"] == "batch"
    assert f":stateMachine:{portfolio.in_test['endpoint_name']}" in portfolio.in_test["endpoint_arn"]
    (deployment,) = driver.deployments(portfolio.first, "production")
    assert (deployment["runs_as"], deployment["status"]) == ("batch", "deployed")
    modelled = deployment["model_arn"].rpartition("/")[2]
    model = driver.client("sagemaker", "prod").describe_model(ModelName=modelled)
    assert "/sealed/" in model["PrimaryContainer"]["ModelDataUrl"]
    assert model["EnableNetworkIsolation"]
    names = [one["EndpointName"] for one in driver.client("sagemaker", "test").list_endpoints()["Endpoints"]]
    assert portfolio.in_test["endpoint_name"] not in names


def test_it_was_measured_by_a_job_in_each_stage_and_nothing_of_that_is_left(driver: Driver, portfolio: Portfolio):
    for record, account in ((portfolio.in_test, "test"), (portfolio.in_production, "prod")):
        measured = json.loads(record["model_validation_metrics"])
        assert "auc" in json.dumps(measured)
        wait_for("the rows are gone", lambda: everything_in(driver, account, f"{portfolio.name}-{account}"), is_empty)  # noqa: B023


def is_empty(found: list[str]) -> bool:
    return not found


def test_whoever_may_start_its_machine_gets_its_answers_and_costs_carry_its_tags(driver: Driver, portfolio: Portfolio):
    bucket, answers = f"{portfolio.name}-prod", list(FIRST.answers)
    assert scored(driver, "prod", portfolio.in_production, bucket, FIRST.features) == answers
    job = driver.client("sagemaker", "prod").list_transform_jobs()["TransformJobSummaries"]
    assert all(one["TransformJobName"].startswith(f"{driver.install}-batch-") for one in job)


def test_a_version_that_is_taken_back_gives_its_place_to_the_one_before(
    driver: Driver, steward: Steward, portfolio: Portfolio
):
    told(steward("officer", "roll-back", short(portfolio.second), "--stage", "test", *WHY, "--json"))
    driver.wait_stage(portfolio.second, "test", deployment_status="rolled-back")
    record = driver.wait_deployed(portfolio.first)
    assert record["deployment_runs_as"] == "batch"
    bucket = f"{portfolio.name}-test"
    rows = ",".join(models.FEATURES) + "\n" + FIRST.features
    assert scored(driver, "test", record, bucket, rows) == list(FIRST.answers)


def test_a_job_that_fails_is_a_failed_validation_with_sagemakers_reason_and_the_version_before_comes_back(
    driver: Driver, steward: Steward, portfolio: Portfolio
):
    arn = driver.register(portfolio.group, models.broken())
    driver.wait_sealed(arn)
    driver.approve(arn)
    driver.wait_failed(arn)
    (deployment,) = driver.deployments(arn)
    assert deployment["reason"].startswith("Validate: ValidationImpossible: the transform job of")
    assert "ping health check" in deployment["reason"]
    driver.wait_finding(arn, "deployment-failed")
    wait_for("the rows are gone", lambda: everything_in(driver, "test", f"{portfolio.name}-test"), is_empty)
    before = len(driver.deployments(portfolio.first))
    told(steward("officer", "roll-back", short(arn), "--stage", "test", *WHY, "--json"))
    wait_for("it returns", lambda: driver.deployments(portfolio.first), lambda found: len(found) > before)
    record = driver.wait_deployed(portfolio.first)
    rows = ",".join(models.FEATURES) + "\n" + FIRST.features
    assert scored(driver, "test", record, f"{portfolio.name}-test", rows) == list(FIRST.answers)
