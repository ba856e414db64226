"""An approval past governance is flagged and put back in Studio; what somebody decides meanwhile is left alone."""

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.driver import Driver
from tests.integration.scenarios.record import wait_for

pytestmark = pytest.mark.cloud


@pytest.fixture(scope="module")
def group(driver: Driver) -> str:
    return driver.group(unique("bypassed"), model=models.formula())


@pytest.fixture
def version(driver: Driver, group: str) -> str:
    """A version that waits for its first decision."""
    arn = driver.register(group, models.formula(81))
    driver.wait_sealed(arn)
    return arn


def test_the_accounts_root_approves_nothing(driver: Driver, version: str) -> None:
    driver.approve(version, who="hub")
    driver.wait_finding(version, "decision-bypassed")
    shown = driver.wait_put_back(version)
    assert "approver-entitled" in shown["ApprovalDescription"]
    assert len(shown["ApprovalDescription"]) <= 1024
    assert "steward-write-back" in shown["LastModifiedBy"]["IamIdentity"]["Arn"]
    assert driver.stage(version, "development")["model_status"] == "pending"


def test_the_owner_may_approve_it_then_and_steward_does_not_interfere(driver: Driver, version: str) -> None:
    driver.approve(version, who="hub")
    driver.wait_put_back(version)
    driver.approve_again(version, why="looked at it")
    record = driver.wait_stage(version, "development", model_status="approved")
    assert record["model_audit_user"] == "mary.jackson"
    driver.settled([version])
    assert driver.describe(version)["ApprovalDescription"] == "looked at it"


def test_a_registration_as_approved_is_put_back(driver: Driver, group: str) -> None:
    arn = driver.register(group, models.formula(82), ModelApprovalStatus="Approved")
    driver.wait_finding(arn, "registered-with-decision")
    assert "No decision on record explains" in driver.wait_put_back(arn)["ApprovalDescription"]


def test_a_life_cycle_is_put_back_in_its_own_words(driver: Driver, version: str) -> None:
    driver.approve(version)
    driver.wait_stage(version, "development", model_status="approved")
    driver.decide(version, "QA", who="hub")
    shown = wait_for(
        "the life cycle is pending again",
        lambda: driver.describe(version),
        lambda one: one["ModelLifeCycle"]["StageStatus"] == "PendingApproval",
    )
    assert shown["ModelLifeCycle"]["Stage"] == "QA"
    assert "approver-entitled" in shown["ModelLifeCycle"]["StageDescription"]
    assert shown["ModelApprovalStatus"] == "Approved"


def test_a_rejection_right_after_it_stands(driver: Driver, version: str) -> None:
    driver.approve(version, who="hub")
    driver.approve(version, why="no", status="Rejected")
    driver.wait_stage(version, "development", model_status="rejected")
    driver.settled([version])
    shown = driver.describe(version)
    assert (shown["ModelApprovalStatus"], shown["ApprovalDescription"]) == ("Rejected", "no")
