"""Registries that versions are imported from, and the one that they are imported into."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from governance.domain.identifiers import ModelGroupArn, ModelPackageArn
from governance.domain.importing import Registration, SourcePackage
from governance.domain.registry import PackageDescription
from governance.ports.registry import Registry


class Sources(Protocol):
    """The registries of the accounts where models are built."""

    def describe(self, package: ModelPackageArn) -> SourcePackage:
        """Return a package as it is now, with all that its registry tells. Costs two calls.

        Raises `PackageNotFound`, and `AccountUnreadable` where the account does not let the hub look.
        """


class ImportRegistry(Registry, Protocol):
    """The hub's registry, for the one use case that registers in it."""

    def made_since(self, group: ModelGroupArn, since: datetime) -> Iterator[PackageDescription]:
        """Go through the versions of a group that were registered since a moment, oldest first.

        Raises `GroupNotFound`. Costs a call for each page of the listing and one for each version.
        """

    def register(self, registration: Registration) -> ModelPackageArn:
        """Register a version as pending, and return its ARN. The same token registers once, and gives the same ARN.

        Raises `GroupNotFound`, and `RegistrationRefused` for what the registry will never take.
        """
