"""What all announced events share, whatever they are about."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import Field

from governance.domain.identifiers import ModelPackageArn
from governance.domain.values import SCHEMA_VERSION, Instant, Value, sha256_of


class Announced(Value):
    """The envelope."""

    event_id: UUID
    """The same each time this event is delivered, however often it is announced."""
    occurred_at: Instant
    """When it happened, as told by whoever told it; not when Steward learned it."""
    correlation_id: str
    """Ties together what one incoming event set off."""
    caused_by: str
    """Fingerprint of the fact that caused it; of what people did to a use case, the id of their request."""
    schema_version: int = SCHEMA_VERSION
    """Raised when a field goes or changes its meaning."""
    sequence: int
    """Number of the audit entry that announces it; later events of a version, or of a use case, have greater ones."""
    old: Mapping[str, Any] = Field(default_factory=dict)
    """What the record said before, for every line that changed and was there."""
    new: Mapping[str, Any] = Field(default_factory=dict)
    """What it says now, for every line that changed."""
    changed: tuple[str, ...] = ()
    """The names of these lines, sorted."""

    @property
    def detail_type(self) -> str:
        """The name on the bus."""
        return type(self).__name__


class Event(Announced):
    """The envelope of what is told of a model version."""

    model_package_arn: ModelPackageArn
    """The model version it is about."""
    model_group: str
    """Name of its group; empty for a package outside any."""
    model_version: int
    """Its number in the group; 0 for a package outside any."""


def event_id(subject: str, created_at: str, sequence: int, index: int) -> UUID:
    """The id of the `index`-th event of an audit entry: derived, so that announcing again repeats it."""
    return UUID(sha256_of(f"{subject}|{created_at}|{sequence}|{index}")[:32], version=4)
