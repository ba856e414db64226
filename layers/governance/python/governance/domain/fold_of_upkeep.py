"""The part of the fold that is about the record itself: brought in later, adopted, found wanting, kept for longer."""

from collections.abc import Callable, Mapping
from typing import Any

from governance.domain import upkeep as u
from governance.domain.model_version import Gap, ModelVersion


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


def endpoint_compared(state: ModelVersion, fact: u.EndpointCompared) -> ModelVersion:
    """In what its endpoint contradicts the record."""
    return state.with_stage(fact.stage, endpoint_difference=fact.difference)


def retention_extended(state: ModelVersion, fact: u.RetentionExtended) -> ModelVersion:
    """Locked for longer; a lock never becomes shorter."""
    return state.model_copy(update={"retained_until": max(fact.until, state.retained_until or fact.until)})


def legal_hold_placed(state: ModelVersion, _: u.LegalHoldPlaced) -> ModelVersion:
    """Nothing of it may be deleted."""
    return state.model_copy(update={"legal_hold": True})


def legal_hold_lifted(state: ModelVersion, _: u.LegalHoldLifted) -> ModelVersion:
    """The retention alone holds again."""
    return state.model_copy(update={"legal_hold": False})


OF_UPKEEP: Mapping[type[Any], Callable[[ModelVersion, Any], ModelVersion]] = {
    u.VersionBackfilled: version_backfilled,
    u.VersionAdopted: version_adopted,
    u.GapNoticed: gap_noticed,
    u.EndpointCompared: endpoint_compared,
    u.RetentionExtended: retention_extended,
    u.LegalHoldPlaced: legal_hold_placed,
    u.LegalHoldLifted: legal_hold_lifted,
}
"""What each kind of fact about the record itself does to the state."""
