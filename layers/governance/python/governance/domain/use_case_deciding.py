"""What comes of what people ask about a use case. Pure: each act gives the use case as it leaves it, and the deed.

Whoever calls these has seen to it that the request did not come before, and who may ask for it at all.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import Field

from governance.domain.ai_act import Assessed
from governance.domain.audit import Announcing
from governance.domain.authority import Role
from governance.domain.errors import Refused
from governance.domain.identifiers import Person
from governance.domain.lifecycle import ModelStatus as Status
from governance.domain.policy import Check
from governance.domain.record import difference
from governance.domain.use_case_policy import OF_PEOPLE, Matter, UseCasePolicy, judge
from governance.domain.use_cases import (
    BACK,
    MOST_FINDINGS,
    MOVES,
    NEXT,
    About,
    Decided,
    Proposed,
    UseCase,
    UseCaseFinding,
    UseCaseStage,
    Word,
)
from governance.domain.values import Instant, Value, digest


class Outcome(StrEnum):
    """What comes of asking."""

    DONE = "done"
    SAME = "so-already"
    PROPOSED = "proposed"
    WAITS = "waits-for-another-person"


class Asking(Value):
    """Who asks, as the record knows them, when, and in which request."""

    by: Person
    at: Instant
    request: str


class AskingUnder(Asking):
    """The same, as what they came, and the policy that was in force when it was judged."""

    policy: UseCasePolicy
    roles: tuple[Role, ...] = ()
    delegated_by: tuple[str, ...] = ()
    """Ids of who delegated roles to them that they came in, where their own were not enough."""


class Act(Value):
    """What is done: how the use case is then, and what the deed says of it."""

    outcome: Outcome = Outcome.DONE
    after: UseCase
    action: str = ""
    new: Mapping[str, Any] = Field(default_factory=dict)
    """What the deed says beside the lines that differ."""
    stage: str = ""
    checks: tuple[Check, ...] = ()
    event: str = ""
    detail: Mapping[str, Any] = Field(default_factory=dict)

    @property
    def announces(self) -> tuple[Announcing, ...]:
        """The event, with where the use case stands then."""
        told = {"use_case_id": self.after.id, "use_case_stage": self.after.stage, "use_case_status": self.after.status}
        return (Announcing(name=self.event, detail={**told, **self.detail}),) if self.event else ()


def lines(use_case: UseCase | None) -> dict[str, Any]:
    """A use case as deeds tell of it: one line for whatever can change."""
    if use_case is None:
        return {}
    known = use_case.assessed
    return {
        **use_case.about.model_dump(mode="json", exclude={"id"}),
        "stage": use_case.stage.value,
        "status": use_case.status.value,
        "ai_act_class": known.ai_act_class.value if known else "",
        "materiality": known.materiality.value if known else "",
        "assessment": digest(known.model_dump(mode="json")) if known else "",
        "proposed": use_case.proposed.assessed.ai_act_class.value if use_case.proposed else "",
        "approved_by": [one.by.id for one in use_case.standing_words()],
        "findings": [one.id for one in use_case.findings],
        "successor": use_case.successor,
        "groups": use_case.groups,
    }


def changes(before: UseCase | None, act: Act) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a deed says of before and after."""
    old, new = difference(lines(before), lines(act.after))
    return old, {**new, **act.new}


def create(about: About, asking: Asking) -> Act:
    """A use case comes on record."""
    made = UseCase(about=about, authors=(asking.by.id,), created_at=asking.at, changed_at=asking.at)
    after = made.after(asking.request, asking.at)
    return Act(after=after, action="use-case-created", event="UseCaseCreated", detail={"owner": about.owner})


def change(use_case: UseCase, about: About, asking: Asking) -> Act:
    """What it is was written down anew."""
    if about == use_case.about:
        return Act(outcome=Outcome.SAME, after=use_case)
    check_open(use_case)
    authors = tuple(dict.fromkeys((*use_case.authors, asking.by.id)))
    after = use_case.after(asking.request, asking.at, about=about, authors=authors, words=())
    return Act(after=after, action="use-case-changed", event="UseCaseChanged", detail={"owner": about.owner})


