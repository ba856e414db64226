"""What else is kept of people's word, evidence and write-backs: the parts that no case tells by itself."""

from datetime import timedelta
from typing import Any

import pytest

from governance.domain.authority import Role
from governance.domain.conclusions import glass_for
from governance.domain.deciding import SAME_CHANGE
from governance.domain.decision import Source
from governance.domain.evidence import EvidenceKind, Piece, evidence_digest
from governance.domain.evidence_facts import EvidenceAged, EvidenceCollected
from governance.domain.facts import ApproverIdentified, VerdictGiven
from governance.domain.identifiers import effect_id
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.matters import answers_to, matter_of, others_until, readings_of
from governance.domain.published import DEFAULT
from governance.domain.refusals import size
from governance.domain.reviewing import DeadlinePassed, GlassReviewed, SignOffGiven
from governance.domain.terms import Terms
from governance.domain.values import iso
from governance.domain.write_backs import intent, may_pass, shortened
from governance.domain.writing_back import WriteBackFinished
from tests.builders import after, on_record
from tests.unit.governance.decisions.board import ARN, OTHER, Board
from tests.unit.governance.decisions.sentences import person
from tests.unit.governance.decisions.test_cases import told

DEVELOPMENT = Stage.DEVELOPMENT


def glass_of(board: Board, stage: Stage = DEVELOPMENT) -> Any:
    glass = board.state().stage(stage).glass
    assert glass
    return glass


def broken() -> Board:
    """An emergency, written and in force."""
    return told("the policy is two people", "olive breaks the glass in development for 4 hours")


def word_of(board: Board, who: str, **changes: Any) -> dict[str, Any]:
    """Somebody's word for what the version is now."""
    state = board.state()
    policy = board.recording.terms(board.ledger.open(ARN), ARN).policy
    word = {"stage": DEVELOPMENT, "person": person(who), "roles": ("owner",), "why": "sound", "policy": policy.id}
    word |= {"specification": state.specification, "policy_hash": policy.hash}
    return {**word, "evidence": evidence_digest(state.pieces, state.specification), **changes}


def test_a_word_for_other_contents_than_there_are_by_then_is_void_and_asks_for_nothing() -> None:
    board = told("the policy is two people")
    board.later()
    board.learn(SignOffGiven, **word_of(board, "olive", specification="f" * 64, decides=True))
    (signed,) = board.state().sign_offs
    assert signed.void
    assert board.state().stage(DEVELOPMENT).wish is None


@pytest.mark.parametrize(
    ("seconds", "who", "policy", "is_one"),
    [(0, "olive", "", True), (2, "olive", "", True), (3, "olive", "", False), (-1, "olive", "", False),
     (1, "otto", "", False), (1, "olive", "f" * 64, False)],
)  # fmt: skip
def test_what_was_asked_for_and_written_at_once_is_one_word(seconds: int, who: str, policy: str, is_one: bool) -> None:
    board = told("olive approves it in development in Studio")
    at = board.second + seconds
    board.later()
    board.learn(SignOffGiven, at, **word_of(board, who, **({"policy_hash": policy} if policy else {})))
    words = len([one for one in board.state().sign_offs if not one.decision])
    assert (words == 0) == (is_one or seconds < 0)
    if seconds < 0:
        assert {one.round for one in board.state().sign_offs} == {1}


def test_what_somebody_asked_for_keeps_as_what_they_came() -> None:
    board = told("the policy is two people", "olive asks Steward to approve it in development")
    wish = board.state().stage(DEVELOPMENT).wish
    assert wish
    assert (wish.roles, wish.why, wish.at) == (("owner",), "as discussed", after(board.second))
    (signed,) = board.state().sign_offs
    assert (signed.roles, signed.why) == (("owner",), "as discussed")


def test_an_emergency_keeps_who_why_and_until_when() -> None:
    board = broken()
    glass = glass_of(board)
    assert (glass.person, glass.roles, glass.why) == (on_record(person("olive")), ("owner",), "as discussed")
    assert glass.until == glass.at + timedelta(hours=4)
    assert (glass.reviewed_by, glass.upheld, glass.ended, glass.overdue) == (None, None, False, False)


