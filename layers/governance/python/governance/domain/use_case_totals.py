"""What a use case comes to by its models: how many are approved in each stage, its risk, and whether it may advance.

The numbers are kept step by step, one model group at a time, and equal those of a count from scratch: pure functions
over the summaries that `roll_up` makes. What changed is told as lines of a deed and as events.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import Field

from governance.domain.ai_act import AiActClass
from governance.domain.audit import Announcing
from governance.domain.environment import Landscape
from governance.domain.identifiers import ModelGroupArn
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.record import difference
from governance.domain.roll_up import GroupSummary, Trouble, Verdict, version_arn
from governance.domain.use_case import ModelRisk
from governance.domain.use_cases import CORRESPONDING, UseCase, UseCaseStage
from governance.domain.values import Instant, Value

AS_A_USE_CASE: Mapping[ModelRisk, AiActClass] = {
    ModelRisk.HIGH: AiActClass.HIGH,
    ModelRisk.MEDIUM: AiActClass.LIMITED,
    ModelRisk.LOW: AiActClass.MINIMAL,
}
"""How high a model's risk makes that of its use case, at least."""

Changes = Mapping[ModelGroupArn, tuple[GroupSummary | None, GroupSummary | None]]
"""Of model groups: as what each was counted, and as what it counts now. None is one that does not belong to it."""


class Totals(Value):
    """How many model groups there are, and of them how many are what. What nobody is, is not there."""

    groups: int = 0
    approved: Mapping[Stage, int] = Field(default_factory=dict)
    risks: Mapping[ModelRisk, int] = Field(default_factory=dict)
    troubles: Mapping[Trouble, int] = Field(default_factory=dict)
    """How often each befell one of their versions."""

    def after(self, changes: Changes) -> "Totals":
        """With some groups counted anew."""
        counts = {("groups", ""): self.groups}
        for name in ("approved", "risks", "troubles"):
            counts |= {(name, key): number for key, number in getattr(self, name).items()}
        for before, now in changes.values():
            for summary, step in ((before, -1), (now, 1)):
                for what in brought(summary):
                    counts[what] = counts.get(what, 0) + step
        kept = {
            name: {key: number for (of, key), number in sorted(counts.items()) if of == name and number}
            for name in ("approved", "risks", "troubles")
        }
        return Totals.model_validate({**kept, "groups": counts["groups", ""]})


def brought(summary: GroupSummary | None) -> Iterator[tuple[str, str]]:
    """Everything that a group counts in."""
    if summary is None:
        return
    yield "groups", ""
    for stage, standing in summary.stages.items():
        if standing.verdict is Verdict.APPROVED:
            yield "approved", stage
    if summary.risk:
        yield "risks", summary.risk
    for one in summary.befallen:
        yield "troubles", one.trouble


def totals_of(summaries: Iterable[GroupSummary]) -> Totals:
    """The numbers from scratch."""
    return Totals().after({one.group: (None, one) for one in summaries})


class Offer(Value):
    """That a use case may be advanced, as far as its models go."""

    stage: UseCaseStage
    """The stage that may be approved."""
    model_stage: Stage
    """The stage in which every model is approved."""
    since: Instant
    """When the use case came to be where it is: sent back and come again, it is offered anew."""


class RolledUp(Value):
    """What a use case comes to."""

    totals: Totals = Totals()
    risk: AiActClass
    """The weakest link: the highest of its own class and what its models' risks make of it."""
    offer: Offer | None = None


def rolled_up(use_case: UseCase, totals: Totals, landscape: Landscape) -> RolledUp:
    """What a use case comes to by the numbers of its models."""
    return RolledUp(totals=totals, risk=risk_of(use_case, totals), offer=offer_of(use_case, totals, landscape))


def risk_of(use_case: UseCase, totals: Totals) -> AiActClass:
    """The weakest link. One that nobody assessed counts as high, as a model does that nobody classified."""
    own = use_case.ai_act_class or AiActClass.HIGH
    return max((own, *(AS_A_USE_CASE[risk] for risk in totals.risks)), key=lambda one: one.rank)


