"""Collect evidence: fetch what was named, keep it beside the sealed artifacts, put on record what it says.

Whatever the event, what is done follows from the record as it is by then. Done twice, the second time finds the bytes
kept and the outcome known: bytes are kept under their own hash, and a piece has one outcome.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.domain.collecting import Told, expiry, told_by
from governance.domain.errors import EvidenceNotTaken, PackageNotFound
from governance.domain.evidence import CARD, Piece
from governance.domain.evidence_facts import EvidenceCollected, EvidenceRefused
from governance.domain.facts import AnyFact
from governance.domain.identifiers import ModelPackageArn
from governance.domain.model_version import ModelVersion
from governance.domain.values import iso, whole_second
from governance.ports.evidence import Document, EvidenceVault, Kept
from governance.ports.ledger import Ledger, Page
from governance.ports.registry import Registry
from governance.services.recording import Recording


@dataclass(frozen=True, slots=True)
class CollectingEvidence:
    """Bring evidence to safety in the hub, and read it."""

    ledger: Ledger
    recording: Recording
    vault: EvidenceVault
    registry: Registry

    def collect(self, version: ModelPackageArn, effect_id: str, correlation_id: str) -> ModelVersion | None:
        """Collect one piece, unless that is over or nobody asks for it any more. Four calls; one if it is over.

        What cannot be taken is put on record with the reason. Other failures are raised, for trying again may help.
        Raises `UnknownModelVersion`.
        """
        state = self.ledger.open(version).state_of(version)
        piece = requested(state, effect_id)
        if piece is None or state.is_dormant:
            return None
        try:
            document = self.document(state, piece)
            kept = self.vault.keep(document.content, piece.uri, version)
        except EvidenceNotTaken as refused:
            reason = str(refused)[:1000]
            return self.recording.learn(
                version, lambda page, now: outcome(page, effect_id, now, reason=reason), correlation_id
            )
        found = {"stored": kept.stored, "sha256": sha256_of(document), "size": len(document.content)}
        found |= {"seen_before": seen_before(kept, version, document)}
        return self.recording.learn(
            version, lambda page, now: self.collected(page, effect_id, document, found, now), correlation_id
        )

    def document(self, state: ModelVersion, piece: Piece) -> Document:
        """The document, with the hash that was claimed for it. Raises `EvidenceNotTaken`."""
        is_card = piece.uri == f"{state.model.arn}{CARD}"
        document = self.card(state, piece) if is_card else self.vault.fetch(piece.uri)
        if piece.claimed and sha256_of(document) != piece.claimed.lower():
            found = f"its SHA-256 is {sha256_of(document)}, and {piece.claimed[:64]} was claimed for it"
            raise EvidenceNotTaken(f"{piece.uri} is not what was named: {found}")
        return document

    def card(self, state: ModelVersion, piece: Piece) -> Document:
        """The model card that lies in the package itself. Nothing tells from when it is but its being named."""
        try:
            content = self.registry.describe(state.model.arn).card
        except PackageNotFound as gone:
            raise EvidenceNotTaken("the registry has no such package any more") from gone
        return Document(content=content.encode(), dated_at=piece.dated_at or piece.requested_at)

    def collected(
        self, page: Page, effect_id: str, document: Document, found: dict[str, object], now: datetime
    ) -> Sequence[AnyFact]:
        """That a piece is there, and what it says by the policy in force."""
        piece = requested(page.state, effect_id) if page.state else None
        if page.state is None or piece is None:
            return []
        policy = self.recording.terms(page, page.state.model.arn).policy.document
        about = (document.about,) if document.about else ()
        told = told_by(document.content, piece.kind, page.state.model.arn, policy, about)
        if piece.not_before and document.dated_at < whole_second(piece.not_before):
            told = Told(
                problem=f"it was written before {iso(piece.not_before)}, when what the version runs was changed"
            )
        ends = expiry(policy, page.state, piece.kind, document.dated_at)
        said = {**told.model_dump(), "dated_at": document.dated_at, "expires_at": ends}
        return outcome(page, effect_id, now, **found, **said)


def seen_before(kept: Kept, version: ModelPackageArn, document: Document) -> str:
    """What the same bytes were evidence for before, which no age tells; empty where they were not.

    Bytes that were kept for this version earlier than they say they were written were written anew since.
    """
    if kept.first_for and kept.first_for != version:
        return f"the same bytes speak for {kept.first_for}" + (f" since {iso(kept.since)}" if kept.since else "")
    is_copy = kept.since is not None and kept.since < document.dated_at
    return f"the same bytes were kept at {iso(kept.since)} already" if is_copy and kept.since else ""


def requested(state: ModelVersion, effect_id: str) -> Piece | None:
    """The piece of that name, if it is still to be collected."""
    return next((one for one in state.pieces if one.effect_id == effect_id and one.status == "requested"), None)


def outcome(page: Page, effect_id: str, now: datetime, **told: object) -> Sequence[AnyFact]:
    """The fact that ends the collecting of a piece, unless it ended already."""
    piece = requested(page.state, effect_id) if page.state else None
    if page.state is None or piece is None:
        return []
    common = {"model": page.state.model, "effective_at": max(now, piece.requested_at), "recorded_at": now}
    kind = EvidenceRefused if "reason" in told else EvidenceCollected
    return [kind.model_validate({**common, "effect_id": effect_id, **told})]


def sha256_of(document: Document) -> str:
    """The SHA-256 of a document's bytes."""
    return hashlib.sha256(document.content).hexdigest()
