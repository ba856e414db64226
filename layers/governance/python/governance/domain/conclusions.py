"""What Steward concludes from a state: verdicts to give, artifacts to seal, deployments to begin.

Conclusions are facts like all others. They are written in the transaction of the fact that called for them, and
their times and ids follow from it, so that concluding twice gives the same facts.
"""

from datetime import datetime

from governance.domain.deciding import SAME_CHANGE
from governance.domain.deployment import RUNNING, Deployment
from governance.domain.deployment_facts import DeploymentRequested
from governance.domain.evidence import evidence_digest
from governance.domain.evidence_facts import EvidenceRequested
from governance.domain.facts import AnyFact, SealingRequested, VerdictGiven
from governance.domain.gates import Matter
from governance.domain.identifiers import effect_id
from governance.domain.lifecycle import PRECEDING, DeploymentStatus, ModelStatus, Stage
from governance.domain.matters import answers_to, checks_of, matter_of
from governance.domain.model_version import Decision, ModelVersion, StageState
from governance.domain.moments import after, last_moment
from governance.domain.policy import AUTHOR_CHECK, PRECEDING_CHECK, Case, Mode, not_by_the_author, not_of_itself, passes
from governance.domain.sealing import SealingStatus
from governance.domain.terms import Terms
from governance.domain.upkeep import RollbackRequested
from governance.domain.values import whole_second
from governance.domain.write_backs import next_write_back

DEPLOYED_STAGES = (Stage.TEST, Stage.PRODUCTION)
"""Stages into which an approval in the stage before deploys a version."""

OVER = frozenset(
    {
        DeploymentStatus.FAILED,
        DeploymentStatus.REMOVED,
        DeploymentStatus.ROLLED_BACK,
        DeploymentStatus.SUPERSEDED,
    }
)
"""Statuses after which a new approval begins a new deployment."""


def conclude(state: ModelVersion, terms: Terms, now: datetime) -> AnyFact | None:
    """The next thing that follows from a state, or None when nothing does. Ask again after applying it."""
    if state.is_dormant:
        return None
    return (
        next_verdict(state, terms, now)
        or next_write_back(state, terms, now)
        or next_evidence(state, now)
        or next_sealing(state, now)
        or next_rollback(state, now)
        or next_deployment(state, now)
    )


def next_verdict(state: ModelVersion, terms: Terms, now: datetime) -> VerdictGiven | None:
    """Judge an approval whose approver is known, unless the stage before is itself still being judged.

    A refusal is judged once more when a late fact shows that the stage before had been approved by then.
    """
    for stage, known in state.stages.items():
        decision = known.decision
        if decision is None or decision.wanted is not ModelStatus.APPROVED or decision.person is None:
            continue
        before = PRECEDING.get(stage)
        if before and state.stage(before).awaits_verdict:
            continue
        matter = matter_of(state, stage, decision.person, decision.at, terms)
        if known.verdict is None or overtaken(known.verdict, matter.case):
            given = verdict(state, known.verdict, matter, decision, terms, now)
            if given:
                return given
    return None


def overtaken(given: VerdictGiven, case: Case) -> bool:
    """Whether a refusal rested on what was not so: another approver or author, or the stage before not approved."""
    refused = {check.name for check in given.checks if not check.passed}
    in_time = PRECEDING_CHECK in refused and case.preceding is ModelStatus.APPROVED
    of_another = AUTHOR_CHECK in refused and not_by_the_author(case, Mode.ENFORCE).passed
    return not given.passed and (in_time or of_another or not given.approver.is_same_as(case.approver))


def verdict(
    state: ModelVersion, earlier: VerdictGiven | None, matter: Matter, decision: Decision, terms: Terms, now: datetime
) -> VerdictGiven | None:
    """What the policy answers, as a fact; judging again only counts when it lets pass what was refused."""
    case, glass = matter.case, glass_for(state, decision, matter.case)
    checks = checks_of(answers_to(terms.policy.document, matter, is_emergency=False))
    if glass and not passes(checks):
        checks = checks_of(answers_to(terms.policy.document, matter, is_emergency=True))
    else:
        glass = ""
    if terms.is_writer(case.approver):
        checks = (*checks, not_of_itself(case))
    if earlier is not None and not passes(checks):
        return None
    return VerdictGiven(
        model=state.model,
        effective_at=decision.shown_at,
        recorded_at=now,
        decision=decision.fingerprint,
        stage=case.stage,
        policy=terms.policy.id,
        policy_hash=terms.policy.hash,
        passed=passes(checks),
        checks=checks,
        approver=case.approver,
        roles=case.roles,
        delegated_by=terms.standing(case.approver, matter.at).delegated_by,
        evidence=evidence_digest(state.pieces, state.specification),
        glass=glass,
    )


def glass_for(state: ModelVersion, decision: Decision, case: Case) -> str:
    """The emergency approval that a decision carries out: open, by the same person, in that stage, and in its time."""
    glass = state.stage(case.stage).glass
    if glass is None or not glass.is_open or not glass.person.is_same_as(case.approver):
        return ""
    return glass.fingerprint if glass.at <= decision.at + SAME_CHANGE and decision.at < glass.until else ""


