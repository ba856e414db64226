"""Owners, validators and officers decide through Steward: what they ask for ends up in the registry, in their names."""

from typing import Any

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, short, told
from tests.integration.scenarios.record import wait_for

pytestmark = pytest.mark.cloud

IN_DEV = ("--stage", "development", "--why", "as discussed")


@pytest.fixture(scope="module")
def group(driver: Driver) -> str:
    return driver.group(unique("reviewed"), model=models.formula())


@pytest.fixture(scope="module")
def first(driver: Driver, group: str) -> str:
    """A version that waits for its first decision."""
    arn = driver.register(group, models.formula(61))
    driver.wait_sealed(arn)
    return arn


@pytest.fixture(scope="module")
def second(driver: Driver, group: str, first: str) -> str:
    """A version after it."""
    arn = driver.register(group, models.formula(62))
    driver.wait_sealed(arn)
    return arn


def shown(driver: Driver, arn: str, status: str) -> dict[str, Any]:
    """What the registry says of a version, once it says so."""
    return wait_for(
        f"the registry shows {arn} as {status}",
        lambda: driver.describe(arn),
        lambda one: one["ModelApprovalStatus"] == status,
    )


def found_wanting(steward: Steward, arn: str) -> str:
    """A finding of the validator's."""
    words = ("findings", "raise", short(arn), *IN_DEV, "--finding", "high: worse for the young", "--json")
    (finding,) = told(steward("validator", *words))["findings"]
    return str(finding["id"])


def test_an_approval_waits_for_an_answer_and_is_then_written_in_the_owners_name(
    driver: Driver, first: str, steward: Steward
) -> None:
    finding = found_wanting(steward, first)
    waits = told(steward("model-owner", "approve", short(first), *IN_DEV, "--json"), 1)
    assert [one["name"] for one in waits["checks"] if one["stops"]] == ["findings-answered"]
    assert driver.describe(first)["ModelApprovalStatus"] == "PendingManualApproval"
    told(steward("model-owner", "findings", "answer", short(first), finding, "--how", "measured again", "--json"))
    registry = shown(driver, first, "Approved")
    assert registry["ApprovalDescription"] == "as discussed"
    record = driver.wait_stage(first, "development", model_status="approved")
    assert record["model_audit_user"] == "mary.jackson"
    assert "decision-bypassed" not in driver.findings(first)


@pytest.mark.parametrize("who", ["data-scientist", "ml-engineer", "auditor"])
def test_nobody_without_a_role_decides(first: str, steward: Steward, who: str) -> None:
    assert steward(who, "sign-off", short(first), *IN_DEV).exit_code == 3


def test_a_rejection_in_test_is_a_life_cycle_in_the_registry(driver: Driver, first: str, steward: Steward) -> None:
    driver.wait_deployed(first, "test")
    words = ("--stage", "test", "--why", "not fair", "--finding", "high: worse for the young")
    told(steward("officer", "reject", short(first), *words, "--owner", "mary.jackson", "--json"))
    driver.wait_stage(first, "test", model_status="rejected", model_audit_user="katherine.johnson")
    shown = driver.describe(first)["ModelLifeCycle"]
    assert shown["StageStatus"] == "Rejected"
    assert shown["StageDescription"] == "not fair To be put right: [high] worse for the young"
    assert driver.findings(first)["review"]["owner"] == "mary.jackson"


def test_another_version_takes_its_place_and_its_reviewer_sees_what_is_different(
    driver: Driver, first: str, second: str, steward: Steward
) -> None:
    (finding,) = told(steward("model-owner", "findings", "list", short(first), "--json"))["findings"]
    words = ("resubmit", short(second), "--of", short(first), "--why", "put right")
    assert steward("model-owner", *words).exit_code == 3, "one finding has no answer"
    told(steward("model-owner", *words, "--answer", f"{finding['id']}=trained without age", "--json"))
    assert told(steward("validator", "findings", "list", short(first), "--json"))["findings"] == []
    found = told(steward("validator", "diff", short(second), "--json"))
    assert found["against"] == first
    assert {"data", "metrics", "policy"} <= {line["part"] for line in found["lines"]}
    assert [one["how"] for one in found["findings"] if one["stage"] == "test"] == [
        f"in {short(second)}: trained without age"
    ]


def test_an_emergency_is_approved_and_overruled_and_the_registry_follows_both_times(
    driver: Driver, second: str, steward: Steward
) -> None:
    """Overruled once it serves: stopped on its way it may be left at an endpoint that is another's by the record."""
    found_wanting(steward, second)
    words = ("break-glass", short(second), *IN_DEV)
    told(steward("model-owner", *words, "--hours", "1", "--json"))
    shown(driver, second, "Approved")
    driver.wait_finding(second, "emergency-approval")
    driver.wait_deployed(second, "test")
    assert steward("model-owner", *words, "--review", "uphold").exit_code == 3
    told(steward("officer", *words, "--review", "overrule", "--json"))
    driver.wait_stage(second, "development", model_status="pending")
    shown(driver, second, "PendingManualApproval")


def test_the_records_are_what_their_facts_give_and_their_chains_hold(
    driver: Driver, first: str, second: str, steward: Steward
) -> None:
    driver.settled([first, second])
    for arn in (first, second):
        assert steward("auditor", "rebuild", short(arn), "--check").exit_code == 0
        assert steward("auditor", "verify", short(arn), "--no-archive").exit_code == 0
        assert not [one for one in driver.items(arn, "FACT#") if "mary.jackson" in one["content"]]
