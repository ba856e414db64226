"""Policies are as long as IAM takes them, wherever the stacks go and whatever they are called.

IAM user guide, "IAM and AWS STS quotas": a managed policy has at most 6,144 characters, all inline policies of a role
together 10,240, and white space is not counted.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from tests.template.translation import REGION, Stack, every_stack, hub

MANAGED, INLINE = 6_144, 10_240
INSTALL = "a" * 12
"""The longest that the templates let an installation be called."""
STACK = "s" * 128
"""The longest name of a stack (CloudFormation API: CreateStack)."""
GENERATED = "g" * 36
"""What AWS generates is a UUID, as a key's id is, or no longer than that."""


class LongStack(Stack):
    """A template with every name as long as it gets, in a region of a partition."""

    def __init__(self, of: Stack, partition: str, region: str) -> None:
        self.partition = partition
        told = {name: self.lengthened(value, region) for name, value in of.parameters.items()}
        super().__init__(of._raw, of.account, told, region)

    def lengthened(self, value: Any, region: str) -> Any:
        """A parameter as it is there: ARNs and names of another stack that is called as long, in that region."""
        if isinstance(value, list):
            return [self.lengthened(one, region) for one in value]
        text = re.sub(r"\bsteward\b", INSTALL, str(value)).replace(REGION, region)
        text = re.sub(r"(key/)\w+", rf"\g<1>{GENERATED}", text)
        return text.replace("arn:aws:", f"arn:{self.partition}:")

    def arn(self, logical_id: str) -> str:
        return super().arn(logical_id).replace("arn:aws:", f"arn:{self.partition}:")

    def name(self, logical_id: str) -> str:
        known = super().name(logical_id)
        return GENERATED if known == logical_id else known

    def _ref(self, name: str) -> Any:
        return {"AWS::StackName": STACK, "AWS::Partition": self.partition}.get(name) or super()._ref(name)


def longest_regions() -> list[tuple[str, str]]:
    """The region with the longest name of each partition that botocore knows."""
    session = boto3.Session()
    regions = {
        one: session.get_available_regions("lambda", partition_name=one) for one in session.get_available_partitions()
    }
    return [(partition, max(known, key=len)) for partition, known in regions.items() if known]


def length(*documents: Mapping[str, Any]) -> int:
    """Characters of policies as IAM counts them."""
    return sum(len(re.sub(r"\s", "", json.dumps(one, separators=(",", ":")))) for one in documents)


STACKS = {**every_stack(), "hub": hub(subscriber=True, further="888899990000")}


@pytest.mark.parametrize("name", STACKS)
@pytest.mark.parametrize(("partition", "region"), longest_regions())
def test_every_policy_is_as_short_as_iam_wants_it(name: str, partition: str, region: str) -> None:
    stack = LongStack(STACKS[name], partition, region)
    managed = {one: length(told["PolicyDocument"]) for one, told in stack.of_type("AWS::IAM::ManagedPolicy").items()}
    assert {one: size for one, size in managed.items() if size > MANAGED} == {}
    inline = {
        one: length(*(policy["PolicyDocument"] for policy in told.get("Policies", [])))
        for one, told in stack.of_type("AWS::IAM::Role").items()
    }
    assert {one: size for one, size in inline.items() if size > INLINE} == {}


def test_names_are_as_long_as_they_get_where_policies_are_measured() -> None:
    """Or the measure would say nothing."""
    partition, region = max(longest_regions(), key=lambda one: len("".join(one)))
    stack = LongStack(hub(), partition, region)
    assert stack.arn("ArtifactKey") == f"arn:{partition}:kms:{region}:{stack.account}:key/{GENERATED}"
    written = json.dumps(stack.of_type("AWS::IAM::ManagedPolicy"))
    assert f"role/{INSTALL}-preflight-dev" in written and f"stack/{STACK}/*" in written
    assert "arn:aws:" not in written and REGION not in written
