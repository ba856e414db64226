"""What may be imported from the registry of a dev account, into which group of the hub, and how the copy is written."""

import re
from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from governance.domain.errors import ImportNotAllowed
from governance.domain.identifiers import (
    ModelGroupArn,
    ModelPackageArn,
    VersionIdentity,
    account_of,
    effect_id,
    version_name_of,
)
from governance.domain.lifecycle import ApprovalStatus
from governance.domain.registry import PackageChange, PackageDescription
from governance.domain.values import Instant, Value, iso, sha256_of

IMPORTS_FROM = "steward:imports-from"
"""The tag of a hub's group that names the accounts whose local approvals are imported into it, with spaces between."""

SOURCE_ARN = "steward:source-model-package-arn"
SOURCE_CREATED = "steward:source-created-at"
"""Properties of a copy that name its source: by these it is found again."""

MOST_PROPERTIES = 50
"""Entries of `CustomerMetadataProperties` (AWS API: CreateModelPackage)."""

COPIED = (
    "ModelPackageDescription", "InferenceSpecification", "AdditionalInferenceSpecifications",
    "SourceAlgorithmSpecification", "ModelMetrics", "DriftCheckBaselines", "ModelCard", "MetadataProperties",
    "Domain", "Task", "SamplePayloadUrl", "SourceUri",
)  # fmt: skip
"""What CreateModelPackage takes as DescribeModelPackage gives it (AWS API)."""

SAID_OTHERWISE = frozenset({
    "ModelPackageName", "ModelPackageGroupName", "ModelPackageVersion", "ModelPackageArn", "CreationTime", "CreatedBy",
    "LastModifiedTime", "LastModifiedBy", "ModelPackageStatus", "ModelPackageStatusDetails", "ModelApprovalStatus",
    "ApprovalDescription", "ModelPackageRegistrationType", "SkipModelValidation", "CustomerMetadataProperties",
})  # fmt: skip
"""What is on the record, in the name of the copy, or in a place of its own: nothing of it is lost."""

NAME = r"[A-Za-z0-9](?:-*[A-Za-z0-9]){0,62}"
ENTRY = re.compile(rf"^(?P<account>[0-9]{{12}})/(?P<local>{NAME})=(?P<hub>{NAME})$")


class SourcePackage(Value):
    """A package of another account's registry: what is understood of it, and all that was told."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    described: PackageDescription
    content: Mapping[str, Any]

    @property
    def group(self) -> str:
        """Name of its group, in the letters that its owner wrote: ARNs may be in lower case."""
        in_arn, told = self.described.identity.group or "", str(self.content.get("ModelPackageGroupName") or "")
        return told if told.casefold() == in_arn.casefold() else in_arn


class ImportTerms(Value):
    """From which accounts is imported into which hub, and which of their groups go by another name there."""

    hub: str
    region: str
    accounts: frozenset[str]
    names: Mapping[tuple[str, str], str] = Field(default_factory=dict)

    def hub_group(self, source: SourcePackage) -> ModelGroupArn:
        """The hub's group for a source: of the same name, unless somebody said otherwise; empty for one of none."""
        if not source.group:
            return ""
        partition, _, region, account = source.described.model_package_arn.split(":")[1:5]
        name = self.names.get((account, source.group.casefold()), source.group)
        return f"arn:{partition}:sagemaker:{region}:{self.hub}:model-package-group/{name}"

    def check(self, change: PackageChange, account: str) -> None:
        """Refuse what did not come from the account that it speaks of, or from one that nobody imports from."""
        owner = account_of(change.model_package_arn)
        if account != owner:
            raise ImportNotAllowed(f"account {account} told of a package of account {owner}")
        if owner not in self.accounts:
            raise ImportNotAllowed(f"account {owner} is none of those that models are imported from")


def names_from(told: str, accounts: frozenset[str]) -> dict[tuple[str, str], str]:
    """Read `<account>/<local group>=<hub group>`, with commas between. Raises `ValueError` naming what is wrong."""
    names: dict[tuple[str, str], str] = {}
    for entry in filter(None, map(str.strip, told.split(","))):
        read = ENTRY.match(entry)
        if read is None:
            raise ValueError(f"{entry!r} is not <account>/<local group>=<hub group>")
        if read["account"] not in accounts:
            raise ValueError(f"{entry!r} names an account that is not among those of developers")
        key = (read["account"], read["local"].casefold())
        if names.setdefault(key, read["hub"]) != read["hub"]:
            raise ValueError(f"{read['account']}/{read['local']} is given two groups of the hub")
    return names


