"""The part of the fold that is about what policies answered: approvals that count, and those that do not."""

from collections.abc import Callable, Mapping
from typing import Any

from governance.domain.decision import Source
from governance.domain.entitlement import is_author
from governance.domain.facts import VerdictGiven
from governance.domain.fold_of_reviews import with_sign_off
from governance.domain.lifecycle import FOLLOWING, ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.signing import SignOff


def verdict_given(state: ModelVersion, fact: VerdictGiven) -> ModelVersion:
    """Let an approval count, if it is still the decision in force and the policy passed it."""
    known = state.stage(fact.stage)
    in_force = known.decision is not None and known.decision.fingerprint == fact.decision
    if in_force and known.verdict is not None and (known.verdict.passed or not fact.passed):
        return state
    if not fact.passed:
        return refused(state, fact, in_force)
    if known.decision is not None and in_force:
        state = state.with_stage(
            fact.stage,
            verdict=fact,
            refused=None,
            status=ModelStatus.APPROVED,
            decided_by=fact.approver,
            decided_at=known.decision.at,
            why=known.decision.why,
        )
        if fact.stage is Stage.DEVELOPMENT:
            by_status = known.decision.source is Source.APPROVAL
            changes = {"specification_changed": False, "was_approved": state.was_approved or by_status}
            state = state.model_copy(update=changes)
    return passed(state, fact, known.decision.why if known.decision and in_force else "")


def refused(state: ModelVersion, fact: VerdictGiven, in_force: bool) -> ModelVersion:
    """An approval that does not count: the person's word stays, and may be one of several that the next one needs.

    Of a disputed one nobody knows whose word it is.
    """
    state = state.with_stage(fact.stage, refused=fact, **({"verdict": fact} if in_force else {}))
    known = state.stage(fact.stage)
    if not fact.roles or known.is_disputed(fact.decision):
        return state
    signed = sign_off(state, fact, known.decision.why if known.decision and in_force else "")
    return with_sign_off(state, signed.model_copy(update={"decision": ""}))


def passed(state: ModelVersion, fact: VerdictGiven, why: str) -> ModelVersion:
    """What stays of an approval that counted, whatever is learned of the decision later: sign-offs, an open stage.

    Everybody's word of this round counted with it. A decision that is shown again, as after a refusal of its own
    second, is signed off already.
    """
    if not any(signed.decision == fact.decision for signed in state.sign_offs):
        signed = sign_off(state, fact, why)
        state = with_sign_off(state, signed)
        counted = tuple(
            one.model_copy(update={"decision": fact.decision}) if is_counted(state, one, signed) else one
            for one in state.sign_offs
        )
        state = state.model_copy(update={"sign_offs": counted}).with_stage(fact.stage, rounds=signed.round)
    following = fact.opens or FOLLOWING.get(fact.stage)
    return state.with_stage(following) if following else state


def is_counted(state: ModelVersion, signed: SignOff, approval: SignOff) -> bool:
    """Whether a sign-off was one of those that an approval rested on: no author's ever is."""
    same = (signed.stage, signed.round) == (approval.stage, approval.round) and not is_author(state, signed.person)
    return same and not signed.void and signed.policy_hash == approval.policy_hash


def sign_off(state: ModelVersion, fact: VerdictGiven, why: str) -> SignOff:
    """The approval that a policy was asked about, as the sign-off of the person who gave it."""
    return SignOff(
        stage=fact.stage,
        round=state.stage(fact.stage).rounds + 1,
        person=fact.approver,
        at=fact.effective_at,
        why=why,
        decision=fact.decision,
        policy=fact.policy,
        policy_hash=fact.policy_hash,
        specification=state.specification,
        roles=fact.roles,
        delegated_by=fact.delegated_by,
        evidence=fact.evidence,
    )


OF_VERDICTS: Mapping[type[Any], Callable[[ModelVersion, Any], ModelVersion]] = {VerdictGiven: verdict_given}
"""What a verdict does to the state."""
