"""Two versions go through pre-production into two production accounts, of which one fails, and one is taken back."""

import json
from typing import Any

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import Item, unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, short, told
from tests.integration.scenarios.record import wait_for

pytestmark = pytest.mark.cloud

FIRST, SECOND = models.formula(91), models.formula(92)
PLACES = {"test": "test", "pre-production": "preprod", "production": "prod", "production-eu": "prod-eu"}
"""The environments, and what their accounts are called."""
ENTRANCE = "steward-deployment"


def environments(driver: Driver, arn: str) -> dict[str, Item]:
    """What the stage record says of each production account."""
    found: dict[str, Item] = json.loads(driver.stage(arn, "production").get("environments") or "{}")
    return found


def statuses(driver: Driver, arn: str) -> dict[str, str]:
    return {name: one["deployment_status"] for name, one in environments(driver, arn).items()}


@pytest.fixture(scope="module")
def first(driver: Driver) -> str:
    """The first version, approved where it went before."""
    group = driver.group(unique("spread"), model=models.formula())
    arn = driver.through_test(group, FIRST, "pre-production", "preprod")
    assert driver.stage(arn, "production") == {}, "test approved leads to pre-production, and no further"
    driver.decide(arn, "PreProduction")
    driver.wait_deployed(arn, "production")
    return arn


@pytest.fixture(scope="module")
def second(driver: Driver, first: str) -> str:
    """The second version, for which one of the accounts cannot be entered; approved again once it can."""
    arn = driver.through_test(driver.group_arn(short(first).split("/")[0]), SECOND, "pre-production", "preprod")
    iam = driver.client("iam", "prod-eu")
    trust = iam.get_role(RoleName=ENTRANCE)["Role"]["AssumeRolePolicyDocument"]
    nobody = {"Version": "2012-10-17", "Statement": [{**trust["Statement"][0], "Effect": "Deny"}]}
    iam.update_assume_role_policy(RoleName=ENTRANCE, PolicyDocument=json.dumps(nobody))
    driver.decide(arn, "PreProduction")
    ended = {"production": "deployed", "production-eu": "failed"}
    wait_for("one of two accounts has it", lambda: statuses(driver, arn), lambda found: found == ended, 90)
    iam.update_assume_role_policy(RoleName=ENTRANCE, PolicyDocument=json.dumps(trust))
    return arn


def test_they_are_listed_with_account_and_pipeline(steward: Steward, driver: Driver) -> None:
    listed = told(steward("ml-engineer", "environments", "--json"))
    assert {one["name"]: one["account"] for one in listed} == {
        name: driver.accounts[account] for name, account in PLACES.items()
    }


def test_preflight_finds_everything_in_place(steward: Steward) -> None:
    answer = told(steward("ml-engineer", "preflight", "--json"))
    assert [one for one in answer["findings"] if one["verdict"] == "gap"] == []
    assert set(PLACES) <= set(answer["accounts"])


def test_a_version_serves_in_both_production_accounts(driver: Driver, first: str) -> None:
    there = environments(driver, first)
    assert {one["endpoint_arn"].split(":")[4] for one in there.values()} == {
        driver.accounts["prod"],
        driver.accounts["prod-eu"],
    }
    for name, one in there.items():
        assert driver.serves(PLACES[name], one, FIRST)


def test_where_one_account_fails_record_and_finding_say_which(driver: Driver, first: str, second: str) -> None:
    assert driver.stage(second, "production")["deployment_status"] == "failed"
    failed = driver.wait_finding(second, "deployment-failed")
    assert "production (production-eu)" in failed["detail"]
    assert driver.serves("prod", environments(driver, second)["production"], SECOND)
    assert driver.serves("prod-eu", environments(driver, first)["production-eu"], FIRST)


def test_approved_again_it_is_deployed_where_it_had_failed(driver: Driver, second: str) -> None:
    driver.wait_told(second)
    driver.decide(second, "PreProduction")
    wait_for("both have it", lambda: set(statuses(driver, second).values()), lambda found: found == {"deployed"}, 90)
    assert driver.serves("prod-eu", environments(driver, second)["production-eu"], SECOND)


def quarantined(steward: Steward, arn: str) -> Any:
    return told(steward("auditor", "show", short(arn), "--json"))["quarantine"]


def test_a_quarantine_takes_it_back_in_every_account_and_then_it_is_safe(
    driver: Driver, steward: Steward, first: str, second: str
) -> None:
    order = ("quarantine", short(second), "--why", "it discriminates", "--json")
    answer = told(steward("officer", *order, "--dry-run"))
    assert {one["environment"]: one["account"] for one in answer["reach"]} == {
        name: driver.accounts[account] for name, account in PLACES.items()
    }
    assert {one["returns"] for one in answer["reach"]} == {first}
    told(steward("officer", *order))
    wait_for("it is safe", lambda: quarantined(steward, second), lambda found: found["safe_at"], 120)
    assert set(statuses(driver, second).values()) == {"rolled-back"}
    for name, one in environments(driver, first).items():
        assert driver.serves(PLACES[name], one, FIRST)
    assert driver.serves("preprod", driver.stage(first, "pre-production"), FIRST)
    assert driver.serves("test", driver.stage(first, "test"), FIRST)
