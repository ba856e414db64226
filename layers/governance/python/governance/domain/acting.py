"""What people's orders make of a version's record: facts, or a refusal that says what to do next. Pure.

A command that is given to us is refused where it cannot be carried out; what the policy has to say of an approval is
no refusal, but the answer to it.
"""

from typing import Any

from governance.domain import orders_on_models as o
from governance.domain.authority import Standing
from governance.domain.entitlement import OF_AUTHORS, check_role, is_author
from governance.domain.errors import Refused
from governance.domain.evidence import evidence_digest
from governance.domain.evidence_facts import EvidenceRequested
from governance.domain.facts import AnyFact
from governance.domain.identifiers import Person, effect_id
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.reviewing import FindingAnswered, FindingsRaised, RaisedFinding, SignOffGiven
from governance.domain.terms import Terms
from governance.domain.values import Instant, Value, iso
from governance.domain.writing_back import WriteBack


class Asker(Value):
    """Who asks, and when."""

    person: Person
    """As they came."""
    known: Person
    """As the record knows them."""
    at: Instant
    """When they signed what they ask for."""
    now: Instant
    """Steward's clock."""


def facts_of(order: o.AnyOrderOnModels, asker: Asker, state: ModelVersion, terms: Terms) -> tuple[AnyFact, ...]:
    """What an order makes known, or nothing where all is so already. Raises `Refused`."""
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
        case _:
            raise NotImplementedError(order.command)


def told(state: ModelVersion, asker: Asker, order: o.OnModel) -> dict[str, Any]:
    """What every fact of somebody's word says."""
    times = {"effective_at": asker.at, "recorded_at": asker.now}
    return {"model": state.model, **times, "person": asker.person, "why": order.why}


def sign_off(
    order: o.Approve | o.SignOff, asker: Asker, state: ModelVersion, terms: Terms, standing: Standing
) -> tuple[AnyFact, ...]:
    """Somebody's word for what the version is now, unless it is approved, or they gave it already."""
    check_not_author(state, asker, order.command)
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
    raised = tuple(RaisedFinding(**one.model_dump()) for one in order.findings)
    rejects = isinstance(order, o.Reject)
    return (FindingsRaised(**told(state, asker, order), stage=order.stage, findings=raised, rejects=rejects),)


def answer(order: o.AnswerFinding, asker: Asker, state: ModelVersion) -> tuple[AnyFact, ...]:
    """How a finding was closed, or who is to answer it by when."""
    if order.finding not in state.reviews:
        open_ones = ", ".join(sorted(state.reviews)) or "none"
        raise Refused("unknown-finding", f"{order.finding} is no open finding of a reviewer; open: {open_ones}")
    if not order.closes and not order.owner and order.due is None:
        raise Refused("nothing-said", "say how it was closed, or who is to answer it, or by when")
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
        return is_author(state, asker.known) or state.reviews[order.finding].owner == asker.known.id
    return is_author(state, asker.known)


def name_of(state: ModelVersion) -> str:
    """A version as people call it."""
    return state.model.arn.rpartition(":model-package/")[2]


def check_governed(state: ModelVersion) -> None:
    """Refuse to decide on what is dormant, gone, or not the version that it was."""
    name = name_of(state)
    if state.is_dormant:
        raise Refused("not-adopted", f"{name} is from before governance: an officer has to adopt it first")
    if state.missing:
        raise Refused("gone", f"the registry no longer has {name}")
    if state.reused:
        raise Refused("gone", f"another package was created as {name}: register it under a number of its own")


def check_not_author(state: ModelVersion, asker: Asker, deed: str) -> None:
    """Refuse who made it: four eyes."""
    if is_author(state, asker.known):
        raise Refused("four-eyes", f"you registered {name_of(state)} or changed what it runs: {deed} is for others")


def check_reached(state: ModelVersion, stage: Stage) -> None:
    """Refuse a stage in which there is nothing to decide, or nothing any more."""
    if stage not in state.stages:
        reached = ", ".join(state.stages)
        raise Refused("not-reached", f"{name_of(state)} has not reached {stage}, only {reached}")
    if state.stage(stage).status is ModelStatus.RETIRED:
        raise Refused("retired", f"{name_of(state)} is retired in {stage}")


def check_eligible(state: ModelVersion) -> None:
    """Refuse what could never be deployed."""
    if not state.is_eligible:
        why = f"its package is {state.registration or state.package_status}"
        raise Refused("not-eligible", f"{name_of(state)} cannot be approved: {why}")
