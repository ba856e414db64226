"""What somebody should have seen to by some moment: when that is, and what it means that it went by.

Pure: a state and a moment in, facts out. What is due is in the state, so that the versions on which something is due
are found by an index, whatever the size of the fleet.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from governance.domain.collecting import expiry
from governance.domain.evidence import Piece, is_outdone
from governance.domain.evidence_facts import EvidenceAged
from governance.domain.facts import AnyFact
from governance.domain.model_version import ModelVersion
from governance.domain.moments import last_moment
from governance.domain.published import PublishedPolicy
from governance.domain.reviewing import DeadlinePassed, Glass, ReviewFinding
from governance.domain.values import Instant

WARNING = timedelta(days=14)
"""How long before evidence expires somebody is told."""


def next_due(state: ModelVersion) -> datetime | None:
    """The first moment at which something of a version is to be looked at; None where nothing ever is."""
    if state.is_dormant:
        return None
    moments = [
        *(due for piece in state.pieces if (due := due_of_evidence(piece, state))),
        *(known.due for known in state.reviews.values() if known.due and not known.overdue),
        *(due for known in state.stages.values() for _, due in due_of_glass(known.glass)),
    ]
    return min(moments, default=None)


def due_of_evidence(piece: Piece, state: ModelVersion) -> datetime | None:
    """When a piece is to be looked at: some days before it expires, and when it does; not while a younger counts."""
    if not piece.counts or piece.expires_at is None or is_outdone(piece, state.pieces):
        return None
    return piece.expires_at if piece.warned else piece.expires_at - WARNING


def due_of_glass(glass: Glass | None) -> Iterator[tuple[str, datetime]]:
    """When an emergency approval ends that nobody has reviewed, and when its review is overdue."""
    if glass is None or glass.reviewed_by:
        return
    if not glass.ended:
        yield "emergency", glass.until
    if not glass.overdue:
        yield "review", glass.review_by


def gone_by(state: ModelVersion, policy: PublishedPolicy, now: datetime) -> Sequence[AnyFact]:
    """Everything that went by unseen until now, as facts that follow one another."""
    if state.is_dormant:
        return []
    found: list[EvidenceAged | DeadlinePassed] = [*emergencies(state, now), *reviews(state, now)]
    found += evidence(state, policy, now)
    first = max(now, last_moment(state) + timedelta(microseconds=1))
    return [
        fact.model_copy(update={"effective_at": first + timedelta(microseconds=number)})
        for number, fact in enumerate(found)
    ]


def emergencies(state: ModelVersion, now: datetime) -> Iterator[DeadlinePassed]:
    """Emergency approvals that end, and reviews that did not come."""
    for known in state.stages.values():
        for what, due in due_of_glass(known.glass):
            if known.glass and due <= now:
                yield passed(state, what, known.glass.fingerprint, due, now)


def reviews(state: ModelVersion, now: datetime) -> Iterator[DeadlinePassed]:
    """Findings that nobody answered in time."""
    for known in state.reviews.values():
        if is_overdue(known, now) and known.due:
            yield passed(state, "finding", known.id, known.due, now)


def is_overdue(known: ReviewFinding, now: datetime) -> bool:
    """Whether a finding should have been answered, and nobody has noted that yet."""
    return known.due is not None and known.due <= now and not known.overdue


def passed(state: ModelVersion, what: str, subject: str, due: Instant, now: datetime) -> DeadlinePassed:
    """That a moment went by."""
    told = {"model": state.model, "effective_at": now, "recorded_at": now}
    return DeadlinePassed.model_validate({**told, "what": what, "subject": subject, "due": due})


def evidence(state: ModelVersion, policy: PublishedPolicy, now: datetime) -> Iterator[EvidenceAged]:
    """Evidence that is too old by the policy in force, or soon will be; or is not any more, since that was changed."""
    for piece in state.pieces:
        due = due_of_evidence(piece, state)
        if due is None or due > now:
            continue
        ends = expiry(policy.document, state, piece.kind, piece.dated_at or piece.requested_at)
        standing = "current" if ends is None or ends - WARNING > now else "expired" if ends <= now else "expiring"
        told = {"model": state.model, "effective_at": now, "recorded_at": now, "effect_id": piece.effect_id}
        yield EvidenceAged.model_validate({**told, "standing": standing, "expires_at": ends, "policy": policy.id})
