"""The ML engineer is told of a use case that may have model groups, and of no other."""

import pytest

from governance.domain.notices import LONGEST_SUBJECT
from governance.services.notifying import Notifying
from tests.fakes_of_use_cases import InMemoryNotices
from tests.unit.governance.use_cases import sentences
from tests.unit.governance.use_cases.board import ID, Board, answers, carry_out, id_of

assert sentences  # what is said of a use case
APPROVED = ("olive creates it", "vera assesses it as limited of low materiality", "vera approves proof-of-concept")


def told(*deeds: str, use_case: str = ID, times: int = 1, prohibited: bool = False) -> InMemoryNotices:
    """What is told after these deeds, of an approval that was announced."""
    board, notices = Board(), InMemoryNotices()
    for deed in deeds:
        carry_out(board, deed)
    if prohibited:
        board.ask(board.last["who"], "assess-use-case", use_case=ID, document=answers("unacceptable"))
    for _ in range(times):
        assert Notifying(board.use_cases, notices).notify(use_case, "e-1") == bool(notices.told)
    return notices


def test_which_use_case_it_is_by_whom_it_was_approved_and_what_to_run_is_told():
    (notice,) = told(*APPROVED).told
    assert (notice.use_case_id, notice.event_id) == (ID, "e-1")
    for words in (ID, "EU AI Act class: limited", "materiality: low", id_of("vera"), "use-cases@1", "steward onboard"):
        assert words in notice.text, words
    assert "vera" not in notice.text, "a mailbox forgets nobody"


def test_an_announcement_that_comes_again_is_told_as_the_same_one():
    first, second = told(*APPROVED, times=2).told
    assert first == second


@pytest.mark.parametrize(
    "deeds",
    [(), APPROVED[:1], APPROVED[:2], (*APPROVED, "vera rejects development")],
    ids=["unknown", "new", "assessed", "sent back"],
)
def test_of_a_use_case_that_takes_no_groups_by_now_nobody_is_told(deeds: tuple[str, ...]):
    assert told(*deeds).told == []


def test_of_a_prohibited_use_case_nobody_is_told():
    assert told(*APPROVED, prohibited=True).told == []


def test_a_subject_is_one_that_sns_takes():
    (notice,) = told(*APPROVED).told
    assert notice.subject.isascii() and len(notice.subject) < LONGEST_SUBJECT and "\n" not in notice.subject
