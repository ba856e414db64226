"""What is to be written to the registry: what people decided through Steward, and what a policy takes back."""

from collections.abc import Iterator
from datetime import datetime

from governance.domain.decision import Decision, Source
from governance.domain.deployment import RUNNING
from governance.domain.identifiers import STEWARD, Person, effect_id
from governance.domain.lifecycle import ApprovalStatus, ModelStatus, Stage, stage_named, status_named
from governance.domain.matters import answers_to, checks_of, matter_of, signed_off
from governance.domain.model_version import ModelVersion, StageState
from governance.domain.moments import after, last_moment
from governance.domain.policy import ENTITLED_CHECK, Mode, passes
from governance.domain.recalls import Void
from governance.domain.refusals import one_line, refusal, rejection, size
from governance.domain.terms import Terms
from governance.domain.values import iso
from governance.domain.writing_back import LONGEST, WriteBackRequested


def next_write_back(state: ModelVersion, terms: Terms, now: datetime) -> WriteBackRequested | None:
    """Write what a person decided once the policy lets it pass; take back what the policy does not let stand."""
    if not terms.writer or not state.is_versioned or state.missing or state.reused:
        return None
    for stage, known in state.stages.items():
        if requested := next_revert(state, stage, known, terms, now) or next_wish(state, stage, known, terms, now):
            return requested
    return next_unexplained(state, terms, now)


def next_revert(
    state: ModelVersion, stage: Stage, known: StageState, terms: Terms, now: datetime
) -> WriteBackRequested | None:
    """Put the registry back to what the record says, with the reasons: once for each refused approval."""
    decision, verdict = known.decision, known.verdict
    if decision is None or verdict is None or not is_refused(known, decision):
        return None
    to = ModelStatus.PENDING if state.is_retired else known.status
    if not is_shown(state, stage, decision.source) or is_intended(state, decision.fingerprint, to):
        return None
    if decision.source is Source.APPROVAL and runs_elsewhere(state, known):
        return None
    description = refusal(verdict.policy, verdict.checks, stage) or shortened(why_over(known))
    return intent(state, stage, decision.source, to, STEWARD, description, decision.fingerprint, terms, now)


def is_refused(known: StageState, decision: Decision) -> bool:
    """Whether a decision was judged and does not count: refused, taken back, or of an emergency that is over."""
    verdict, glass = known.verdict, known.glass
    if verdict is None or verdict.decision != decision.fingerprint:
        return False
    broken = glass is not None and glass.fingerprint == verdict.glass
    return not verdict.passed or is_void(known, decision) or (broken and glass is not None and not glass.is_open)


def is_void(known: StageState, decision: Decision) -> bool:
    """Whether somebody took back what rested on an approval."""
    return known.void is not None and known.void.decision == decision.fingerprint


def runs_elsewhere(state: ModelVersion, known: StageState) -> bool:
    """Whether a version that was taken back in one stage runs in another.

    An approval status that leaves `Approved` blocks every stage, which is more than was ordered.
    """
    void = known.void
    if void is None or void.by != "roll-back":
        return False
    running = (one for one in state.deployments.values() if one.status in RUNNING and not one.removes)
    return any(one.stage is not void.stage for one in running)


def why_over(known: StageState) -> str:
    """What the registry is to show in the place of an approval that counts no longer."""
    if known.void and known.decision and is_void(known, known.decision):
        return why_void(known.void)
    how = "was overruled" if known.glass and known.glass.upheld is False else "has ended without a review"
    policy = known.verdict.policy if known.verdict else ""
    return (
        f"Steward: not approved by {policy}. The emergency approval {how}. "
        "To do: put right what the policy asked for, then approve again."
    )


def why_void(void: Void) -> str:
    """What the registry is to show in the place of an approval of what somebody took back."""
    if void.by == "retirement":
        return f"Steward: not approved any more. It was retired: {void.why}. To do: register a version in its place."
    if void.by == "roll-back":
        what, to_do = f"rolled back in {void.stage}", "put right what was wrong"
    else:
        what, to_do = "quarantined", "have an officer other than who ordered it release it (steward release)"
    return f"Steward: not approved any more. It was {what}: {void.why}. To do: {to_do}, then approve again."


