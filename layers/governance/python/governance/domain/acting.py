"""What people's orders make of a version's record: facts, or a refusal that says what to do next. Pure.

A command that is given to us is refused where it cannot be carried out; what the policy has to say of an approval is
no refusal, but the answer to it.
"""

from collections.abc import Mapping
from datetime import datetime

from governance.domain import orders_on_models as o
from governance.domain.asking import (
    Asker,
    check_eligible,
    check_governed,
    check_not_author,
    check_not_quarantined,
    check_reached,
    told,
)
from governance.domain.authority import Standing
from governance.domain.emergencies import break_glass, review
from governance.domain.entitlement import OF_AUTHORS, answerable, check_role, is_author
from governance.domain.errors import Refused
from governance.domain.evidence import MOST_WAITED_FOR, evidence_digest
from governance.domain.evidence_facts import EvidenceRequested
from governance.domain.facts import AnyFact
from governance.domain.identifiers import effect_id
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.resubmitting import resubmission
from governance.domain.reviewing import (
    FindingAnswered,
    FindingsRaised,
    GlassBroken,
    GlassReviewed,
    RaisedFinding,
    Resubmitted,
    SignOffGiven,
)
from governance.domain.terms import Terms
from governance.domain.values import iso
from governance.domain.writing_back import WriteBack

MOST_FINDINGS = 50
"""How many findings of reviewers a version can have open: they are in its head."""

MOST_SAID = 60_000
"""Bytes that the open findings of a version can say in all: the head of a record holds no more than 400 KB."""

StageFact = SignOffGiven | FindingsRaised | GlassBroken | GlassReviewed
"""What people say of a version in a stage."""

GIVES: Mapping[str, type[StageFact]] = {
    "approve": SignOffGiven,
    "sign-off": SignOffGiven,
    "reject": FindingsRaised,
    "raise-findings": FindingsRaised,
    "break-glass": GlassBroken,
    "review-emergency": GlassReviewed,
}
"""What an order about a stage makes known."""


def facts_of(
    order: o.AnyOrderOnModels, asker: Asker, state: ModelVersion, terms: Terms, earlier: ModelVersion | None = None
) -> tuple[AnyFact, ...]:
    """What an order makes known, or nothing where all is so already. Raises `Refused`.

    `earlier` is the version that is resubmitted, where another takes its place.
    """
    standing = terms.standing(asker.known, asker.at)
    check_governed(state)
    if order.command not in OF_AUTHORS or not may_see_to(order, state, asker):
        check_role(order.command, standing, terms.authority)
    match order:
        case o.Approve() | o.SignOff():
            return sign_off(order, asker, state, terms, standing)
        case o.Reject() | o.RaiseFindings():
            return findings(order, asker, state)
        case o.AnswerFinding():
            return answer(order, asker, state)
        case o.AttachEvidence():
            return evidence(order, asker, state)
        case o.Resubmit():
            return resubmission(order, asker, state, earlier or state)
        case o.BreakGlass():
            return break_glass(order, asker, state, terms, standing)
        case o.ReviewEmergency():
            return review(order, asker, state)


def is_of(fact: AnyFact, order: o.AnyOrderOnModels) -> bool:
    """Whether a fact is what such an order makes known: of the same kind, about the same thing."""
    match order:
        case o.AnswerFinding():
            told_so = (order.finding, order.why, order.closes)
            return isinstance(fact, FindingAnswered) and (fact.finding_id, fact.how, fact.closes) == told_so
        case o.Resubmit():
            return isinstance(fact, Resubmitted) and fact.of == order.of
        case o.AttachEvidence():
            return isinstance(fact, EvidenceRequested) and fact.uri == order.uri
        case _:
            return isinstance(fact, GIVES[order.command]) and fact.stage is order.stage


def sign_off(
    order: o.Approve | o.SignOff, asker: Asker, state: ModelVersion, terms: Terms, standing: Standing
) -> tuple[AnyFact, ...]:
    """Somebody's word for what the version is now, unless it is approved, or they gave it already."""
    check_not_author(state, asker, order.command)
    check_not_quarantined(state)
    check_reached(state, order.stage)
    check_eligible(state)
    known = state.stage(order.stage)
    if known.status is ModelStatus.APPROVED or under_way(state, order.stage):
        return ()
    decides = isinstance(order, o.Approve)
    fact = SignOffGiven(
        **told(state, asker, order),
        stage=order.stage,
        roles=standing.roles,
        delegated_by=standing.delegated_by,
        specification=state.specification,
        evidence=evidence_digest(state.pieces, state.specification),
        policy=terms.policy.id,
        policy_hash=terms.policy.hash,
        decides=decides,
    )
    return () if not decides and is_signed(state, fact, asker) else (fact,)