def assess(use_case: UseCase, assessed: Assessed, asking: Asking) -> Act:
    """It is assessed. A lower class or tier is proposed by one person and confirmed by another, asking for the same.

    What is higher in an assessment is in force at once, whatever else in it waits.
    """
    check_open(use_case)
    known, proposal = use_case.assessed, use_case.proposed
    if assessed == known:
        return Act(outcome=Outcome.SAME, after=use_case)
    over = digest(known.model_dump(mode="json")) if known else ""
    told: dict[str, Any] = {"assessed": assessed.model_dump(mode="json")}
    if known is not None and assessed.is_lower_than(known):
        if proposal is None or (proposal.assessed, proposal.over) != (assessed, over):
            return proposed(use_case, known, assessed, asking)
        if proposal.by.is_same_as(asking.by):
            return Act(outcome=Outcome.WAITS, after=use_case)
        told["confirms"] = proposal.by.id
    return in_force(use_case, assessed, None, asking, told)


def proposed(use_case: UseCase, known: Assessed, assessed: Assessed, asking: Asking) -> Act:
    """One person asks for less than is known; what they ask more in the same breath is in force at once."""
    raised, told = known.raised_by(assessed), assessed.model_dump(mode="json")
    over = digest(raised.model_dump(mode="json"))
    proposal = Proposed(assessed=assessed, over=over, by=asking.by, at=asking.at)
    if raised == known:
        after = use_case.after(asking.request, asking.at, proposed=proposal)
        return Act(outcome=Outcome.PROPOSED, after=after, action="assessment-proposed", new={"assessed": told})
    both = {"assessed": raised.model_dump(mode="json"), "proposed": told}
    act = in_force(use_case, raised, proposal, asking, both)
    return act.model_copy(update={"outcome": Outcome.PROPOSED})


def in_force(
    use_case: UseCase, assessed: Assessed, proposal: Proposed | None, asking: Asking, told: Mapping[str, Any]
) -> Act:
    """An assessment is in force; where it asks for more than before, an approved stage is pending again."""
    known = use_case.assessed
    after = use_case.after(asking.request, asking.at, assessed=assessed, proposed=proposal, words=())
    if known is not None and known.is_lower_than(assessed) and use_case.status is Status.APPROVED:
        after = moved(after, use_case.stage, Status.PENDING)
    detail = {"ai_act_class": assessed.ai_act_class, "materiality": assessed.materiality, "grounds": assessed.grounds}
    return Act(after=after, action="use-case-assessed", new=told, event="UseCaseAssessed", detail=detail)


def advance(matter: Matter, asking: AskingUnder) -> Act:
    """Its stage is approved, if the policy lets it pass; where only people are missing, a word is kept.

    Raises `Refused`, with everything that is not so and what to do about it.
    """
    use_case, stage, policy = matter.use_case, matter.use_case.stage, asking.policy
    if not has_stage_to_approve(use_case):
        raise Refused("nothing-to-approve", f"{use_case.id} is {use_case.status} in {stage}: nothing comes after that")
    checks = judge(policy.document, matter)
    refused = [one for one in checks if not one.passed]
    if stopped := [one for one in refused if one.name not in OF_PEOPLE]:
        raise Refused("not-yet", "; ".join(f"{one.name}: {one.found} (asks for {one.required}): {one.remedy}"
                                           for one in stopped))  # fmt: skip
    others = tuple(one for one in matter.words if not one.by.is_same_as(asking.by))
    mine = Word(by=asking.by, roles=matter.roles, at=asking.at, content=use_case.content, policy_hash=policy.hash)
    pinned: dict[str, Any] = {"checks": [one.model_dump(mode="json") for one in checks]}
    if refused:
        if len(others) < len(matter.standing):
            return Act(outcome=Outcome.WAITS, after=use_case, checks=checks)
        after = use_case.after(asking.request, asking.at, words=(*others, mine))
        told = {"action": "stage-signed-off", "stage": stage.value}
        return Act(outcome=Outcome.WAITS, after=after, new=pinned, checks=checks, **told)
    people = tuple(one.by.id for one in (*others, mine))
    decided = Decided(status=Status.APPROVED, by=people, at=asking.at, policy=policy.id, policy_hash=policy.hash)
    stages = {**use_case.stages, stage: decided}
    then = (NEXT[stage], Status.PENDING) if stage in NEXT else (stage, Status.APPROVED)
    after = moved(use_case.after(asking.request, asking.at, words=(), stages=stages), *then)
    return Act(
        after=after,
        action="stage-approved",
        new=pinned,
        stage=stage.value,
        checks=checks,
        event="UseCaseAdvanced",
        detail={"approved_stage": stage, "approved_by": people, "policy": policy.id},
    )


