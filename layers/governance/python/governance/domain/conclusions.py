"""What Steward concludes from a state: verdicts to give, artifacts to seal, deployments to begin.

Conclusions are facts like all others. They are written in the transaction of the fact that called for them, and
their times and ids follow from it, so that concluding twice gives the same facts.
"""

from datetime import datetime

from governance.domain.deciding import SAME_CHANGE
from governance.domain.decision import Decision
from governance.domain.deployment import Deployment
from governance.domain.deployment_facts import DeploymentRequested
from governance.domain.environment import OWN
from governance.domain.evidence import evidence_digest
from governance.domain.evidence_facts import EvidenceRequested
from governance.domain.facts import AnyFact, SealingRequested, VerdictGiven
from governance.domain.gates import Matter, judge
from governance.domain.identifiers import effect_id
from governance.domain.lifecycle import DEPLOYED_STAGES, PRECEDING, DeploymentStatus, ModelStatus, Stage
from governance.domain.matters import matter_of, weighed, whatever_the_policy
from governance.domain.model_version import ModelVersion, StageState
from governance.domain.moments import after, last_moment
from governance.domain.policy import (
    AUTHOR_CHECK,
    PRECEDING_CHECK,
    Case,
    Mode,
    not_by_the_author,
    passes,
)
from governance.domain.rejecting import next_judgement
from governance.domain.removing import next_endpoint_removal, next_retirement_end
from governance.domain.requesting import deployment_named, to_deploy
from governance.domain.routes import opened, places, preceding, rests_on
from governance.domain.sealing import SealingStatus
from governance.domain.taking_back import next_rollback, next_safety, next_withdrawal
from governance.domain.terms import Terms
from governance.domain.trying_out import next_full_rollout, next_removal
from governance.domain.values import whole_second
from governance.domain.write_backs import next_write_back

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
        or next_withdrawal(state, now)
        or next_rollback(state, now)
        or next_endpoint_removal(state, now)
        or next_removal(state, now)
        or next_judgement(state, terms, now)
        or next_deployment(state, terms, now)
        or next_full_rollout(state, terms.deployment_profile, now)
        or next_safety(state, now)
        or next_retirement_end(state, now)
    )


def next_verdict(state: ModelVersion, terms: Terms, now: datetime) -> VerdictGiven | None:
    """Judge an approval whose approver is known for certain, unless the stage before is itself still being judged.

    A refusal is judged once more when a late fact shows that the stage before had been approved by then.
    """
    for stage, known in state.stages.items():
        decision = known.decision
        if decision is None or decision.wanted is not ModelStatus.APPROVED or decision.person is None:
            continue
        if decision.disputed:
            continue
        before = preceding(state, stage, terms.landscape)
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
    case, answers = matter.case, judge(terms.policy.document, matter)
    beside = whatever_the_policy(state, case, terms.is_writer(case.approver))
    checks, glass = weighed(answers, glass_for(state, decision, case), beside)
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
        opens=opened(state, case.stage, terms.landscape) if passes(checks) else None,
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


def next_deployment(state: ModelVersion, terms: Terms, now: datetime) -> DeploymentRequested | None:
    """Deploy what is approved and sealed to where it goes, once for each approval that found nothing there."""
    for stage in DEPLOYED_STAGES:
        before = rests_on(state, stage)
        if before is None:
            continue
        basis = state.stage(before)
        goes_to = places(state, stage, basis.basis, terms.landscape)
        for place in goes_to:
            known = state.at(stage, place)
            previous = state.deployments.get(known.deployment_id)
            called_for = calls_for_deployment(previous, basis, state.sealing.effect_id, known.endpoint_gone_at)
            was_asked_for = deployment_named(state, stage, basis.basis, place) in state.deployments
            if not called_for or was_asked_for or not state.may_run_in(stage, before, place):
                continue
            way = {
                "environment": place,
                "rests_on": before if before is not PRECEDING[stage] else None,
                "goes_to": goes_to if goes_to != OWN else (),
            }
            return to_deploy(
                state, stage, basis.basis, last_moment(state), now, **terms.deployment_profile.pin(stage), **way
            )
    return None


def calls_for_deployment(
    previous: Deployment | None, basis: StageState, sealing: str, gone_at: datetime | None = None
) -> bool:
    """Whether an approval still lacks its deployment: first, of other bytes, or asked for again after its end.

    What was taken back rested on a decision that did not hold: any other that does hold calls for another deployment.
    An approval that was given again while its version served asked for nothing that it had not got.
    """
    if previous is None:
        return True
    if previous.status is DeploymentStatus.DEPLOYED:
        again = gone_at is not None and basis.basis_at is not None and basis.basis_at >= whole_second(gone_at)
        return previous.sealing != sealing or (again and previous.cause != basis.basis)
    if previous.status not in OVER:
        return False
    if previous.cause == basis.basis or basis.basis_at is None:
        return False
    if previous.status is DeploymentStatus.ROLLED_BACK:
        return True
    ended = previous.left_at or previous.finished_at
    return ended is None or basis.basis_at >= whole_second(ended)
