"""The registry in SageMaker."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import code_of, message_of
from governance.domain.errors import PackageNotFound
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn
from governance.domain.registry import PackageDescription


class SageMakerRegistry:
    """`ports.Registry` on SageMaker Model Registry."""

    def __init__(self, sagemaker: Any) -> None:
        self.sagemaker = sagemaker

    def describe(self, package: ModelPackageArn) -> PackageDescription:
        """One DescribeModelPackage. SageMaker answers ValidationException for a package that is not there."""
        try:
            answer = self.sagemaker.describe_model_package(ModelPackageName=package)
        except ClientError as refused:
            missing = code_of(refused) in {"ValidationException", "ResourceNotFound"}
            if missing and any(words in message_of(refused) for words in ("does not exist", "not found")):
                raise PackageNotFound(package) from refused
            raise
        return PackageDescription.model_validate(answer)

    def tags(self, group: ModelGroupArn) -> Mapping[str, str]:
        """ListTags, in pages."""
        pages = self.sagemaker.get_paginator("list_tags").paginate(ResourceArn=group)
        return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
