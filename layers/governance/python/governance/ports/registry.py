"""SageMaker Model Registry, as far as Steward asks it anything."""

from collections.abc import Mapping
from typing import Protocol

from governance.domain.identifiers import ModelGroupArn, ModelPackageArn
from governance.domain.registry import PackageDescription
from governance.domain.registry_updates import RegistryUpdate


class Registry(Protocol):
    """The place of truth for what was registered and decided."""

    def describe(self, package: ModelPackageArn) -> PackageDescription:
        """Return the package as it is now. Raises `PackageNotFound`. Costs one call."""

    def tags(self, group: ModelGroupArn) -> Mapping[str, str]:
        """Return a group's tags. Raises `GroupNotFound` for one that is not there."""


class RegistryWriter(Registry, Protocol):
    """The registry, for the one use case that writes to it."""

    def update(self, package: ModelPackageArn, update: RegistryUpdate) -> None:
        """Write one decision, and leave everything else alone. The same token writes once.

        Raises `PackageNotFound`, and `UpdateRefused` for what the registry will never take.
        """
