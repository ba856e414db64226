"""The fold: facts in, the state of a version out. The same facts in any order and any number give the same state.

It only ever looks at facts. It never evaluates a policy, reads a clock or starts anything; what follows from a
state is concluded in `domain.conclusions`, and becomes facts again.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from governance.domain import facts as f
from governance.domain.concerns import concerns
from governance.domain.deployment import Deployment, requested
from governance.domain.findings import review
from governance.domain.identifiers import Person
from governance.domain.lifecycle import (
    APPROVAL_DECIDES,
    FOLLOWING,
    MOVES,
    UNDECIDED_STAGES,
    ApprovalStatus,
    DeploymentStatus,
    LifeCycle,
    ModelStatus,
    Stage,
    plain,
    stage_named,
    status_named,
)
from governance.domain.model_version import (
    Decision,
    IdentifiedChange,
    ModelVersion,
    Sealing,
    SealingStatus,
    Source,
    StageState,
)

FOLD_VERSION = 1
"""Raised whenever the same facts would give another state; heads of an older fold are rebuilt."""

SAME_CHANGE = timedelta(seconds=2)
"""How far CloudTrail's `eventTime` and the registry's `LastModifiedTime` of one call may lie apart."""


def fold(history: Iterable[f.AnyFact]) -> ModelVersion:
    """The state that all facts of one version give. Raises `ValueError` when there is none."""
    distinct = {fact.fingerprint: fact for fact in history}
    state: ModelVersion | None = None
    for fact in sorted(distinct.values(), key=lambda fact: fact.position):
        state = apply(state or ModelVersion(model=fact.model), fact)
    if state is None:
        raise ValueError("a version without facts has no state")
    return state


def is_late(state: ModelVersion, fact: f.AnyFact) -> bool:
    """Whether a fact belongs before what was folded already, so that everything must be folded again."""
    return fact.position <= state.position


def apply(state: ModelVersion, fact: f.AnyFact) -> ModelVersion:
    """The state after one more fact, which must not be late."""
    after = APPLY[type(fact)](state, fact)
    after = after.model_copy(update={"position": fact.position, "facts": state.facts + 1})
    reviewed = review(dict(after.findings), concerns(after), fact.effective_at)
    return after.model_copy(update={"findings": reviewed})


def registry_observed(state: ModelVersion, fact: f.RegistryObserved) -> ModelVersion:
    """Take over what the registry says, then see what was decided by it."""
    creation = fact.is_creation and not state.born and not state.specification
    changed_specification = bool(state.specification) and state.specification != fact.specification
    known = state.model_copy(
        update={
            "package_status": fact.package_status,
            "registration": fact.registration or state.registration,
            "registered_by": state.registered_by or fact.registered_by,
            "approval": fact.approval,
            "was_approved": state.was_approved or (fact.approval is ApprovalStatus.APPROVED and not creation),
            "life_cycle": fact.life_cycle,
            "changed_at": fact.effective_at,
            "description": fact.why or fact.description,
            "specification": fact.specification,
            "missing": False,
            "born": state.born or creation,
            "containers": fact.containers or state.containers,
            "properties": fact.properties or state.properties,
            "evidence": fact.evidence or state.evidence,
            "group": fact.group or state.group,
        }
    )
    if creation:
        return known.model_copy(update={"born_deciding": decides_at_birth(fact)})
    if changed_specification:
        known = void_decisions(known)
    return decide(known, state, fact)


def decides_at_birth(fact: f.RegistryObserved) -> bool:
    """Whether a registration carries a decision. Creation is never a decision, so it becomes a finding."""
    status = status_named(fact.life_cycle.status) if fact.life_cycle else None
    return fact.approval in {ApprovalStatus.APPROVED, ApprovalStatus.REJECTED} or status in {
        ModelStatus.APPROVED,
        ModelStatus.REJECTED,
        ModelStatus.RETIRED,
    }


def void_decisions(state: ModelVersion) -> ModelVersion:
    """What was approved and sealed is no longer what the registry holds: everything is undecided again."""
    stages = {
        stage: known.model_copy(update={"status": ModelStatus.PENDING, "decision": None, "verdict": None})
        for stage, known in state.stages.items()
    }
    return state.model_copy(update={"stages": stages, "sealing": Sealing(), "specification_changed": True})


def decide(state: ModelVersion, before: ModelVersion, fact: f.RegistryObserved) -> ModelVersion:
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


def was_updated(source: Source, fact: f.RegistryObserved, known: bool, differs: bool) -> bool:
    """Whether a field was decided on in this update, as far as anybody can tell."""
    named = fact.updated is not None and source in fact.updated
    return named or (known and differs)


def decision_of(state: ModelVersion, fact: f.RegistryObserved, source: Source, wanted: ModelStatus) -> Decision:
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


def identified_as(state: ModelVersion, fact: f.RegistryObserved) -> Person | None:
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


def package_missing(state: ModelVersion, _: f.PackageMissing) -> ModelVersion:
    """The registry no longer has it."""
    return state.model_copy(update={"missing": True})


def identity_reused(state: ModelVersion, fact: f.IdentityReused) -> ModelVersion:
    """Somebody else now goes by this name."""
    return state.model_copy(update={"reused": (*state.reused, fact.other_created_at)})


def approver_identified(state: ModelVersion, fact: f.ApproverIdentified) -> ModelVersion:
    """Credit the person to decisions of that change whose author nobody knew."""
    change = IdentifiedChange(
        at=fact.effective_at, person=fact.person, approval=fact.approval, life_cycle=fact.life_cycle
    )
    state = state.model_copy(update={"identified": (*state.identified, change)})
    for stage, known in state.stages.items():
        if known.decision and known.decision.person is None and belongs(change, known.decision):
            credited = known.decision.model_copy(update={"person": fact.person})
            decided = {} if known.awaits_verdict else {"decided_by": fact.person}
            state = state.with_stage(stage, decision=credited, **decided)
    return state


def belongs(change: IdentifiedChange, decision: Decision) -> bool:
    """Whether an identified change is the one that made a decision."""
    near = abs(change.at - decision.at) <= SAME_CHANGE
    if decision.source is Source.APPROVAL:
        return near and change.approval is not None and APPROVAL_DECIDES[change.approval] is decision.wanted
    return near and change.life_cycle is not None and status_named(change.life_cycle.status) is decision.wanted


def group_observed(state: ModelVersion, fact: f.GroupObserved) -> ModelVersion:
    """Know who answers for the group."""
    return state.model_copy(update={"group": fact.group})


def verdict_given(state: ModelVersion, fact: f.VerdictGiven) -> ModelVersion:
    """Let an approval count, if it is still the decision in force and the policy passed it."""
    known = state.stage(fact.stage)
    if known.decision is None or known.decision.fingerprint != fact.decision or known.verdict is not None:
        return state
    if not fact.passed:
        return state.with_stage(fact.stage, verdict=fact)
    state = state.with_stage(
        fact.stage,
        verdict=fact,
        status=ModelStatus.APPROVED,
        decided_by=fact.approver,
        decided_at=known.decision.at,
        why=known.decision.why,
    )
    following = FOLLOWING.get(fact.stage)
    if following:
        state = state.with_stage(following)
    if fact.stage is Stage.DEVELOPMENT:
        state = state.model_copy(update={"specification_changed": False})
    return state


def sealing_requested(state: ModelVersion, fact: f.SealingRequested) -> ModelVersion:
    """Sealing is intended."""
    sealing = Sealing(
        status=SealingStatus.REQUESTED,
        effect_id=fact.effect_id,
        cause=fact.cause,
        requested_at=fact.effective_at,
    )
    return state.model_copy(update={"sealing": sealing})


def artifacts_sealed(state: ModelVersion, fact: f.ArtifactsSealed) -> ModelVersion:
    """Sealed, if it is the sealing now intended."""
    return end_sealing(state, fact.effect_id, status=SealingStatus.SEALED, artifacts=fact.artifacts)


def sealing_refused(state: ModelVersion, fact: f.SealingRefused) -> ModelVersion:
    """Not sealed, and why."""
    approval = state.stage(Stage.DEVELOPMENT).basis
    return end_sealing(
        state, fact.effect_id, status=SealingStatus.REFUSED, refusals=fact.refusals, approval_then=approval
    )


def end_sealing(state: ModelVersion, effect: str, **outcome: Any) -> ModelVersion:
    """The outcome of the sealing now intended; that of an earlier one changes nothing."""
    if effect != state.sealing.effect_id or state.sealing.status is SealingStatus.SEALED:
        return state
    return state.model_copy(update={"sealing": state.sealing.model_copy(update=outcome)})


def deployment_requested(state: ModelVersion, fact: f.DeploymentRequested) -> ModelVersion:
    """A deployment is intended, and is now the one its stage speaks of."""
    deployments = {**state.deployments, fact.deployment_id: requested(fact)}
    state = state.model_copy(update={"deployments": deployments})
    return state.with_stage(fact.stage, deployment_id=fact.deployment_id)


def on_deployment(
    change: Callable[[Deployment, Any], Deployment],
) -> Callable[[ModelVersion, Any], ModelVersion]:
    """Apply a change to the deployment a fact names; a fact about an unknown one changes nothing."""

    def applied(state: ModelVersion, fact: Any) -> ModelVersion:
        deployment = state.deployments.get(fact.deployment_id)
        if deployment is None:
            return state
        return state.model_copy(update={"deployments": {**state.deployments, deployment.id: change(deployment, fact)}})

    return applied


def withdrawn(deployment: Deployment, fact: f.DeploymentWithdrawn) -> Deployment:
    """It was not started and will not be."""
    return deployment.model_copy(
        update={"status": DeploymentStatus.REMOVED, "reason": fact.reason, "finished_at": fact.effective_at}
    )


def superseded(deployment: Deployment, fact: f.DeploymentSuperseded) -> Deployment:
    """Another version serves in its place."""
    return deployment.model_copy(update={"status": DeploymentStatus.SUPERSEDED, "reason": f"superseded by {fact.by}"})


def endpoint_observed(state: ModelVersion, fact: f.EndpointObserved) -> ModelVersion:
    """How its endpoint is."""
    return state.with_stage(fact.stage, endpoint_status=fact.status)


def metrics_reported(state: ModelVersion, fact: f.MetricsReported) -> ModelVersion:
    """What was measured replaces what was measured before; nothing measured is said so."""
    if fact.purpose == "monitoring":
        return state.with_stage(fact.stage, monitoring=fact.metrics, monitored_endpoint=fact.endpoint)
    return state.with_stage(
        fact.stage,
        metrics=fact.metrics,
        measured_at=fact.effective_at if not fact.not_possible else None,
        measured_on=fact.validation_set,
        not_measured=fact.not_possible,
    )


def command_refused(state: ModelVersion, fact: f.CommandRefused) -> ModelVersion:
    """Remember who reported without being entitled to."""
    noted = f"{fact.command} for {fact.stage} from account {fact.producer}"
    return state.model_copy(update={"refused_commands": tuple(sorted({*state.refused_commands, noted}))})


APPLY: Mapping[type[Any], Callable[[ModelVersion, Any], ModelVersion]] = {
    f.RegistryObserved: registry_observed,
    f.PackageMissing: package_missing,
    f.IdentityReused: identity_reused,
    f.ApproverIdentified: approver_identified,
    f.GroupObserved: group_observed,
    f.VerdictGiven: verdict_given,
    f.SealingRequested: sealing_requested,
    f.ArtifactsSealed: artifacts_sealed,
    f.SealingRefused: sealing_refused,
    f.DeploymentRequested: deployment_requested,
    f.DeploymentStarted: on_deployment(Deployment.started),
    f.DeploymentClaimed: on_deployment(Deployment.claimed),
    f.DeploymentFinished: on_deployment(Deployment.finished),
    f.DeploymentWithdrawn: on_deployment(withdrawn),
    f.DeploymentSuperseded: on_deployment(superseded),
    f.EndpointObserved: endpoint_observed,
    f.MetricsReported: metrics_reported,
    f.CommandRefused: command_refused,
}
"""What each kind of fact does to the state."""

__all__ = ["FOLD_VERSION", "StageState", "apply", "fold", "is_late"]
