"""What somebody took out of a use case does not come back to it by its tags, whatever it belonged to since."""

from itertools import permutations

import pytest

from governance.domain.onboarded import LOGICAL_ID, STACK
from governance.domain.use_case import USE_CASE
from governance.services.taking_in import TakingIn
from tests.builders import after, group_arn
from tests.unit.governance.use_cases.board import Board, answers, describes, person

GROUP = group_arn("pd")
NAMES = ("credit-scoring", "limits", "collections")
OTTO = person("otto as an officer")


def with_use_cases(*names: str) -> Board:
    board = Board()
    for name in names:
        board.ask(person("olive"), "create-use-case", document=describes(id=name))
        board.ask(person("olive"), "assess-use-case", use_case=name, document=answers("minimal"))
        board.ask(OTTO, "advance-use-case", use_case=name, stage="proof-of-concept")
        assert board.answer["outcome"] == "done"
    return board


def comes_to(board: Board, name: str) -> bool:
    """The stack tags the group with the use case, and a version is registered: whether it belongs there then."""
    taking_in = TakingIn(board.use_cases, board.groups, lambda: after(board.second))
    tags = {USE_CASE: name, STACK: "model-group-pd", LOGICAL_ID: "ModelGroup"}
    taken = taking_in.take_in(GROUP, tags, board.groups.get(GROUP), "e")
    known = board.groups.get(GROUP)
    assert taken == (known is not None and known.use_case is not None and known.use_case.id == name)
    return taken


@pytest.mark.parametrize("order", list(permutations(NAMES)))
def test_what_was_taken_out_of_several_comes_back_to_none_of_them(order: tuple[str, ...]):
    board = with_use_cases(*NAMES, "yet-another")
    for name in order:
        assert comes_to(board, name)
        board.ask(OTTO, "detach-group", use_case=name, group=GROUP)
        assert not board.refused
    deeds = {name: len(board.use_cases.trail(name)) for name in NAMES}
    assert not any(comes_to(board, name) for name in NAMES)
    assert {name: len(board.use_cases.trail(name)) for name in NAMES} == deeds
    assert comes_to(board, "yet-another"), "only what somebody decided is held against the tags"


def test_what_people_attached_again_and_took_out_again_stays_out():
    board = with_use_cases(*NAMES)
    first, second, _ = NAMES
    assert comes_to(board, first)
    board.ask(OTTO, "detach-group", use_case=first, group=GROUP)
    board.tag("pd", first)
    for name in (first, second):
        board.tag("pd", name)
        board.ask(OTTO, "attach-group", use_case=name, group=GROUP)
        board.ask(OTTO, "detach-group", use_case=name, group=GROUP)
        assert not board.refused
    assert not comes_to(board, first)
    assert not comes_to(board, second)


def test_that_another_group_was_taken_out_says_nothing_of_this_one():
    board = with_use_cases(*NAMES)
    other = group_arn("lgd")
    board.tag("lgd", NAMES[0])
    board.ask(OTTO, "attach-group", use_case=NAMES[0], group=other)
    board.ask(OTTO, "detach-group", use_case=NAMES[0], group=other)
    assert comes_to(board, NAMES[0])
