"""Everything the registry holds, page by page and at a bearable rate."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import code_of, message_of
from governance.adapters.pacing import Pace
from governance.adapters.sagemaker_registry import SageMakerRegistry
from governance.domain.errors import GroupNotFound, ListingLost
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn, group_name_of
from governance.domain.registry import PackageDescription
from governance.ports.inspection import Groups, Packages

PAGE = 50
"""Packages in a page: their heads are then read in one BatchGetItem of 100 keys."""

MOST_GROUPS = 100
"""What ListModelPackageGroups gives at most (AWS API)."""


class SageMakerCatalogue(SageMakerRegistry):
    """`ports.Catalogue` and `ports.Registry` on SageMaker Model Registry. Each call waits for its turn."""

    def __init__(self, sagemaker: Any, pace: Pace) -> None:
        super().__init__(sagemaker)
        self.pace = pace

    def groups(self, token: str = "") -> Groups:
        """One ListModelPackageGroups, by name."""
        self.pace.wait()
        with no_lost_token():
            answer = self.sagemaker.list_model_package_groups(
                SortBy="Name", SortOrder="Ascending", MaxResults=MOST_GROUPS, **({"NextToken": token} if token else {})
            )
        arns = tuple(one["ModelPackageGroupArn"] for one in answer["ModelPackageGroupSummaryList"])
        return Groups(arns=arns, token=answer.get("NextToken") or "")

    def packages(self, group: ModelGroupArn | None, token: str = "") -> Packages:
        """One ListModelPackages, oldest first, so that what is registered meanwhile comes last."""
        self.pace.wait()
        of = {"ModelPackageGroupName": group} if group else {"ModelPackageType": "Unversioned"}
        asked = {"SortBy": "CreationTime", "SortOrder": "Ascending", "MaxResults": PAGE}
        try:
            with no_lost_token():
                answer = self.sagemaker.list_model_packages(**of, **asked, **({"NextToken": token} if token else {}))
        except ClientError as refused:
            if "does not exist" in message_of(refused):
                raise GroupNotFound(group) from refused
            raise
        arns = tuple(one["ModelPackageArn"] for one in answer["ModelPackageSummaryList"])
        return Packages(arns=arns, token=answer.get("NextToken") or "")

    def present(self, packages: Sequence[ModelPackageArn]) -> Collection[ModelPackageArn]:
        """One BatchDescribeModelPackage, which names in its errors what is not there."""
        if not packages:
            return ()
        self.pace.wait()
        answer = self.sagemaker.batch_describe_model_package(ModelPackageArnList=list(packages))
        return frozenset(answer.get("ModelPackageSummaries", {}))

    def describe(self, package: ModelPackageArn) -> PackageDescription:
        """One DescribeModelPackage, in its turn."""
        self.pace.wait()
        return super().describe(package)

    def tags(self, group: ModelGroupArn) -> Mapping[str, str]:
        """ListTags, in pages, in its turn."""
        self.pace.wait()
        return super().tags(group)

    def policy(self, group: ModelGroupArn) -> Sequence[Mapping[str, Any]]:
        """One GetModelPackageGroupPolicy, in its turn. Where there is none SageMaker says that it cannot find it."""
        self.pace.wait()
        try:
            answer = self.sagemaker.get_model_package_group_policy(ModelPackageGroupName=group_name_of(group))
        except ClientError as refused:
            if code_of(refused) in {"ValidationException", "ResourceNotFound"}:
                return ()
            raise
        told = json.loads(answer["ResourcePolicy"]).get("Statement", [])
        return tuple(told) if isinstance(told, list) else (told,)


@contextmanager
def no_lost_token() -> Iterator[None]:
    """Translate the refusal of a page's token: tokens expire, and a listing is then begun again."""
    try:
        yield
    except ClientError as refused:
        if code_of(refused).startswith("InvalidNextToken") or "token" in message_of(refused).casefold():
            raise ListingLost(message_of(refused)) from refused
        raise
