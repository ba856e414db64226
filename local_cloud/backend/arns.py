"""Names and ARNs of the registry: either may be given wherever one of them is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResourceArn:
    """A SageMaker ARN in its parts; `name` is what follows the resource type."""

    region: str
    account: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"arn:aws:sagemaker:{self.region}:{self.account}:{self.kind}/{self.name}"

    @property
    def group(self) -> str:
        """The model package group that the resource is, or belongs to."""
        return self.name.split("/")[0]

    def of(self, kind: str, name: str) -> ResourceArn:
        """Return another resource of the same account and Region."""
        return ResourceArn(self.region, self.account, kind, name)


def resolve(name_or_arn: str, kind: str, *, account: str, region: str) -> ResourceArn:
    """Return the ARN meant by `name_or_arn`; a bare name is one of `account`."""
    if not name_or_arn.startswith("arn:"):
        return ResourceArn(region, account, kind, name_or_arn)
    _, _, _, arn_region, arn_account, resource = name_or_arn.split(":", 5)
    arn_kind, _, name = resource.partition("/")
    return ResourceArn(arn_region, arn_account, arn_kind, name)
