"""What a policy is asked about: everything of a version's record that its gates look at, at one moment."""

from collections.abc import Iterator
from itertools import takewhile

from governance.domain.authority import Role
from governance.domain.entitlement import is_author
from governance.domain.evidence import EvidenceKind as Kind
from governance.domain.evidence import Piece, evidence_digest
from governance.domain.facts import VerdictGiven
from governance.domain.gates import Answer, Matter, Reading, Shown, SignedOff, Standing, judge
from governance.domain.identifiers import Person, version_name_of
from governance.domain.lifecycle import DeploymentStatus, ModelStatus, Stage
from governance.domain.metrics import Metric
from governance.domain.model_version import ModelVersion
from governance.domain.policy import (
    Case,
    Check,
    Mode,
    not_in_quarantine,
    not_of_itself,
    not_retired,
    passes,
    use_case_acceptable,
    use_case_goes_on,
)
from governance.domain.policy_document import RUNNING, Measurement, PolicyDocument
from governance.domain.routes import before_it
from governance.domain.signing import SignOff
from governance.domain.terms import Terms
from governance.domain.values import Instant, whole_second

MEASURES = {
    Kind.MODEL_QUALITY: Measurement.MODEL_QUALITY,
    Kind.DATA_QUALITY: Measurement.DATA_QUALITY,
    Kind.BIAS: Measurement.BIAS,
    Kind.PRE_TRAINING_BIAS: Measurement.BIAS,
    Kind.POST_TRAINING_BIAS: Measurement.BIAS,
    Kind.EXPLAINABILITY: Measurement.EXPLAINABILITY,
}
"""Reports that give metrics."""

EVEN_IN_AN_EMERGENCY = frozenset({"approver-entitled", "not-by-the-author", "preceding-stage-approved"})
"""Checks that broken glass does not open."""


def matter_of(state: ModelVersion, stage: Stage, approver: Person, at: Instant, terms: Terms) -> Matter:
    """The matter of an approval by somebody, decided at a moment. The stage before counts as it stood then."""
    before = next(before_it(state, stage, terms.landscape), None)
    preceding = state.stage(before) if before else None
    in_time = preceding is not None and preceding.decided_at is not None and preceding.decided_at <= at
    known, standing, since = state.stage(stage), terms.standing(approver, at), runs_since(state, stage)
    is_deployed = state.deployment_status(stage) is DeploymentStatus.DEPLOYED
    case = Case(
        stage=stage,
        approver=approver,
        registered_by=state.author,
        changed_by=state.specification_changed_by,
        changed_by_unknown=bool(state.unknown_changes),
        preceding=(preceding.status if in_time else ModelStatus.PENDING) if preceding else None,
        rests_on=before,
        deployed=is_deployed and since is not None,
        deployed_before=is_deployed and since is None,
        validated=is_of_now(known.measured_at, since),
        roles=standing.roles,
        others=tuple(others_until(state, stage, at, terms)),
        unanswered=tuple(sorted(state.reviews)),
        prohibited=terms.use_case.id if terms.use_case and terms.use_case.is_unacceptable else "",
        over=terms.use_case.id if terms.use_case and terms.use_case.is_retired else "",
        replaced_by=version_name_of(state.replaced_by) if state.replaced_by else "",
    )
    own = [SignedOff(person=approver, role=role) for role in standing.roles]
    return Matter(
        case=case,
        risk=state.profile.model_risk,
        at=at,
        evidence=tuple(shown(state)),
        readings=tuple(one for one in readings_of(state, stage) if one.by not in RUNNING or is_of_now(one.at, since)),
        production=terms.production,
        sign_offs=(*own, *signed_off(state, stage, terms)),
    )


def others_until(state: ModelVersion, stage: Stage, at: Instant, terms: Terms) -> Iterator[Person]:
    """Who let a version pass before, but for its authors: in the stages before as they stood then, or in this round."""
    people = [signed.person for signed in signed_off(state, stage, terms)]
    for before in before_it(state, stage, terms.landscape):
        known = state.stage(before)
        if known.decision and known.is_disputed(known.decision.fingerprint):
            continue
        if known.status is ModelStatus.APPROVED and known.decided_at is not None and known.decided_at <= at:
            people += filter(None, [known.decided_by])
    return (person for person in people if not is_author(state, person))


def runs_since(state: ModelVersion, stage: Stage) -> Instant | None:
    """Since when what was sent to a stage is what the version runs now; None where it ran something else then.

    Where Steward deployed nothing there, since it is what it is.
    """
    brought = (one for one in state.deployments.values() if one.stage is stage and not one.removes)
    sent = sorted(brought, key=lambda one: one.requested_at)
    now = state.sealing.effect_id
    alike = list(takewhile(lambda one: one.sealing == now, reversed(sent)))
    return (alike[-1].requested_at if alike else None) if sent else state.sealing.requested_at


def is_of_now(moment: Instant | None, since: Instant | None) -> bool:
    """Whether something was measured of what the version runs now. Who measures may tell whole seconds only."""
    return moment is not None and since is not None and moment >= whole_second(since)


def as_it_stands(state: ModelVersion, stage: Stage, given: VerdictGiven, at: Instant, terms: Terms) -> Matter:
    """The matter of an approval that counted, were it given anew at a moment: by the same person, on the same words."""
    words = tuple(counted(state, stage, given))
    matter = matter_of(state, stage, given.approver, at, terms)
    others = (one.person for one in words if not is_author(state, one.person))
    case = matter.case.model_copy(update={"roles": given.roles, "others": (*matter.case.others, *others)})
    return matter.model_copy(update={"case": case, "sign_offs": words})