def test_a_review_is_of_one_emergency_and_the_first_counts() -> None:
    board = broken()
    review = {"stage": DEVELOPMENT, "why": "looked at", "person": person("vera")}
    board.later()
    board.learn(GlassReviewed, **review, glass="f" * 64, upheld=False)
    assert glass_of(board).reviewed_by is None
    board.learn(GlassReviewed, **review, glass=glass_of(board).fingerprint, upheld=True)
    board.later()
    board.learn(GlassReviewed, **{**review, "person": person("oskar")}, glass=glass_of(board).fingerprint, upheld=False)
    assert (glass_of(board).reviewed_by, glass_of(board).upheld) == (on_record(person("vera")), True)
    board.learn(GlassReviewed, **{**review, "stage": Stage.TEST}, glass="f" * 64, upheld=False)
    assert board.state().stage(DEVELOPMENT).status is ModelStatus.APPROVED


def test_the_end_of_an_emergency_in_test_leaves_development_as_it_is() -> None:
    board = told("olive approves it in development in Studio", "the policy is any two people in every stage")
    board.ask(person("olive"), "break-glass", stage="test", hours=4)  # type: ignore[arg-type]
    board.passes_by("emergency", Stage.TEST)
    assert board.state().stage(Stage.TEST).status is ModelStatus.PENDING
    assert board.state().stage(DEVELOPMENT).status is ModelStatus.APPROVED
    assert glass_of(board, Stage.TEST).ended


def test_an_approval_that_the_policy_lets_pass_outlasts_the_end_of_an_emergency() -> None:
    board = told("the policy is two people", "olive signs it off in development")
    board.is_written_at_once = False
    board.ask(person("otto"), "break-glass", stage="development", hours=4)  # type: ignore[arg-type]
    told("vera approves it in development in Studio", on=board)
    assert board.state().stage(DEVELOPMENT).status is ModelStatus.APPROVED
    board.passes_by("emergency")
    assert board.state().stage(DEVELOPMENT).status is ModelStatus.APPROVED
    (verdict,) = [fact for fact in board.facts(VerdictGiven) if fact.passed]
    assert verdict.glass == ""


def test_a_finding_whose_date_was_moved_is_not_overdue_by_the_old_one() -> None:
    board = told("oskar raises the finding “no card” in development, due in 2 days")
    ((key, finding),) = board.state().reviews.items()
    later_due = (finding.due + timedelta(days=5)).isoformat()
    board.passes_by("finding")
    assert board.state().reviews[key].overdue
    board.ask(person("ada"), "answer-finding", finding=key, closes=False, owner="nina")  # type: ignore[arg-type]
    assert board.state().reviews[key].overdue, "somebody else is to answer it, and it is as late"
    board.ask(person("ada"), "answer-finding", finding=key, closes=False, due=later_due)  # type: ignore[arg-type]
    moved = board.state().reviews[key]
    assert (moved.overdue, moved.owner) == (False, on_record(person("nina")).id)  # type: ignore[arg-type]
    board.learn(DeadlinePassed, what="finding", subject=key, due=finding.due)
    assert not board.state().reviews[key].overdue
    board.learn(DeadlinePassed, what="finding", subject="review-unknown", due=finding.due)
    assert list(board.state().reviews) == [key]


def test_a_finding_without_a_date_is_never_overdue() -> None:
    board = told("vera rejects it in development for “no card”")
    (finding,) = board.state().reviews.values()
    board.learn(DeadlinePassed, what="finding", subject=finding.id, due=after(board.second))
    assert "review-overdue" not in board.open_findings()


def test_an_unreadable_report_leaves_sign_offs_and_what_was_asked_for() -> None:
    board = told("the policy is two people", "ada attaches model card evidence")
    told("olive asks Steward to approve it in development", on=board)
    told("ada attaches bias evidence", on=board)
    assert [one.void for one in board.state().sign_offs] == [False]
    assert board.state().stage(DEVELOPMENT).wish
    told("ada attaches document evidence", on=board)
    assert [one.void for one in board.state().sign_offs] == [True]
    assert board.state().stage(DEVELOPMENT).wish is None


def test_what_counted_for_an_approval_stays_when_evidence_comes_and_goes() -> None:
    board = told("the policy is two people", "olive asks Steward to approve it in development")
    told("vera signs it off in development", "ada attaches model card evidence", "4 days later", on=board)
    told("the evidence grows too old", on=board)
    assert [(one.round, one.void, bool(one.decision)) for one in board.state().sign_offs] == [(1, False, True)] * 2


