"""What the registry's updates decide: which fields were decided on, by whom, and where that puts a stage.

An approval waits for its verdict; everything stricter holds at once. A move that is not allowed decides nothing and
is remembered, for it becomes a finding.
"""

from datetime import timedelta

from governance.domain.facts import RegistryObserved
from governance.domain.identifiers import Person
from governance.domain.lifecycle import (
    APPROVAL_DECIDES,
    MOVES,
    UNDECIDED_STAGES,
    ApprovalStatus,
    LifeCycle,
    ModelStatus,
    Stage,
    plain,
    stage_named,
    status_named,
)
from governance.domain.model_version import Decision, IdentifiedChange, ModelVersion, Source

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
    known = bool(before.specification)
    if fact.life_cycle and was_updated(Source.LIFE_CYCLE, fact, known, before.life_cycle != fact.life_cycle):
        stage, wanted = stage_named(fact.life_cycle.stage), status_named(fact.life_cycle.status)
        disagrees = stage is Stage.DEVELOPMENT and fact.approval is ApprovalStatus.REJECTED
        if stage and wanted and plain(fact.life_cycle.stage) not in UNDECIDED_STAGES and not disagrees:
            state = move(state, stage, decision_of(state, fact, Source.LIFE_CYCLE, wanted))
    if fact.approval and was_updated(Source.APPROVAL, fact, known, before.approval is not fact.approval):
        wanted = APPROVAL_DECIDES[fact.approval]
        state = move(state, Stage.DEVELOPMENT, decision_of(state, fact, Source.APPROVAL, wanted))
    return state


def was_updated(source: Source, fact: RegistryObserved, known: bool, differs: bool) -> bool:
    """Whether a field was decided on in this update, as far as anybody can tell."""
    named = fact.updated is not None and source in fact.updated
    return named or (known and differs)


def decision_of(state: ModelVersion, fact: RegistryObserved, source: Source, wanted: ModelStatus) -> Decision:
    """The decision that an update holds, with the person as far as anybody knows."""
    said = fact.life_cycle.description if source is Source.LIFE_CYCLE and fact.life_cycle else ""
    return Decision(
        fingerprint=fact.fingerprint,
        source=source,
        wanted=wanted,
        at=fact.effective_at,
        person=fact.changed_by or identified_as(state, fact),
        why=said or fact.why or fact.description,
    )


def identified_as(state: ModelVersion, fact: RegistryObserved) -> Person | None:
    """Whom CloudTrail named as the author of this change, if it told before the registry did."""
    for change in reversed(state.identified):
        if abs(change.at - fact.effective_at) <= SAME_CHANGE and agrees(change, fact.approval, fact.life_cycle):
            return change.person
    return None


def agrees(change: IdentifiedChange, approval: ApprovalStatus | None, life_cycle: LifeCycle | None) -> bool:
    """Whether a call that CloudTrail saw asked for just these decision fields."""
    asked_approval = change.approval is None or change.approval is approval
    asked_life_cycle = change.life_cycle is None or (
        life_cycle is not None
        and (change.life_cycle.stage, change.life_cycle.status) == (life_cycle.stage, life_cycle.status)
    )
    return asked_approval and asked_life_cycle and (change.approval or change.life_cycle) is not None


def move(state: ModelVersion, stage: Stage, decision: Decision) -> ModelVersion:
    """Put a decision to a stage. An approval waits for its verdict; everything stricter holds at once."""
    known = state.stage(stage)
    wanted = decision.wanted
    if wanted is ModelStatus.APPROVED and known.status is ModelStatus.APPROVED:
        return state.with_stage(stage, renewed_by=decision.fingerprint, renewed_at=decision.at)
    if wanted is not known.status and wanted not in MOVES[known.status]:
        noted = f"{stage}: {known.status} to {wanted}"
        return state.model_copy(update={"illegal_moves": (*state.illegal_moves, noted)})
    if wanted is ModelStatus.APPROVED:
        return state.with_stage(stage, decision=decision, verdict=None, renewed_by="")
    if wanted is known.status is ModelStatus.PENDING and known.decision is None:
        return state
    return state.with_stage(
        stage,
        status=wanted,
        decision=decision,
        verdict=None,
        renewed_by="",
        decided_by=decision.person,
        decided_at=decision.at,
        why=decision.why,
    )


def belongs(change: IdentifiedChange, decision: Decision) -> bool:
    """Whether an identified change is the one that made a decision."""
    near = abs(change.at - decision.at) <= SAME_CHANGE
    if decision.source is Source.APPROVAL:
        return near and change.approval is not None and APPROVAL_DECIDES[change.approval] is decision.wanted
    return near and change.life_cycle is not None and status_named(change.life_cycle.status) is decision.wanted
