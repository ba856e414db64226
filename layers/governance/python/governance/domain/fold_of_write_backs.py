"""The part of the fold that is about what Steward writes to the registry, and knowing its own echo."""

from collections.abc import Callable, Mapping
from typing import Any

from governance.domain import writing_back as f
from governance.domain.deciding import SAME_CHANGE
from governance.domain.decision import Decision
from governance.domain.lifecycle import Stage
from governance.domain.model_version import ModelVersion, StageState

SHARED = frozenset(f.WriteBackRequested.model_fields) & frozenset(f.WriteBack.model_fields)
"""What the record remembers of an intent."""


def write_back_requested(state: ModelVersion, fact: f.WriteBackRequested) -> ModelVersion:
    """It is to be written; what was asked for is intended now."""
    if any(one.effect_id == fact.effect_id for one in state.write_backs):
        return state
    told = {name: getattr(fact, name) for name in SHARED}
    intended = f.WriteBack(**told, requested_at=fact.effective_at, asked_at=fact.recorded_at)
    state = state.model_copy(update={"write_backs": (*state.write_backs, intended)})
    wish = state.stage(fact.stage).wish
    if wish and wish.cause == fact.cause:
        state = state.with_stage(fact.stage, wish=None)
    return recognised(state)


def write_back_finished(state: ModelVersion, fact: f.WriteBackFinished) -> ModelVersion:
    """How it ended. What was overtaken stays so; what failed may be written after all."""

    def ended(one: f.WriteBack) -> f.WriteBack:
        if one.effect_id != fact.effect_id or one.outcome in {"written", "overtaken"}:
            return one
        return one.model_copy(update={"outcome": fact.outcome, "reason": fact.reason})

    return recognised(state.model_copy(update={"write_backs": tuple(ended(one) for one in state.write_backs)}))


def recognised(state: ModelVersion) -> ModelVersion:
    """Credit every decision that is the echo of a write-back to the person in whose name it was written.

    What Steward's role wrote without an intent stays its own: nobody who may decide, so it does not count.
    """
    for stage, known in state.stages.items():
        decision = known.decision
        if decision is None or decision.write_back:
            continue
        intent = intent_of(state, stage, decision)
        if intent is None:
            continue
        echo = {"person": intent.person, "write_back": intent.effect_id, "reverts": intent.purpose == "revert"}
        changes: dict[str, Any] = {"decision": decision.model_copy(update=echo)}
        if not known.awaits_verdict:
            changes["decided_by"] = intent.person
        seen = intent.model_copy(update={"echoed_at": decision.at})
        write_backs = tuple(seen if one.effect_id == seen.effect_id else one for one in state.write_backs)
        state = state.with_stage(stage, **changes).model_copy(update={"write_backs": write_backs})
    return state


def with_overwritten(state: ModelVersion, before: ModelVersion) -> ModelVersion:
    """Remember whose decision an echo came over that its intent had not seen, until the stage is decided anew.

    The registry knows no conditional update: somebody may decide between Steward's last look and its write.
    """
    for stage, known in state.stages.items():
        decision, earlier = known.decision, before.stage(stage)
        if decision is None or decision == earlier.decision:
            continue
        intent = state.write_back(decision.write_back)
        unseen = earlier.decision if intent and is_unseen(intent, earlier) else None
        if unseen != known.overwritten:
            state = state.with_stage(stage, overwritten=unseen)
    return state


def is_unseen(written: f.WriteBack, known: StageState) -> bool:
    """Whether a write-back undoes what somebody else decided in its field after the change that it was intended on.

    What did not count anyway, as an approval that was refused, is not undone.
    """
    decision = known.decision
    if decision is None or decision.write_back or written.seen_at is None or decision.at <= written.seen_at:
        return False
    counts = known.awaits_verdict or decision.wanted is known.status
    return counts and decision.source == written.field and decision.wanted is not written.wanted


def intent_of(state: ModelVersion, stage: Stage, decision: Decision) -> f.WriteBack | None:
    """The write-back that a decision is the echo of: for that stage and status, not before it, and by its hand."""
    return next(
        (
            one
            for one in state.write_backs
            if one.echoed_at is None
            and one.outcome != "overtaken"
            and (one.stage, one.field, one.wanted) == (stage, decision.source, decision.wanted)
            and decision.at >= min(one.requested_at, one.asked_at) - SAME_CHANGE
            and is_by_its_hand(one, decision)
        ),
        None,
    )


def is_by_its_hand(written: f.WriteBack, decision: Decision) -> bool:
    """Whether a decision was made by the role that writes; where nobody can tell who made it, in its very words.

    The words count only for what is known to have been written: then the event was lost, or the registry was changed
    again before anybody could ask.
    """
    if decision.person is not None:
        return decision.person.arn == written.writer
    return written.outcome == "written" and bool(written.description) and decision.why == written.description


OF_WRITE_BACKS: Mapping[type[Any], Callable[[ModelVersion, Any], ModelVersion]] = {
    f.WriteBackRequested: write_back_requested,
    f.WriteBackFinished: write_back_finished,
}
"""What each kind of fact about write-backs does to the state."""
