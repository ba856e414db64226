"""Model groups in SageMaker, as whoever onboards them sees them."""

from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.sagemaker_registry import SageMakerRegistry, is_missing
from governance.domain.identifiers import ModelGroupArn
from governance.domain.onboarding import tags_of
from governance.domain.use_case import ValidationSet
from governance.ports.onboarding import GroupSeen


class SageMakerGroups:
    """`ports.GroupRegistry` on SageMaker Model Registry and S3."""

    def __init__(self, sagemaker: Any, s3: Any) -> None:
        self.sagemaker = sagemaker
        self.s3 = s3

    def look(self, group: ModelGroupArn) -> GroupSeen | None:
        """DescribeModelPackageGroup and ListTags."""
        try:
            told = self.sagemaker.describe_model_package_group(ModelPackageGroupName=group)
        except ClientError as refused:
            if is_missing(refused):
                return None
            raise
        tags = SageMakerRegistry(self.sagemaker).tags(group)
        return GroupSeen(description=told.get("ModelPackageGroupDescription", ""), tags=tags)

    def upload(self, bucket: str, key: str, content: bytes) -> None:
        """One PutObject."""
        self.s3.put_object(Bucket=bucket, Key=key, Body=content)

    def bind(self, group: ModelGroupArn, bound: ValidationSet) -> None:
        """One AddTags, of all three: two of them alone bind nothing."""
        tags = [{"Key": key, "Value": value} for key, value in tags_of(bound).items()]
        self.sagemaker.add_tags(ResourceArn=group, Tags=tags)
