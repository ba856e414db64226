"""Stacks of model groups in CloudFormation: each change is looked at as a change set before it is carried out."""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import yaml
from botocore.exceptions import ClientError

from governance.adapters.clients import message_of
from governance.domain.errors import StackBroken
from governance.domain.identifiers import ModelGroupArn, group_name_of
from governance.domain.onboarded import IN_THE_TEMPLATE
from governance.ports.onboarding import Proposal, StackChange

NOTHING = ("didn't contain changes", "No updates are to be performed")
"""How a change set fails that would change nothing (CloudFormation API: CreateChangeSet)."""

EMPTY = frozenset({"REVIEW_IN_PROGRESS", "DELETE_COMPLETE", ""})
"""Statuses of a stack that holds nothing."""

PATIENCE = 600.0
"""Seconds that a change is waited for. A group and its share take one minute at most."""


class CloudFormationStacks:
    """`ports.Stacks` on CloudFormation."""

    def __init__(self, cloudformation: Any, pause: Callable[[float], None] = time.sleep) -> None:
        self.cloudformation = cloudformation
        self.pause = pause

    def is_there(self, stack: str) -> bool:
        """DescribeStacks, until nothing is under way."""
        return self.settled(stack) not in EMPTY

    def status(self, stack: str) -> tuple[str, str]:
        """A stack's status and its reason; empty texts where there is none."""
        try:
            (found,) = self.cloudformation.describe_stacks(StackName=stack)["Stacks"]
        except ClientError as refused:
            if "does not exist" in message_of(refused):
                return "", ""
            raise
        return found["StackStatus"], found.get("StackStatusReason", "")

    def parameters(self, stack: str) -> frozenset[str]:
        """The names of what a stack was told."""
        (found,) = self.cloudformation.describe_stacks(StackName=stack)["Stacks"]
        return frozenset(one["ParameterKey"] for one in found.get("Parameters", ()))

    def settled(self, stack: str) -> str:
        """A stack's status once nothing is under way. Raises `StackBroken` for what only its deletion mends."""
        waited = 0.0
        while True:
            status, reason = self.status(stack)
            if status in EMPTY or not status.endswith("_IN_PROGRESS"):
                break
            if waited > PATIENCE:
                raise StackBroken(f"{stack} is {status} for more than {PATIENCE:.0f} s")
            self.pause(2.0)
            waited += 2.0
        if status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "UPDATE_ROLLBACK_FAILED"}:
            told = self.why(stack) or reason or "no reason given"
            raise StackBroken(f"{stack} is {status} ({told}): delete it, and try again")
        return status

    def propose(self, stack: str, template: str, parameters: Mapping[str, str]) -> Proposal | None:
        """CreateChangeSet and DescribeChangeSet, and of a stack that is there DescribeStacks.

        CloudFormation takes the template's default for what it is not told, also where the stack has something else
        (CloudFormation API: Parameter, UsePreviousValue).
        """
        told: list[dict[str, Any]] = [{"ParameterKey": key, "ParameterValue": told} for key, told in parameters.items()]
        is_there = self.is_there(stack)
        if is_there:
            kept = (self.parameters(stack) & declared(template)) - parameters.keys()
            told += [{"ParameterKey": key, "UsePreviousValue": True} for key in sorted(kept)]
        kind = "UPDATE" if is_there else "CREATE"
        return self.looked_at(stack, ChangeSetType=kind, TemplateBody=template, Parameters=told)

    def propose_adoption(self, stack: str, group: ModelGroupArn, description: str) -> Proposal:
        """The same as an import, of the group just as it is, and of nothing else.

        CloudFormation guide, "Import AWS resources into a CloudFormation stack": it must have a deletion policy.
        """
        told = {"ModelPackageGroupName": group_name_of(group)}
        told |= {"ModelPackageGroupDescription": description} if description else {}
        kind = "AWS::SageMaker::ModelPackageGroup"
        resource = {"Type": kind, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": told}
        named = {"LogicalResourceId": IN_THE_TEMPLATE, "ResourceIdentifier": {"ModelPackageGroupArn": group}}
        proposal = self.looked_at(
            stack,
            ChangeSetType="IMPORT",
            TemplateBody=json.dumps({"Resources": {IN_THE_TEMPLATE: resource}}),
            ResourcesToImport=[{"ResourceType": kind, **named}],
        )
        if proposal is None:
            raise StackBroken(f"CloudFormation finds nothing to import into {stack}")
        return proposal

    def looked_at(self, stack: str, **asked: Any) -> Proposal | None:
        """A change set once CloudFormation has worked it out; None where it holds nothing."""
        name = f"onboard-{uuid.uuid4().hex[:16]}"
        made = self.cloudformation.create_change_set(StackName=stack, ChangeSetName=name, **asked)["Id"]
        waited = 0.0
        while True:
            seen = self.cloudformation.describe_change_set(ChangeSetName=made, StackName=stack)
            if not seen["Status"].endswith(("_PENDING", "_IN_PROGRESS")) or waited > PATIENCE:
                break
            self.pause(1.0)
            waited += 1.0
        changes = tuple(map(change_of, seen.get("Changes", [])))
        if seen["Status"] != "CREATE_COMPLETE" or seen.get("ExecutionStatus") == "UNAVAILABLE":
            self.cloudformation.delete_change_set(ChangeSetName=made, StackName=stack)
            reason = seen.get("StatusReason", seen["Status"])
            if any(words in reason for words in NOTHING):
                return None
            raise StackBroken(f"{stack}: {reason}")
        return Proposal(stack=stack, id=made, changes=changes)

    def carry_out(self, proposal: Proposal) -> None:
        """ExecuteChangeSet, and DescribeStacks until it is over."""
        self.cloudformation.execute_change_set(ChangeSetName=proposal.id, StackName=proposal.stack)
        self.pause(1.0)
        status = self.settled(proposal.stack)
        while status == "REVIEW_IN_PROGRESS":  # it has not begun yet
            self.pause(1.0)
            status = self.settled(proposal.stack)
        if "ROLLBACK" in status or status.endswith("_FAILED"):
            raise StackBroken(f"{proposal.stack} is {status}: {self.why(proposal.stack)}")

    def why(self, stack: str) -> str:
        """What CloudFormation gives as the first reason, as far as one may ask."""
        events = self.cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        told = [one for one in reversed(events) if one["ResourceStatus"].endswith("_FAILED")]
        return "; ".join(f"{one['LogicalResourceId']}: {one.get('ResourceStatusReason', '')}" for one in told[-2:])

    def discard(self, proposal: Proposal) -> None:
        """DeleteChangeSet."""
        self.cloudformation.delete_change_set(ChangeSetName=proposal.id, StackName=proposal.stack)


def declared(template: str) -> frozenset[str]:
    """The names of the parameters of a template. What its intrinsic functions say is not looked at."""
    document = yaml.compose(template, Loader=yaml.SafeLoader)
    sections = document.value if isinstance(document, yaml.MappingNode) else ()
    return frozenset(
        name.value
        for section, content in sections
        if section.value == "Parameters" and isinstance(content, yaml.MappingNode)
        for name, _ in content.value
    )


def change_of(told: Mapping[str, Any]) -> StackChange:
    """A change of a change set (CloudFormation API: ResourceChange)."""
    one = told["ResourceChange"]
    return StackChange(
        action=one["Action"].lower(),
        resource=one["LogicalResourceId"],
        kind=one["ResourceType"],
        replaces=one.get("Replacement") == "True",
    )
