"""An officer takes a version back from both accounts where it runs, and it stays away until another releases it."""

from typing import Any

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, short, told
from tests.integration.scenarios.record import wait_for
from tests.integration.scenarios.subscriber import Subscriber

pytestmark = pytest.mark.cloud

FIRST, SECOND = models.formula(81), models.formula(82)
WHY = ("--why", "it discriminates")


@pytest.fixture(scope="module")
def pair(driver: Driver) -> tuple[str, str]:
    """Two versions, the second in the place of the first in both accounts."""
    group = driver.group(unique("quarantined"), model=models.formula())
    first, second = (driver.through_test(group, model, "production", "prod") for model in (FIRST, SECOND))
    driver.wait_stage(first, "production", deployment_status="superseded")
    return first, second


def quarantine(steward: Steward, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = told(steward("auditor", "show", short(arn), "--json"))["quarantine"]
    return found


@pytest.mark.parametrize("who", ["model-owner", "validator", "ml-engineer", "auditor"])
def test_nobody_but_an_officer_quarantines(steward: Steward, pair: tuple[str, str], who: str) -> None:
    assert steward(who, "quarantine", short(pair[1]), *WHY).exit_code == 3


def test_a_dry_run_tells_both_accounts_and_what_would_return(steward: Steward, pair: tuple[str, str]) -> None:
    answer = told(steward("officer", "quarantine", short(pair[1]), *WHY, "--dry-run", "--json"))
    assert [(one["stage"], one["does"], one["returns"]) for one in answer["reach"]] == [
        ("test", "roll-back", pair[0]),
        ("production", "roll-back", pair[0]),
    ]
    assert len({one["account"] for one in answer["reach"]}) == 2
    assert quarantine(steward, pair[1]) is None


def test_the_version_before_serves_again_in_both_and_the_time_to_safe_is_told(
    driver: Driver, steward: Steward, pair: tuple[str, str], subscriber: Subscriber
) -> None:
    first, second = pair
    told(steward("officer", "quarantine", short(second), *WHY, "--json"))
    for stage, account in (("test", "test"), ("production", "prod")):
        driver.wait_stage(second, stage, deployment_status="rolled-back")
        assert driver.serves(account, driver.wait_deployed(first, stage), FIRST)
    safe = wait_for("it is safe", lambda: quarantine(steward, second), lambda one: bool(one["safe_at"]))
    assert safe["seconds_to_safe"] > 0
    heard = wait_for(
        "that is announced",
        lambda: [one for one in subscriber.listen() if one["detail-type"] == "QuarantineCompleted"],
        lambda all_: [one for one in all_ if one["detail"].get("model_package_arn") == second],
    )
    assert [one["detail"]["seconds_to_safe"] for one in heard if one["detail"].get("model_package_arn") == second] == [
        safe["seconds_to_safe"]
    ]
    assert "quarantined" in driver.findings(second)


def test_an_approval_meanwhile_is_put_back(driver: Driver, pair: tuple[str, str]) -> None:
    driver.wait_put_back(pair[1])
    driver.approve_again(pair[1], "it is in order")
    registry = wait_for(
        "the registry shows why",
        lambda: driver.describe(pair[1]),
        lambda one: (
            one["ModelApprovalStatus"] == "PendingManualApproval" and "not-in-quarantine" in one["ApprovalDescription"]
        ),
    )
    assert "steward release" in registry["ApprovalDescription"]


def test_another_officer_releases_it_and_it_is_deployed_once_it_is_approved_anew(
    driver: Driver, steward: Steward, pair: tuple[str, str]
) -> None:
    second = pair[1]
    assert steward("officer", "release", short(second), *WHY).exit_code == 3
    told(steward("second-officer", "release", short(second), *WHY, "--json"))
    driver.wait_told(second)
    driver.approve_again(second, "looked at again")  # in a later second than it was released
    assert driver.serves("test", driver.wait_deployed(second), SECOND)


def test_the_owner_rolls_it_back_in_test_by_the_group_alone(
    driver: Driver, steward: Steward, pair: tuple[str, str]
) -> None:
    group = short(pair[1]).split("/")[0]
    driver.wait_remembered(pair[1])
    answer = told(steward("model-owner", "roll-back", group, "--stage", "test", *WHY, "--json"))
    assert answer["version"] == pair[1]
    driver.wait_stage(pair[1], "test", deployment_status="rolled-back")
    assert driver.serves("test", driver.wait_deployed(pair[0]), FIRST)
