"""What the registry's updates decide: which fields were decided on, by whom, and where that puts a stage.

An approval waits for its verdict; everything stricter holds at once. A move that is not allowed decides nothing and
is remembered, for it becomes a finding.
"""

from datetime import datetime, timedelta

from governance.domain.decision import Decision, Source
from governance.domain.facts import RegistryObserved
from governance.domain.lifecycle import (
    APPROVAL_DECIDES,
    MOVES,
    UNDECIDED_STAGES,
    ApprovalStatus,
    ModelStatus,
    Stage,
    plain,
    stage_named,
    status_named,
)
from governance.domain.model_version import ModelVersion
from governance.domain.noticed import IdentifiedChange
from governance.domain.people import role_of
from governance.domain.values import digest, iso, whole_second

HOLDS_AT_FIRST_SIGHT = frozenset({ModelStatus.REJECTED, ModelStatus.RETIRED})
"""What counts of a version whose registration nobody told of; of an approval nobody could say that it came later."""

SAME_CHANGE = timedelta(seconds=2)
"""How far CloudTrail's `eventTime` and the registry's `LastModifiedTime` of one call may lie apart."""


def decides_at_birth(fact: RegistryObserved) -> bool:
    """Whether a registration carries a decision. Creation is never a decision, so it becomes a finding."""
    status = status_named(fact.life_cycle.status) if fact.life_cycle else None
    return fact.approval in {ApprovalStatus.APPROVED, ApprovalStatus.REJECTED} or status in {
        ModelStatus.APPROVED,
        ModelStatus.REJECTED,
        ModelStatus.RETIRED,
    }


def decide(state: ModelVersion, before: ModelVersion, fact: RegistryObserved) -> ModelVersion:
    """Follow the decisions in an update: fields it names as updated, or that differ from what was known.

    The approval status is followed last, so that it prevails where both speak of development and disagree.
    """
    if is_first_sight(before, fact) and fact.updated is None:
        fact = fact.model_copy(update={"updated": ()})  # whoever changed it last need not have decided
    if fact.life_cycle and was_updated(Source.LIFE_CYCLE, fact, before):
        stage, wanted = stage_named(fact.life_cycle.stage), status_named(fact.life_cycle.status)
        disagrees = stage is Stage.DEVELOPMENT and fact.approval is ApprovalStatus.REJECTED
        if stage and wanted and plain(fact.life_cycle.stage) not in UNDECIDED_STAGES and not disagrees:
            state = put(state, stage, decision_of(state, fact, stage, Source.LIFE_CYCLE, wanted))
    if fact.approval and was_updated(Source.APPROVAL, fact, before):
        wanted = APPROVAL_DECIDES[fact.approval]
        state = put(state, Stage.DEVELOPMENT, decision_of(state, fact, Stage.DEVELOPMENT, Source.APPROVAL, wanted))
    return state


def was_updated(source: Source, fact: RegistryObserved, before: ModelVersion) -> bool:
    """Whether a field was decided on in this update, or before it without anybody's telling."""
    if source in (fact.updated or ()):
        return True
    if is_first_sight(before, fact):
        return said_by(source, fact) in HOLDS_AT_FIRST_SIGHT
    if fact.specification != before.specification and said_by(source, fact) is ModelStatus.APPROVED:
        return False  # given before this update, so for what the version was until then, or nobody knows for what
    differs = before.life_cycle != fact.life_cycle if source is Source.LIFE_CYCLE else before.approval != fact.approval
    return bool(before.specification) and (differs or may_be_repeated(source, fact, before))


def may_be_repeated(source: Source, fact: RegistryObserved, before: ModelVersion) -> bool:
    """Whether a rejection that was void since may have been given again: something was changed, and nobody told what.

    The field says the same as before, so that it does not differ; of what cannot be known, the strictest counts.
    """
    later = before.changed_at is not None and fact.effective_at > before.changed_at
    if fact.updated or not later or fact.specification != before.specification:
        return False
    named = stage_named(fact.life_cycle.stage) if fact.life_cycle else None
    stage = Stage.DEVELOPMENT if source is Source.APPROVAL else named
    return stage is not None and before.stage(stage).decision is None and said_by(source, fact) in HOLDS_AT_FIRST_SIGHT


def is_first_sight(before: ModelVersion, fact: RegistryObserved) -> bool:
    """Whether a version is first seen some time after its registration, of which nobody told."""
    return not before.specification and fact.effective_at > fact.model.created_at


def said_by(source: Source, fact: RegistryObserved) -> ModelStatus | None:
    """What a field says."""
    if source is Source.LIFE_CYCLE:
        return status_named(fact.life_cycle.status) if fact.life_cycle else None
    return APPROVAL_DECIDES[fact.approval] if fact.approval else None


def decision_of(
    state: ModelVersion, fact: RegistryObserved, stage: Stage, source: Source, wanted: ModelStatus
) -> Decision:
    """The decision that an update holds, with the person as far as anybody knows.

    An update that names other fields only shows that the decision was made before it, by whoever made it. A decision
    that is shown again stays that of whoever is known to have made it.
    """
    inferred = fact.updated is not None and source not in fact.updated
    said = fact.life_cycle.description if source is Source.LIFE_CYCLE and fact.life_cycle else ""
    decision = Decision(
        fingerprint=fingerprint_of(state, stage, source, wanted, fact.effective_at),
        source=source,
        wanted=wanted,
        at=fact.effective_at,
        person=None if inferred else fact.changed_by,
        why=said or fact.why or fact.description,
        shown_at=fact.effective_at,
        inferred=inferred,
    )
    if decision.person is None:
        shown = (one for one in state.stage(stage).of_its_second if one.fingerprint == decision.fingerprint)
        known = next((one for one in shown if one.person), None)
        told = next((one for one in reversed(state.identified) if belongs(one, stage, decision)), None)
        return known or (credited(state, stage, decision, told) if told else decision)
    for call in state.identified:
        decision = beside(state, stage, decision, call)
    return decision


