"""The part of the fold that is about people's word: sign-offs, findings and answers, broken glass."""

from collections.abc import Callable, Mapping
from typing import Any

from governance.domain import reviewing as f
from governance.domain.deciding import SAME_CHANGE
from governance.domain.lifecycle import ModelStatus
from governance.domain.model_version import ModelVersion, StageState
from governance.domain.signing import SignOff


def sign_off_given(state: ModelVersion, fact: f.SignOffGiven) -> ModelVersion:
    """Somebody's word for what the version is now; if they ask for it, the approval is to be written."""
    known = state.stage(fact.stage)
    if has_counted(known, fact):
        return state
    counted = counted_for(known, fact)
    signed = SignOff(
        stage=fact.stage,
        round=known.rounds if counted else known.rounds + 1,
        person=fact.person,
        at=fact.effective_at,
        why=fact.why,
        decision=counted,
        policy=fact.policy,
        policy_hash=fact.policy_hash,
        specification=fact.specification,
        roles=fact.roles,
        delegated_by=fact.delegated_by,
        evidence=fact.evidence,
        void=fact.specification != state.specification,
    )
    state = with_sign_off(state, signed)
    if not fact.decides or signed.void or counted:
        return state
    wish = wish_of(fact, ModelStatus.APPROVED, fact.roles)
    return state.with_stage(fact.stage, wish=wish)


def wish_of(
    fact: f.SignOffGiven | f.FindingsRaised | f.Resubmitted | f.GlassBroken,
    wanted: ModelStatus,
    roles: tuple[str, ...] = (),
) -> f.Wish:
    """What somebody asked to have written by what they said."""
    about = {"person": fact.person, "why": fact.why, "at": fact.effective_at, "cause": fact.fingerprint}
    return f.Wish(wanted=wanted, roles=roles, **about)


def has_counted(known: StageState, fact: f.SignOffGiven) -> bool:
    """Whether it is the word of an approval that has counted already.

    The registry's clock has whole seconds and is not ours: what was asked for and written at once seems to be written
    a little before it was asked for, and would otherwise be a word too many.
    """
    decision, verdict = known.decision, known.verdict
    if decision is None or verdict is None or not verdict.passed:
        return False
    same = verdict.approver.is_same_as(fact.person) and verdict.policy_hash == fact.policy_hash
    return same and decision.at <= fact.effective_at <= decision.at + SAME_CHANGE


def counted_for(known: StageState, fact: f.SignOffGiven) -> str:
    """The approval in force that somebody else's word has counted for, by its fingerprint; empty where it waits.

    Words and approvals are told in whole seconds. A word that was on record when the policy was asked is one of those
    that let the approval pass, though it may sort behind it: it does not count for another as well.
    """
    decision, verdict = known.decision, known.verdict
    if decision is None or verdict is None or not verdict.passed or verdict.decision != decision.fingerprint:
        return ""
    asked = (verdict.policy_hash, verdict.evidence) == (fact.policy_hash, fact.evidence)
    return decision.fingerprint if asked and fact.recorded_at <= verdict.recorded_at else ""


def with_sign_off(state: ModelVersion, signed: SignOff) -> ModelVersion:
    """The state with one more sign-off: a person has one in each round, and the last counts."""
    others = tuple(one for one in state.sign_offs if one.id != signed.id)
    return state.model_copy(update={"sign_offs": (*others, signed)})


def findings_raised(state: ModelVersion, fact: f.FindingsRaised) -> ModelVersion:
    """What a reviewer wants put right; if they reject the version for it, that is to be written."""
    raised = {
        key: f.ReviewFinding(
            id=key,
            stage=fact.stage,
            **told.model_dump(exclude={"due"}),
            due=told.due,
            raised_by=fact.person,
            raised_at=fact.effective_at,
        )
        for key, told in ((f.review_id(fact, index), one) for index, one in enumerate(fact.findings))
    }
    state = state.model_copy(update={"reviews": {**state.reviews, **raised}})
    if state.stage(fact.stage).status is ModelStatus.REJECTED:
        state = state.with_stage(fact.stage, is_explained=True)
    if not fact.rejects:
        return state
    wish = wish_of(fact, ModelStatus.REJECTED)
    return state.with_stage(fact.stage, wish=wish)


