"""What is promised of the stacks that make model groups, kept by the adapter on CloudFormation."""

import json
from typing import Any

from governance.adapters.cloudformation_stacks import CloudFormationStacks, declared
from tests.aws.resources import client
from tests.aws.seam import Seam
from tests.template.translation import ROOT, source

STACK = "model-group-credit-risk"


def template(**defaults: str) -> str:
    """A stack of a queue, with parameters of these defaults."""
    parameters = {name: {"Type": "String", "Default": default} for name, default in defaults.items()}
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": next(iter(defaults))}}}
    return json.dumps({"Parameters": parameters, "Resources": {"Queue": queue}})


def told(stacks: CloudFormationStacks) -> dict[str, str]:
    """The parameters that the stack has by now."""
    (found,) = stacks.cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    return {one["ParameterKey"]: one["ParameterValue"] for one in found["Parameters"]}


def deployed(stacks: CloudFormationStacks, body: str, **parameters: str) -> dict[str, str]:
    """What the stack was told once a template is deployed with these."""
    proposal: Any = stacks.propose(STACK, body, parameters)
    stacks.carry_out(proposal)
    return told(stacks)


def test_what_is_not_said_stays_as_the_stack_has_it(seam: Seam) -> None:
    stacks = CloudFormationStacks(client("cloudformation"), lambda _: None)
    first = deployed(stacks, template(Name="x", Refuses="record", Roles=""), Name="one", Refuses="refuse", Roles="r")
    assert first == {"Name": "one", "Refuses": "refuse", "Roles": "r"}
    assert deployed(stacks, template(Name="x", Refuses="record", Roles=""), Name="two") == {**first, "Name": "two"}


def test_what_a_template_no_longer_or_newly_declares_is_not_asked_of_the_stack(seam: Seam) -> None:
    stacks = CloudFormationStacks(client("cloudformation"), lambda _: None)
    deployed(stacks, template(Name="x", Gone="y", Kept="z"), Name="one", Gone="o", Kept="k")
    after = deployed(stacks, template(Name="x", Kept="z", New="n"), Name="two")
    assert {name: after[name] for name in ("Name", "Kept", "New")} == {"Name": "two", "Kept": "k", "New": "n"}


def test_the_parameters_of_a_template_are_read_past_its_intrinsic_functions() -> None:
    path = "stacks/model-group.yaml"
    assert declared((ROOT / path).read_text()) == source(path)["Parameters"].keys()
    assert declared("Resources: {Queue: {Type: !Sub x}}") == frozenset()
