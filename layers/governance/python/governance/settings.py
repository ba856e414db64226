"""What a function is told by its environment. A test holds these names against the template's."""

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Json

from governance.domain.authority import Authority, Role
from governance.domain.environment import Environment
from governance.domain.lifecycle import Stage


class Settings(BaseModel):
    """The settings of one function. Each function has only those that it uses; the others keep their defaults."""

    model_config = ConfigDict(frozen=True)

    governance_table: str = ""
    intake_bus: str = ""
    governance_bus: str = ""
    artifact_bucket: str = ""
    artifact_key_arn: str = ""
    pipeline_bucket: str = ""
    install: str = "steward"
    environments: Json[list[Environment]] | list[Environment] = []
    retention_mode: Literal["GOVERNANCE", "COMPLIANCE"] = "GOVERNANCE"
    retention_days: int = 1
    production_retention_days: int = 1
    retired_retention_days: int = 1
    hub_account_id: str = ""
    dev_account_ids: str = ""
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
    def by_stage(self) -> dict[Stage, Environment]:
        """The environments by the stage they are for."""
        return {environment.stage: environment for environment in self.environments}

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
    def producers(self) -> dict[Stage, frozenset[str]]:
        """The accounts that may report on a stage: the stage's own, and the hub."""
        return {stage: frozenset({one.account, self.hub_account_id} - {""}) for stage, one in self.by_stage.items()}

    @property
    def attachers(self) -> dict[Stage, frozenset[str]]:
        """The accounts that may attach evidence made in a stage: in development, those where models are built."""
        developers = {one.strip() for one in self.dev_account_ids.split(",")} | {self.hub_account_id}
        return {Stage.DEVELOPMENT: frozenset(developers - {""}), **self.producers}
