"""SageMaker Model Registry, as far as Steward asks it anything."""

from collections.abc import Mapping
from typing import Protocol

from governance.domain.identifiers import ModelGroupArn, ModelPackageArn
from governance.domain.registry import PackageDescription


class Registry(Protocol):
    """The place of truth for what was registered and decided."""

    def describe(self, package: ModelPackageArn) -> PackageDescription:
        """Return the package as it is now. Raises `PackageNotFound`. Costs one call."""

    def tags(self, group: ModelGroupArn) -> Mapping[str, str]:
        """Return a group's tags. Raises `GroupNotFound` for one that is not there."""
