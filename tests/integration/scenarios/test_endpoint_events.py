"""What workload accounts tell of endpoints is on the record and announced: deleted by hand, and alarms of a trial."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import Item, unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, told
from tests.integration.scenarios.record import wait_for
from tests.integration.scenarios.subscriber import Subscriber

pytestmark = pytest.mark.cloud

FIRST, SECOND, THIRD = (models.formula(number) for number in (171, 172, 173))
TRIED = """\
title: Half of the requests in test first
stages:
  test:
    trial: {kind: weighted, percent: 50}
"""


@dataclass(frozen=True)
class Tried:
    """A version that serves in test, and one that stands beside it."""

    group: str
    first: str
    second: str
    endpoint: str


def opened(subscriber: Subscriber, code: str, arn: str) -> list[Item]:
    """The announcements of a finding of a version."""
    told = [one["detail"] for one in subscriber.listen() if one["detail-type"] == "FindingOpened"]
    return [one for one in told if (one["code"], one["model_package_arn"]) == (code, arn)]


def deployed(driver: Driver, group: str, model: models.Model) -> tuple[str, Item]:
    arn = driver.register(group, model)
    driver.wait_sealed(arn)
    driver.approve(arn)
    return arn, driver.wait_deployed(arn)


@pytest.fixture(scope="module")
def tried(driver: Driver, steward: Steward, tmp_path_factory: pytest.TempPathFactory) -> Tried:
    name = unique("told")
    group = driver.group(name, model=models.formula())
    profile = tmp_path_factory.mktemp("told") / "profile.yaml"
    profile.write_text(TRIED)
    told(steward("officer", "profile", "set", name, str(profile), "--why", "as decided", "--json"))
    first, _ = deployed(driver, group, FIRST)
    second, record = deployed(driver, group, SECOND)
    assert record["deployment_trial"] == f"weighted, 50 percent, beside {first}"
    return Tried(group, first, second, record["endpoint_name"])


def tags(driver: Driver, arn: str) -> dict[str, str]:
    found = driver.client("sagemaker", "test").list_tags(ResourceArn=arn)["Tags"]
    return {one["Key"].removeprefix("steward:"): one["Value"] for one in found}


def test_each_model_carries_the_tags_of_its_own_version_and_the_endpoint_those_of_both(
    driver: Driver, tried: Tried
) -> None:
    sagemaker: Any = driver.client("sagemaker", "test")
    endpoint = sagemaker.describe_endpoint(EndpointName=tried.endpoint)
    said = tags(driver, endpoint["EndpointArn"])
    assert (said["model-package-arn"], said["trial-model-package-arn"]) == (tried.first, tried.second)
    config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    named = {one["VariantName"]: one["ModelName"] for one in config["ProductionVariants"]}
    for variant, arn in {"AllTraffic": tried.first, "Trial": tried.second}.items():
        model = tags(driver, sagemaker.describe_model(ModelName=named[variant])["ModelArn"])
        (deployment,) = driver.deployments(arn)
        own = (arn, arn.rpartition("/")[2], deployment["deployment_id"])
        assert (model["model-package-arn"], model["model-version"], model["deployment-id"]) == own


def test_errors_of_the_version_on_trial_are_a_finding_of_that_version(
    driver: Driver, tried: Tried, subscriber: Subscriber
) -> None:
    dimensions = [{"Name": "EndpointName", "Value": tried.endpoint}, {"Name": "VariantName", "Value": "Trial"}]
    errors = {"MetricName": "Invocation5XXErrors", "Dimensions": dimensions, "Value": 3}
    driver.client("cloudwatch", "test").put_metric_data(Namespace="AWS/SageMaker", MetricData=[errors])
    (event,) = wait_for("it is announced", lambda: opened(subscriber, "endpoint-alarm", tried.second), bool)
    assert event["detail"].startswith(f"{tried.endpoint}-trial-5xx is on in test")
    assert "reject the version in test" in event["remedy"]
    assert opened(subscriber, "endpoint-alarm", tried.first) == []
    kinds = {item["kind"] for item in driver.items(tried.first, "FACT#")}
    assert "alarm-observed" not in kinds


def test_an_endpoint_that_somebody_deletes_is_gone_on_record_with_the_way_out(
    driver: Driver, subscriber: Subscriber
) -> None:
    group = driver.group(unique("deleted"), model=models.formula())
    arn, record = deployed(driver, group, THIRD)
    driver.client("sagemaker", "test").delete_endpoint(EndpointName=record["endpoint_name"])
    finding = driver.wait_finding(arn, "endpoint-deleted")
    assert "somebody deleted" in finding["detail"]
    assert "delete its stack in the workload account, then approve the version" in finding["remedy"]
    assert driver.stage(arn, "test")["endpoint_status"] in {"DELETING", "DELETED"}
    (event,) = wait_for("it is announced", lambda: opened(subscriber, "endpoint-deleted", arn), bool)
    assert event["severity"] == "critical"