def finding_answered(state: ModelVersion, fact: f.FindingAnswered) -> ModelVersion:
    """It is answered; or somebody else is to answer it, or later."""
    known = state.reviews.get(fact.finding_id)
    if known is None:
        return state
    if fact.closes:
        left = {key: one for key, one in state.reviews.items() if key != fact.finding_id}
        return state.model_copy(update={"reviews": left, "replaced_by": fact.in_version or state.replaced_by})
    moved: dict[str, Any] = {"owner": fact.owner or known.owner, "due": fact.due or known.due}
    if fact.due and fact.due != known.due:
        moved["overdue"] = False
    return state.model_copy(update={"reviews": {**state.reviews, known.id: known.model_copy(update=moved)}})


def resubmitted(state: ModelVersion, fact: f.Resubmitted) -> ModelVersion:
    """It takes the place of one that was rejected. In its own place, it is answered, and to be judged again."""
    state = state.model_copy(update={"resubmits": fact.of})
    if fact.of != state.model.arn:
        return state
    left = {key: one for key, one in state.reviews.items() if key not in fact.answers}
    state = state.model_copy(update={"reviews": left})
    for stage, known in state.stages.items():
        if known.status is ModelStatus.REJECTED:
            state = state.with_stage(stage, wish=wish_of(fact, ModelStatus.PENDING))
    return state


def glass_broken(state: ModelVersion, fact: f.GlassBroken) -> ModelVersion:
    """Somebody approves in an emergency; it is to be written."""
    told = fact.model_dump(include={"roles", "why", "until", "review_by"})
    glass = f.Glass(fingerprint=fact.fingerprint, person=fact.person, at=fact.effective_at, **told)
    wish = wish_of(fact, ModelStatus.APPROVED, fact.roles)
    return state.with_stage(fact.stage, glass=glass, wish=wish)


def glass_reviewed(state: ModelVersion, fact: f.GlassReviewed) -> ModelVersion:
    """Somebody looked at it afterwards: upheld, it stands for good; overruled, it counts no longer."""
    known = state.stage(fact.stage)
    if known.glass is None or known.glass.fingerprint != fact.glass or known.glass.reviewed_by:
        return state
    glass = known.glass.model_copy(update={"reviewed_by": fact.person, "upheld": fact.upheld})
    state = state.with_stage(fact.stage, glass=glass)
    return state if fact.upheld else without_glass(state, fact.glass)


def deadline_passed(state: ModelVersion, fact: f.DeadlinePassed) -> ModelVersion:
    """Nobody acted in time."""
    if fact.what == "finding":
        known = state.reviews.get(fact.subject)
        if known is None or known.due is None or known.due > fact.due:
            return state
        late = known.model_copy(update={"overdue": True})
        return state.model_copy(update={"reviews": {**state.reviews, known.id: late}})
    for stage, known_there in state.stages.items():
        glass = known_there.glass
        if glass is None or glass.fingerprint != fact.subject or glass.reviewed_by:
            continue
        if fact.what == "review":
            return state.with_stage(stage, glass=glass.model_copy(update={"overdue": True}))
        ended = state.with_stage(stage, glass=glass.model_copy(update={"ended": True}))
        return without_glass(ended, fact.subject)
    return state


def without_glass(state: ModelVersion, glass: str) -> ModelVersion:
    """What rested on an emergency approval alone is undecided again."""
    for stage, known in state.stages.items():
        if known.verdict and known.verdict.glass == glass and known.status is ModelStatus.APPROVED:
            return state.with_stage(stage, status=ModelStatus.PENDING)
    return state


OF_REVIEWS: Mapping[type[Any], Callable[[ModelVersion, Any], ModelVersion]] = {
    f.SignOffGiven: sign_off_given,
    f.FindingsRaised: findings_raised,
    f.FindingAnswered: finding_answered,
    f.Resubmitted: resubmitted,
    f.GlassBroken: glass_broken,
    f.GlassReviewed: glass_reviewed,
    f.DeadlinePassed: deadline_passed,
}
"""What each kind of fact about people's word does to the state."""
