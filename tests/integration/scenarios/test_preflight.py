"""Before the first promotion the ML engineer sees that four accounts are ready, and what to add where they are not."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, told

pytestmark = pytest.mark.cloud


def gaps(steward: Steward, *words: str) -> list[dict[str, Any]]:
    """What preflight names as missing."""
    result = steward("ml-engineer", "preflight", *words, "--json")
    report = told(result) if result.exit_code == 0 else json.loads(result.stdout)
    found = [one for one in report["findings"] if one["verdict"] == "gap"]
    assert result.exit_code == (1 if found else 0)
    assert report["ready"] is (not found)
    return found


def test_four_accounts_are_ready_and_what_nobody_looked_at_is_not_called_fine(driver: Driver, steward: Steward) -> None:
    driver.group(unique("ready"), share="ram", model=models.formula())
    result = steward("ml-engineer", "preflight", "--json")
    assert result.exit_code == 0, result.stdout
    report = told(result)
    assert {one["account"] for one in report["findings"] if one["verdict"] == "fine"} == set(driver.accounts.values())
    left = [one for one in report["findings"] if one["verdict"] != "fine"]
    assert {one["place"] for one in left} == {"repository policy"}
    assert all("--image" in one["why"] for one in left)
    shown = steward("ml-engineer", "preflight")
    assert "0 gap" in shown.stdout
    assert "Ready, as far as it was checked" in shown.stdout


@contextmanager
def without_policy_of_bucket(driver: Driver) -> Iterator[str]:
    s3, bucket = driver.client("s3", "hub"), driver.outputs["ArtifactBucket"]
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.delete_bucket_policy(Bucket=bucket)
    try:
        yield bucket
    finally:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)


@contextmanager
def without_statement_of_key(driver: Driver) -> Iterator[str]:
    kms, key = driver.client("kms", "hub"), driver.outputs["PipelineKeyArn"]
    policy = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    less = json.loads(policy)
    less["Statement"] = [one for one in less["Statement"] if one["Sid"] != "DeploymentsReadBundles"]
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(less))
    try:
        yield key
    finally:
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)


@contextmanager
def without_role_policy(driver: Driver) -> Iterator[str]:
    iam, role = driver.client("iam", "prod"), f"{driver.install}-cloudformation"
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    iam.delete_role_policy(RoleName=role, PolicyName=name)
    try:
        yield role
    finally:
        text = document if isinstance(document, str) else json.dumps(document)
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=text)


@contextmanager
def with_rule_disabled(driver: Driver) -> Iterator[str]:
    events, rule = driver.client("events", "dev"), f"{driver.install}-forward-registry-events"
    events.disable_rule(Name=rule)
    try:
        yield rule
    finally:
        events.enable_rule(Name=rule)


@pytest.mark.parametrize(
    ("taken", "account"),
    [
        (without_policy_of_bucket, "hub"),
        (without_statement_of_key, "hub"),
        (without_role_policy, "prod"),
        (with_rule_disabled, "dev"),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_what_is_taken_away_is_named_and_nothing_else(
    driver: Driver, steward: Steward, taken: Any, account: str
) -> None:
    try:
        with taken(driver) as name:
            found = gaps(steward)
    finally:
        assert gaps(steward) == []
    assert {(one["account"], one["name"]) for one in found} == {(driver.accounts[account], name)}
    assert all(one["remedy"] for one in found)
    assert all(one["add"] for one in found) or account == "dev", "a rule is no policy"


@pytest.mark.parametrize("who", ["data-scientist", "auditor"])
def test_who_may_not_look_is_told_that_nothing_was_checked(steward: Steward, who: str) -> None:
    result = steward(who, "preflight", "--json")
    report = json.loads(result.stdout)
    if "error" in report:
        assert result.exit_code == 3
        return
    of_others = [one for one in report["findings"] if one["place"] in ("trust policy", "rule")]
    assert {one["verdict"] for one in of_others} == {"not checked"}
    assert report["ready"] is False
    assert result.exit_code == 1