def fingerprint_of(state: ModelVersion, stage: Stage, source: Source, wanted: ModelStatus, at: datetime) -> str:
    """How a decision is known: by what it decides, where and when, and not by the facts that told of it."""
    told = {
        "model": state.model.model_dump(mode="json"),
        "stage": stage,
        "source": source,
        "wanted": wanted,
        "at": iso(at),
    }
    return digest(told)


def credited(state: ModelVersion, stage: Stage, decision: Decision, change: IdentifiedChange) -> Decision:
    """The decision with the person whom CloudTrail named. Of one that was only inferred, it tells the moment too."""
    if not decision.inferred:
        return decision.model_copy(update={"person": change.person})
    known_by = fingerprint_of(state, stage, decision.source, decision.wanted, change.at)
    told = {"person": change.person, "at": change.at, "fingerprint": known_by, "inferred": False}
    return decision.model_copy(update=told)


def put(state: ModelVersion, stage: Stage, decision: Decision) -> ModelVersion:
    """Put a decision to a stage, and remember the one before as long as it is of the same second.

    The order within a second is not known: a later look may show that the earlier one holds, and not tell whose it is.
    """
    before = state.stage(stage)
    moved = move(state, stage, decision)
    if before.decision is None or moved.stage(stage).decision == before.decision:
        return moved
    of_one_second = (*before.outdone, before.decision) if before.decision.shown_at == decision.shown_at else ()
    outdone = {one.fingerprint: one for one in of_one_second if one.fingerprint != decision.fingerprint}
    return moved.with_stage(stage, outdone=tuple(outdone.values()))


def move(state: ModelVersion, stage: Stage, decision: Decision) -> ModelVersion:
    """What a decision does to a stage. An approval waits for its verdict; everything stricter holds at once."""
    known = state.stage(stage)
    wanted = decision.wanted
    if wanted is ModelStatus.APPROVED and known.status is ModelStatus.APPROVED:
        return state.with_stage(stage, renewed_by=decision.fingerprint, renewed_at=decision.at, wish=None)
    if wanted is ModelStatus.PENDING and state.is_retired:
        return state.with_stage(stage, decision=decision, verdict=None, renewed_by="", wish=None)  # it stays retired
    if wanted is not known.status and wanted not in MOVES[known.status]:
        noted = f"{stage}: {known.status} to {wanted}"
        if noted in state.illegal_moves:
            return state
        return state.model_copy(update={"illegal_moves": (*state.illegal_moves, noted)})
    if wanted is ModelStatus.APPROVED:
        return state.with_stage(stage, decision=decision, verdict=None, renewed_by="", wish=None)
    if wanted is known.status is ModelStatus.PENDING and known.decision is None:
        return state
    if wanted is ModelStatus.REJECTED is not known.status:
        state = without_words(state, stage)
    if known.status is ModelStatus.APPROVED and known.glass:  # whoever says anything stricter withdraws it
        state = state.with_stage(stage, glass=known.glass.put_out())
    is_known = known.status is ModelStatus.REJECTED and known.is_explained
    return state.with_stage(
        stage,
        status=wanted,
        decision=decision,
        verdict=None,
        renewed_by="",
        decided_by=decision.person,
        decided_at=decision.at,
        why=decision.why,
        wish=None,
        refused=known.refused if wanted is ModelStatus.PENDING else None,
        is_explained=is_known or any(one.stage is stage for one in state.reviews.values()),
    )


def without_words(state: ModelVersion, stage: Stage) -> ModelVersion:
    """Make void whose word had not counted yet, and end an emergency: the version is rejected since."""
    known = state.stage(stage)
    signed = tuple(
        one.model_copy(update={"void": True}) if one.stage is stage and one.round > known.rounds else one
        for one in state.sign_offs
    )
    ended = state.with_stage(stage, glass=known.glass and known.glass.put_out())
    return ended.model_copy(update={"sign_offs": signed})


def beside(state: ModelVersion, stage: Stage, decision: Decision, call: IdentifiedChange) -> Decision:
    """A decision for which the registry named somebody, beside a call: one that asked for just that, just then.

    `LastModifiedBy` is whoever wrote last in that second, whatever they wrote. So a call of that second through another
    role disputes the name, until a call of theirs is known. Studio's profile is not in CloudTrail, so names alone tell
    nothing; and of another second, it may be another approval.
    """
    if decision.person is None or decision.inferred or decision.write_back or not belongs(call, stage, decision):
        return decision
    if call.person.is_same_as(decision.person):
        return decision.model_copy(update={"disputed": False})
    asked_too = any(
        one.person.is_same_as(decision.person) and belongs(one, stage, decision) for one in state.identified
    )
    ours, theirs = role_of(call.person.arn), role_of(decision.person.arn)
    is_other = bool(ours and theirs) and ours != theirs and call.at == whole_second(decision.at)
    return decision.model_copy(update={"disputed": True}) if is_other and not asked_too else decision


def belongs(change: IdentifiedChange, stage: Stage, decision: Decision) -> bool:
    """Whether a call that CloudTrail saw is the one that made a stage's decision: it asked for just that, just then."""
    if decision.source is Source.APPROVAL:
        asked = change.approval is not None and APPROVAL_DECIDES[change.approval] is decision.wanted
    else:
        said = change.life_cycle
        asked = said is not None and (stage_named(said.stage), status_named(said.status)) == (stage, decision.wanted)
    if decision.inferred:
        return asked and change.at <= decision.at
    return asked and abs(change.at - decision.at) <= SAME_CHANGE
