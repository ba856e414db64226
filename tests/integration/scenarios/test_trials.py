"""A shadow that its stage's approval rolls out in full, and a share of the requests that its rejection takes away."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import Item, unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, told
from tests.integration.scenarios.record import wait_for
from tests.integration.scenarios.subscriber import Subscriber

pytestmark = pytest.mark.cloud

WHY = ("--why", "as decided")
FIRST, SECOND, THIRD = (models.formula(number) for number in (161, 162, 163))
TRIED = """\
title: Tried in production first
stages:
  production:
    trial: {{kind: {kind}, percent: {percent}}}
"""


@dataclass(frozen=True)
class Tried:
    """A version that serves in production, and one that stands beside it as a shadow."""

    group: str
    first: str
    second: str
    endpoint: str


def set_profile(steward: Steward, group: str, folder: Path, kind: str, percent: int) -> None:
    file = folder / "profile.yaml"
    file.write_text(TRIED.format(kind=kind, percent=percent))
    told(steward("officer", "profile", "set", group, str(file), *WHY, "--json"))


def to_production(driver: Driver, group: str, model: models.Model) -> tuple[str, Item]:
    """A version that was approved in test, and its record in production."""
    arn = driver.register(group, model)
    driver.wait_sealed(arn)
    driver.approve(arn)
    driver.wait_deployed(arn)
    driver.decide(arn, "Test")
    return arn, driver.wait_deployed(arn, "production", validated=False)


def described(driver: Driver, endpoint: str) -> Item:
    return dict(driver.client("sagemaker", "prod").describe_endpoint(EndpointName=endpoint))


def serving(driver: Driver, group: str) -> str:
    return str(json.loads(driver.item(f"GROUP#{group}", "HEAD")["serving"])["production"]["version"])


@pytest.fixture(scope="module")
def tried(driver: Driver, steward: Steward, tmp_path_factory: pytest.TempPathFactory) -> Tried:
    name = unique("tried")
    group = driver.group(name, model=models.formula())
    set_profile(steward, name, tmp_path_factory.mktemp("tried"), "shadow", 100)
    first, record = to_production(driver, group, FIRST)
    assert record["deployment_trial"].startswith("at once: no other version serves")
    second, record = to_production(driver, group, SECOND)
    assert record["deployment_trial"] == f"shadow, 100 percent, beside {first}"
    return Tried(group, first, second, record["endpoint_name"])


def test_the_version_before_answers_everybody_while_the_shadow_stands_beside_it(driver: Driver, tried: Tried) -> None:
    (shadow,) = described(driver, tried.endpoint)["ShadowProductionVariants"]
    assert shadow["VariantName"] == "Trial"
    record = driver.stage(tried.first, "production")
    assert record["deployment_status"] == "deployed"
    assert all(driver.serves("prod", record, FIRST) for _ in range(8))
    assert serving(driver, tried.group) == tried.first
    (deployment,) = driver.deployments(tried.second, "production")
    assert (deployment["trial"], deployment["beside"]) == ("shadow", tried.first)


def test_its_approval_in_production_rolls_it_out_in_full(driver: Driver, tried: Tried, subscriber: Subscriber) -> None:
    driver.decide(tried.second, "Production")
    driver.wait_stage(tried.first, "production", deployment_status="superseded")
    record = driver.stage(tried.second, "production")
    assert record["deployment_trial"].startswith("full rollout of ")
    assert "ShadowProductionVariants" not in described(driver, tried.endpoint)
    assert all(driver.serves("prod", record, SECOND) for _ in range(4))
    assert sorted(one["status"] for one in driver.deployments(tried.second, "production")) == ["deployed", "superseded"]

    def heard() -> list[Item]:
        told_ = [one["detail"] for one in subscriber.listen() if one["detail-type"] == "DeploymentSucceeded"]
        return [one for one in told_ if (one["model_package_arn"], one["stage"]) == (tried.second, "production")]

    mine = wait_for("both are announced", heard, lambda found: len(found) >= 2)
    assert [one["beside"] for one in sorted(mine, key=lambda one: int(one["sequence"]))] == [tried.first, ""]


def test_a_share_of_the_requests_is_taken_away_by_its_rejection(
    driver: Driver, steward: Steward, tried: Tried, tmp_path: Path
) -> None:
    set_profile(steward, tried.group.rpartition("/")[2], tmp_path, "weighted", 50)
    third, record = to_production(driver, tried.group, THIRD)
    for model in (THIRD, SECOND):
        wait_for(f"{model.name} has its share", lambda: driver.serves("prod", record, model), bool)  # noqa: B023
    assert driver.wait_deployed(third, "production")["validated_at"]
    driver.decide(third, "Production", "Rejected")
    driver.wait_stage(third, "production", deployment_status="rolled-back")
    record = driver.wait_deployed(tried.second, "production")
    assert all(driver.serves("prod", record, SECOND) for _ in range(8))
    assert serving(driver, tried.group) == tried.second
    assert driver.stage(third, "test")["deployment_status"] == "deployed"
    verified = steward("auditor", "verify", "--no-archive")
    assert verified.exit_code == 0, verified.output
