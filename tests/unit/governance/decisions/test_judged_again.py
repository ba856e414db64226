"""A verdict is given once. Only a refusal that rested on what turns out not to have been so is given anew."""

from typing import Any

import pytest

from governance.domain.conclusions import overtaken
from governance.domain.facts import ApproverIdentified, RegistryObserved, VerdictGiven
from governance.domain.identifiers import Person
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.policy import Case, Check, Mode
from tests.builders import KATHERINE, MARY, after, approved, call, change, identity, moved
from tests.unit.governance.decisions.board import Board
from tests.unit.governance.decisions.sentences import person
from tests.unit.governance.decisions.test_cases import told
from tests.unit.governance.write_backs.office import office

OLIVE, OTTO, ADA = Person(id="olive"), Person(id="otto"), Person(id="ada")
PRECEDING, AUTHOR, PEOPLE = "preceding-stage-approved", "not-by-the-author", "signed-off"


def given(refused: str, passed: bool = False) -> VerdictGiven:
    """A verdict by olive, with one check that was refused and one that was not."""
    checks = [
        Check(name=name, mode=Mode.ENFORCE, passed=name != refused, required="", found="")
        for name in (PRECEDING, AUTHOR, PEOPLE)
    ]
    told_of: dict[str, Any] = {"decision": "d", "stage": Stage.TEST, "policy": "house@1", "policy_hash": "f" * 64}
    times = {"model": identity(), "effective_at": after(60), "recorded_at": after(61)}
    return VerdictGiven(**times, **told_of, passed=passed, checks=tuple(checks), approver=OLIVE)


def case(
    approver: Person = OLIVE, registered_by: Person | None = ADA, before: ModelStatus = ModelStatus.PENDING
) -> Case:
    return Case(
        stage=Stage.TEST,
        approver=approver,
        registered_by=registered_by,
        preceding=before,
        deployed=True,
        validated=True,
    )


APPROVED = ModelStatus.APPROVED


@pytest.mark.parametrize(
    ("verdict", "now", "is_overtaken"),
    [
        (given(PRECEDING), case(before=APPROVED), True),
        (given(PRECEDING), case(), False),
        (given(PEOPLE), case(before=APPROVED), False),
        (given(AUTHOR), case(), True),
        (given(AUTHOR), case(registered_by=OLIVE), False),
        (given(AUTHOR), case(registered_by=None), False),
        (given(AUTHOR), case(registered_by=OLIVE, before=APPROVED), False),
        (given(PEOPLE), case(), False),
        (given(PEOPLE), case(approver=OTTO), True),
        (given("", passed=True), case(approver=OTTO, before=APPROVED), False),
        (given(PRECEDING, passed=True), case(before=APPROVED), False),
    ],
)
def test_only_a_refusal_that_rested_on_what_was_not_so_is_overtaken(
    verdict: VerdictGiven, now: Case, is_overtaken: bool
) -> None:
    assert overtaken(verdict, now) is is_overtaken


def unwritten() -> Board:
    """A version, where nobody writes to the registry: a refused approval stays there, and in force."""
    return Board(writer="")


def test_a_looser_policy_judges_nothing_again() -> None:
    board = told("the policy is two people", "olive approves it in development in Studio", on=unwritten())
    told("the policy is any two people", "nina writes a note on it in Studio", on=board)
    told("vera signs it off in development", on=board)
    assert [fact.passed for fact in board.facts(VerdictGiven)] == [False]
    assert board.state().stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING


def test_a_late_word_on_who_changed_it_turns_a_refusal_and_one_on_the_approver_does_not() -> None:
    for who, passed in (("grace", True), ("olive", False)):
        board = told("somebody unknown changes what it runs", on=unwritten())
        at = board.second
        told("olive approves it in development in Studio", on=board)
        assert [fact.passed for fact in board.facts(VerdictGiven)] == [False]
        board.learn(ApproverIdentified, at, person=person(who), changed_specification=True)
        assert [fact.passed for fact in board.facts(VerdictGiven)] == ([False, True] if passed else [False])
        assert (board.state().stage(Stage.DEVELOPMENT).status is APPROVED) is passed


def test_what_is_judged_again_is_refused_still_where_something_else_speaks_against_it() -> None:
    board = told("the policy is two people", "somebody unknown changes what it runs", on=unwritten())
    at = board.second
    told("olive approves it in development in Studio", on=board)
    board.learn(ApproverIdentified, at, person=person("grace"), changed_specification=True)
    assert [fact.passed for fact in board.facts(VerdictGiven)] == [False]
    assert board.facts(RegistryObserved)


def test_an_approval_is_not_judged_while_the_stage_before_still_is():
    made = office()
    made.deliver(approved(60))  # nobody can tell by whom
    made.tell(moved(120, "Test", "Approved"), by=KATHERINE)
    assert made.stage(Stage.TEST).verdict is None
    made.synchronisation.identify(call(60, MARY, modelApprovalStatus="Approved"), "trail-1")
    assert made.stage(Stage.TEST).status is APPROVED


def test_what_waits_for_the_stage_before_holds_up_no_stage_after_it():
    made = office()
    made.tell(approved(60), by=MARY)
    made.tell(moved(120, "Test", "Approved"), by=KATHERINE)
    made.tell(change(180), by=MARY)
    made.deliver(approved(240))  # nobody can tell by whom
    made.tell(moved(300, "Production", "Approved"), by=KATHERINE)
    assert made.stage().awaits_verdict
    assert made.stage(Stage.PRODUCTION).verdict is not None
