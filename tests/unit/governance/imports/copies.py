"""Facts of a version that was imported, and of the source that it was copied from."""

from typing import Any

from governance.domain.identifiers import Person, VersionIdentity
from governance.domain.imported import SourceObserved, VersionImported
from governance.domain.lifecycle import ApprovalStatus
from tests.builders import ADA, DEV, HUB, REGION, after, identity, observed

GRACE = Person(id="grace.hopper", arn=f"arn:aws:sts::{DEV}:assumed-role/local-owner/grace.hopper")
"""Who approves in the dev account's own registry."""
IMPORTER = Person(
    id="steward-import-model-version",
    arn=f"arn:aws:sts::{HUB}:assumed-role/steward-import-model-version/steward-import-model-version",
)
SOURCE_ARN = f"arn:aws:sagemaker:{REGION}:{DEV}:model-package/credit-risk-pd/3"
SOURCE = VersionIdentity(arn=SOURCE_ARN, created_at=after(-7200))
APPROVED_AT = -60
"""When the source was approved, in seconds after its copy was made."""


def copied(**fields: Any) -> VersionImported:
    """The version is a copy of the source."""
    told = {
        "model": identity(),
        "effective_at": after(0),
        "recorded_at": after(2),
        "effect_id": "import-1",
        "source": SOURCE,
        "source_changed_at": after(APPROVED_AT),
        "specification": "a" * 64,
        "registered_by": ADA,
        "approved_by": GRACE,
        "why": "good enough",
    }
    return VersionImported.model_validate({**told, **fields})


def source_said(at: float, approval: str | None, specification: str = "a" * 64) -> SourceObserved:
    """The source's registry told of a change, so many seconds after the copy was made."""
    return SourceObserved(
        model=identity(),
        effective_at=max(after(at), after(0)),
        recorded_at=after(max(at, 0) + 3),
        source_changed_at=after(at),
        approval=ApprovalStatus(approval) if approval else None,
        specification=specification,
    )


def by_steward() -> Any:
    """The registration of the copy, as its own registry tells of it."""
    return observed(0, registered_by=IMPORTER, changed_by=None)
