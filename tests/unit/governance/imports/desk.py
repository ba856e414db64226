"""A hub and a dev account in memory: a data scientist registers there, a local owner decides there."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

from governance.domain.identifiers import Person
from governance.domain.importing import ImportTerms
from governance.domain.model_version import ModelVersion
from governance.domain.registry import PackageChange
from governance.services.importing import Importing
from governance.services.synchronisation import Synchronisation
from governance.services.tally import HubFindings, KeptFinding
from tests.builders import ADA, DEV, HUB, REGION, after, group_arn, package_arn, specification, user
from tests.fakes_of_imports import InMemoryImportRegistry, InMemorySources, Mortality
from tests.fakes_of_the_hub import InMemoryJournal
from tests.unit.governance.imports.copies import GRACE
from tests.world import World

LOCAL = f"arn:aws:sagemaker:{REGION}:{DEV}:model-package/credit-risk-pd/3"
COPY = package_arn(version=1)
SUBJECT = "HUB#steward"
REGISTERING = ["document", "describe", "tags", "replace", "register"].index("register") + 1
"""Which of its calls registers the copy."""
REPORT = {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://dev-bucket/quality.json"}}}


class Desk:
    """Short words for what happens in the dev account, and for telling the hub of it."""

    def __init__(self, names: dict[tuple[str, str], str] | None = None) -> None:
        self.world = World()
        self.sources, self.journal = InMemorySources(), InMemoryJournal()
        self.registry = InMemoryImportRegistry(groups={group_arn()}, now=self.world.now)
        self.registry.group_tags[group_arn()] = {"steward:imports-from": DEV}
        self.world.registry = self.registry
        self.world.synchronisation = Synchronisation(self.registry, self.world.recording)
        hub = HubFindings(self.journal, SUBJECT, self.world.now)
        terms = ImportTerms(hub=HUB, region=REGION, accounts=frozenset({DEV}), names=names or {})
        self.importing = Importing(self.sources, self.registry, self.world.recording, self.journal, hub, terms)

    def registered(self, arn: str = LOCAL, by: Person = ADA, at: float = -7200, **fields: Any) -> PackageChange:
        """A data scientist registers a version in the local registry."""
        moment = after(at).isoformat()
        self.sources.packages[arn] = {
            "ModelPackageArn": arn,
            "ModelPackageGroupName": arn.split("/")[1],
            "CreationTime": moment,
            "LastModifiedTime": moment,
            "ModelPackageStatus": "Completed",
            "ModelApprovalStatus": "PendingManualApproval",
            "InferenceSpecification": specification(),
            "ModelMetrics": REPORT,
            "CreatedBy": user(by),
            **fields,
        }
        return self.change(arn, None)

    def decided(self, at: float, approval: str, by: Person = GRACE, arn: str = LOCAL, **fields: Any) -> PackageChange:
        """The local owner decides."""
        told = {"ModelApprovalStatus": approval, "LastModifiedTime": after(at).isoformat(), **fields}
        self.sources.packages[arn] |= {**told, "LastModifiedBy": user(by)}
        return self.change(arn, ["ModelApprovalStatus", *fields])

    def approved(self, at: float = -60, **fields: Any) -> PackageChange:
        return self.decided(at, "Approved", **fields)

    def changed(self, at: float, arn: str = LOCAL, **fields: Any) -> PackageChange:
        """Somebody writes to the package and decides nothing."""
        self.sources.packages[arn] |= {"LastModifiedTime": after(at).isoformat(), **fields, "LastModifiedBy": user(ADA)}
        return self.change(arn, list(fields))

    def change(self, arn: str, updated: list[str] | None) -> PackageChange:
        """The event of what the package is now."""
        told = {key: value for key, value in self.sources.packages[arn].items() if key not in {"CreatedBy"}}
        return PackageChange.model_validate({**deepcopy(told), "UpdatedModelPackageFields": updated})

    def tell(self, change: PackageChange, account: str = DEV) -> ModelVersion | None:
        """The event arrives."""
        return self.importing.take(change, account, "event-1")

    def dying(self, mortality: Mortality) -> Importing:
        """The same function in a process that may die at one of its calls."""
        around = mortality.around
        recording = replace(self.importing.recording, ledger=around(self.world.ledger))
        journal = around(self.journal)
        return replace(
            self.importing,
            sources=around(self.sources),
            registry=around(self.registry),
            recording=recording,
            journal=journal,
            hub=replace(self.importing.hub, journal=journal),
        )

    def follow(self) -> None:
        """The hub's registry tells of what it has, once more."""
        for described in list(self.registry.packages.values()):
            told = described.model_dump(mode="json", by_alias=True, exclude={"created_by", "last_modified_by"})
            self.world.deliver(PackageChange.model_validate(told))

    def state(self, arn: str = COPY) -> ModelVersion:
        return self.world.state(arn)

    def copies(self) -> list[str]:
        return list(self.registry.packages)

    def deeds(self) -> list[str]:
        """What the hub's chain says of imports."""
        entries = self.journal.entries.get(SUBJECT, [])
        return [one.content["action"] for one in entries if one.content["action"].startswith("import")]

    def findings(self) -> dict[str, KeptFinding]:
        """What is wrong that belongs to no version, by code."""
        return {one.code: one for one in self.importing.hub.listed()}

    def about(self, arn: str = COPY) -> set[str]:
        """What is wrong with a copy, as far as that is about its source."""
        found = self.state(arn).findings.values()
        return {one.code for one in found if one.is_open and one.code.startswith(("import-", "source-"))}