def test_a_warning_that_evidence_grows_old_voids_nothing() -> None:
    board = told("the policy is two people", "ada attaches model card evidence", "olive signs it off in development")
    (piece,) = board.state().pieces
    ends = after(board.second + 86400)
    board.learn(EvidenceAged, effect_id=piece.effect_id, standing="expiring", expires_at=ends, policy="house@1")
    (warned,) = board.state().pieces
    assert (warned.warned, warned.expires_at, warned.status) == (True, ends, "collected")
    assert [one.void for one in board.state().sign_offs] == [False]
    board.later()
    board.learn(EvidenceAged, effect_id=piece.effect_id, standing="current", expires_at=ends, policy="house@2")
    assert not board.state().pieces[0].warned


def test_a_verdict_tells_on_what_evidence_by_whom_and_in_whose_place() -> None:
    board = told("ada attaches model card evidence", "vera delegates the role of validator to nina for 3 days")
    told("nina approves it in development in Studio", on=board)
    (verdict,) = board.facts(VerdictGiven)
    collected = board.facts(EvidenceCollected)
    assert len(collected) == 1
    assert verdict.evidence == evidence_digest(board.state().pieces, board.state().specification)
    assert verdict.evidence != evidence_digest((), board.state().specification)
    assert verdict.roles == (Role.VALIDATOR,)
    assert verdict.delegated_by == on_record(person("vera")).id  # type: ignore[arg-type]
    assert verdict.glass == ""
    (signed,) = board.state().sign_offs
    assert (signed.delegated_by, signed.evidence) == (verdict.delegated_by, verdict.evidence)


def test_a_wish_is_gone_once_it_is_intended_and_what_is_written_stays_written() -> None:
    board = Board()
    board.is_written_at_once = False
    told("olive asks Steward to approve it in development", on=board)
    assert board.state().stage(DEVELOPMENT).wish is None
    (intent,) = board.state().write_backs
    board.learn(WriteBackFinished, effect_id="write-back-unknown", outcome="failed", reason="no such")
    assert board.state().write_backs == (intent,)
    for outcome, reason in (("failed", "throttled"), ("written", "")):
        board.later()
        board.learn(WriteBackFinished, effect_id=intent.effect_id, outcome=outcome, reason=reason)
    (written,) = board.state().write_backs
    assert (written.outcome, written.reason) == ("written", "")
    board.later()
    board.learn(WriteBackFinished, effect_id=intent.effect_id, outcome="overtaken", reason="too late")
    assert board.state().write_backs == (written,)


@pytest.mark.parametrize("length", [1, 1023, 1024, 1025, 3000])
def test_a_reason_is_shortened_to_what_the_registry_takes_and_no_more(length: int) -> None:
    assert shortened("x" * length) == "x" * min(length, 1024)
    assert shortened(f"  two\nlines  {'y' * length}").startswith("two lines y")
    assert size(shortened("😀" * length)) == min(2 * length, 1024)


def test_an_emergency_lets_pass_until_its_very_end_and_not_then() -> None:
    board = Board()
    board.is_written_at_once = False
    told("the policy is two people", "olive breaks the glass in development for 4 hours", on=board)
    glass, state = glass_of(board), board.state()
    terms = board.recording.terms(board.ledger.open(ARN), ARN)
    for seconds, passes in ((-1, True), (0, False), (1, False)):
        moment = glass.until + timedelta(seconds=seconds)
        assert may_pass(state, DEVELOPMENT, glass.person, glass.fingerprint, terms, moment) is passes
    assert not may_pass(state, DEVELOPMENT, glass.person, "f" * 64, terms, glass.at)


def test_who_changed_it_twice_is_one_author_more_and_a_call_of_another_moment_tells_nothing_of_this_one() -> None:
    board = told("grace changes what it runs", "grace changes what it runs")
    assert len(board.state().specification_changed_by) == 1
    told("CloudTrail tells that grace changed what it runs", "somebody unknown changes what it runs", on=board)
    assert board.state().unknown_changes == (after(board.second),)
    told("CloudTrail tells that ada changed what it runs", on=board)
    assert board.state().unknown_changes == ()
    assert len(board.state().specification_changed_by) == 2


@pytest.mark.parametrize(("seconds", "is_told"), [(-3, False), (-2, True), (0, True), (2, True), (3, False)])
def test_a_call_tells_of_a_change_within_two_seconds_of_it_whichever_is_learned_first(
    seconds: int, is_told: bool
) -> None:
    for is_call_first in (True, False):
        board = Board()
        board.later()
        call_at = {"person": person("grace"), "changed_specification": True}
        for is_call in (is_call_first, not is_call_first):
            if is_call:
                board.learn(ApproverIdentified, board.second + 60 + seconds, **call_at)
            else:
                told("somebody unknown changes what it runs", on=board)
                board.later(-60)
        assert (board.state().unknown_changes == ()) is is_told
        assert on_record(person("grace")) in board.state().specification_changed_by  # type: ignore[arg-type]


