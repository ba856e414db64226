"""What follows where a version that runs is rejected: ask the policy once, then take it back, or wait for a person.

A rejection speaks against what runs in its own stage, and against what rests on its stage; where the approval status
itself is `Rejected`, against everything. An approval of the stage before that is later than the rejection answers it.
"""

from collections.abc import Iterator
from datetime import datetime

from governance.domain.asking import name_of
from governance.domain.decision import Decision
from governance.domain.deployment import LEFT_THERE, RUNNING, Deployment
from governance.domain.findings import Concern, Severity
from governance.domain.lifecycle import DEPLOYED_STAGES, DeploymentStatus, ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.moments import after, last_moment
from governance.domain.rejections import JudgedRejection, OnRejection, RejectionJudged, is_rejected_since
from governance.domain.terms import Terms


def rejections_of(state: ModelVersion, deployment: Deployment) -> Iterator[tuple[Stage, Decision]]:
    """Every rejection in force that speaks against what a deployment brought, and where it was made."""
    stage, before = deployment.stage, deployment.basis
    for rejected, known in state.stages.items():
        if known.status is not ModelStatus.REJECTED or known.decision is None:
            continue
        everywhere = rejected is Stage.DEVELOPMENT and state.is_blocked
        tried = deployment.is_trial  # its stage's own word on it is heard without a policy: domain.trying_out
        own = rejected is stage and not tried and is_rejected_since(known, state.stage(before).basis_at)
        if everywhere or own or rejected is before:
            yield rejected, known.decision


def stands_rejected(state: ModelVersion, deployment: Deployment) -> bool:
    """Whether a rejection speaks against what a deployment brought, whatever the policy says of it."""
    return any(rejections_of(state, deployment))


def word_on(state: ModelVersion, rejected: Stage, decision: Decision, stage: Stage) -> OnRejection | None:
    """What the policy said of a rejection about what runs in a stage; None as long as it was not asked."""
    judged = state.stage(rejected).judged
    return judged.says(decision.fingerprint, stage) if judged else None


def next_judgement(state: ModelVersion, terms: Terms, now: datetime) -> RejectionJudged | None:
    """Ask the policy about a rejection of what runs, once."""
    for deployment in at_stake(state):
        taken = state.rollback_of(deployment.id)
        if taken and not taken.outcome:
            continue
        for rejected, decision in rejections_of(state, deployment):
            if word_on(state, rejected, decision, deployment.stage) is not None:
                continue
            document = terms.policy.document
            judged = RejectionJudged(
                model=state.model,
                effective_at=last_moment(state),
                recorded_at=now,
                stage=rejected,
                decision=decision.fingerprint,
                words={stage: document.word_on_rejection(stage) for stage in DEPLOYED_STAGES},
                policy=terms.policy.id,
                policy_hash=terms.policy.hash,
            )
            return after(state, judged)
    return None


def at_stake(state: ModelVersion) -> Iterator[Deployment]:
    """The deployments by which a version serves, is about to, or may have been left at an endpoint."""
    for stage in DEPLOYED_STAGES:
        for deployment in state.present_in(stage).values():
            if deployment.execution_id and deployment.status in RUNNING | LEFT_THERE:
                yield deployment


def rejected(state: ModelVersion, deployment: Deployment) -> str:
    """The rejection for which a deployment is to be taken back at once, by its fingerprint, or empty text."""
    if deployment not in at_stake(state):
        return ""
    for where, decision in rejections_of(state, deployment):
        if word_on(state, where, decision, deployment.stage) is OnRejection.ROLL_BACK:
            return decision.fingerprint
    return ""


def about_confirmations(state: ModelVersion) -> Iterator[Concern]:
    """What serves although it was rejected, and is taken back when somebody confirms that."""
    for deployment in at_stake(state):
        stage, taken = deployment.stage, state.rollback_of(deployment.id)
        if deployment.status is not DeploymentStatus.DEPLOYED or (taken and taken.outcome != "overtaken"):
            continue
        made = list(rejections_of(state, deployment))
        if not made or any(word_on(state, *one, stage) is not OnRejection.CONFIRM for one in made):
            continue
        where, decision = made[0]
        by = decision.person.id if decision.person else "somebody"
        yield Concern(
            code="rollback-awaits-confirmation", severity=Severity.CRITICAL, subject=deployment.id,
            detail=f"it serves in {deployment.where} although {by} rejected it in {where}"
            + (f": {decision.why}" if decision.why else ""),
            remedy=f"confirm that it is taken back: steward roll-back {name_of(state)} --stage {stage}; or approve it "
            f"in {deployment.basis} again, or another version, whose deployment takes its place",
        )  # fmt: skip


def rejection_judged(state: ModelVersion, fact: RejectionJudged) -> ModelVersion:
    """Remember the policy's word, if it is about the decision in force; the first one stands."""
    known = state.stage(fact.stage)
    in_force = known.decision is not None and known.decision.fingerprint == fact.decision
    if not in_force or (known.judged and known.judged.decision == fact.decision):
        return state
    told = fact.model_dump(include={"decision", "words", "policy"})
    return state.with_stage(fact.stage, judged=JudgedRejection.model_validate(told))