def is_signed(state: ModelVersion, fact: SignOffGiven, asker: Asker) -> bool:
    """Whether somebody's word for just this is on record, and still holds."""
    content = (fact.specification, fact.evidence, fact.policy_hash, fact.roles)
    return any(
        one.person.is_same_as(asker.known)
        and (one.stage, one.round) == (fact.stage, state.stage(fact.stage).rounds + 1)
        and not one.void
        and (one.specification, one.evidence, one.policy_hash, one.roles) == content
        for one in state.sign_offs
    )


def under_way(state: ModelVersion, stage: Stage) -> WriteBack | None:
    """The write of an approval that the registry has not shown yet."""
    return next(
        (
            one
            for one in state.write_backs
            if (one.stage, one.purpose, one.wanted) == (stage, "decide", ModelStatus.APPROVED)
            and not one.is_over
            and one.outcome != "failed"
        ),
        None,
    )


def findings(order: o.Reject | o.RaiseFindings, asker: Asker, state: ModelVersion) -> tuple[AnyFact, ...]:
    """What is to be put right."""
    check_reached(state, order.stage)
    if len(state.reviews) + len(order.findings) > MOST_FINDINGS:
        raise Refused("too-many", f"{len(state.reviews)} findings are open; no more than {MOST_FINDINGS} can be")
    texts = [*(one.text for one in state.reviews.values()), *(one.text for one in order.findings)]
    if sum(len(text.encode()) for text in texts) > MOST_SAID:
        raise Refused(
            "too-long", f"open findings say {MOST_SAID} bytes at most in all: attach what is long as evidence"
        )
    for one in order.findings:
        check_to_come(one.due, asker)
    until = asker.at + o.ANSWER_TIME
    raised = tuple(RaisedFinding(**{**one.model_dump(), "due": one.due or until}) for one in order.findings)
    rejects = isinstance(order, o.Reject)
    return (FindingsRaised(**told(state, asker, order), stage=order.stage, findings=raised, rejects=rejects),)


def check_to_come(due: datetime | None, asker: Asker) -> None:
    """Refuse a date by which nobody can answer any more."""
    if due is not None and due <= asker.at:
        raise Refused("no-such-time", f"{iso(due)} has gone by: say a date that is to come")


def answer(order: o.AnswerFinding, asker: Asker, state: ModelVersion) -> tuple[AnyFact, ...]:
    """How a finding was closed, or who is to answer it by when."""
    if order.finding not in state.reviews:
        open_ones = ", ".join(sorted(state.reviews)) or "none"
        raise Refused("unknown-finding", f"{order.finding} is no open finding of a reviewer; open: {open_ones}")
    if not order.closes and not order.owner and order.due is None:
        raise Refused("nothing-said", "say how it was closed, or who is to answer it, or by when")
    check_to_come(order.due, asker)
    about = told(state, asker, order)
    how = about.pop("why")
    moved = {"closes": order.closes, "owner": order.owner, "due": order.due}
    return (FindingAnswered(**about, finding_id=order.finding, how=how, **moved),)


def evidence(order: o.AttachEvidence, asker: Asker, state: ModelVersion) -> tuple[AnyFact, ...]:
    """What is to be fetched, unless just that is waited for."""
    wanted = (order.kind, order.uri, order.sha256, state.specification)
    waiting = [one for one in state.pieces if one.status == "requested"]
    if any((one.kind, one.uri, one.claimed, one.specification) == wanted for one in waiting):
        return ()
    if len(waiting) >= MOST_WAITED_FOR:
        raise Refused("too-many", f"{len(waiting)} pieces of evidence are being fetched: wait for them")
    return (
        EvidenceRequested(
            **told(state, asker, order),
            effect_id=effect_id("collect", state.model, *wanted, iso(asker.at)),
            evidence=order.kind,
            uri=order.uri,
            claimed=order.sha256,
            source="attached",
            specification=state.specification,
        ),
    )


def may_see_to(order: o.AnyOrderOnModels, state: ModelVersion, asker: Asker) -> bool:
    """Whether somebody may act for a version without a role: its author, or whom a finding was given to."""
    if isinstance(order, o.AnswerFinding) and order.finding in state.reviews:
        return is_author(state, asker.known) or answerable(state, state.reviews[order.finding]) == asker.known.id
    return is_author(state, asker.known)