def next_evidence(state: ModelVersion, now: datetime) -> EvidenceRequested | None:
    """Fetch what the package names as evidence, once for each specification that it may speak for."""
    if not state.is_eligible or state.changed_at is None:
        return None
    known = {piece.effect_id for piece in state.pieces}
    for named in state.evidence:
        name = effect_id("collect", state.model, named.kind, named.uri, named.sha256, state.specification)
        if name in known:
            continue
        requested = EvidenceRequested(
            model=state.model,
            effective_at=last_moment(state),
            recorded_at=now,
            effect_id=name,
            evidence=named.kind,
            uri=named.uri,
            claimed=named.sha256,
            source="package",
            specification=state.specification,
            not_before=state.changed_at if state.specification_changed else None,
        )
        return after(state, requested)
    return None


def next_sealing(state: ModelVersion, now: datetime) -> SealingRequested | None:
    """Seal what is eligible and not sealed; try again only when somebody approved it after a refusal."""
    if not state.is_eligible or state.changed_at is None:
        return None
    sealing, approval = state.sealing, state.stage(Stage.DEVELOPMENT).basis
    again = sealing.status is SealingStatus.REFUSED and approval != sealing.approval_then
    cause = f"{state.specification}/{approval}" if again else state.specification
    if sealing.status is not SealingStatus.NONE and (not again or cause == sealing.cause):
        return None
    requested = SealingRequested(
        model=state.model,
        effective_at=last_moment(state),
        recorded_at=now,
        effect_id=effect_id("seal", state.model, cause),
        cause=cause,
    )
    return after(state, requested)


def next_deployment(state: ModelVersion, now: datetime) -> DeploymentRequested | None:
    """Deploy what is approved and sealed, once for each approval that found nothing deployed or under way."""
    for stage in DEPLOYED_STAGES:
        if not state.may_run_in(stage):
            continue
        basis = state.stage(PRECEDING[stage])
        named = effect_id("deploy", state.model, stage, basis.basis, state.sealing.effect_id)
        called_for = calls_for_deployment(state.deployment_in(stage), basis, state.sealing.effect_id)
        if not called_for or named in state.deployments:
            continue
        requested = DeploymentRequested(
            model=state.model,
            effective_at=last_moment(state),
            recorded_at=now,
            deployment_id=named,
            stage=stage,
            cause=basis.basis,
            sealing=state.sealing.effect_id,
        )
        return after(state, requested)
    return None


def next_rollback(state: ModelVersion, now: datetime) -> RollbackRequested | None:
    """Stop what is under way without justification, and take back what turns out never to have had one.

    What was justified when it was requested, and has been deployed since, is not taken back here: that is for a
    person, or their policy, to decide.
    """
    for stage in DEPLOYED_STAGES:
        deployment = state.deployment_in(stage)
        if deployment is None or deployment.status not in RUNNING or state.may_run_in(stage):
            continue
        under_way = deployment.status is DeploymentStatus.DEPLOYING
        cause = taken_by(state, stage, None if under_way else deployment.requested_at)
        earlier = state.rollback_of(deployment.id)
        if cause and deployment.attempt > 1:
            cause = f"{cause}/{deployment.attempt}"  # somebody had the pipeline try again what was stopped
        if not cause or (earlier and (not earlier.outcome or earlier.cause == cause)):
            continue
        requested = RollbackRequested(
            model=state.model,
            effective_at=last_moment(state),
            recorded_at=now,
            effect_id=effect_id("roll-back", state.model, deployment.id, cause),
            deployment_id=deployment.id,
            stage=stage,
            cause=cause,
            how="stop" if under_way else "roll-back",
        )
        return after(state, requested)
    return None


def taken_by(state: ModelVersion, stage: Stage, until: datetime | None) -> str:
    """What took a deployment's justification away, if it happened by then: a decision, a change, the package's end.

    Returns the fingerprint of the decision, a word for what is none, or empty text where it happened later.
    """
    basis, development = state.stage(PRECEDING[stage]), state.stage(Stage.DEVELOPMENT)
    reasons: list[tuple[datetime | None, str]] = []
    if state.is_blocked and development.decision:
        reasons.append((development.decision.at, development.decision.fingerprint))
    if basis.status is not ModelStatus.APPROVED and basis.decision:
        reasons.append((basis.decision.at, basis.decision.fingerprint))
    if state.specification_changed:
        reasons.append((state.changed_at, state.specification))
    if until is None:
        return reasons[0][1] if reasons else "not-eligible"
    return next((cause for at, cause in reasons if at is not None and at <= until), "")


def calls_for_deployment(previous: Deployment | None, basis: StageState, sealing: str) -> bool:
    """Whether an approval still lacks its deployment: first, of other bytes, or asked for again after its end.

    What was taken back rested on a decision that did not hold: any other that does hold calls for another deployment.
    """
    if previous is None:
        return True
    if previous.status not in OVER:
        return previous.status is DeploymentStatus.DEPLOYED and previous.sealing != sealing
    if previous.cause == basis.basis or basis.basis_at is None:
        return False
    if previous.status is DeploymentStatus.ROLLED_BACK:
        return True
    return previous.finished_at is None or basis.basis_at >= whole_second(previous.finished_at)
