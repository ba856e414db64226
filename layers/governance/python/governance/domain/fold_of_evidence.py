"""The part of the fold that is about evidence: named, fetched, refused, grown old."""

from collections.abc import Callable, Mapping
from typing import Any

from governance.domain import evidence_facts as f
from governance.domain.evidence import Piece, evidence_digest
from governance.domain.lifecycle import ModelStatus
from governance.domain.model_version import ModelVersion, StageState


def evidence_requested(state: ModelVersion, fact: f.EvidenceRequested) -> ModelVersion:
    """It is to be fetched."""
    if any(piece.effect_id == fact.effect_id for piece in state.pieces):
        return state
    piece = Piece(
        effect_id=fact.effect_id,
        kind=fact.evidence,
        uri=fact.uri,
        claimed=fact.claimed,
        source=fact.source,
        specification=fact.specification,
        requested_at=fact.effective_at,
        not_before=fact.not_before,
    )
    return state.model_copy(update={"pieces": (*state.pieces, piece)})


def evidence_collected(state: ModelVersion, fact: f.EvidenceCollected) -> ModelVersion:
    """It is there. Who signed before it came signed for something else."""
    told = fact.model_dump(include={"sha256", "size", "dated_at", "left_out", "problem", "seen_before", "expires_at"})
    after = with_piece(state, fact.effect_id, status="collected", stored=fact.stored, values=fact.values, **told)
    return without_signatures_for(after, evidence_digest(state.pieces, state.specification))


def evidence_refused(state: ModelVersion, fact: f.EvidenceRefused) -> ModelVersion:
    """It is not there, and why."""
    return with_piece(state, fact.effect_id, status="refused", problem=fact.reason)


def evidence_aged(state: ModelVersion, fact: f.EvidenceAged) -> ModelVersion:
    """It is old, or soon will be; or not yet after all."""
    before = evidence_digest(state.pieces, state.specification)
    aged: dict[str, Any] = {"warned": fact.standing != "current", "expires_at": fact.expires_at}
    if fact.standing == "expired":
        aged["status"] = "expired"
    return without_signatures_for(with_piece(state, fact.effect_id, **aged), before)


def with_piece(state: ModelVersion, effect: str, **changes: Any) -> ModelVersion:
    """The state with something changed of one piece; of one that nobody named, nothing is said."""
    pieces = tuple(one.model_copy(update=changes) if one.effect_id == effect else one for one in state.pieces)
    return state.model_copy(update={"pieces": pieces})


def without_signatures_for(state: ModelVersion, before: str) -> ModelVersion:
    """Make void what was signed for other evidence than there is now, and has not counted yet. A rejection stands."""
    if evidence_digest(state.pieces, state.specification) == before:
        return state
    signed = tuple(
        one if one.decision and state.stage(one.stage).rounds >= one.round else one.model_copy(update={"void": True})
        for one in state.sign_offs
    )
    stages = {stage: without_a_wish_to_approve(known) for stage, known in state.stages.items()}
    return state.model_copy(update={"sign_offs": signed, "stages": stages})


def without_a_wish_to_approve(known: StageState) -> StageState:
    """The stage without what somebody asked for on the evidence that there was."""
    approves = known.wish is not None and known.wish.wanted is ModelStatus.APPROVED
    return known.model_copy(update={"wish": None}) if approves else known


OF_EVIDENCE: Mapping[type[Any], Callable[[ModelVersion, Any], ModelVersion]] = {
    f.EvidenceRequested: evidence_requested,
    f.EvidenceCollected: evidence_collected,
    f.EvidenceRefused: evidence_refused,
    f.EvidenceAged: evidence_aged,
}
"""What each kind of fact about evidence does to the state."""
