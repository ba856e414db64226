"""How things stand with what somebody asked for: what a policy still misses and what would help, in people's names."""

from collections.abc import Iterable
from typing import Any

from governance.domain import orders_on_models as o
from governance.domain.acting import under_way
from governance.domain.asking import Asker
from governance.domain.entitlement import answerable
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.matters import answers_to, checks_of, matter_of, signed_off
from governance.domain.model_version import ModelVersion
from governance.domain.people import Names
from governance.domain.policy import Check, Mode, passes
from governance.domain.terms import Terms
from governance.domain.values import iso

Told = dict[str, Any]
"""What is told to who asked: plain JSON values."""


def how_it_stands(order: o.AnyOrderOnModels, asker: Asker, state: ModelVersion, terms: Terms, names: Names) -> Told:
    """The answer to an order, after it was carried out."""
    told: Told = {"version": state.model.arn, "command": order.command, "writes": bool(terms.writer)}
    told["findings"] = open_findings(state, names)
    if isinstance(order, o.AttachEvidence):
        return {**told, "evidence": pieces(state)}
    if not isinstance(order, o.OnStage):
        return {**told, "resubmits": state.resubmits or ""}
    known = state.stage(order.stage)
    told |= {
        "stage": order.stage.value,
        "status": known.status.value,
        "sign_offs": sign_offs(state, order, terms, names),
    }
    if known.glass:
        told["emergency"] = emergency(state, order.stage, names)
    if isinstance(order, o.Approve | o.SignOff | o.BreakGlass):
        told |= judged(order, asker, state, terms, names)
    return told


def judged(
    order: o.Approve | o.SignOff | o.BreakGlass, asker: Asker, state: ModelVersion, terms: Terms, names: Names
) -> Told:
    """What the policy would say if whoever asks approved it now, and where the approval stands."""
    matter = matter_of(state, order.stage, asker.known, asker.now, terms)
    checks = checks_of(answers_to(terms.policy.document, matter, is_emergency=isinstance(order, o.BreakGlass)))
    return {
        "policy": terms.policy.id,
        "roles": list(matter.case.roles),
        "checks": [check_in_words(check, names) for check in checks],
        "outcome": outcome(order, state, terms, checks),
    }


def outcome(order: o.OnStage, state: ModelVersion, terms: Terms, checks: tuple[Check, ...]) -> str:
    """Where an approval stands: in force, about to be written, waiting for something, or for somebody to ask for it."""
    if state.stage(order.stage).status is ModelStatus.APPROVED:
        return "approved"
    if under_way(state, order.stage):
        return "being-written"
    if not passes(checks):
        return "waits"
    if isinstance(order, o.SignOff):
        return "ready"
    return "to-be-written" if terms.writer else "not-written-here"


def check_in_words(check: Check, names: Names) -> Told:
    """One check, with people's names; what would fix it only where there is something to fix."""
    told = check.model_copy(update={"remedy": "" if check.passed else check.remedy}).model_dump(mode="json")
    words = {name: names.told(told[name]) for name in ("required", "found", "remedy")}
    return {**told, **words, "stops": check.mode is Mode.ENFORCE and not check.passed}


def open_findings(state: ModelVersion, names: Names) -> list[Told]:
    """What reviewers want put right."""
    return [
        {
            **one.model_dump(mode="json", include={"id", "stage", "severity", "text", "check", "due", "overdue"}),
            "owner": names.shown(answerable(state, one)),
            "raised_by": names.shown(one.raised_by.id),
        }
        for _, one in sorted(state.reviews.items())
    ]


def sign_offs(state: ModelVersion, order: o.OnStage, terms: Terms, names: Names) -> list[Told]:
    """Whose word counts in the present round, and as what."""
    given: dict[str, list[str]] = {}
    for one in signed_off(state, order.stage, terms):
        given.setdefault(one.person.id, []).append(one.role.value)
    return [{"person": names.shown(person), "roles": roles} for person, roles in sorted(given.items())]


def emergency(state: ModelVersion, stage: Stage, names: Names) -> Told:
    """The last approval in an emergency."""
    glass = state.stage(stage).glass
    if glass is None:
        return {}
    told: Told = glass.model_dump(mode="json", include={"why", "upheld", "ended", "overdue"})
    times: Iterable[str] = ("until", "review_by")
    told |= {name: iso(getattr(glass, name)) for name in times}
    reviewed = names.shown(glass.reviewed_by.id) if glass.reviewed_by else ""
    return {**told, "person": names.shown(glass.person.id), "reviewed_by": reviewed}


def pieces(state: ModelVersion) -> list[Told]:
    """The evidence on record."""
    return [
        one.model_dump(mode="json", include={"kind", "uri", "source", "status", "sha256", "problem", "effect_id"})
        for one in state.pieces
    ]
