"""Officers publish a policy and put a group under it; whoever decides from then on is held to it, in Studio as well."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, short, told
from tests.integration.scenarios.record import wait_for

pytestmark = pytest.mark.cloud

WHY = ("--why", "as decided")
IN_DEV = ("--stage", "development", *WHY)
POLICY = """\
name: {name}
title: Two people from the first stage on
gates:
  - {{name: approver-entitled, kind: check}}
  - {{name: not-by-the-author, kind: check}}
  - {{name: preceding-stage-approved, kind: check}}
  - {{name: approved-by-two, kind: check, stages: [test, pre-production, production], risks: [high]}}
  - {{name: findings-answered, kind: check}}
  - {{name: deployed-and-validated, kind: check, mode: advise}}
"""
TWO = "  - {name: two-people, kind: sign-offs, stages: [development], needed: 2, roles: [owner, validator]}\n"


@pytest.fixture(scope="module")
def name() -> str:
    return unique("two-people")


@pytest.fixture(scope="module")
def files(name: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The policy as it is meant, and one that asks less."""
    folder, plain = tmp_path_factory.mktemp("policies"), POLICY.format(name=name)
    for called, text in (("strict", plain + TWO), ("loose", plain)):
        (folder / f"{called}.yaml").write_text(text)
    return {called: str(folder / f"{called}.yaml") for called in ("strict", "loose")}


@pytest.fixture(scope="module")
def version(driver: Driver, steward: Steward, name: str, files: dict[str, str]) -> str:
    """A version of a group that was put under the policy before it was registered."""
    group = driver.group(unique("under-policy"), model=models.formula())
    assert told(steward("officer", "policy", "publish", files["strict"], *WHY, "--json"))["policy"] == f"{name}@1"
    told(steward("officer", "policy", "assign", name, "--group", group, *WHY, "--json"))
    arn = driver.register(group, models.formula(71))
    driver.wait_sealed(arn)
    return arn


@pytest.mark.parametrize("who", ["model-owner", "validator", "ml-engineer"])
def test_nobody_but_an_officer_publishes(steward: Steward, files: dict[str, str], who: str) -> None:
    assert steward(who, "policy", "publish", files["loose"], *WHY).exit_code == 3


def test_an_approval_in_studio_is_refused_there_with_what_is_missing(driver: Driver, version: str, name: str) -> None:
    driver.approve(version)
    driver.wait_finding(version, "gate-refused")
    registry = wait_for(
        "the registry shows it as pending again",
        lambda: driver.describe(version),
        lambda one: one["ModelApprovalStatus"] == "PendingManualApproval",
    )
    assert f"not approved by {name}@1" in registry["ApprovalDescription"]
    assert "two-people" in registry["ApprovalDescription"]


def test_the_second_persons_word_makes_it_two(driver: Driver, version: str, steward: Steward, name: str) -> None:
    told(steward("validator", "sign-off", short(version), *IN_DEV, "--json"))
    driver.approve_again(version, why="now with the validator's word")
    record = driver.wait_stage(version, "development", model_status="approved")
    assert (record["policy"], record["model_audit_user"]) == (f"{name}@1", "mary.jackson")
    covered = told(steward("auditor", "policy", "coverage", "--of", short(version), "--stage", "development", "--json"))
    assert covered["policy"] == name


def test_what_asks_less_is_in_force_when_another_officer_confirms_it(
    driver: Driver, version: str, steward: Steward, name: str, files: dict[str, str]
) -> None:
    assert told(steward("officer", "policy", "publish", files["loose"], *WHY, "--json"))["outcome"] == "proposed"
    waits = told(steward("officer", "policy", "confirm", name, *WHY, "--json"))
    assert waits["outcome"] == "waits-for-another-officer"
    done = told(steward("second-officer", "policy", "confirm", name, *WHY, "--json"))
    assert (done["policy"], done["groups"]) == (f"{name}@2", 1)
    listed = {one["name"]: one for one in told(steward("auditor", "policy", "list", "--json"))}
    assert listed[name]["in_force"] == f"{name}@2"
    assert driver.stage(version, "development")["policy"] == f"{name}@1", "what was decided stays decided under it"


def test_a_role_is_delegated_and_taken_back(version: str, steward: Steward) -> None:
    group = short(version).split("/")[0]
    until = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    to = ("delegate", "validator", "--to", "margaret.hamilton", "--group", group, *WHY)
    assert steward("model-owner", *to, "--until", until).exit_code == 3, "it is not the owner's to give"
    told(steward("validator", *to, "--until", until, "--json"))
    (seen,) = told(steward("auditor", "delegations", "--group", group, "--json"))
    assert (seen["role"], seen["to"]) == ("validator", "margaret.hamilton")
    told(steward("validator", *to, "--end", "--json"))


def test_the_chains_hold(driver: Driver, version: str, steward: Steward) -> None:
    driver.settled([version])
    assert steward("auditor", "rebuild", short(version), "--check").exit_code == 0
    assert steward("auditor", "verify", "--no-archive").exit_code == 0
