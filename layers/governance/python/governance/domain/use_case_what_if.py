"""What another policy of use cases would say of an approval of a stage: the very checks that judge answer.

Pure. `use_case_past` puts together what was judged before. Where two answers are thinkable, none is given.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any

from governance.domain.ai_act import AiActClass
from governance.domain.approvals import SOMEBODY
from governance.domain.authority import Role
from governance.domain.identifiers import Person
from governance.domain.loosening import summary
from governance.domain.policy import Check
from governance.domain.use_case_loosening import loosens_use_cases
from governance.domain.use_case_past import APPROVED, Judged
from governance.domain.use_case_policy import OF_PEOPLE, Matter, UseCasePolicy, judge
from governance.domain.use_case_policy_document import CHECK_NAMES, UseCasePolicyDocument
from governance.domain.use_cases import ORDER, UseCase, UseCaseId, UseCaseStage
from governance.domain.values import Instant, Value
from governance.domain.what_if import DECIDED, NOT_AS_JUDGED, NOW, Compared

UNKNOWN = {
    "entitled": "a role may have been delegated to them in every group then: nobody looked, their own was enough",
    "models-approved": "how its models stood then is not on record: the policy of then did not ask",
    "owner-known": "whether its owner had left by then is not on record: the policy of then did not ask",
}
"""What would have to be known for a check to be answered."""

NO_REFUSALS = "what was refused left no deed, so nobody can tell whether it would have passed"
"""Why past refusals are not tried."""


class UseCaseWord(StrEnum):
    """What a policy says of somebody approving a stage."""

    PASSES = "passes"
    WAITS = "waits"
    """Only another person is missing: the word is kept."""
    FAILS = "fails"
    CANNOT_TELL = "cannot-tell"


W = UseCaseWord


class UseCaseTurn(StrEnum):
    """What becomes of it under another policy: what it would be, where that is another than it was."""

    NEWLY_FAILS = "newly-fails"
    NEWLY_WAITS = "newly-waits"
    NEWLY_PASSES = "newly-passes"
    CANNOT_TELL = "cannot-tell"
    SAME = "same"


TURNS = tuple(UseCaseTurn)
TURNED = {W.FAILS: UseCaseTurn.NEWLY_FAILS, W.WAITS: UseCaseTurn.NEWLY_WAITS, W.PASSES: UseCaseTurn.NEWLY_PASSES}


class UseCaseSaid(Value):
    """What a policy says, check by check, and which of them cannot be told."""

    word: UseCaseWord
    checks: tuple[Check, ...]
    unknown: tuple[Check, ...] = ()


class TriedUseCase(Value):
    """An approval of a stage of a use case as a policy judged it, or would now, and as the draft would."""

    use_case: UseCaseId
    stage: UseCaseStage
    ai_act_class: AiActClass | None = None
    status: str
    """`pending` or `rejected` of a stage that could be approved now, `decided` of an approval that was judged."""
    at: Instant
    deed: int = 0
    """The number of the deed in its chain; 0 of what could be done now."""
    policy: str
    """By which policy it was judged, or would be without the draft."""
    by: tuple[str, ...]
    """As what somebody would ask for it; of one that was judged, the id of who did."""
    was: UseCaseWord
    would: UseCaseWord
    turn: UseCaseTurn
    because: tuple[Check, ...] = ()
    """The checks that make the difference: those of the draft, and where it is kinder, those that stopped it."""
    why: str = ""
    """Why none can be told, where that is not for single checks."""


class Asker(Value):
    """Somebody who could ask for a stage to be approved."""

    role: Role
    is_owner: bool

    @property
    def words(self) -> str:
        """As what they ask."""
        return f"{self.role} who owns it" if self.is_owner else str(self.role)

    def matter(self, use_case: UseCase, known: Matter) -> Matter:
        """The matter, when they ask."""
        by = Person(id=use_case.about.owner) if self.is_owner else SOMEBODY
        return known.model_copy(update={"by": by, "roles": (self.role,)})


ASKERS = tuple(Asker(role=role, is_owner=own) for own in (False, True) for role in Role)
"""Each role alone, of somebody who had no part in it, and of its owner, who stands for whoever wrote it down."""


def what_if(policy: UseCasePolicyDocument, kind: Matter, harsh: Matter) -> UseCaseSaid:
    """What a policy says of a matter, given as kindly and as harshly as it can be."""
    worst = judge(policy, harsh)
    best = worst if kind is harsh else judge(policy, kind)
    unknown = tuple(
        low.model_copy(update={"found": UNKNOWN[low.name], "remedy": ""})
        for high, low in zip(best, worst, strict=True)
        if high.passed != low.passed
    )
    word = word_of(worst) if word_of(worst) is word_of(best) else W.CANNOT_TELL
    names = {one.name for one in unknown}
    return UseCaseSaid(word=word, checks=tuple(one for one in worst if one.name not in names), unknown=unknown)


def word_of(checks: Sequence[Check]) -> UseCaseWord:
    """What comes of checks, as of whoever advances a use case."""
    refused = {one.name for one in checks if not one.passed}
    return W.PASSES if not refused else W.WAITS if refused <= OF_PEOPLE else W.FAILS


def stopping(said: UseCaseSaid) -> tuple[Check, ...]:
    """The checks that make it what it is: those that refuse it, or those that another person has to meet."""
    refused = [one for one in said.checks if not one.passed]
    return tuple(one for one in refused if said.word is not W.FAILS or one.name not in OF_PEOPLE)


def turned(was: UseCaseSaid, would: UseCaseSaid) -> tuple[UseCaseTurn, tuple[Check, ...]]:
    """What becomes of it, and the checks that make the difference."""
    if W.CANNOT_TELL in {was.word, would.word}:
        return UseCaseTurn.CANNOT_TELL, would.unknown or was.unknown
    if was.word is would.word:
        return UseCaseTurn.SAME, ()
    words = tuple(UseCaseWord)
    is_harder = words.index(would.word) > words.index(was.word)
    return TURNED[would.word], stopping(would if is_harder else was)


def tried_now(draft: UseCasePolicyDocument, policy: UseCasePolicy, known: Matter) -> Iterator[TriedUseCase]:
    """What anybody would hear who wants the present stage approved, and under the draft: those together who hear alike.

    Nothing where nobody hears anything else. Words that wait count for both, as if they were given again: which the
    draft makes void is told beside.
    """
    found: dict[tuple[Any, ...], TriedUseCase] = {}
    use_case = known.use_case
    for asker in ASKERS:
        matter = asker.matter(use_case, known)
        was, would = what_if(policy.document, matter, matter), what_if(draft, matter, matter)
        turn, because = turned(was, would)
        key = (was.word, would.word, *(one.name for one in because))
        before = found[key].by if key in found else ()
        if turn is not UseCaseTurn.SAME:
            about = {"status": use_case.status.value, "at": known.at, "policy": policy.id, "because": because}
            made = tried(use_case, was.word, would.word, turn, by=(*before, asker.words), **about)
            found[key] = made.model_copy(update={"because": found[key].because}) if before else made
    yield from found.values()


def tried_then(
    draft: UseCasePolicyDocument,
    given: Judged,
    policy: UseCasePolicyDocument | None,
    has_left_since: bool = False,
    delegated: Iterable[Role] = (),
) -> TriedUseCase:
    """An approval that was judged, given the policy of then, if that is known, and the roles that may have counted too.

    By the policy that judged it, it turns nowhere. By another, only what the chain gives as it was judged is tried.
    """
    was = UseCaseSaid(word=W.PASSES if given.action == APPROVED else W.WAITS, checks=given.checks)
    about: dict[str, Any] = {"status": DECIDED, "at": given.at, "deed": given.sequence, "policy": given.policy}
    about["by"] = (given.by.id,)
    if policy is not None and draft.hash == policy.hash:
        return tried(given.use_case, was.word, was.word, UseCaseTurn.SAME, **about)
    kind, harsh = given.matters(has_left_since, delegated)
    if policy is None or not is_as_judged(given, policy, kind, harsh):
        return tried(given.use_case, was.word, W.CANNOT_TELL, UseCaseTurn.CANNOT_TELL, **about, why=NOT_AS_JUDGED)
    would = what_if(draft, kind, harsh)
    turn, because = turned(was, would)
    return tried(given.use_case, was.word, would.word, turn, **about, because=because)


def is_as_judged(given: Judged, policy: UseCasePolicyDocument, kind: Matter, harsh: Matter) -> bool:
    """Whether the policy of then says of what was put together just what the deed says, check by check."""
    then = [(one.name, one.passed) for one in given.checks]
    return all([(one.name, one.passed) for one in judge(policy, matter)] == then for matter in (kind, harsh))


def tried(use_case: UseCase, was: UseCaseWord, would: UseCaseWord, turn: UseCaseTurn, **about: Any) -> TriedUseCase:
    """What comes of one."""
    place = {"use_case": use_case.id, "stage": use_case.stage, "ai_act_class": use_case.ai_act_class}
    return TriedUseCase.model_validate({**place, "was": was, "would": would, "turn": turn, **about})


class UseCaseCount(Value):
    """How many approvals turn by one check, in one stage for one class."""

    when: str
    """`now`, of what could be approved; or `decided`, of what was judged."""
    turn: UseCaseTurn
    gate: str
    stage: UseCaseStage
    ai_act_class: AiActClass | None
    """None where nobody had assessed it."""
    approvals: int


def by_check(found: Iterable[TriedUseCase]) -> Iterator[UseCaseCount]:
    """How many approvals turn by which check. A use case counts once for each, whoever would hear of it."""
    each = {
        (one.status == DECIDED, one.turn, gate, one.stage, one.ai_act_class, one.use_case, one.deed)
        for one in found
        for gate in {check.name for check in one.because} or {""}
    }
    counts = Counter(key[:5] for key in each)
    classes = (*AiActClass, None)

    def place(key: tuple[Any, ...]) -> tuple[int, ...]:
        is_past, turn, gate, stage, ai_act_class = key
        checks = ("", *CHECK_NAMES)
        where = ORDER.index(stage), classes.index(ai_act_class)
        return (is_past, TURNS.index(turn), checks.index(gate), *where)

    for key in sorted(counts, key=place):
        is_past, turn, gate, stage, ai_act_class = key
        told = {"turn": turn, "gate": gate, "stage": stage, "ai_act_class": ai_act_class}
        yield UseCaseCount(when=DECIDED if is_past else NOW, **told, approvals=counts[key])


def compared(draft: UseCasePolicyDocument, policy: UseCasePolicy) -> Compared:
    """Where a draft asks less than the policy in force, as publishing has it; and more: the same turned round."""
    more: dict[str, tuple[str, ...]] = {}
    for one in loosens_use_cases(policy.document, draft):
        more[one.gate] = tuple(dict.fromkeys((*more.get(one.gate, ()), one.place)))
    return Compared(policy=policy.id, less=dict(summary(loosens_use_cases(draft, policy.document))), more=more)
