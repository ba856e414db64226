"""Seal a version's artifacts: plan, copy each, and put the outcome on the record.

The three parts are tasks of a state machine, each safe to repeat: planning only reads, copying writes to a key made
of the content's own hash, and ending the sealing is one fact that is known the second time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.domain.artifacts import CopyOrder, Refusal, RefusalCode, SealedArtifact, SealingPlan, SourceForm
from governance.domain.errors import ArtifactRefused
from governance.domain.facts import AnyFact, ArtifactsSealed, SealingRefused
from governance.domain.identifiers import ModelPackageArn
from governance.domain.model_version import ModelVersion
from governance.domain.sealing import SealingStatus
from governance.ports.ledger import Ledger, Page
from governance.ports.vault import Vault
from governance.services.recording import Recording


@dataclass(frozen=True, slots=True)
class Sealing:
    """Bring a version's artifacts to safety in the hub."""

    ledger: Ledger
    vault: Vault
    recording: Recording
    now: Callable[[], datetime]

    def plan(self, version: ModelPackageArn, effect_id: str) -> SealingPlan:
        """What the sealing of this name still has to copy. One call. Raises `UnknownModelVersion`."""
        state = self.ledger.open(version).state_of(version)
        if state.sealing.effect_id != effect_id or state.sealing.status is not SealingStatus.REQUESTED:
            return SealingPlan()
        refusals = refused_beforehand(state)
        if refusals or not state.is_eligible:
            return SealingPlan(refusals=tuple(refusals))
        with_data = [container for container in state.containers if container.form is SourceForm.OBJECT]
        return SealingPlan(
            orders=tuple(CopyOrder(container=one, registered_at=state.model.created_at) for one in with_data)
        )

    def copy(self, order: CopyOrder) -> SealedArtifact | Refusal:
        """Copy one artifact, or say why it cannot be. Other failures are raised, for the state machine to retry."""
        try:
            return self.vault.seal(order.container, order.registered_at)
        except ArtifactRefused as refused:
            return Refusal(code=RefusalCode(refused.code), detail=refused.detail)

    def end(
        self,
        version: ModelPackageArn,
        effect_id: str,
        sealed: Sequence[SealedArtifact],
        refusals: Sequence[Refusal],
        correlation_id: str,
    ) -> ModelVersion | None:
        """Put the outcome on the record: sealed if nothing was refused. Two calls; known the second time."""
        return self.recording.learn(
            version, lambda page, now: self.outcome(page, effect_id, sealed, refusals, now), correlation_id
        )

    def outcome(
        self, page: Page, effect_id: str, sealed: Sequence[SealedArtifact], refusals: Sequence[Refusal], now: datetime
    ) -> Sequence[AnyFact]:
        """The fact that ends a sealing, unless it ended already or is no longer the one intended."""
        state = page.state
        if state is None or state.sealing.effect_id != effect_id or state.sealing.status is not SealingStatus.REQUESTED:
            return []
        at = max(now, state.sealing.requested_at or now)
        if refusals:
            return [
                SealingRefused(
                    model=state.model, effective_at=at, recorded_at=now, effect_id=effect_id, refusals=tuple(refusals)
                )
            ]
        return [
            ArtifactsSealed(
                model=state.model, effective_at=at, recorded_at=now, effect_id=effect_id, artifacts=tuple(sealed)
            )
        ]


def refused_beforehand(state: ModelVersion) -> list[Refusal]:
    """What can be refused without looking at any object."""
    if not any(container.source_uri for container in state.containers):
        return [Refusal(code=RefusalCode.ABSENT, detail="no container names any model data")]
    if len(state.containers) > 1:
        several = f"the package has {len(state.containers)} containers, and endpoints here serve one"
        return [Refusal(code=RefusalCode.SEVERAL, detail=several)]
    if state.containers[0].additional_sources:
        further = (
            "the container names additional model data, of which nothing would be sealed; register one model.tar.gz"
        )
        return [Refusal(code=RefusalCode.ADDITIONAL, detail=further)]
    return [
        Refusal(
            code=RefusalCode.PREFIX,
            detail=f"{container.source_uri} is a prefix of many objects; register one model.tar.gz",
        )
        for container in state.containers
        if container.form is SourceForm.PREFIX
    ]
