"""What the reconciler finds and how far it has come: differences, checkpoints, and what a missed change looks like."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import Field

from governance.domain.findings import Severity
from governance.domain.lifecycle import ApprovalStatus, LifeCycle
from governance.domain.model_version import ModelVersion
from governance.domain.registry import PackageDescription, RegistryCall
from governance.domain.values import Instant, Value, sha256_of, whole_second

SAME_CALL = timedelta(seconds=2)
"""How far CloudTrail's `eventTime` and the registry's `LastModifiedTime` of one call may lie apart."""

REMEMBERED = timedelta(days=90)
"""How far back CloudTrail's event history goes (AWS API: LookupEvents)."""

MOST_TOLD = 500
"""How many differences an answer lists; the counts hold them all."""

Mode = Literal["reconcile", "backfill"]


class Phase(StrEnum):
    """What a run does, in its order."""

    GROUPS = "groups"
    UNVERSIONED = "unversioned"
    RECORDS = "records"
    PIPELINES = "pipelines"
    ENDPOINTS = "endpoints"
    CLOSING = "closing"
    DONE = "done"


class Order(Value):
    """What a run is asked to do."""

    mode: Mode = "reconcile"
    grace_seconds: int = Field(900, ge=0)
    """Changes younger than this are left to their events."""
    groups: tuple[str, ...] = ()
    """Names of the groups to look at; none means all. Pipelines and endpoints are only looked at for all."""
    dry_run: bool = False

    @property
    def grace(self) -> timedelta:
        """The grace period."""
        return timedelta(seconds=self.grace_seconds)


class Checkpoint(Value):
    """How far a run has come. Whoever has it can go on; what was done twice was done once."""

    run_id: str
    order: Order
    started_at: Instant
    since: Instant
    """The start of the last run that came to its end: executions before it were looked at then."""
    phase: Phase = Phase.GROUPS
    listing: str = ""
    """Token of the page of groups, executions or endpoints that is being looked at; in the records, the place."""
    group: str = ""
    """ARN of the group that is being looked at."""
    after: str = ""
    """ARN of the last group that was finished; in other listings, the number of the environment."""
    token: str = ""
    """Token of the page of the group's packages that comes next."""
    old: int = 0
    """Versions of the group from before governance that are not on record."""
    counts: Mapping[str, int] = Field(default_factory=dict)
    present: tuple[str, ...] = ()
    """Ids of the findings about the hub that this run has found so far."""
    unread: tuple[str, ...] = ()
    """Prefixes of subjects that could not be looked at, so that findings about them stay as they are."""

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left to do."""
        return self.phase is Phase.DONE


class Difference(Value):
    """Something that was not as it should be, and whether it is now."""

    code: str
    subject: str
    detail: str
    repaired: bool = False


class HubFinding(Value):
    """Something wrong that belongs to no version on record: kept with the hub's own chain."""

    code: str
    severity: Severity
    subject: str
    """What it is about: an endpoint's ARN, an execution, a group, a version that cannot be read."""
    detail: str
    remedy: str

    @property
    def id(self) -> str:
        """The same concern about the same subject is the same finding."""
        return f"{self.code}-{sha256_of(self.subject)[:16]}"


class Report(Value):
    """What a call of the reconciler did, and whether the run has come to its end."""

    done: bool
    cursor: Checkpoint
    counts: Mapping[str, int]
    differences: tuple[Difference, ...]
    left_off: int = 0
    """How many differences more there were in this call than an answer lists."""


def missed(state: ModelVersion, described: PackageDescription) -> list[str]:
    """In what the registry differs from the record, by the names of its fields; nothing when the record is newer.

    A later `LastModifiedTime` alone is a missed change too: something was changed, if perhaps back again.
    """
    if state.changed_at and described.changed_at < state.changed_at:
        return []
    return differing(state, described)


def differing(state: ModelVersion, described: PackageDescription) -> list[str]:
    """The names of the registry's fields that differ, whichever side is newer."""
    told = {
        "ModelApprovalStatus": state.approval is not described.model_approval_status,
        "ModelLifeCycle": state.life_cycle != described.life_cycle,
        "InferenceSpecification": state.specification != described.specification,
        "ModelPackageStatus": state.package_status != described.model_package_status,
        "ModelPackageRegistrationType": described.model_package_registration_type not in {"", state.registration},
        "CustomerMetadataProperties": bool(described.customer_metadata_properties)
        and dict(state.properties) != dict(described.customer_metadata_properties),
        "LastModifiedTime": state.changed_at != described.changed_at,
        "ModelPackageArn": state.missing,
    }
    return [name for name, differs in told.items() if differs]


def is_accounted_for(
    state: ModelVersion | None, described: PackageDescription, calls: Sequence[RegistryCall], complete: bool
) -> bool:
    """Whether CloudTrail knows every call between what was on record and what the registry shows.

    The last call has to be the one that the registry shows, and the calls together have to give what it shows. A
    version that was never changed since its registration has nothing in between.
    """
    if state is None and described.changed_at == described.identity.created_at:
        return True
    if not complete or not calls or abs(calls[-1].event_time - described.changed_at) > SAME_CALL:
        return False
    approval, life_cycle = (state.approval, state.life_cycle) if state else (ApprovalStatus.PENDING, None)
    return (
        asked_approval(calls, approval) is described.model_approval_status
        and asked_life_cycle(calls, life_cycle) == described.life_cycle
        and (
            (state is not None and state.specification == described.specification)
            or any(call.request_parameters.inference_specification for call in calls)
            or state is None
        )
    )


def asked_approval(calls: Iterable[RegistryCall], before: ApprovalStatus | None) -> ApprovalStatus | None:
    """The approval status after some calls."""
    for call in calls:
        before = call.request_parameters.model_approval_status or before
    return before


def asked_life_cycle(calls: Iterable[RegistryCall], before: LifeCycle | None) -> LifeCycle | None:
    """The life cycle after some calls."""
    for call in calls:
        before = call.request_parameters.life_cycle or before
    return before


def calls_of(
    arn: str, calls: Iterable[RegistryCall], since: datetime | None, until: datetime
) -> tuple[RegistryCall, ...]:
    """The calls that changed one package after a moment and up to another, oldest first."""
    return tuple(
        sorted(
            (
                call
                for call in calls
                if call.request_parameters.model_package_arn == arn
                and (since is None or call.event_time - since > -SAME_CALL)
                and whole_second(call.event_time) - until <= SAME_CALL
            ),
            key=lambda call: call.event_time,
        )
    )


def awaits_identity(state: ModelVersion, since: datetime) -> list[tuple[datetime, datetime]]:
    """The spans in which approvals were given that do not count because nobody knows who gave them.

    Of one that is only inferred nobody knows when either: any time since the registration, or since a moment before
    which nothing is remembered.
    """
    return [
        (max(state.model.created_at, since) if decision.inferred else decision.at, decision.at)
        for known in state.stages.values()
        if known.awaits_verdict and (decision := known.decision) and decision.person is None and decision.at > since
    ]
