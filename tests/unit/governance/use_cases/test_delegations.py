"""A role that was delegated in every group of a use case counts for what is decided on the use case, and no other."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.authority import Delegation, Role, in_every_group
from governance.domain.identifiers import Person
from tests.builders import after, group_arn
from tests.unit.governance.use_cases import sentences
from tests.unit.governance.use_cases.board import Board, carry_out, id_of
from tests.unit.governance.use_cases.policies_made import as_written
from tests.unit.governance.use_cases.test_under_the_policy_in_force import publish

assert sentences  # what the sentences mean
PD, LGD = "credit-risk-pd", "credit-risk-lgd"


@pytest.fixture
def board() -> Board:
    """A use case in development, with two model groups that nobody decided on yet."""
    made = Board()
    for sentence in (
        "olive wrote it down, and it is high of low materiality",
        "olive says who oversees it",
        "vera approves proof-of-concept",
        "oskar approves proof-of-concept",
        f"olive attaches {PD}",
        f"olive attaches {LGD}",
    ):
        carry_out(made, sentence)
    return made


def delegate(board: Board, group: str, role: Role, to: str, by: str = "vera", **told: Any) -> None:
    """A role is delegated in a group."""
    known = board.groups.get(group_arn(group))
    assert known
    common = {
        "role": role,
        "by": id_of(by),
        "to": id_of(to),
        "since": after(0),
        "until": after(86_400),
        "why": "on leave",
    }
    given = (*known.delegations, Delegation.model_validate({**common, **told}))
    board.groups.save(known.model_copy(update={"delegations": given, "revision": known.revision + 1}), known.revision)


def test_what_is_delegated_in_every_group_counts_and_the_deed_says_by_whom(board):
    delegate(board, PD, Role.VALIDATOR, "nina")
    delegate(board, LGD, Role.VALIDATOR, "nina", by="viktor")
    carry_out(board, "nina rejects development")
    assert board.chain[-1]["who"] == id_of("nina")
    assert set(board.chain[-1]["new"]["delegated_by"]) == {id_of("vera"), id_of("viktor")}


def test_what_is_delegated_in_one_group_of_two_does_not(board):
    delegate(board, PD, Role.VALIDATOR, "nina")
    carry_out(board, "nina rejects development")
    assert "not-entitled" in board.refused


def test_another_role_in_each_group_is_no_role_in_both(board):
    delegate(board, PD, Role.VALIDATOR, "nina")
    delegate(board, LGD, Role.OFFICER, "nina", by="oskar")
    carry_out(board, "nina rejects development")
    assert "not-entitled" in board.refused


@pytest.mark.parametrize("told", [{"until": after(60)}, {"since": after(80_000)}], ids=["over", "not begun"])
def test_it_counts_while_it_lasts(board, told):
    delegate(board, PD, Role.VALIDATOR, "nina", **told)
    delegate(board, LGD, Role.VALIDATOR, "nina")
    carry_out(board, "nina rejects development")
    assert "not-entitled" in board.refused


def test_what_a_use_case_is_made_of_is_for_roles_of_ones_own(board):
    for group in (PD, LGD):
        delegate(board, group, Role.OWNER, "nina", by="olive")
    carry_out(board, f"nina detaches {LGD}")
    assert "not-entitled" in board.refused


def test_a_use_case_without_groups_is_for_roles_of_ones_own():
    board = Board()
    carry_out(board, "olive wrote it down, and it is minimal of low materiality")
    carry_out(board, "nina approves proof-of-concept")
    assert "not-entitled" in board.refused


def test_where_a_role_of_ones_own_is_not_enough_for_a_stage_a_delegated_one_may_be(board):
    publish(board, as_written(roles={**as_written()["roles"], "development": ["validator"]}))
    for group in (PD, LGD):
        delegate(board, group, Role.VALIDATOR, "otto")
    carry_out(board, "otto approves development")
    assert "entitled" not in board.refused, "but for its models he could"
    assert "models-approved" in board.refused


def test_where_roles_of_ones_own_are_enough_nothing_is_said_of_others(board):
    for group in (PD, LGD):
        delegate(board, group, Role.VALIDATOR, "oskar")
    carry_out(board, "oskar rejects development")
    assert "delegated_by" not in board.chain[-1]["new"]


NINA, OTTO = Person(id="nina"), Person(id="otto")
GIVEN = st.builds(
    Delegation,
    role=st.sampled_from(Role),
    by=st.just("vera"),
    to=st.sampled_from(["nina", "otto"]),
    since=st.sampled_from([after(0), after(50)]),
    until=st.sampled_from([after(20), after(100)]),
    why=st.just(""),
)


@given(st.lists(st.lists(GIVEN, max_size=4), max_size=3), st.sampled_from([10, 30, 70]))
def test_a_role_counts_if_and_only_if_each_group_has_it_then(each, at):
    found = {one.role for one in in_every_group(each, NINA, after(at))}
    for role in Role:
        in_each = [any(d.to == "nina" and d.role is role and d.holds_at(after(at)) for d in some) for some in each]
        assert (role in found) == (bool(in_each) and all(in_each))
