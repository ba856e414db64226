"""Seal a version's artifacts: plan, copy each, and put the outcome on the record.

What is too much for one copy is left to `sealing_in_pieces`, and its outcome put on the record here.

The three parts are tasks of a state machine, each safe to repeat: planning claims the effect for its execution and then
only reads, copying writes to a key made of the content's own hash, and ending the sealing is one fact that is known the
second time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.domain.artifacts import CopyOrder, Refusal, RefusalCode, SealedArtifact, SealingPlan, orders_of
from governance.domain.errors import ArtifactRefused
from governance.domain.facts import AnyFact, ArtifactsSealed, SealingRefused
from governance.domain.identifiers import ModelPackageArn
from governance.domain.images import SealedImage
from governance.domain.model_version import ModelVersion
from governance.domain.sealing import SealingStatus
from governance.ports.ledger import Ledger, Page
from governance.ports.vault import Vault
from governance.services.claiming_sealings import ClaimingSealings
from governance.services.looking_up_images import LookingUpImages
from governance.services.recording import Recording


@dataclass(frozen=True, slots=True)
class Sealing:
    """Bring a version's artifacts to safety in the hub."""

    ledger: Ledger
    vault: Vault
    recording: Recording
    images: LookingUpImages
    claims: ClaimingSealings
    now: Callable[[], datetime]

    def plan(self, version: ModelPackageArn, effect_id: str, execution: str) -> SealingPlan:
        """What the sealing of this name still has to copy, if its images are where they should be.

        Nothing while another execution is at it; one that began under an earlier release, and says no name, claims
        nothing. Two calls, up to five where another one was, and one for each image. Raises `UnknownModelVersion`.
        """
        state = self.ledger.open(version).state_of(version)
        if state.sealing.effect_id != effect_id or state.sealing.status is not SealingStatus.REQUESTED:
            return SealingPlan()
        if execution and not self.claims.claim(effect_id, execution):
            return SealingPlan(is_under_way=True)
        refusals = refused_beforehand(state)
        if refusals or not state.is_eligible:
            return SealingPlan(refusals=tuple(refusals))
        images, missing = self.images.look(state.containers)
        if missing:
            return SealingPlan(refusals=missing)
        at = state.model.created_at
        orders = tuple(order for one in state.containers for order in orders_of(one, at))
        return SealingPlan(orders=orders, images=images)

    def copy(self, order: CopyOrder) -> SealedArtifact | Refusal | None:
        """Copy one artifact, or say why it cannot be; None for one that is to be sealed in pieces.

        Other failures are raised, for the state machine to retry.
        """
        try:
            sealed = self.vault.seal(order.container, order.registered_at)
            return sealed.model_copy(update={"channel": order.channel}) if sealed else None
        except ArtifactRefused as refused:
            return Refusal(code=RefusalCode(refused.code), detail=refused.detail)

    def end(
        self,
        version: ModelPackageArn,
        effect_id: str,
        sealed: Sequence[SealedArtifact],
        refusals: Sequence[Refusal],
        correlation_id: str,
        images: Sequence[SealedImage] = (),
    ) -> ModelVersion | None:
        """Put the outcome on the record: sealed if nothing was refused. Two calls; known the second time."""
        return self.recording.learn(
            version, lambda page, now: self.outcome(page, effect_id, sealed, refusals, images, now), correlation_id
        )

    def outcome(
        self,
        page: Page,
        effect_id: str,
        sealed: Sequence[SealedArtifact],
        refusals: Sequence[Refusal],
        images: Sequence[SealedImage],
        now: datetime,
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
                model=state.model,
                effective_at=at,
                recorded_at=now,
                effect_id=effect_id,
                artifacts=tuple(sealed),
                images=tuple(images),
            )
        ]


def refused_beforehand(state: ModelVersion) -> list[Refusal]:
    """What can be refused without looking at any object."""
    if not any(container.source_uri for container in state.containers):
        return [Refusal(code=RefusalCode.ABSENT, detail="no container names any model data")]
    return [
        Refusal(
            code=RefusalCode.ADDITIONAL,
            detail=f"container {one.index} names {one.additional_sources} further sources, not all of them readable",
        )
        for one in state.containers
        if one.additional_sources != len([further for further in one.further if further.uri])
    ]
