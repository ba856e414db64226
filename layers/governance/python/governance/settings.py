"""What a function is told by its environment. A test holds these names against the template's."""

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Json

from governance.domain.authority import Authority, Role
from governance.domain.copying import MIB, Limits
from governance.domain.environment import Environment, Landscape
from governance.domain.importing import ImportTerms, names_from
from governance.domain.lifecycle import Stage


class Settings(BaseModel):
    """The settings of one function. Each function has only those that it uses; the others keep their defaults."""

    model_config = ConfigDict(frozen=True)

    governance_table: str = ""
    intake_bus: str = ""
    governance_bus: str = ""
    onboarding_topic: str = ""
    artifact_bucket: str = ""
    artifact_key_arn: str = ""
    pipeline_bucket: str = ""
    install: str = "steward"
    environments: Json[list[Environment]] | list[Environment] = []
    further_environments: Json[list[Environment]] | list[Environment] = []
    retention_mode: Literal["GOVERNANCE", "COMPLIANCE"] = "GOVERNANCE"
    retention_days: int = 1
    single_copy_mib: int = 5 * 1024
    part_mib: int = 512
    production_retention_days: int = 1
    retired_retention_days: int = 1
    hub_account_id: str = ""
    dev_account_ids: str = ""
    image_account_ids: str = ""
    import_groups: str = ""
    owner_roles: str = ""
    validator_roles: str = ""
    officer_roles: str = ""
    registry_writer: str = ""
    relay_function: str = ""
    function_arn: str = ""
    undelivered_queue_url: str = ""
    failed_queue_url: str = ""
    stream_failure_bucket: str = ""
    reconcile_grace_seconds: int = 900
    stuck_after_seconds: int = 21_600
    roll_back_on_alarm: Literal["on", "off"] = "off"
    decision_retention_days: int = 365
    audit_bucket: str = ""
    audit_key_arn: str = ""
    audit_retention_mode: Literal["GOVERNANCE", "COMPLIANCE"] = "GOVERNANCE"
    audit_retention_days: int = 1

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings. Raises pydantic's `ValidationError` naming what is wrong."""
        given = os.environ if environment is None else environment
        told = {name: given[name.upper()] for name in cls.model_fields if name.upper() in given}
        return cls.model_validate(told)

    @property
    def landscape(self) -> Landscape:
        """Every environment. Raises `ValueError` where two could not be told apart."""
        return Landscape(environments=(*self.environments, *self.further_environments))

    @property
    def by_name(self) -> dict[str, Environment]:
        """The environments by what they are called. Raises like `landscape`."""
        return self.landscape.by_name

    @property
    def authority(self) -> Authority:
        """Who owns, validates and governs: by names of IAM roles, separated by commas."""
        told = {
            Role.OWNER: self.owner_roles,
            Role.VALIDATOR: self.validator_roles,
            Role.OFFICER: self.officer_roles,
        }
        holders = {role: tuple(filter(None, map(str.strip, names.split(",")))) for role, names in told.items()}
        return Authority(hub=self.hub_account_id, holders=holders)

    @property
    def retention(self) -> timedelta:
        """For how long sealed artifacts are locked."""
        return timedelta(days=self.retention_days)

    @property
    def copying(self) -> Limits:
        """From which size on an object is copied in parts, and how large these are."""
        return Limits(single=self.single_copy_mib * MIB, part=self.part_mib * MIB)

    @property
    def producers(self) -> dict[Stage, frozenset[str]]:
        """The accounts that may report on a stage: those of its environments, and the hub."""
        every = self.landscape.environments
        return {
            stage: frozenset({self.hub_account_id, *(one.account for one in every if one.stage is stage)} - {""})
            for stage in dict.fromkeys(one.stage for one in every)
        }

    @property
    def attachers(self) -> dict[Stage, frozenset[str]]:
        """The accounts that may attach evidence made in a stage: in development, those where models are built."""
        developers = self.developers | {self.hub_account_id}
        return {Stage.DEVELOPMENT: frozenset(developers - {""}), **self.producers}

    @property
    def developers(self) -> frozenset[str]:
        """The accounts where models are built."""
        return frozenset({one.strip() for one in self.dev_account_ids.split(",")} - {""})

    @property
    def registries(self) -> frozenset[str]:
        """The accounts whose registries of images are ours: every account of the installation, and those named."""
        further = {one.strip() for one in self.image_account_ids.split(",")}
        every = {one.account for one in self.landscape.environments}
        return frozenset({self.hub_account_id, *self.developers, *every, *further} - {""})

    def importing(self, region: str) -> ImportTerms:
        """From where versions are imported. Raises `ValueError` where the names of groups make no sense."""
        accounts = self.developers
        names = names_from(self.import_groups, accounts)
        return ImportTerms(hub=self.hub_account_id, region=region, accounts=accounts, names=names)
