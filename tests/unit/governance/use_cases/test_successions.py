"""Nothing succeeds itself, whoever else names successors at the same time."""

from itertools import pairwise

import pytest

from governance.domain.errors import Refused
from tests.unit.governance.decisions.sentences import person
from tests.unit.governance.use_cases.board import Board, describes

RING = ("first", "second", "third", "fourth")


@pytest.fixture
def board() -> Board:
    made = Board()
    for name in RING:
        made.ask(person("olive"), "create-use-case", document=describes(id=name))
    return made


def names(board: Board, use_case: str, successor: str) -> None:
    board.ask(person("otto"), "name-successor", use_case=use_case, successor=successor)


@pytest.mark.parametrize("length", [2, 3, 4])
@pytest.mark.parametrize("last", range(4))
def test_of_a_ring_that_is_closed_at_once_the_last_is_refused(board: Board, length: int, last: int):
    """While one is about to be written, the others are: what the one rests on has moved on by then."""
    ring = [*RING[:length], RING[0]]
    links = list(pairwise(ring))
    mine, others = links[last % length], [one for one in links if one != links[last % length]]
    save = board.use_cases.save

    def saved(*told, **more):
        board.use_cases.save = save  # type: ignore[method-assign]
        for other in others:
            names(board, *other)
        save(*told, **more)

    board.use_cases.save = saved  # type: ignore[method-assign]
    names(board, *mine)
    assert board.refused.startswith("cycle")
    assert board.stands(mine[0]).successor == ""
    assert [board.stands(one).successor for one, _ in others] == [after for _, after in others]


def test_a_chain_without_an_end_is_not_followed_for_ever(board: Board, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("governance.services.overseeing.LONGEST_CHAIN", 2)
    names(board, "second", "third")
    names(board, "third", "fourth")
    with pytest.raises(Refused, match="more than 2 use cases"):
        board.overseeing.succession("first", "second")