class Import(Value):
    """An import that is intended, and what became of it: kept from before the first try on, and for good."""

    effect_id: str
    source: VersionIdentity
    group: str = ""
    """ARN of the group of the hub; empty where the source belongs to none."""
    status: Literal["open", "done", "refused", "withdrawn"]
    since: Instant
    """When it was first intended: nothing was registered by it before."""
    seen_at: Instant
    """`LastModifiedTime` of what is to be copied, or was."""
    code: str = ""
    reason: str = ""
    version: VersionIdentity | None = None
    """What it made."""


class Registration(Value):
    """A version as it is to be registered in the hub. It is always pending there: creation is never a decision."""

    group: ModelGroupArn
    token: str = Field(max_length=36)
    """The same for every try of an import, so that the registry makes it once for as long as it remembers tokens."""
    fields: Mapping[str, Any]
    left_out: tuple[str, ...] = ()


def import_id(source: VersionIdentity) -> str:
    """The name of the import of a source: one for all its local approvals, so that it is imported once."""
    return effect_id("import", source, "approved")


def is_local_approval(change: PackageChange) -> bool:
    """Whether an event tells of an approval. Creation is none; metadata of an approved version neither."""
    if change.model_approval_status is not ApprovalStatus.APPROVED:
        return False
    if change.updated_model_package_fields is None:
        return change.changed_at > change.identity.created_at
    return "ModelApprovalStatus" in change.updated_model_package_fields


def unfit(source: SourcePackage, region: str) -> tuple[str, str] | None:
    """Why a source cannot be imported whatever the hub does: a code and a sentence; None where it can."""
    told = source.described
    if not told.identity.group:
        return "unversioned", "it belongs to no model group"
    if told.model_package_status != "Completed":
        return "not-completed", f"SageMaker says that the package is {told.model_package_status}"
    if told.model_package_registration_type == "Logged":
        return "merely-logged", "it was logged and not registered"
    if (theirs := told.model_package_arn.split(":")[3]) != region:
        return "other-region", f"it lies in {theirs}, and the hub in {region}"
    return None


def accounts_in(tags: Mapping[str, str]) -> frozenset[str]:
    """The accounts whose local approvals a group takes; none where nobody named any."""
    return frozenset(tags.get(IMPORTS_FROM, "").replace(",", " ").split())


def registration(source: SourcePackage, group: ModelGroupArn) -> Registration:
    """The copy of a source, with everything that can be copied, and the names of what cannot."""
    properties, dropped = with_source(source)
    fields = {name: source.content[name] for name in COPIED if is_said(source.content.get(name))}
    known = {*COPIED, *SAID_OTHERWISE}
    unknown = sorted(name for name, value in source.content.items() if name not in known and is_said(value))
    return Registration(
        group=group,
        token=str(UUID(sha256_of(import_id(source.described.identity))[:32])),
        fields={**fields, "CustomerMetadataProperties": properties},
        left_out=(*dropped, *unknown),
    )


def with_source(source: SourcePackage) -> tuple[dict[str, str], list[str]]:
    """The source's own properties and those that name it; and of its own, which of them there is no room for."""
    ours = properties_of(source.described.identity)
    own = {**source.described.customer_metadata_properties}
    named = [name for name in sorted(own) if name not in ours]
    room = MOST_PROPERTIES - len(ours)
    dropped = [*named[room:], *(name for name in sorted(own) if name in ours)]
    return {**{name: own[name] for name in named[:room]}, **ours}, [f"property {name}" for name in dropped]


def properties_of(source: VersionIdentity) -> dict[str, str]:
    """The properties that name a source."""
    return {SOURCE_ARN: source.arn, SOURCE_CREATED: iso(source.created_at)}


def is_copy_of(source: VersionIdentity, described: PackageDescription) -> bool:
    """Whether a package of the hub says that it is the copy of a source. Who wrote it there, the caller has to ask."""
    return properties_of(source).items() <= described.customer_metadata_properties.items()


def is_said(value: object) -> bool:
    """Whether a field says anything: what is empty or no is what a package without it is."""
    return value not in (None, "", False) and value not in ({}, [])


def named(package: ModelPackageArn) -> str:
    """A source as people call it: its account, group and number."""
    return f"{account_of(package)}/{version_name_of(package)}"
