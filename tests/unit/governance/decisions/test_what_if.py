"""What a draft would have said of decisions, and would say of what stands: asked of the gates that judge."""

import pytest

from governance.domain.approvals import words_that_wait
from governance.domain.lifecycle import Stage
from governance.domain.policy_document import PolicyDocument
from governance.domain.published import DEFAULT, PublishedPolicy
from governance.domain.terms import Terms
from governance.domain.what_if import (
    NO_PRODUCTION,
    NO_ROLE,
    NOT_AS_JUDGED,
    Tried,
    Turn,
    Word,
    by_gate,
    compared,
    tried_then,
)
from tests.unit.governance.decisions.board import Board
from tests.unit.governance.decisions.retried import now, verdicts
from tests.unit.governance.decisions.test_cases import KNOWN, TABLE, told, written

DEVELOPMENT = Stage.DEVELOPMENT


def then(board: Board, draft: PolicyDocument) -> list[Tried]:
    """What a draft would have said of every decision on version 7."""
    return [tried_then(draft, state, one, KNOWN.get(one.policy_hash)) for state, one in verdicts(board)]


def by(name: str) -> PolicyDocument:
    """A policy of the cases, as a draft."""
    return written(*TABLE["policies"][name], title=f"a draft: {name}")


def told_of(one: Tried) -> tuple[Turn, set[str]]:
    """What becomes of an approval, and by which gates."""
    return one.turn, {check.name for check in one.because}


APPROVED = "olive approves it in development in Studio"
A_REPORT = "ada attaches a model quality report with AUC 0.9"


def test_what_a_draft_asks_and_nobody_had_would_have_been_refused_and_would_be_now():
    board = told(APPROVED)
    (past,) = then(board, by("a bias report"))
    assert (past.was, past.would, *told_of(past)) == (Word.PASSES, Word.FAILS, Turn.NEWLY_FAILS, {"bias-report"})
    assert past.because[0].remedy.startswith("attach bias evidence")
    assert told_of(now(board, by("a bias report"))[DEVELOPMENT]) == (Turn.NEWLY_FAILS, {"bias-report"})


def test_what_a_policy_refused_and_a_draft_does_not_ask_would_have_passed():
    (past,) = then(told("the policy is two people", APPROVED), written())
    assert told_of(past) == (Turn.NEWLY_PASSES, {"signed-off"})


def test_a_decision_is_tried_on_the_evidence_of_its_day_and_what_stands_on_that_of_today():
    board = told(APPROVED, A_REPORT)
    (past,) = then(board, by("AUC of at least 0.8"))
    assert told_of(past) == (Turn.NEWLY_FAILS, {"auc"})
    assert told_of(now(board, by("AUC of at least 0.8"))[DEVELOPMENT]) == (Turn.SAME, set())


def test_evidence_that_has_grown_too_old_since_was_young_enough_then():
    board = told("ada attaches validation run evidence", APPROVED)
    board.later(40 * 86400)
    assert [told_of(one) for one in then(board, by("a validation run"))] == [(Turn.SAME, set())]
    assert told_of(now(board, by("a validation run"))[DEVELOPMENT]) == (Turn.NEWLY_FAILS, {"validated"})


def test_the_words_that_counted_then_count_for_a_draft_too():
    board = told("the policy is two people", "vera signs it off in development", APPROVED)
    assert [told_of(one) for one in then(board, by("any two people"))] == [(Turn.SAME, set())]
    assert [told_of(one) for one in then(told(APPROVED), by("any two people"))] == [(Turn.NEWLY_FAILS, {"signed-off"})]


def test_what_was_in_production_then_is_not_guessed():
    (past,) = then(told(A_REPORT, APPROVED), by("AUC not lower than in production"))
    assert (past.would, *told_of(past)) == (Word.CANNOT_TELL, Turn.CANNOT_TELL, {"auc"})
    assert past.because[0].found == NO_PRODUCTION


def test_what_fails_whatever_was_in_production_is_known_to_fail():
    assert [told_of(one) for one in then(told(APPROVED), by("AUC not lower than in production"))] == [
        (Turn.NEWLY_FAILS, {"auc"})
    ]


@pytest.mark.parametrize(
    ("draft", "turn"),
    [("AUC not lower than in production by more than 0.01", Turn.SAME),
     ("AUC not lower than in production", Turn.CANNOT_TELL)],
)  # fmt: skip
def test_of_production_the_verdict_tells_what_was_asked_then_and_nothing_else(draft: str, turn: Turn):
    asked = "AUC not lower than in production by more than 0.01"
    board = told("production serves a version with AUC 0.91", f"the policy is {asked}", A_REPORT, APPROVED)
    assert [one.turn for one in then(board, by(draft))] == [turn]
    assert now(board, by("AUC not lower than in production"))[DEVELOPMENT].turn is Turn.NEWLY_FAILS, "known as of now"