def counted(state: ModelVersion, stage: Stage, given: VerdictGiven) -> Iterator[SignedOff]:
    """Every word that an approval rested on, the approver's own among them."""
    for signed in state.sign_offs:
        if signed.stage is stage and signed.decision == given.decision and not signed.void:
            yield from (SignedOff(person=signed.person, role=Role(role)) for role in signed.roles)


def answers_to(policy: PolicyDocument, matter: Matter, is_emergency: bool) -> tuple[Answer, ...]:
    """What the gates answer; in an emergency, only who decides and in which order still stops an approval.

    What belongs to a prohibited use case, or to a retired one, passes under no policy, and in no emergency.
    """
    answers = judge(policy, matter)
    answers = in_an_emergency(answers) if is_emergency else answers
    beside = tuple(of_its_use_case(matter.case))
    return (*answers, *(Answer(gate=one.name, check=one, standing=Standing.MISSING) for one in beside))


def of_its_use_case(case: Case) -> Iterator[Check]:
    """What stands against it because of the use case that it belongs to."""
    if case.prohibited:
        yield use_case_acceptable(case)
    if case.over:
        yield use_case_goes_on(case)


def in_an_emergency(answers: tuple[Answer, ...]) -> tuple[Answer, ...]:
    """The same answers, of which most stop nothing."""
    return tuple(each if each.gate in EVEN_IN_AN_EMERGENCY else advised(each) for each in answers)


def weighed(answers: tuple[Answer, ...], glass: str, beside: tuple[Check, ...]) -> tuple[tuple[Check, ...], str]:
    """What a verdict is made of, and the emergency that it took: empty where the gates let it pass without.

    `beside` is what no policy can change.
    """
    checks = checks_of(answers)
    if not glass or passes(checks):
        return (*checks, *beside), ""
    return (*checks_of(in_an_emergency(answers)), *beside), glass


def whatever_the_policy(state: ModelVersion, case: Case, by_itself: bool) -> tuple[Check, ...]:
    """What stands against an approval under every policy: that nobody asked for it, an order, or its use case."""
    own = (not_of_itself(case),) if by_itself else ()
    known = state.quarantine
    held = (not_in_quarantine(known.person, known.why),) if known and state.is_quarantined else ()
    over = (not_retired(state.retirement.person, state.retirement.why),) if state.retirement else ()
    return (*own, *held, *over, *of_its_use_case(case))


def advised(answer: Answer) -> Answer:
    """The same answer, stopping nothing."""
    return answer.model_copy(update={"check": answer.check.model_copy(update={"mode": Mode.ADVISE})})


def checks_of(answers: tuple[Answer, ...]) -> tuple[Check, ...]:
    """What a verdict keeps of answers."""
    return tuple(each.check for each in answers)


def signed_off(state: ModelVersion, stage: Stage, terms: Terms) -> Iterator[SignedOff]:
    """Everybody's word in the present round, as long as it is for what the version, its evidence and policy are now."""
    for signed in waiting(state, stage):
        if signed.policy_hash == terms.policy_hash:
            yield from (SignedOff(person=signed.person, role=Role(role)) for role in signed.roles)


def waiting(state: ModelVersion, stage: Stage) -> tuple[SignOff, ...]:
    """The sign-offs that wait for an approval to count for."""
    evidence = evidence_digest(state.pieces, state.specification)
    return tuple(
        signed
        for signed in state.sign_offs
        if signed.stage is stage
        and signed.round == state.stage(stage).rounds + 1
        and not signed.void
        and (signed.specification, signed.evidence) == (state.specification, evidence)
    )


def shown(state: ModelVersion) -> Iterator[Shown]:
    """Evidence as gates see it. What was not fetched yet, or for another specification, is none."""
    for piece in state.pieces:
        yield Shown(
            kind=piece.kind,
            at=piece.dated_at or piece.requested_at,
            sha256=piece.sha256,
            problem=flaw(piece, state.specification),
            note=piece.seen_before,
        )


def flaw(piece: Piece, specification: str) -> str:
    """What keeps a piece from counting, or empty text. That it grew old is for the gate to say."""
    if piece.specification != specification:
        return "it speaks for an earlier inference specification"
    if piece.status == "requested":
        return "it is still being fetched"
    return piece.problem


def readings_of(state: ModelVersion, stage: Stage) -> tuple[Reading, ...]:
    """Everything measured of a version that a gate in a stage may look at, wherever it comes from."""
    known = state.stage(stage)
    found = [
        Reading(by=MEASURES[piece.kind], at=piece.dated_at or piece.requested_at, values=dict(piece.values))
        for piece in state.pieces
        if piece.kind in MEASURES and not flaw(piece, state.specification)
    ]
    if known.measured_at:
        found.append(Reading(by=Measurement.VALIDATION, at=known.measured_at, values=by_name(known.metrics)))
    if known.monitored_at:
        found.append(Reading(by=Measurement.MONITORING, at=known.monitored_at, values=by_name(known.monitoring)))
    return tuple(found)


def by_name(metrics: tuple[Metric, ...]) -> dict[str, float | str | None]:
    """Metrics as gates read them."""
    return {metric.name: metric.value for metric in metrics}
