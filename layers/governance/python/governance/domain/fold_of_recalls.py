"""The part of the fold that is about what people take back: bars in a stage, quarantines, and what they make void."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from governance.domain import recalls as f
from governance.domain.deployment import LEFT_THERE, Deployment
from governance.domain.lifecycle import PRECEDING, DeploymentStatus, ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.noticed import Rollback
from governance.domain.recalls import Bar, Quarantine, Void

PRESENT = frozenset({DeploymentStatus.QUEUED, DeploymentStatus.DEPLOYING, DeploymentStatus.DEPLOYED})
"""Statuses of a deployment by which its version runs, or will."""


def rollback_ordered(state: ModelVersion, fact: f.RollbackOrdered) -> ModelVersion:
    """It may not run in the stage: the approval that it rested on counts no longer, nor does one of the last stage.

    What a version was approved for beyond the stage stays: it is taken back here alone. Where it is taken back in one
    environment alone, the approval stays too: it justifies nothing there any more.
    """
    told = {"person": fact.person, "at": fact.effective_at, "why": fact.why}
    deployment = state.deployments.get(fact.deployment_id)
    before = deployment.basis if deployment else PRECEDING.get(fact.stage)
    basis = state.stage(before).basis if before and fact.alone else ""
    bar = Bar(fingerprint=fact.fingerprint, deployment_id=fact.deployment_id, basis=basis, **told)
    state = state.with_at(fact.stage, deployment.environment if deployment else "", bar=bar)
    if fact.alone:
        return state
    void = {"by": "roll-back", "stage": fact.stage, **told, "person": fact.person.id}
    stages = [before, fact.stage if fact.stage is Stage.PRODUCTION else None]
    for stage in filter(None, stages):
        state = without_approval(state, stage, void)
    return state


def version_quarantined(state: ModelVersion, fact: f.VersionQuarantined) -> ModelVersion:
    """It may run nowhere. An order while another holds changes nothing: the first counts, and its time to safe."""
    if state.is_quarantined:
        return state
    told = {"person": fact.person, "at": fact.effective_at, "why": fact.why}
    return state.model_copy(update={"quarantine": Quarantine(fingerprint=fact.fingerprint, **told)})


def version_released(state: ModelVersion, fact: f.VersionReleased) -> ModelVersion:
    """It is blocked no more. What was approved, said or wished before does not count."""
    if state.quarantine is None or not state.quarantine.is_open:
        return state
    ended = {"released_by": fact.person, "released_at": fact.effective_at, "release_why": fact.why}
    return state.model_copy(update={"quarantine": state.quarantine.model_copy(update=ended)})


def quarantine_completed(state: ModelVersion, fact: f.QuarantineCompleted) -> ModelVersion:
    """Nothing of it runs any more."""
    known = state.quarantine
    if known is None or known.fingerprint != fact.quarantine or known.safe_at:
        return state
    return state.model_copy(update={"quarantine": known.model_copy(update={"safe_at": fact.effective_at})})


def kept_in_quarantine(state: ModelVersion) -> ModelVersion:
    """The state after any fact, as a quarantine leaves it: nothing is approved, nobody's word waits to count.

    Where something of it turns out to run after all, it is not safe yet.
    """
    known = state.quarantine
    if known is None or not known.is_open:
        return state
    void = {"by": "quarantine", "person": known.person.id, "at": known.at, "why": known.why}
    for stage in state.stages:
        state = without_approval(state, stage, void)
    if any(not one.decision and not one.void for one in state.sign_offs):
        signed = tuple(one if one.decision else one.model_copy(update={"void": True}) for one in state.sign_offs)
        state = state.model_copy(update={"sign_offs": signed})
    if known.safe_at and any(exposed(state)):
        state = state.model_copy(update={"quarantine": known.model_copy(update={"safe_at": None})})
    return state


def without_approval(state: ModelVersion, stage: Stage, void: Mapping[str, Any]) -> ModelVersion:
    """The state in which an approval of a stage counts no longer, and none is asked for."""
    known = state.stage(stage)
    if known.wish and known.wish.wanted is ModelStatus.APPROVED:
        state = state.with_stage(stage, wish=None)
    if known.status is not ModelStatus.APPROVED or known.decision is None:
        return state
    return state.with_stage(
        stage,
        status=ModelStatus.PENDING,
        glass=known.glass and known.glass.put_out(),
        void=Void(decision=known.decision.fingerprint, **void),
    )


def exposed(state: ModelVersion) -> Iterator[Deployment]:
    """The deployments by which a version runs, or will, as far as anybody knows; and those being taken back."""
    brought = (one for one in state.deployments.values() if not one.removes)
    return (one for one in brought if is_exposed(one, state.rollback_of(one.id)))


def is_exposed(deployment: Deployment, taken: Rollback | None) -> bool:
    """Whether the version runs by a deployment, or may: what was to be taken back is so until that has ended well.

    What was not taken back after all, since it was approved anew meanwhile, is as if nobody had asked.
    """
    if taken is None or taken.outcome == "overtaken":
        return deployment.status in PRESENT
    left = taken.outcome == "nothing-to-return-to" and deployment.status in PRESENT | LEFT_THERE
    return not taken.outcome or left


OF_RECALLS: Mapping[type[Any], Callable[[ModelVersion, Any], ModelVersion]] = {
    f.RollbackOrdered: rollback_ordered,
    f.VersionQuarantined: version_quarantined,
    f.VersionReleased: version_released,
    f.QuarantineCompleted: quarantine_completed,
}
"""What each kind of fact about what people take back does to the state."""
