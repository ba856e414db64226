"""The fold: facts in, the state of a version out. The same facts in any order and any number give the same state.

It only ever looks at facts. It never evaluates a policy, reads a clock or starts anything; what follows from a
state is concluded in `domain.conclusions`, and becomes facts again.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from governance.domain import facts as f
from governance.domain.authorship import identified, with_author
from governance.domain.concerns import concerns
from governance.domain.deciding import belongs, beside, credited, decide, decides_at_birth
from governance.domain.findings import review
from governance.domain.fold_of_deployments import OF_DEPLOYMENTS
from governance.domain.fold_of_evidence import OF_EVIDENCE
from governance.domain.fold_of_imports import OF_IMPORTS
from governance.domain.fold_of_recalls import OF_RECALLS, kept_in_quarantine
from governance.domain.fold_of_retirements import OF_RETIREMENTS, kept_retired
from governance.domain.fold_of_reviews import OF_REVIEWS
from governance.domain.fold_of_upkeep import OF_UPKEEP, sealed_under_hold
from governance.domain.fold_of_verdicts import OF_VERDICTS
from governance.domain.fold_of_write_backs import OF_WRITE_BACKS, recognised, with_overwritten
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.noticed import IdentifiedChange
from governance.domain.past import Folded, Past, settle
from governance.domain.rejecting import rejection_judged
from governance.domain.rejections import RejectionJudged
from governance.domain.sealing import Sealing, SealingStatus
from governance.domain.values import iso, whole_second

FOLD_VERSION = 12
"""Raised whenever the same facts would give another state. Every head names the fold that made it."""


def fold(history: Iterable[f.AnyFact]) -> ModelVersion:
    """The state that all facts of one version give. Raises `ValueError` when there is none.

    Of a fact that is there twice, what was recorded first counts.
    """
    return fold_all(history).state


def fold_all(history: Iterable[f.AnyFact]) -> Folded:
    """The state that all facts of one version give, and what it need not remember. Raises like `fold`."""
    state: ModelVersion | None = None
    left: list[Past] = []
    for _, fact in sorted(once(history), key=lambda placed: placed[0]):
        folded = step(state or ModelVersion(model=fact.model), fact)
        state = folded.state
        left.append(folded.past)
    if state is None:
        raise ValueError("a version without facts has no state")
    return Folded(state=state, past=Past.of(left))


def once(history: Iterable[f.AnyFact]) -> list[tuple[str, f.AnyFact]]:
    """Each fact once, with its position, as it was recorded first: that may decide from when it counts."""
    first: dict[str, tuple[str, f.AnyFact]] = {}
    for fact in history:
        position = fact.position
        fingerprint = position.rpartition("#")[2]
        known = first.get(fingerprint)
        if known is None or (fact.recorded_at, fact.text) < (known[1].recorded_at, known[1].text):
            first[fingerprint] = position, fact
    return list(first.values())


def is_late(state: ModelVersion, fact: f.AnyFact) -> bool:
    """Whether a fact belongs before what was folded already, so that everything must be folded again."""
    return fact.position <= state.position


def step(state: ModelVersion, fact: f.AnyFact) -> Folded:
    """The state after one more fact, which must not be late, and what left its memory by that."""
    after = kept_retired(kept_in_quarantine(APPLY[type(fact)](state, fact)))
    after = after.model_copy(update={"position": fact.position, "facts": state.facts + 1})
    if fact.counts_from != fact.effective_at:
        odd = f"{fact.kind} of {iso(fact.effective_at)}, counted from {iso(fact.counts_from)}"
        after = after.model_copy(update={"odd_times": (*after.odd_times, odd)})
    reviewed = review(dict(after.findings), concerns(after), fact.effective_at)
    return settle(after.model_copy(update={"findings": reviewed}))


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
            "life_cycle": fact.life_cycle,
            "changed_at": fact.effective_at,
            "description": fact.why or fact.description,
            "specification": fact.specification,
            "missing": False,
            "deleted": False,
            "told_at": state.told_at if fact.settled_at else fact.effective_at,
            "born": state.born or creation,
            "containers": fact.containers or state.containers,
            "properties": fact.properties or state.properties,
            "evidence": fact.evidence or state.evidence,
            "group": fact.group or state.group,
        }
    )
    if creation:
        return known.model_copy(update={"born_deciding": decides_at_birth(fact)})
    known = with_author(known, fact)
    if changed_specification:
        known = void_decisions(known)
    return with_overwritten(with_reasons(recognised(decide(known, state, fact)), state), state)


def with_reasons(state: ModelVersion, before: ModelVersion) -> ModelVersion:
    """The state in which taking back an approval is no decision of its own: why it was refused stays known."""
    for stage, known in state.stages.items():
        earlier = before.stage(stage)
        if known.decision and known.decision.reverts and known.decision != earlier.decision and not known.refused:
            state = state.with_stage(stage, refused=earlier.refused)
    return state


def void_decisions(state: ModelVersion) -> ModelVersion:
    """What was approved and sealed is no longer what the registry holds: everything is undecided again."""
    nothing = {"status": ModelStatus.PENDING, "decision": None, "verdict": None, "refused": None, "wish": None,
               "overwritten": None, "outdone": ()}  # fmt: skip
    stages = {
        stage: known.model_copy(update={**nothing, "glass": known.glass and known.glass.put_out()})
        for stage, known in state.stages.items()
    }
    void = tuple(signed.model_copy(update={"void": True}) for signed in state.sign_offs)
    return state.model_copy(
        update={
            "stages": stages,
            "sign_offs": void,
            "sealing": Sealing(),
            "earlier_sealings": past_sealings(state),
            "specification_changed": True,
        }
    )


def package_missing(state: ModelVersion, fact: f.PackageMissing) -> ModelVersion:
    """The registry no longer has it."""
    return state.model_copy(update={"missing": True, "deleted": state.deleted or fact.deleted})


def identity_reused(state: ModelVersion, fact: f.IdentityReused) -> ModelVersion:
    """Somebody else now goes by this name."""
    return state.model_copy(update={"reused": (*state.reused, fact.other_created_at)})


def approver_identified(state: ModelVersion, fact: f.ApproverIdentified) -> ModelVersion:
    """Credit the person to decisions of that change whose author nobody knew; see who names another than was known."""
    change = IdentifiedChange(
        at=fact.effective_at,
        person=fact.person,
        approval=fact.approval,
        life_cycle=fact.life_cycle,
        changed_specification=fact.changed_specification,
    )
    for stage, known in state.stages.items():
        if known.decision is None:
            continue
        decision, *outdone = (beside(state, stage, one, change) for one in known.of_its_second)
        decided: dict[str, Any] = {}
        if decision.person is None and belongs(change, stage, decision):
            decision = credited(state, stage, decision, change)
            decided = {} if known.awaits_verdict else {"decided_by": decision.person, "decided_at": decision.at}
        state = state.with_stage(stage, decision=decision, outdone=tuple(outdone), **decided)
    alike = [known for known in state.identified if known.asked == change.asked]
    others = tuple(known for known in state.identified if known not in alike)
    return recognised(identified(state.model_copy(update={"identified": (*others, change)}), fact))


def group_observed(state: ModelVersion, fact: f.GroupObserved) -> ModelVersion:
    """Know who answers for the group."""
    return state.model_copy(update={"group": fact.group})


def sealing_requested(state: ModelVersion, fact: f.SealingRequested) -> ModelVersion:
    """Sealing is intended, unless what it was to seal had been changed before, as an update of the same second does."""
    sealing = Sealing(
        status=SealingStatus.REQUESTED,
        effect_id=fact.effect_id,
        cause=fact.cause,
        requested_at=fact.effective_at,
    )
    if fact.specification != state.specification:
        return state.model_copy(update={"earlier_sealings": (*state.earlier_sealings, sealing)})
    return state.model_copy(update={"sealing": sealing, "earlier_sealings": past_sealings(state)})


def past_sealings(state: ModelVersion) -> tuple[Sealing, ...]:
    """Every sealing up to now, when another takes the place of the present one."""
    return (*state.earlier_sealings, state.sealing) if state.sealing.effect_id else state.earlier_sealings


def artifacts_sealed(state: ModelVersion, fact: f.ArtifactsSealed) -> ModelVersion:
    """Sealed, if it is the sealing now intended."""
    outcome = {"artifacts": fact.artifacts, "images": fact.images}
    after = end_sealing(state, fact.effect_id, status=SealingStatus.SEALED, **outcome)
    return after if after is state else sealed_under_hold(after, fact.effective_at)


def sealing_refused(state: ModelVersion, fact: f.SealingRefused) -> ModelVersion:
    """Not sealed, and why. An approval of the same second may have come after it, and so counts as later."""
    approval = state.stage(Stage.DEVELOPMENT)
    stood = approval.basis_at is not None and approval.basis_at < whole_second(fact.effective_at)
    return end_sealing(
        state,
        fact.effect_id,
        status=SealingStatus.REFUSED,
        refusals=fact.refusals,
        approval_then=approval.basis if stood else "",
    )


def end_sealing(state: ModelVersion, effect: str, **outcome: Any) -> ModelVersion:
    """The outcome of the sealing now intended; that of an earlier one changes nothing."""
    if effect != state.sealing.effect_id or state.sealing.status is SealingStatus.SEALED:
        return state
    return state.model_copy(update={"sealing": state.sealing.model_copy(update=outcome)})


def metrics_reported(state: ModelVersion, fact: f.MetricsReported) -> ModelVersion:
    """What was measured replaces what was measured before; nothing measured is said so."""
    measured: dict[str, Any] = {
        "metrics": fact.metrics,
        "measured_at": fact.effective_at if not fact.not_possible else None,
        "measured_on": fact.validation_set,
        "not_measured": fact.not_possible,
    }
    if fact.purpose == "monitoring":
        monitored = {"monitoring": fact.metrics, "monitored_at": fact.effective_at}
        measured = {**monitored, "monitored_endpoint": fact.endpoint}
    deployment = state.deployments.get(fact.deployment_id)
    if deployment and deployment.stage is fact.stage and deployment.environment:
        state = state.with_at(fact.stage, deployment.environment, **measured)
    return state.with_stage(fact.stage, **measured)


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
    **OF_VERDICTS,
    f.SealingRequested: sealing_requested,
    f.ArtifactsSealed: artifacts_sealed,
    f.SealingRefused: sealing_refused,
    **OF_DEPLOYMENTS,
    f.MetricsReported: metrics_reported,
    f.CommandRefused: command_refused,
    **OF_UPKEEP,
    **OF_EVIDENCE,
    **OF_REVIEWS,
    **OF_WRITE_BACKS,
    **OF_IMPORTS,
    **OF_RECALLS,
    **OF_RETIREMENTS,
    RejectionJudged: rejection_judged,
}
"""What each kind of fact does to the state."""