MOMENT = timedelta(microseconds=1)


def terms_of(board: Board) -> Terms:
    return board.recording.terms(board.ledger.open(ARN), ARN)


def test_what_is_to_be_written_is_named_by_all_that_caused_it_and_by_what_the_registry_said() -> None:
    board = Board()
    board.is_written_at_once = False
    told("olive asks Steward to approve it in development", on=board)
    state = board.state()
    assert state.changed_at
    (one,) = state.write_backs
    causes = (DEVELOPMENT, one.cause, ModelStatus.APPROVED)
    assert one.effect_id == effect_id("write-back", state.model, *causes, iso(state.changed_at))
    assert (one.seen, one.seen_at) == ("PendingManualApproval", state.changed_at)
    unseen = state.model_copy(update={"changed_at": None, "approval": None})
    olive = on_record(person("olive"))  # type: ignore[arg-type]
    more = {"description": "", "cause": one.cause, "terms": terms_of(board), "now": board.now()}
    first = intent(unseen, DEVELOPMENT, Source.APPROVAL, ModelStatus.APPROVED, olive, **more)  # type: ignore[arg-type]
    assert first.effect_id == effect_id("write-back", state.model, *causes, "")
    assert (first.seen, first.seen_at) == ("", None)


def test_an_emergency_is_carried_out_by_a_decision_of_its_time_alone() -> None:
    board = broken()
    state, glass = board.state(), glass_of(board)
    decision = state.stage(DEVELOPMENT).decision
    assert decision
    case = matter_of(state, DEVELOPMENT, glass.person, decision.at, terms_of(board)).case
    moments = (glass.at - SAME_CHANGE, glass.at - SAME_CHANGE - MOMENT, glass.until - MOMENT, glass.until)
    carried = [glass_for(state, decision.model_copy(update={"at": at}), case) for at in moments]
    assert carried == [glass.fingerprint, "", glass.fingerprint, ""]


def test_what_a_policy_is_asked_about_is_what_was_so_at_that_moment() -> None:
    board = told("olive approves it in development in Studio", "oskar approves it in test in Studio")
    state, terms, vera = board.state(), terms_of(board), on_record(person("vera"))  # type: ignore[arg-type]
    first, second = (state.stage(stage).decided_at for stage in (DEVELOPMENT, Stage.TEST))
    assert first
    assert second
    assert matter_of(state, DEVELOPMENT, vera, second, terms).case.preceding is None
    for at, status, count in ((first - MOMENT, ModelStatus.PENDING, 0), (first, ModelStatus.APPROVED, 1)):
        assert matter_of(state, Stage.TEST, vera, at, terms).case.preceding is status
        assert len(list(others_until(state, Stage.TEST, at, terms))) == count
    both = [on_record(person(who)) for who in ("oskar", "olive")]  # type: ignore[arg-type]
    assert [one.id for one in others_until(state, Stage.PRODUCTION, second, terms)] == [one.id for one in both]
    replaced = matter_of(state.model_copy(update={"replaced_by": OTHER}), DEVELOPMENT, vera, second, terms)
    assert replaced.case.replaced_by == OTHER.split("/", 1)[1]


def test_an_emergency_opens_nothing_of_who_decides_and_in_which_order() -> None:
    board = told("olive approves it in development in Studio")
    matter = matter_of(board.state(), Stage.TEST, on_record(person("vera")), board.now(), terms_of(board))  # type: ignore[arg-type]
    stops = {
        each.gate for each in answers_to(DEFAULT.document, matter, is_emergency=True) if each.check.mode == "enforce"
    }
    assert stops == {"approver-entitled", "not-by-the-author", "preceding-stage-approved"}


def test_a_report_is_of_the_moment_that_it_tells_of_itself() -> None:
    board = Board()
    state = board.state()
    about = {"effect_id": "collect-1", "kind": EvidenceKind.BIAS, "uri": "s3://b/k", "source": "package"}
    piece = Piece(**about, specification=state.specification, requested_at=after(9), status="collected")
    for dated, at in ((after(5), after(5)), (None, after(9))):
        pieces = (piece.model_copy(update={"dated_at": dated}),)
        assert [one.at for one in readings_of(state.model_copy(update={"pieces": pieces}), DEVELOPMENT)] == [at]