def test_of_two_limits_of_one_name_the_verdict_tells_of_that_for_the_risk_of_the_version():
    (gate,) = TABLE["policies"]["AUC not lower than in production by more than 0.01"]
    policy = written({**gate, "risks": ["high"]}, {**gate, "risks": ["low"], "worse_by_at_most": 0.3})
    board = Board()
    board.under(PublishedPolicy(document=policy, version=1))
    told("production serves a version with AUC 0.91", A_REPORT, APPROVED, on=board)
    ((state, verdict),) = verdicts(board)
    assert tried_then(written(gate), state, verdict, policy).turn is Turn.SAME
    assert tried_then(written({**gate, "worse_by_at_most": 0.3}), state, verdict, policy).turn is Turn.CANNOT_TELL


def test_an_emergency_opens_a_draft_as_it_opened_the_policy():
    board = told("the policy is two people", "olive breaks the glass in development for 4 hours")
    past = then(board, by("a bias report"))[-1]
    assert (past.was, past.would) == (Word.PASSES, Word.PASSES)
    assert told_of(past) == (Turn.NEWLY_ADVISED, {"bias-report"})


def test_no_draft_lets_pass_what_no_policy_can():
    quarantined = told("oskar quarantines it", APPROVED)
    unasked = told("Steward's own role approves it in development in Studio")
    for board in (quarantined, unasked):
        assert {(one.was, one.would) for one in then(board, written())} == {(Word.FAILS, Word.FAILS)}


def test_advice_that_nobody_gave_is_told_apart_from_a_refusal():
    gate = {**TABLE["policies"]["a bias report"][0], "mode": "advise"}
    board = told(APPROVED)
    assert told_of(then(board, written(gate))[0]) == (Turn.NEWLY_ADVISED, {"bias-report"})
    assert told_of(now(board, written(gate))[DEVELOPMENT]) == (Turn.NEWLY_ADVISED, {"bias-report"})


def test_what_waits_is_judged_as_if_somebody_entitled_approved_it():
    waits = now(told(), by("two people"))[DEVELOPMENT]
    assert (waits.status, *told_of(waits)) == ("pending", Turn.NEWLY_FAILS, {"signed-off"})
    board = told("vera signs it off in development")
    assert told_of(now(board, by("two people"))[DEVELOPMENT]) == (Turn.SAME, set())
    terms = Terms(policy=DEFAULT)
    assert words_that_wait(board.state(), board.state().stages, terms) == 1
    assert (
        words_that_wait(
            board.state(), board.state().stages, Terms(policy=PublishedPolicy(document=written(), version=1))
        )
        == 0
    )


def test_what_is_rejected_is_neither_judged_nor_waited_for():
    assert now(told("vera rejects it in development in Studio"), written()) == {}


def test_a_verdict_that_its_record_does_not_give_is_not_tried():
    board = told(APPROVED)
    ((state, verdict),) = verdicts(board)
    other = tuple(one.model_copy(update={"passed": False}) for one in verdict.checks)
    for wrong in ({"checks": other}, {"decision": "f" * 64}):
        past = tried_then(written(), state, verdict.model_copy(update=wrong), DEFAULT.document)
        assert (past.turn, past.would, past.why) == (Turn.CANNOT_TELL, Word.CANNOT_TELL, NOT_AS_JUDGED)


def test_of_the_first_release_which_recorded_no_roles_only_what_they_decide_is_unknown():
    ((state, verdict),) = verdicts(told(APPROVED))
    checks = tuple(one for one in verdict.checks if one.name in {"not-by-the-author", "preceding-stage-approved"})
    old = verdict.model_copy(update={"policy": "default@1", "policy_hash": "c" * 64, "roles": (), "checks": checks})
    past = tried_then(written(), state, old, None)
    assert told_of(past) == (Turn.CANNOT_TELL, {"approver-entitled"})
    assert past.because[0].found == NO_ROLE
    assert tried_then(by("a bias report"), state, old, None).turn is Turn.NEWLY_FAILS


def test_changes_are_counted_by_gate_stage_and_risk():
    board = told("the model's risk is low", APPROVED)
    draft = written(*TABLE["policies"]["a bias report"], *TABLE["policies"]["a validation run"])
    counts = list(by_gate([*then(board, draft), now(board, draft)[DEVELOPMENT]]))
    assert [(one.when, one.gate, one.risk, one.approvals) for one in counts] == [
        ("now", "bias-report", "low", 1), ("now", "validated", "low", 1),
        ("decided", "bias-report", "low", 1), ("decided", "validated", "low", 1),
    ]  # fmt: skip
    assert {one.turn for one in counts} == {Turn.NEWLY_FAILS}


def test_a_draft_is_compared_with_a_policy_in_force_both_ways():
    policy = PublishedPolicy(document=written(*TABLE["policies"]["two people"]), version=3)
    found = compared(by("any two people in every stage"), policy)
    assert found.policy == "house@3"
    assert found.less == {
        "signed-off: lets officer sign off too": tuple(f"development/{risk}" for risk in ("high", "medium", "low")),
        "signed-off: no longer needs every role": tuple(f"development/{risk}" for risk in ("high", "medium", "low")),
    }
    assert set(found.more) == {"signed-off"}
    assert "test/high" in found.more["signed-off"]
