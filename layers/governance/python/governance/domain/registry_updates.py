"""How a write-back is carried out: what is written, and what speaks against writing it by then."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from governance.domain.deciding import SAME_CHANGE
from governance.domain.decision import Source
from governance.domain.lifecycle import ApprovalStatus, LifeCycle, ModelStatus, Stage, stage_named
from governance.domain.model_version import ModelVersion
from governance.domain.registry import PackageDescription
from governance.domain.terms import Terms
from governance.domain.values import Value, iso, sha256_of
from governance.domain.write_backs import is_refused, may_pass, unexplained
from governance.domain.writing_back import LONGEST, WriteBack

APPROVAL_WORDS: Mapping[ModelStatus, ApprovalStatus] = {
    ModelStatus.APPROVED: ApprovalStatus.APPROVED,
    ModelStatus.REJECTED: ApprovalStatus.REJECTED,
    ModelStatus.PENDING: ApprovalStatus.PENDING,
}
"""What is written as `ModelApprovalStatus`. A version is retired by its life cycle alone."""

STATUS_WORDS: Mapping[ModelStatus, str] = {
    ModelStatus.APPROVED: "Approved",
    ModelStatus.REJECTED: "Rejected",
    ModelStatus.PENDING: "PendingApproval",
    ModelStatus.RETIRED: "Retired",
}
"""What is written as `ModelLifeCycle.StageStatus`: the words of AWS's own templates."""

STAGE_WORDS: Mapping[Stage, str] = {
    Stage.DEVELOPMENT: "Development",
    Stage.TEST: "Test",
    Stage.PRE_PRODUCTION: "PreProduction",
    Stage.PRODUCTION: "Production",
}
"""What is written as `ModelLifeCycle.Stage` where the registry has no word of its own for the stage."""


LONGEST_WAIT = 3.0
"""Seconds that a writing waits at most."""


class RegistryUpdate(Value):
    """One update of a package: a decision in one field, with its reason."""

    token: str = Field(max_length=36)
    """The same for the same write-back, so that the registry makes it once."""
    approval: ApprovalStatus | None = None
    life_cycle: LifeCycle | None = None
    description: str = Field("", max_length=LONGEST)
    """What is written as `ApprovalDescription`; empty leaves it alone."""


class Ending(Value):
    """How a write-back ends."""

    outcome: Literal["written", "overtaken", "failed"]
    reason: str = ""


WRITTEN = Ending(outcome="written")


def update_of(written: WriteBack, described: PackageDescription) -> RegistryUpdate:
    """What is to be written. A stage keeps the word that the registry has for it.

    What is taken back tells its reasons in the approval description in any case, for that is what Studio shows.
    """
    token = str(UUID(sha256_of(written.effect_id)[:32]))
    if Source(written.field) is Source.APPROVAL:
        approval = APPROVAL_WORDS[written.wanted]
        return RegistryUpdate(token=token, approval=approval, description=written.description)
    now = described.life_cycle
    word = now.stage if now and stage_named(now.stage) is written.stage else STAGE_WORDS[written.stage]
    cycle = LifeCycle(stage=word, status=STATUS_WORDS[written.wanted], description=written.description)
    told = written.description if written.purpose == "revert" else ""
    return RegistryUpdate(token=token, life_cycle=cycle, description=told)


def seconds_to_wait(written: WriteBack, now: datetime) -> float:
    """For how long the writing must wait, so that it falls into a later second than what it answers.

    The registry tells changes by whole seconds, and changes of one second in no order. What was told of a moment far
    ahead is not waited for.
    """
    last = max(written.seen_at or written.requested_at, written.requested_at - SAME_CHANGE / 2)
    left = (last + SAME_CHANGE - now).total_seconds()
    return left if 0 < left <= LONGEST_WAIT else 0


def is_done(written: WriteBack, described: PackageDescription) -> bool:
    """Whether the registry shows what was to be written, in its very words: an earlier try had got through."""
    if described.changed_at == written.seen_at:
        return False
    update = update_of(written, described)
    if update.life_cycle:
        return described.life_cycle == update.life_cycle
    shown = (described.model_approval_status, described.approval_description)
    return shown == (update.approval, update.description)


def overtaken_by(state: ModelVersion, written: WriteBack, described: PackageDescription) -> str:
    """What happened to the package since it was intended, or empty text: over that, nothing is written."""
    if described.identity != state.model:
        return "another package goes by this name"
    if described.changed_at != written.seen_at:
        return f"the registry was changed at {iso(described.changed_at)}"
    if (described.model_approval_status or "") != written.seen:
        return f"the registry says {described.model_approval_status} by now"
    if Source(written.field) is Source.LIFE_CYCLE and described.life_cycle != written.seen_life_cycle:
        return "the registry shows another life cycle by now"
    return ""


def no_longer_wanted(state: ModelVersion, written: WriteBack, terms: Terms, now: datetime) -> str:
    """Why the record does not call for it any more, or empty text."""
    known = state.stage(written.stage)
    if written.purpose == "decide":
        if written.wanted is known.status:
            return f"it is {written.wanted} already"
        approves = written.wanted is ModelStatus.APPROVED
        if approves and not may_pass(state, written.stage, written.person, written.cause, terms, now):
            return "the policy does not let it pass any more"
        return ""
    if (written.stage, written.field) in set(unexplained(state)):
        return ""
    decision = known.decision
    refused = decision is not None and decision.fingerprint == written.cause and is_refused(known, decision)
    return "" if refused and written.wanted is known.status else "what was to be taken back was decided otherwise"
