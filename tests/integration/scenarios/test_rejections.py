"""Rejecting a version that serves: taken back at once where its group's policy says so, else when somebody confirms."""

from pathlib import Path

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, short, told
from tests.integration.scenarios.test_officers import POLICY

pytestmark = pytest.mark.cloud

WHY = ("--why", "as decided")
FIRST, SECOND = (models.formula(number) for number in (181, 182))


def serving(driver: Driver, group: str) -> tuple[str, str]:
    """Two versions of a group; the second serves in test."""
    versions = []
    for model in (FIRST, SECOND):
        arn = driver.register(group, model)
        driver.wait_sealed(arn)
        driver.approve(arn)
        assert driver.serves("test", driver.wait_deployed(arn), model)
        versions.append(arn)
    driver.wait_stage(versions[0], "test", deployment_status="superseded")
    return versions[0], versions[1]


def test_where_the_policy_says_at_once_the_version_before_serves_again(
    driver: Driver, steward: Steward, tmp_path: Path
) -> None:
    name, group = unique("at-once"), driver.group(unique("rejected"), model=models.formula())
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY.format(name=name) + "on_rejection: {test: roll-back}\n")
    told(steward("officer", "policy", "publish", str(file), *WHY, "--json"))
    told(steward("officer", "policy", "assign", name, "--group", group, *WHY, "--json"))
    first, second = serving(driver, group)
    driver.decide(second, "Test", "Rejected", who="officer")
    record = driver.wait_stage(second, "test", deployment_status="rolled-back")
    assert f"{first} serves again" in record["deployment_reason"]
    assert driver.serves("test", driver.wait_deployed(first), FIRST)
    driver.settled([first, second])
    assert "rollback-awaits-confirmation" not in driver.findings(second)
    assert driver.actions(second).count("rejection-judged") == 1
    assert driver.actions(second).count("rollback-requested") == 1


def test_where_it_says_nothing_it_serves_until_somebody_confirms(driver: Driver, steward: Steward) -> None:
    group = driver.group(unique("waiting"), model=models.formula())
    first, second = serving(driver, group)
    driver.decide(second, "Test", "Rejected", who="officer")
    driver.wait_finding(second, "rollback-awaits-confirmation")
    assert driver.serves("test", driver.wait_deployed(second), SECOND)
    told(steward("officer", "roll-back", short(second), "--stage", "test", *WHY, "--json"))
    driver.wait_stage(second, "test", deployment_status="rolled-back")
    assert driver.serves("test", driver.wait_deployed(first), FIRST)
    driver.settled([first, second])
    assert "rollback-awaits-confirmation" not in driver.findings(second)