def next_unexplained(state: ModelVersion, terms: Terms, now: datetime) -> WriteBackRequested | None:
    """Put back what the registry shows as approved although no decision on record explains it.

    Only once the history is known, from its registration on or because the reconciler has asked; and only where the
    policy insists on who approves.
    """
    if not (state.born or state.gaps or state.adopted_by):
        return None
    for stage, field in unexplained(state):
        cause, pending = f"unexplained/{field}/{state.specification}", ModelStatus.PENDING
        if insists(state, stage, terms) and not is_intended(state, cause, pending):
            return intent(state, stage, field, pending, STEWARD, why_unexplained(terms), cause, terms, now)
    return None


def unexplained(state: ModelVersion) -> Iterator[tuple[Stage, Source]]:
    """The stages that the registry shows as approved without any decision on record, and the field that says so."""
    for stage in Stage:
        for field in Source:
            if is_shown(state, stage, field) and state.stage(stage).decision is None:
                yield stage, field


def insists(state: ModelVersion, stage: Stage, terms: Terms) -> bool:
    """Whether the policy in force lets nobody approve there but those who have a role."""
    gates = terms.policy.document.gates_in(stage, state.profile.model_risk)
    return any(gate.name == ENTITLED_CHECK and gate.mode is Mode.ENFORCE for gate in gates)


def why_unexplained(terms: Terms) -> str:
    """What the registry is to show in the place of an approval that nobody on record gave."""
    return (
        f"Steward: not approved by {terms.policy.id}. No decision on record explains this approval: it came with the "
        "registration, was given for other contents, or before the version was governed. "
        "To do: have an owner, validator or officer approve it in the hub."
    )


def next_wish(
    state: ModelVersion, stage: Stage, known: StageState, terms: Terms, now: datetime
) -> WriteBackRequested | None:
    """What somebody asked for, if nothing stands against it any more. Once intended, it is no wish any longer."""
    wish = known.wish
    if wish is None or wish.wanted is known.status:
        return None
    if wish.wanted is ModelStatus.APPROVED and not may_pass(state, stage, wish.person, wish.cause, terms, now):
        return None
    field = Source.APPROVAL if stage is Stage.DEVELOPMENT else Source.LIFE_CYCLE
    open_ones = [one for one in state.reviews.values() if one.stage is stage]
    words = rejection(wish.why, open_ones) if wish.wanted is ModelStatus.REJECTED else wish.why
    return intent(state, stage, field, wish.wanted, wish.person, shortened(words), wish.cause, terms, now)


def may_pass(state: ModelVersion, stage: Stage, person: Person, cause: str, terms: Terms, now: datetime) -> bool:
    """Whether the policy would let the approval pass now."""
    if state.is_quarantined or state.is_retired:
        return False
    matter, glass = matter_of(state, stage, person, now, terms), state.stage(stage).glass
    broken = glass is not None and glass.is_open and glass.fingerprint == cause and now < glass.until
    if not broken and not is_given(state, stage, person, terms):
        return False
    return passes(checks_of(answers_to(terms.policy.document, matter, is_emergency=broken)))


def is_given(state: ModelVersion, stage: Stage, person: Person, terms: Terms) -> bool:
    """Whether somebody's word still holds: for what the version and its evidence are now, under this policy."""
    return any(one.person.is_same_as(person) for one in signed_off(state, stage, terms))


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
    changed_at = iso(state.changed_at) if state.changed_at else ""
    requested = WriteBackRequested(
        model=state.model,
        effective_at=last_moment(state),
        recorded_at=now,
        effect_id=effect_id("write-back", state.model, stage, cause, wanted, changed_at),
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


def is_intended(state: ModelVersion, cause: str, wanted: ModelStatus) -> bool:
    """Whether it was already intended to write that for that cause; what was overtaken may be intended once more."""
    return any(
        (one.cause, one.wanted) == (cause, wanted) and (one.outcome != "overtaken" or one.seen_at == state.changed_at)
        for one in state.write_backs
    )


def is_shown(state: ModelVersion, stage: Stage, source: Source) -> bool:
    """Whether the registry shows a stage as approved in a field, as far as the record knows."""
    if source is Source.APPROVAL:
        return stage is Stage.DEVELOPMENT and state.approval is ApprovalStatus.APPROVED
    cycle = state.life_cycle
    return cycle is not None and (stage_named(cycle.stage), status_named(cycle.status)) == (stage, ModelStatus.APPROVED)


def shortened(text: str) -> str:
    """A reason in the form that the registry takes: one line of 1,024 characters at most."""
    told = one_line(text)
    while size(told) > LONGEST:
        told = told[:-1]
    return told
