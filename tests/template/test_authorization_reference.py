"""What the templates allow exists at AWS, and is allowed on everything only where AWS knows no resource for it.

The reference is AWS's own: the Service Authorization Reference, as cfn-lint carries it in its data.
"""

import json
from importlib import resources
from typing import Any

import pytest

from tests.template.policies import Statement, parse
from tests.template.test_permissions import LISTED_WHOLE, NAMES, NO_RESOURCE_LEVEL, POLICIES
from tests.template.translation import Stack, every_stack, source

REFERENCE: dict[str, Any] = json.loads(
    resources.files("cfnlint").joinpath("data/AdditionalSpecs/Policies.json").read_text()
)
NO_METRICS = {"cloudwatch:PutMetricData"}
"""The reference knows a resource of theirs, `dataset`, which metrics of one's own have nothing to do with."""


def entry(action: str) -> dict[str, Any] | None:
    """What AWS says of an action; None for one that there is not."""
    service, name = action.lower().split(":")
    found: dict[str, Any] | None = REFERENCE.get(service, {}).get("Actions", {}).get(name)
    return found


def resource_statements(stack: Stack) -> list[Statement]:
    """What resources of a stack say of those who come to them."""
    keys = ("PolicyDocument", "KeyPolicy", "ModelPackageGroupPolicy", "AssumeRolePolicyDocument")
    held = [one.get("Properties", {}) for one in stack.resources.values()]
    return [one for properties in held for key in keys if key in properties for one in parse(properties[key])]


@pytest.mark.parametrize(("stack", "name", "statements"), POLICIES, ids=NAMES)
def test_every_action_is_one_that_aws_knows(stack: str, name: str, statements: list[Statement]) -> None:
    assert [action for one in statements for action in one.actions if entry(action) is None] == []


@pytest.mark.parametrize("stack", list(every_stack()))
def test_every_action_in_a_resources_own_policy_is_one_that_aws_knows(stack: str) -> None:
    for one in resource_statements(every_stack()[stack]):
        assert [action for action in one.actions if "*" not in action and entry(action) is None] == [], one.sid
        assert one.effect == "Deny" or not [action for action in one.actions if "*" in action], one.sid


def test_every_action_that_an_organisation_forbids_is_one_that_aws_knows() -> None:
    told = {"HubAccountId": "444455556666", "DevTargetIds": ["x"], "WorkloadTargetIds": ["y"], "OfficerRoleArns": ["z"]}
    policies = Stack(source("controls/preventive.yaml"), "999900001111", told).of_type("AWS::Organizations::Policy")
    assert len(policies) == 3
    for policy in policies.values():
        for one in parse(policy["Content"]):
            assert [action for action in one.actions if entry(action) is None] == [], one.sid


@pytest.mark.parametrize("action", sorted(set(NO_RESOURCE_LEVEL) - NO_METRICS))
def test_what_is_allowed_on_everything_has_no_resource_at_aws(action: str) -> None:
    assert (entry(action) or {}).get("Resources", []) == []


@pytest.mark.parametrize(("stack", "name", "statements"), POLICIES, ids=NAMES)
def test_no_statement_allows_on_everything_what_aws_allows_on_something(
    stack: str, name: str, statements: list[Statement]
) -> None:
    for one in statements:
        if "*" in one.resources:
            bound = set(one.actions) - LISTED_WHOLE.get((name, one.sid), set()) - NO_METRICS
            assert [action for action in bound if (entry(action) or {}).get("Resources")] == [], one.sid
