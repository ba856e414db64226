"""What is to be written to the registry: what people decided through Steward, and what a policy takes back."""

from datetime import datetime

from governance.domain.identifiers import STEWARD, Person, effect_id
from governance.domain.lifecycle import ApprovalStatus, ModelStatus, Stage
from governance.domain.matters import answers_to, checks_of, matter_of
from governance.domain.model_version import Decision, ModelVersion, Source, StageState
from governance.domain.moments import after, last_moment
from governance.domain.policy import passes
from governance.domain.refusals import one_line, refusal, size
from governance.domain.reviewing import Wish
from governance.domain.terms import Terms
from governance.domain.values import iso
from governance.domain.writing_back import LONGEST, WriteBackRequested


def next_write_back(state: ModelVersion, terms: Terms, now: datetime) -> WriteBackRequested | None:
    """Write what a person decided once the policy lets it pass; take back an approval that it refused."""
    if not terms.writer or not state.is_versioned or state.missing or state.reused:
        return None
    for stage, known in state.stages.items():
        if requested := next_revert(state, stage, known, terms, now) or next_wish(state, stage, known, terms, now):
            return requested
    return None


def next_revert(
    state: ModelVersion, stage: Stage, known: StageState, terms: Terms, now: datetime
) -> WriteBackRequested | None:
    """Put the registry back to what the record says, with the reasons: once for each refused approval."""
    decision, verdict = known.decision, known.verdict
    if decision is None or verdict is None or verdict.passed or verdict.decision != decision.fingerprint:
        return None
    if not is_shown(state, decision) or is_intended(state, decision.fingerprint):
        return None
    description = refusal(verdict.policy, verdict.checks)
    return intent(state, stage, decision.source, known.status, STEWARD, description, decision.fingerprint, terms, now)


def next_wish(
    state: ModelVersion, stage: Stage, known: StageState, terms: Terms, now: datetime
) -> WriteBackRequested | None:
    """What somebody asked for, if nothing stands against it any more."""
    wish = known.wish
    if wish is None or wish.wanted is known.status or is_intended(state, wish.cause):
        return None
    if wish.wanted is ModelStatus.APPROVED and not may_pass(state, stage, known, wish, terms, now):
        return None
    field = Source.APPROVAL if stage is Stage.DEVELOPMENT else Source.LIFE_CYCLE
    return intent(state, stage, field, wish.wanted, wish.person, shortened(wish.why), wish.cause, terms, now)


def may_pass(state: ModelVersion, stage: Stage, known: StageState, wish: Wish, terms: Terms, now: datetime) -> bool:
    """Whether the policy would let the approval pass now."""
    matter, glass = matter_of(state, stage, wish.person, now, terms), known.glass
    broken = glass is not None and glass.is_open and glass.fingerprint == wish.cause and now < glass.until
    return passes(checks_of(answers_to(terms.policy.document, matter, is_emergency=broken)))


def intent(
    state: ModelVersion,
    stage: Stage,
    field: Source,
    wanted: ModelStatus,
    person: Person,
    description: str,
    cause: str,
    terms: Terms,
    now: datetime,
) -> WriteBackRequested:
    """The intent to write, with what the registry says by then: anything else is left alone."""
    life_cycle = state.life_cycle if field is Source.LIFE_CYCLE else None
    requested = WriteBackRequested(
        model=state.model,
        effective_at=last_moment(state),
        recorded_at=now,
        effect_id=effect_id("write-back", state.model, stage, cause, iso(state.changed_at) if state.changed_at else ""),
        purpose="revert" if person is STEWARD else "decide",
        stage=stage,
        field=field.value,
        wanted=wanted,
        seen=state.approval.value if state.approval else "",
        seen_life_cycle=life_cycle,
        seen_at=state.changed_at,
        person=person,
        writer=terms.writer,
        description=description,
        cause=cause,
    )
    return after(state, requested)


def is_intended(state: ModelVersion, cause: str) -> bool:
    """Whether it was already intended to write for that cause; what was overtaken may be intended once more."""
    return any(
        one.cause == cause and (one.outcome != "overtaken" or one.seen_at == state.changed_at)
        for one in state.write_backs
    )


def is_shown(state: ModelVersion, decision: Decision) -> bool:
    """Whether the registry still shows an approval, as far as the record knows."""
    if decision.source is Source.APPROVAL:
        return state.approval is ApprovalStatus.APPROVED
    return state.life_cycle is not None


def shortened(text: str) -> str:
    """A reason in the form that the registry takes: one line of 1,024 characters at most."""
    told = one_line(text)
    while size(told) > LONGEST:
        told = told[:-1]
    return told