def has_stage_to_approve(use_case: UseCase) -> bool:
    """Whether an approval of its stage would lead anywhere: not once production is approved, nor when it is over."""
    return not use_case.is_retired and (use_case.stage in NEXT or use_case.status is not Status.APPROVED)


def reject(use_case: UseCase, findings: tuple[UseCaseFinding, ...], asking: AskingUnder) -> Act:
    """It is sent back to the stage before, with what is to be put right."""
    check_open(use_case)
    if len(use_case.findings) + len(findings) > MOST_FINDINGS:
        raise Refused("too-many", f"{MOST_FINDINGS} findings may be open on a use case: have some answered first")
    stage, policy = use_case.stage, asking.policy
    decided = Decided(
        status=Status.REJECTED, by=(asking.by.id,), at=asking.at, policy=policy.id, policy_hash=policy.hash
    )
    then = (BACK[stage], Status.PENDING) if stage in BACK else (stage, Status.REJECTED)
    stages = {one: how for one, how in use_case.stages.items() if one is not then[0]} | {stage: decided}
    every = (*use_case.findings, *findings)
    kept = use_case.after(asking.request, asking.at, words=(), stages=stages, findings=every)
    ids = tuple(one.id for one in findings)
    return Act(
        after=kept if (stage, use_case.status) == then else moved(kept, *then),
        action="stage-rejected",
        new={"raised": [one.model_dump(mode="json") for one in findings]},
        stage=stage.value,
        event="UseCaseRejected",
        detail={"rejected_stage": stage, "rejected_by": asking.by.id, "findings": ids},
    )


def answer(use_case: UseCase, finding: str, asking: Asking) -> Act:
    """A finding is answered: how, the deed says."""
    left = tuple(one for one in use_case.findings if one.id != finding)
    if len(left) == len(use_case.findings):
        raise Refused("unknown-finding", f"{finding} is not open on {use_case.id}: steward use-case show tells what is")
    after = use_case.after(asking.request, asking.at, findings=left)
    detail = {"finding_id": finding, "answered_by": asking.by.id}
    told = {"action": "use-case-finding-answered", "new": {"answered": finding}}
    return Act(after=after, event="UseCaseFindingAnswered", detail=detail, **told)


def attach(use_case: UseCase, group: str, asking: Asking) -> Act:
    """A group comes to belong to it."""
    if use_case.is_unacceptable:
        raise Refused("unacceptable", f"the EU AI Act prohibits {use_case.id}: nothing can be attached to it")
    if not use_case.takes_groups:
        why = "is over" if use_case.is_retired else "is a proof of concept that nobody approved yet"
        raise Refused("no-groups-yet", f"{use_case.id} {why}: model groups exist for approved use cases only")
    after = use_case.after(asking.request, asking.at, groups=use_case.groups + 1)
    told = {"action": "group-attached", "new": {"group": group}}
    return Act(after=after, event="ModelGroupAttached", detail={"model_group_arn": group}, **told)


def detach(use_case: UseCase, group: str, asking: Asking) -> Act:
    """A group belongs to it no longer."""
    check_open(use_case)
    after = use_case.after(asking.request, asking.at, groups=use_case.groups - 1)
    told = {"action": "group-detached", "new": {"group": group}}
    return Act(after=after, event="ModelGroupDetached", detail={"model_group_arn": group}, **told)


def name_successor(use_case: UseCase, successor: str, asking: Asking) -> Act:
    """What takes its place is named."""
    if successor == use_case.successor:
        return Act(outcome=Outcome.SAME, after=use_case)
    after = use_case.after(asking.request, asking.at, successor=successor)
    told = {"action": "successor-named", "event": "UseCaseSuccessorNamed"}
    return Act(after=after, detail={"successor": successor}, **told)


def moved(use_case: UseCase, stage: UseCaseStage, status: Status) -> UseCase:
    """The use case in another place. Refuses a move that is not in the table."""
    if (stage, status) not in MOVES[use_case.stage, use_case.status]:
        raise Refused("no-such-move", f"{use_case.id} cannot come from {use_case.stage} ({use_case.status}) to {stage}")
    return use_case.model_copy(update={"stage": stage, "status": status})


def check_open(use_case: UseCase) -> None:
    """Refuse to change what is over."""
    if use_case.is_retired:
        raise Refused("retired", f"{use_case.id} is retired: its record is closed")
