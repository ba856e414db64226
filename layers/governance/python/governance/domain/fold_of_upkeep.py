"""The part of the fold that is about the record itself: brought in later, adopted, found wanting, kept for longer."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

from governance.domain import upkeep as u
from governance.domain.identifiers import effect_id
from governance.domain.keeping import HoldOrder, Keeping, with_hold
from governance.domain.model_version import ModelVersion
from governance.domain.noticed import Gap


def version_backfilled(state: ModelVersion, _: u.VersionBackfilled) -> ModelVersion:
    """It was there before Steward was."""
    return state.model_copy(update={"backfilled": True})


def version_adopted(state: ModelVersion, fact: u.VersionAdopted) -> ModelVersion:
    """It is governed like any other. Who adopted it first stays on record."""
    return state.model_copy(update={"adopted_by": state.adopted_by or fact.person})


def gap_noticed(state: ModelVersion, fact: u.GapNoticed) -> ModelVersion:
    """Remember what no event had told, and whether one did later."""
    gap = Gap(since=fact.since, until=fact.until, accounted=fact.accounted, told_after_all=state.told_at == fact.until)
    return state.model_copy(update={"gaps": (*state.gaps, gap)})


def retention_requested(state: ModelVersion, fact: u.RetentionRequested) -> ModelVersion:
    """It is to be locked for longer."""
    if any(one.effect_id == fact.effect_id for one in state.keepings):
        return state
    told = fact.model_dump(include={"effect_id", "until", "cause"})
    keeping = Keeping(**told, what="retain", requested_at=fact.effective_at)
    return state.model_copy(update={"keepings": (*state.keepings, keeping)})


def retention_extended(state: ModelVersion, fact: u.RetentionExtended) -> ModelVersion:
    """Locked for longer; a lock never becomes shorter."""
    locked = state.model_copy(update={"retained_until": max(fact.until, state.retained_until or fact.until)})
    return ended(locked, fact.effect_id, outcome="done", objects=fact.objects, reason="")


def legal_hold_ordered(state: ModelVersion, fact: u.LegalHoldPlaced | u.LegalHoldLifted) -> ModelVersion:
    """Nothing of it may be deleted; or the retention alone holds again."""
    held = isinstance(fact, u.LegalHoldPlaced)
    order = HoldOrder(fingerprint=fact.fingerprint, held=held, person=fact.person, at=fact.effective_at, why=fact.why)
    state = state.model_copy(update={"legal_hold": held, "hold_order": order})
    return with_order(state, order, order.fingerprint, fact.effective_at)


def sealed_under_hold(state: ModelVersion, at: datetime) -> ModelVersion:
    """What is sealed while the version is held is to be held too."""
    order = state.hold_order
    if order is None or not order.held:
        return state
    return with_order(state, order, f"{order.fingerprint}/{state.sealing.effect_id}", at)


def with_order(state: ModelVersion, order: HoldOrder, cause: str, at: datetime) -> ModelVersion:
    """The hold is to be put on, or taken off, for a cause; what was ordered before is overtaken."""
    what: Literal["hold", "release"] = "hold" if order.held else "release"
    keeping = Keeping(effect_id=effect_id(what, state.model, cause), what=what, cause=cause, requested_at=at)
    return state.model_copy(update={"keepings": with_hold(state.keepings, keeping)})


def legal_hold_applied(state: ModelVersion, fact: u.LegalHoldApplied) -> ModelVersion:
    """What was ordered was done; and, told again, to what else that turned out to have been sealed by then."""

    def done(keeping: Keeping) -> Keeping:
        objects = tuple(dict.fromkeys((*keeping.objects, *fact.objects)))
        return keeping.model_copy(update={"outcome": "done", "objects": objects, "reason": ""})

    keepings = tuple(
        done(one) if one.effect_id == fact.effect_id and one.outcome != "overtaken" else one for one in state.keepings
    )
    return state.model_copy(update={"keepings": keepings})


def keeping_failed(state: ModelVersion, fact: u.KeepingFailed) -> ModelVersion:
    """What was intended could not be done, unless it was after all."""
    return ended(state, fact.effect_id, outcome="failed", reason=fact.reason)


def ended(state: ModelVersion, effect: str, **outcome: Any) -> ModelVersion:
    """The outcome of an effect. One that is over stays so; of one that nobody knows, nothing is said."""
    keepings = tuple(
        one.model_copy(update=outcome) if one.effect_id == effect and not one.is_over else one for one in state.keepings
    )
    return state.model_copy(update={"keepings": keepings})


OF_UPKEEP: Mapping[type[Any], Callable[[ModelVersion, Any], ModelVersion]] = {
    u.VersionBackfilled: version_backfilled,
    u.VersionAdopted: version_adopted,
    u.GapNoticed: gap_noticed,
    u.RetentionRequested: retention_requested,
    u.RetentionExtended: retention_extended,
    u.LegalHoldPlaced: legal_hold_ordered,
    u.LegalHoldLifted: legal_hold_ordered,
    u.LegalHoldApplied: legal_hold_applied,
    u.KeepingFailed: keeping_failed,
}
"""What each kind of fact about the record itself does to the state."""