def offer_of(use_case: UseCase, totals: Totals, landscape: Landscape) -> Offer | None:
    """Whether it may advance: it waits in a stage with models, and each that is attached is counted and approved."""
    stage = model_stage_of(use_case, landscape)
    if stage is None or use_case.is_unacceptable or use_case.status is not ModelStatus.PENDING:
        return None
    if not totals.groups or totals.groups != use_case.groups or totals.approved.get(stage, 0) != totals.groups:
        return None
    since = max((one.at for one in use_case.stages.values()), default=use_case.created_at)
    return Offer(stage=use_case.stage, model_stage=stage, since=since)


def model_stage_of(use_case: UseCase, landscape: Landscape) -> Stage | None:
    """The stage in which its models have to be approved: pre-production only where it has an environment."""
    stage = CORRESPONDING.get(use_case.stage)
    if stage is Stage.PRE_PRODUCTION and not landscape.of(stage, use_case.about.line_of_business):
        return Stage.TEST
    return stage


def lines(known: RolledUp) -> dict[str, Any]:
    """What a use case comes to as deeds tell it: one line for whatever can change."""
    totals = known.totals
    return {
        "models": totals.groups,
        "risk": known.risk.value,
        "offered": known.offer.stage.value if known.offer else "",
        **{f"approved.{stage}": number for stage, number in totals.approved.items()},
        **{f"risk.{risk}": number for risk, number in totals.risks.items()},
        **{f"trouble.{trouble}": number for trouble, number in totals.troubles.items()},
    }


def changed_lines(before: RolledUp, after: RolledUp) -> tuple[dict[str, Any], dict[str, Any]]:
    """What differs, before and after; what nobody is any more is 0."""
    was, now = lines(before), lines(after)
    return difference({**dict.fromkeys(now, 0), **was}, {**dict.fromkeys(was, 0), **now})


def events(use_case: UseCase, before: RolledUp, after: RolledUp, changes: Changes) -> tuple[Announcing, ...]:
    """What is announced of a change: what befell which model or does no more, the risk, and whether it may advance."""
    stands = {"use_case_id": use_case.id, "use_case_stage": use_case.stage, "use_case_status": use_case.status}
    told = (*befallen(changes), *risk_changed(before, after), *offered(use_case, before, after))
    return tuple(Announcing(name=name, detail={**stands, **detail}) for name, detail in told)


def befallen(changes: Changes) -> Iterator[tuple[str, dict[str, Any]]]:
    """What befell the models of some groups, and what does no more."""
    for group, (before, now) in sorted(changes.items()):
        was, known = (set(one.befallen) if one else set() for one in (before, now))
        for name, found in (("UseCaseTroubleEnded", was - known), ("UseCaseAffected", known - was)):
            for one in sorted(found, key=lambda each: (each.version, each.trouble, each.stage or "")):
                about = {"model_group_arn": group, "model_package_arn": version_arn(group, one.version)}
                yield name, {**about, "trouble": one.trouble, "stage": one.stage or ""}


def risk_changed(before: RolledUp, after: RolledUp) -> Iterator[tuple[str, dict[str, Any]]]:
    """The risk, where it is another."""
    if before.risk is not after.risk:
        yield "UseCaseRiskChanged", {"risk": after.risk, "before": before.risk}


def offered(use_case: UseCase, before: RolledUp, after: RolledUp) -> Iterator[tuple[str, dict[str, Any]]]:
    """An advance that is offered now, or not any more although the use case is where it was."""
    was, now = before.offer, after.offer
    if now and now != was:
        about = {"offered_stage": now.stage, "model_stage": now.model_stage}
        yield "UseCaseAdvanceOffered", {**about, "models": after.totals.groups}
    since = max((one.at for one in use_case.stages.values()), default=use_case.created_at)
    if was and now is None and (was.stage, was.since) == (use_case.stage, since):
        lacking = use_case.groups - after.totals.approved.get(was.model_stage, 0)
        about = {"offered_stage": was.stage, "model_stage": was.model_stage}
        yield "UseCaseAdvanceWithdrawn", {**about, "lacking": max(lacking, 0)}
