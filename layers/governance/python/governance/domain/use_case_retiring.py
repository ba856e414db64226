"""What comes of an order to retire a use case, and of its end. Pure, as all acts on use cases are."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, get_args

from pydantic import Field

from governance.domain.audit import AuditEntry, Deed
from governance.domain.errors import Refused
from governance.domain.fold_of_retirements import is_unfinished
from governance.domain.identifiers import STEWARD, ModelGroupArn
from governance.domain.lifecycle import ModelStatus as Status
from governance.domain.model_version import ModelVersion
from governance.domain.use_case_deciding import Act, Asking, Outcome, changes, moved
from governance.domain.use_cases import AskedRetirement, UseCase, UseCaseRetirement, UseCaseStage
from governance.domain.values import Instant, Value, digest, iso


class Revocation(Value):
    """An effect on record: the shares of a model group are to be revoked, or were."""

    id: str
    group: ModelGroupArn
    outcome: str = "open"


Part = Literal["shares", "versions", "taken-out", "shares-left", "failed"]
"""What a retirement is gone through for, one after the other: of versions, those of the groups that belong to it, then
of groups that were taken out and belong nowhere; then whether every group's shares are revoked. What failed of all
that is tried again last."""

SHARES_OF = "the shares of "
"""How failures about a group's shares are named."""

TAKEN_OUT = "group-detached"
MOVES = frozenset({"group-attached", TAKEN_OUT})
"""The deeds on a use case's chain by which groups come and go."""

PARTS: tuple[Part, ...] = get_args(Part)


class Place(Value):
    """A step on the way through a retirement, and what the steps before it came to: there the next call goes on."""

    part: Part = "shares"
    group: str = ""
    page: str = ""
    """Of calls of before, which went on from page to page; versions are found by their numbers."""
    version: str = ""
    until: Instant | None = None
    """When the group was taken out of the use case: what was registered later is no part of it. None of one in it."""
    waits: bool = False
    """Whether something of a version before it was still being removed."""
    failed: Mapping[str, str] = Field(default_factory=dict)
    """What failed before it and why: versions, groups whose versions could not be looked for, shares of groups."""
    further: bool = False
    """Whether more failed than that."""
    is_after_an_end: bool = False
    """Whether something was gone for good, so that only what may be left matters: the first version that still waits
    ends the way, for its own end is told too."""

    @property
    def subject(self) -> str:
        """What the step is about, as failures name it."""
        return self.version or f"{SHARES_OF}{self.group}"


AFTER_AN_END = Place(part="versions", is_after_an_end=True)
"""Where it begins when nothing is left of a version."""


def retire(use_case: UseCase, successor: str, why: str, asking: Asking, left: Sequence[ModelGroupArn] = ()) -> Act:
    """It is retired; where it has model groups, as soon as two people want it, with the same successor.

    `left` are those that were taken out of it for nowhere else: they end with it, and the deed names them.
    Raises `Refused` for one that is retired already with another successor.
    """
    after_it = successor or use_case.successor
    if use_case.is_retired:
        if after_it != use_case.successor:
            raise Refused("retired", f"{use_case.id} is retired already: steward use-case successor names another")
        return Act(outcome=Outcome.SAME, after=use_case)
    first = use_case.retiring if use_case.retiring and use_case.retiring.successor == after_it else None
    two, more = bool(use_case.groups or left), {"taken_out": list(left)} if left else {}
    if two and first is None:
        asked = AskedRetirement(by=asking.by, at=asking.at, successor=after_it)
        after = use_case.after(asking.request, asking.at, retiring=asked)
        told = {"successor": after_it, "retirement": f"proposed by {asking.by.id}", **more}
        return Act(outcome=Outcome.WAITS, after=after, action="retirement-proposed", new=told)
    if two and first and first.by.is_same_as(asking.by):
        return Act(outcome=Outcome.WAITS, after=use_case)
    people = (first.by, asking.by) if first else (asking.by,)
    retired = UseCaseRetirement(by=people, at=asking.at, why=why)
    changed: dict[str, Any] = {"words": (), "proposed": None, "retiring": None, "successor": after_it}
    after = moved(
        use_case.after(asking.request, asking.at, **changed, retirement=retired), UseCaseStage.RETIRED, Status.PENDING
    )
    return Act(
        after=after,
        action="use-case-retired",
        new={"retired_by": list(retired.people), **more},
        stage=UseCaseStage.RETIRED.value,
        event="UseCaseRetirementBegun",
        detail={"retired_by": retired.people, "successor": after_it},
    )


def close(use_case: UseCase, at: Instant) -> Act:
    """Nothing of it is left: its record is closed. Closed already, it stays so."""
    known = use_case.retirement
    if known is None or use_case.is_closed:
        return Act(outcome=Outcome.SAME, after=use_case)
    ended = {"retirement": known.model_copy(update={"closed_at": at}), "changed_at": at}
    after = moved(use_case.model_copy(update=ended), UseCaseStage.RETIRED, Status.APPROVED)
    return Act(
        after=after,
        action="use-case-closed",
        new={"closed_at": iso(at)},
        stage=UseCaseStage.RETIRED.value,
        event="UseCaseRetired",
        detail={"retired_by": known.people, "successor": use_case.successor, "reason": known.why},
    )


def by_steward(before: UseCase, act: Act, at: Instant, correlation_id: str) -> Deed:
    """What Steward does of itself about a retired use case, as a deed: for the reason that people gave."""
    old, new = changes(before, act)
    why = before.retirement.why if before.retirement else ""
    told = {"stage": act.stage, "announces": act.announces, "correlation_id": correlation_id}
    return Deed(action=act.action, who=STEWARD, why=why, at=at, old=old, new=new, **told)


def revocation_of(use_case: UseCase, group: ModelGroupArn) -> Revocation:
    """The effect that revokes a group's shares: one for each retirement."""
    since = iso(use_case.retirement.at) if use_case.retirement else ""
    name = digest({"use_case": use_case.id, "group": group, "retired_at": since})
    return Revocation(id=f"revoke-{name[:32]}", group=group)


def taken_out(trail: Iterable[AuditEntry]) -> Mapping[ModelGroupArn, datetime]:
    """The groups that came to a use case and were taken out of it last, and when."""
    last: dict[ModelGroupArn, tuple[str, str]] = {}
    for content in (one.content for one in trail):
        if content["action"] in MOVES:
            last[content["new"]["group"]] = content["action"], content["at"]
    return {group: datetime.fromisoformat(at) for group, (action, at) in last.items() if action == TAKEN_OUT}


def is_over(state: ModelVersion) -> bool:
    """Whether nothing of a version is left: it is retired, and runs nowhere."""
    return state.is_retired and not is_unfinished(state)
