"""What lets other accounts use a model group: its resource policy, and the resource shares that it is in."""

import json
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import message_of
from governance.domain.identifiers import ModelGroupArn, group_name_of

GONE = ("does not exist", "Cannot find", "could not be found")
"""How SageMaker says that there is no such group, or no policy on it."""


ENDED = frozenset({"DISASSOCIATING", "DISASSOCIATED", "FAILED"})
"""Statuses of an association that lets nobody in (AWS API: ResourceShareAssociation)."""


class GroupShares:
    """`ports.Shares` on SageMaker and RAM, as `stacks/model-group.yaml` makes them."""

    def __init__(self, sagemaker: Any, ram: Any) -> None:
        self.sagemaker = sagemaker
        self.ram = ram

    def given(self, group: ModelGroupArn) -> Sequence[str]:
        """The shares that it is in, and the statements of its policy that allow something."""
        _, allowing = self.policy(group)
        return [*self.shares(group), *(str(one.get("Sid") or "a statement without a name") for one in allowing)]

    def revoke(self, group: ModelGroupArn) -> None:
        """DisassociateResourceShare for each share; PutModelPackageGroupPolicy with what denies, or its deletion."""
        for share in self.shares(group):
            self.ram.disassociate_resource_share(resourceShareArn=share, resourceArns=[group])
        document, allowing = self.policy(group)
        left = [one for one in document.get("Statement", ()) if one not in allowing]
        if allowing and left:
            kept = json.dumps({**document, "Statement": left}, sort_keys=True)
            self.sagemaker.put_model_package_group_policy(
                ModelPackageGroupName=group_name_of(group), ResourcePolicy=kept
            )
        elif allowing:
            self.sagemaker.delete_model_package_group_policy(ModelPackageGroupName=group_name_of(group))

    def shares(self, group: ModelGroupArn) -> list[str]:
        """GetResourceShareAssociations, in pages."""
        asked: dict[str, Any] = {"associationType": "RESOURCE", "resourceArn": group}
        found: list[str] = []
        while True:
            answer = self.ram.get_resource_share_associations(**asked)
            told = answer["resourceShareAssociations"]
            found += [str(one["resourceShareArn"]) for one in told if one.get("status") not in ENDED]
            if not answer.get("nextToken"):
                return found
            asked["nextToken"] = answer["nextToken"]

    def policy(self, group: ModelGroupArn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """One GetModelPackageGroupPolicy: the policy, and its statements that allow something."""
        try:
            told = self.sagemaker.get_model_package_group_policy(ModelPackageGroupName=group_name_of(group))[
                "ResourcePolicy"
            ]
        except ClientError as refused:
            if any(words in message_of(refused) for words in GONE):
                return {}, []
            raise
        document: dict[str, Any] = json.loads(told)
        return document, [one for one in document["Statement"] if one.get("Effect") == "Allow"]
