"""What a policy would say of an approval that another one judged: the very gates that judge answer, nobody else.

Pure. `approvals` puts together what they are asked about. Where two answers are thinkable, none is given.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any

from governance.domain.approvals import Approval, as_judged
from governance.domain.facts import VerdictGiven
from governance.domain.gates import Answer, Standing, judge
from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import ORDER, Stage
from governance.domain.loosening import loosens, summary
from governance.domain.matters import weighed
from governance.domain.model_version import ModelVersion
from governance.domain.policy import CHECKS, Check, Mode, passes
from governance.domain.policy_document import RISKS, AnyGate, CheckGate, MetricGate, PolicyDocument
from governance.domain.published import PublishedPolicy
from governance.domain.use_case import ModelRisk
from governance.domain.values import Instant, Value

NO_PRODUCTION = "what was measured of the version then in production is not on record"
NO_ROLE = "as what the approver acted is not on record: the first release did not ask"
NOT_AS_JUDGED = "the record does not give the approval as it was judged then"


NOW, DECIDED = "now", "decided"
"""Approvals as they would be judged now, and as they were."""


class Word(StrEnum):
    """What a policy says of an approval."""

    PASSES = "passes"
    FAILS = "fails"
    CANNOT_TELL = "cannot-tell"


class Turn(StrEnum):
    """What becomes of an approval under another policy."""

    NEWLY_FAILS = "newly-fails"
    NEWLY_PASSES = "newly-passes"
    NEWLY_ADVISED = "newly-advised"
    """It passes as before, with advice against it that was not given."""
    CANNOT_TELL = "cannot-tell"
    SAME = "same"


TURNS = tuple(Turn)


class Said(Value):
    """What a policy says of an approval, check by check, and which of them cannot be told."""

    word: Word
    checks: tuple[Check, ...]
    unknown: tuple[Check, ...] = ()


class Tried(Value):
    """One approval as a policy judged it, or would now, and as the draft would."""

    version: ModelPackageArn
    stage: Stage
    risk: ModelRisk
    status: str
    """`approved` or `pending` of one that is judged now, `decided` of one that was judged."""
    at: Instant
    """Of which moment it is judged: now, or when it was given."""
    policy: str
    """By which policy it was judged, or would be without the draft."""
    was: Word
    would: Word
    turn: Turn
    because: tuple[Check, ...] = ()
    """The gates that make the difference: those of the draft, and where it lets pass, those that stopped it."""
    why: str = ""
    """Why none can be told, where that is not for single gates."""


def what_if(draft: PolicyDocument, case: Approval) -> Said:
    """What a policy says of an approval. Every gate is asked as verdicts ask it."""
    kind = tuple(settled(draft, case, one) for one in judge(draft, case.kind))
    harsh = tuple(settled(draft, case, one) for one in judge(draft, case.harsh))
    best, _ = weighed(kind, case.glass, case.beside)
    worst, _ = weighed(harsh, case.glass, case.beside)
    unknown = tuple(
        worst_is.model_copy(update={"found": why_unknown(draft, worst_is.name), "remedy": ""})
        for best_is, worst_is in zip(best, worst, strict=True)
        if best_is.passed != worst_is.passed
    )
    word = Word.PASSES if passes(worst) else Word.CANNOT_TELL if passes(best) else Word.FAILS
    names = {one.name for one in unknown}
    return Said(word=word, checks=tuple(one for one in worst if one.name not in names), unknown=unknown)


def settled(draft: PolicyDocument, case: Approval, answer: Answer) -> Answer:
    """An answer, in which what was found then stands where the very same was asked and only the verdict tells it."""
    gate = next(one for one in draft.gates_in(case.stage, case.risk) if one.name == answer.gate)
    if not isinstance(gate, MetricGate) or not gate.is_relative:
        return answer
    meaning = draft.meaning(gate.metric)
    then = next((one.check for one in case.asked_then if one.is_same(gate, meaning)), None)
    if then is None:
        return answer
    told = {"passed": then.passed, "found": then.found, "remedy": then.remedy}
    standing = Standing.HOLDS if then.passed else Standing.MISSING
    return answer.model_copy(update={"standing": standing, "check": answer.check.model_copy(update=told)})


def why_unknown(draft: PolicyDocument, name: str) -> str:
    """What would have to be known for a gate to be answered."""
    relative = any(gate.name == name and isinstance(gate, MetricGate) and gate.is_relative for gate in draft.gates)
    return NO_PRODUCTION if relative else NO_ROLE


def tried_now(draft: PolicyDocument, policy: PublishedPolicy, case: Approval, version: str, status: str) -> Tried:
    """An approval that stands or is waited for, under the policy in force and under the draft, both as of now."""
    was, would = what_if(policy.document, case), what_if(draft, case)
    turn, because = (Turn.SAME, ()) if was == would else turned(was, would)
    return Tried(
        version=version,
        stage=case.stage,
        risk=case.risk,
        status=status,
        at=case.kind.at,
        policy=policy.id,
        was=was.word,
        would=would.word,
        turn=turn,
        because=because,
    )


def tried_then(draft: PolicyDocument, state: ModelVersion, given: VerdictGiven, policy: PolicyDocument | None) -> Tried:
    """An approval that was judged, given the state just before its verdict and the policy of then, if that is known.

    By the policy that judged it, it turns nowhere: the verdict has the answer. By another, only what the record gives
    as it was judged then is put to the gates.
    """
    was = Word.PASSES if given.passed else Word.FAILS
    about: dict[str, Any] = {"version": state.model.arn, "stage": given.stage, "status": DECIDED}
    about |= {"policy": given.policy, "was": was, "at": given.effective_at, "risk": state.profile.model_risk}
    if draft.hash == given.policy_hash:
        return Tried(**about, would=was, turn=Turn.SAME)
    case = as_judged(state, given, policy)
    if case is None or not is_as_judged(case, given, policy):
        return Tried(**about, would=Word.CANNOT_TELL, turn=Turn.CANNOT_TELL, why=NOT_AS_JUDGED)
    would = what_if(draft, case)
    turn, because = turned(Said(word=was, checks=given.checks), would)
    return Tried(**{**about, "at": case.kind.at}, would=would.word, turn=turn, because=because)


def is_as_judged(case: Approval, given: VerdictGiven, policy: PolicyDocument | None) -> bool:
    """Whether the policy of then says of what was put together just what its verdict says, check by check.

    Of the first release's built-in policy, which nobody can read any more, the checks that are still made are asked.
    """
    asked = policy or checks_alone(given)
    if asked is None:
        return True
    said = what_if(asked, case)
    told = {check.name: check.passed for check in said.checks} | {check.name: None for check in said.unknown}
    then = {check.name: check.passed for check in given.checks if policy or check.name in told}
    return told == then


def checks_alone(given: VerdictGiven) -> PolicyDocument | None:
    """A policy of those checks of a verdict that are still made, where no policy of that name and hash is known."""
    gates: list[AnyGate] = [
        CheckGate.model_validate({"kind": "check", "name": check.name, "mode": check.mode})
        for check in given.checks
        if check.name in CHECKS
    ]
    return PolicyDocument(name="then", title="What was checked then", gates=tuple(gates)) if gates else None


def turned(was: Said, would: Said) -> tuple[Turn, tuple[Check, ...]]:
    """What becomes of an approval, and the checks that make the difference."""
    if Word.CANNOT_TELL in {was.word, would.word}:
        return Turn.CANNOT_TELL, tuple(one for one in would.unknown or was.unknown if one.mode is Mode.ENFORCE)
    if was.word is not would.word:
        fails = would.word is Word.FAILS
        return Turn.NEWLY_FAILS if fails else Turn.NEWLY_PASSES, stopping(would.checks if fails else was.checks)
    before = {one.name for one in was.checks if not one.passed}
    new = [one for one in would.checks if not one.passed and one.name not in before and one.mode is Mode.ADVISE]
    return (Turn.NEWLY_ADVISED, tuple(new)) if new and was.word is Word.PASSES else (Turn.SAME, ())


def stopping(checks: Iterable[Check]) -> tuple[Check, ...]:
    """The checks that stop an approval."""
    return tuple(one for one in checks if one.mode is Mode.ENFORCE and not one.passed)


class Count(Value):
    """How many approvals turn by one gate, in one stage for one risk."""

    when: str
    """`now`, or `decided` of those that were judged."""
    turn: Turn
    gate: str
    stage: Stage
    risk: ModelRisk
    approvals: int


def by_gate(found: Iterable[Tried]) -> Iterator[Count]:
    """How many approvals turn by which gate, in which stage and for which risk; by none where the reason is another."""
    counts: Counter[tuple[bool, Turn, str, Stage, ModelRisk]] = Counter()
    for one in found:
        for gate in sorted({check.name for check in one.because}) or [""]:
            counts[one.status == DECIDED, one.turn, gate, one.stage, one.risk] += 1

    def place(key: tuple[bool, Turn, str, Stage, ModelRisk]) -> tuple[Any, ...]:
        is_past, turn, gate, stage, risk = key
        return is_past, TURNS.index(turn), gate, ORDER.index(stage), RISKS.index(risk)

    for is_past, turn, gate, stage, risk in sorted(counts, key=place):
        number = counts[is_past, turn, gate, stage, risk]
        when = DECIDED if is_past else NOW
        yield Count(when=when, turn=turn, gate=gate, stage=stage, risk=risk, approvals=number)


class Compared(Value):
    """Where a draft asks less than a policy in force, by gate and manner, and which gates ask more, with the places."""

    policy: str
    less: dict[str, tuple[str, ...]]
    more: dict[str, tuple[str, ...]]


def compared(draft: PolicyDocument, policy: PublishedPolicy) -> Compared:
    """Where a draft asks less than a policy in force, as publishing has it; and more: the same turned round."""
    more: dict[str, tuple[str, ...]] = {}
    for one in loosens(policy.document, draft):
        place = f"{one.stage}/{one.risk}"
        more[one.gate] = tuple(dict.fromkeys((*more.get(one.gate, ()), place)))
    return Compared(policy=policy.id, less=dict(summary(loosens(draft, policy.document))), more=more)
