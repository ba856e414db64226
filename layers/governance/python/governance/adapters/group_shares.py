"""What lets other accounts use a model group: its resource policy, and the resource shares that it is in."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import message_of
from governance.domain.identifiers import ModelGroupArn

GONE = ("does not exist", "Cannot find", "could not be found")
"""How SageMaker says that there is no such group, or no policy on it."""


ENDED = frozenset({"DISASSOCIATING", "DISASSOCIATED", "FAILED"})
"""Statuses of an association that lets nobody in (AWS API: ResourceShareAssociation)."""


class GroupShares:
    """`ports.Shares` on SageMaker and RAM, as `stacks/model-group.yaml` makes them."""

    def __init__(self, sagemaker: Any, ram: Any) -> None:
        self.sagemaker = sagemaker
        self.ram = ram

    def revoke(self, group: ModelGroupArn) -> Sequence[str]:
        """The shares that it is in, then its policy: what that denies stays."""
        return [*self.shares(group), *self.policy(group)]

    def shares(self, group: ModelGroupArn) -> Iterator[str]:
        """GetResourceShareAssociations, in pages; DisassociateResourceShare for each share that the group is in."""
        asked: dict[str, Any] = {"associationType": "RESOURCE", "resourceArn": group}
        while True:
            answer = self.ram.get_resource_share_associations(**asked)
            for one in answer["resourceShareAssociations"]:
                if one.get("status") not in ENDED:
                    share = str(one["resourceShareArn"])
                    self.ram.disassociate_resource_share(resourceShareArn=share, resourceArns=[group])
                    yield share
            if not answer.get("nextToken"):
                return
            asked["nextToken"] = answer["nextToken"]

    def policy(self, group: ModelGroupArn) -> Iterator[str]:
        """GetModelPackageGroupPolicy; what is left of it without its permissions is put back, or nothing is."""
        try:
            told = self.sagemaker.get_model_package_group_policy(ModelPackageGroupName=group)["ResourcePolicy"]
        except ClientError as refused:
            if any(words in message_of(refused) for words in GONE):
                return
            raise
        document = json.loads(told)
        allowing = [one for one in document["Statement"] if one.get("Effect") == "Allow"]
        if not allowing:
            return
        left = [one for one in document["Statement"] if one not in allowing]
        if left:
            kept = json.dumps({**document, "Statement": left}, sort_keys=True)
            self.sagemaker.put_model_package_group_policy(ModelPackageGroupName=group, ResourcePolicy=kept)
        else:
            self.sagemaker.delete_model_package_group_policy(ModelPackageGroupName=group)
        yield from (str(one.get("Sid") or "a statement without a name") for one in allowing)
