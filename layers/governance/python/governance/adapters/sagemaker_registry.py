"""The registry in SageMaker."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import code_of, message_of
from governance.domain.errors import GroupNotFound, PackageNotFound, UpdateRefused
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn
from governance.domain.registry import PackageDescription
from governance.domain.registry_updates import RegistryUpdate


class SageMakerRegistry:
    """`ports.Registry` on SageMaker Model Registry."""

    def __init__(self, sagemaker: Any) -> None:
        self.sagemaker = sagemaker

    def describe(self, package: ModelPackageArn) -> PackageDescription:
        """One DescribeModelPackage. SageMaker answers ValidationException for a package that is not there."""
        try:
            answer = self.sagemaker.describe_model_package(ModelPackageName=package)
        except ClientError as refused:
            if is_missing(refused):
                raise PackageNotFound(package) from refused
            raise
        return PackageDescription.model_validate(answer)

    def tags(self, group: ModelGroupArn) -> Mapping[str, str]:
        """ListTags, in pages."""
        pages = self.sagemaker.get_paginator("list_tags").paginate(ResourceArn=group)
        try:
            return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
        except ClientError as refused:
            if is_missing(refused):
                raise GroupNotFound(group) from refused
            raise


class SageMakerRegistryWriter(SageMakerRegistry):
    """`ports.RegistryWriter` on SageMaker Model Registry."""

    def update(self, package: ModelPackageArn, update: RegistryUpdate) -> None:
        """One UpdateModelPackage. What is not sent stays as it is (AWS API: UpdateModelPackage)."""
        told: dict[str, Any] = {"ModelPackageArn": package, "ClientToken": update.token}
        if update.approval:
            told["ModelApprovalStatus"] = update.approval.value
        if update.life_cycle:
            told["ModelLifeCycle"] = {
                "Stage": update.life_cycle.stage,
                "StageStatus": update.life_cycle.status,
                "StageDescription": update.life_cycle.description,
            }
        if update.description:
            told["ApprovalDescription"] = update.description
        try:
            self.sagemaker.update_model_package(**told)
        except ClientError as refused:
            if is_missing(refused):
                raise PackageNotFound(package) from refused
            if code_of(refused) == "ValidationException":
                raise UpdateRefused(message_of(refused)) from refused
            raise


def is_missing(refused: ClientError) -> bool:
    """Whether SageMaker refused because what was asked about is not there: its codes alone do not say so."""
    words = message_of(refused).casefold()
    missing = code_of(refused) in {"ValidationException", "ResourceNotFound", "ResourceNotFoundException"}
    return missing and any(one in words for one in ("does not exist", "not found", "could not find"))
