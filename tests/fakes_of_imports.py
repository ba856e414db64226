"""In-memory stand-ins for the registries between which versions are imported, and for processes that die in between."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from governance.domain.errors import AccountUnreadable, GroupNotFound, PackageNotFound, RegistrationRefused
from governance.domain.importing import Registration, SourcePackage
from governance.domain.registry import PackageDescription
from governance.domain.values import whole_second
from tests.builders import HUB
from tests.fakes import InMemoryRegistry

IMPORTER_ARN = f"arn:aws:sts::{HUB}:assumed-role/steward-import-model-version/steward-import-model-version"


@dataclass
class InMemorySources:
    """`ports.Sources`: packages of dev accounts as their registries describe them."""

    packages: dict[str, dict[str, Any]] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    """Accounts that let nobody look."""

    def describe(self, package: str) -> SourcePackage:
        account = package.split(":")[4]
        if account in self.closed:
            raise AccountUnreadable(account)
        if package not in self.packages:
            raise PackageNotFound(package)
        content = deepcopy(self.packages[package])
        return SourcePackage(described=PackageDescription.model_validate(content), content=content)


@dataclass
class InMemoryImportRegistry(InMemoryRegistry):
    """`ports.ImportRegistry`: every registration is made by one role. `forgetful` forgets tokens at once."""

    groups: set[str] = field(default_factory=set)
    tokens: dict[str, tuple[Mapping[str, Any], str]] = field(default_factory=dict)
    forgetful: bool = False

    def tags(self, group: str) -> Mapping[str, str]:
        if group not in self.groups:
            raise GroupNotFound(group)
        return super().tags(group)

    def made_since(self, group: str, since: datetime) -> Iterator[PackageDescription]:
        if group not in self.groups:
            raise GroupNotFound(group)
        prefix = group.replace(":model-package-group/", ":model-package/") + "/"
        mine = [one for arn, one in self.packages.items() if arn.startswith(prefix)]
        yield from sorted((one for one in mine if one.creation_time >= since), key=lambda one: one.creation_time)

    def register(self, registration: Registration) -> str:
        if registration.group not in self.groups:
            raise GroupNotFound(registration.group)
        if self.refuses:
            raise RegistrationRefused(self.refuses)
        if registration.token in self.tokens and not self.forgetful:
            fields, arn = self.tokens[registration.token]
            if fields != registration.fields:
                raise RuntimeError("ConflictException: the token was used before with different parameters")
            return arn
        prefix = registration.group.replace(":model-package-group/", ":model-package/")
        number = 1 + sum(arn.startswith(f"{prefix}/") for arn in self.packages)
        at = whole_second(self.now()).isoformat()
        arn, role = f"{prefix}/{number}", {"IamIdentity": {"Arn": IMPORTER_ARN}}
        made = {"ModelPackageArn": arn, "CreationTime": at, "LastModifiedTime": at, "ModelPackageStatus": "Completed"}
        told = {**registration.fields, **made, "ModelApprovalStatus": "PendingManualApproval", "CreatedBy": role}
        self.packages[arn] = PackageDescription.model_validate(told)
        self.tokens[registration.token] = registration.fields, arn
        return arn


class Died(BaseException):
    """The process is gone, before one of its calls or after it took effect."""


@dataclass
class Mortality:
    """Counts the calls of whoever it was put around, and ends the process at one of them."""

    at: int = 0
    after: bool = False
    calls: list[str] = field(default_factory=list)

    def around(self, port: Any) -> Any:
        """A port whose calls are counted."""
        return Mortal(port, self)


class Mortal:
    """A port that is called through a count."""

    def __init__(self, port: Any, mortality: Mortality) -> None:
        self.port = port
        self.mortality = mortality

    def __getattr__(self, name: str) -> Any:
        told = getattr(self.port, name)
        if not callable(told):
            return told

        def called(*arguments: Any, **named: Any) -> Any:
            life = self.mortality
            life.calls.append(name)
            dies = len(life.calls) == life.at
            if dies and not life.after:
                raise Died(f"before {name}")
            answer = told(*arguments, **named)
            if dies:
                raise Died(f"after {name}")
            return answer

        return called
