"""A use case is judged by the policy of use cases that is in force when somebody decides, and the deed says which."""

import json
from typing import Any

import pytest

from governance.domain.audit import Deed
from governance.domain.identifiers import STEWARD
from governance.domain.use_case_policy import BUILT_IN, UseCasePolicy
from governance.domain.use_case_policy_document import UseCasePolicyDocument
from tests.builders import after
from tests.unit.governance.use_cases import sentences
from tests.unit.governance.use_cases.board import ID, Board, carry_out, id_of
from tests.unit.governance.use_cases.policies_made import STAGES, as_written, with_checks

assert sentences  # what the sentences mean
WRITTEN = "olive wrote it down, and it is high of low materiality"
ONE = as_written(people_by_class={"high": 1, "limited": 1, "minimal": 1})


@pytest.fixture
def board() -> Board:
    made = Board()
    carry_out(made, WRITTEN)
    return made


def publish(board: Board, document: dict[str, Any]) -> UseCasePolicy:
    """Another policy comes into force."""
    shelf = board.policies.shelf("use-cases")
    made = UseCasePolicy(document=UseCasePolicyDocument.model_validate(document), version=shelf.highest + 1)
    told = {"action": "policy-published", "who": STEWARD, "why": "", "at": after(0), "correlation_id": "c", "new": {}}
    board.policies.publish(shelf, made, Deed.model_validate(told))
    return made


def pinned(board: Board) -> tuple[str, str]:
    """The policy that the last deed pins."""
    return board.chain[-1]["policy"], board.chain[-1]["policy_hash"]


def test_the_built_in_one_is_in_force_where_nobody_published_another(board):
    carry_out(board, "vera approves proof-of-concept")
    assert pinned(board) == ("use-cases@1", BUILT_IN.hash)
    assert board.answer["outcome"] == "waits-for-another-person"


def test_what_is_published_holds_from_the_next_decision_on_and_rewrites_no_earlier_one(board):
    carry_out(board, "vera approves proof-of-concept")
    second = publish(board, ONE)
    carry_out(board, "oskar approves proof-of-concept")
    assert pinned(board) == ("use-cases@2", second.hash)
    decided = board.stands().stages["proof-of-concept"]  # type: ignore[index]
    assert (decided.policy, decided.policy_hash) == ("use-cases@2", second.hash)
    assert board.chain[-1]["events"][0]["detail"]["policy"] == "use-cases@2"
    assert board.chain[-2]["policy"] == "use-cases@1"


def test_a_word_that_was_given_under_another_policy_has_to_be_given_again(board):
    carry_out(board, "vera approves proof-of-concept")
    publish(board, as_written(roles={**as_written()["roles"], "proof-of-concept": ["officer"]}))
    carry_out(board, "oskar approves proof-of-concept")
    assert board.answer["outcome"] == "waits-for-another-person", "vera could not say so by now"
    carry_out(board, "olga approves proof-of-concept")
    assert board.chain[-1]["action"] == "stage-approved"
    assert board.stands().stages["proof-of-concept"].by == (id_of("oskar"), id_of("olga"))  # type: ignore[index]


def test_who_gave_a_word_under_another_policy_may_give_it_again(board):
    carry_out(board, "vera approves proof-of-concept")
    publish(board, as_written(nobody_alone_from="development"))
    carry_out(board, "vera approves proof-of-concept")
    carry_out(board, "oskar approves proof-of-concept")
    assert board.chain[-1]["action"] == "stage-approved"
    assert [one["action"] for one in board.chain].count("stage-signed-off") == 2


def test_a_word_from_before_policies_could_be_published_was_given_under_the_built_in_one(board):
    carry_out(board, "vera approves proof-of-concept")
    kept = json.loads(board.use_cases.kept[ID])
    del kept["words"][0]["policy_hash"]
    board.use_cases.kept[ID] = json.dumps(kept)
    carry_out(board, "oskar approves proof-of-concept")
    assert board.chain[-1]["action"] == "stage-approved"


def test_who_may_approve_a_stage_the_policy_in_force_says(board):
    publish(board, as_written(roles={**as_written()["roles"], "proof-of-concept": ["officer"]}))
    carry_out(board, "vera approves proof-of-concept")
    assert "entitled: you came as validator (asks for approved as officer)" in board.refused


def test_a_check_is_made_in_the_stages_that_the_policy_in_force_names(board):
    publish(board, as_written(enforced=with_checks(assessed=STAGES[1:])))
    carry_out(board, "vera approves proof-of-concept")
    assert "assessed" not in {one["name"] for one in board.answer["checks"]}


def test_a_rejection_pins_it_as_well(board):
    second = publish(board, ONE)
    carry_out(board, "vera rejects proof-of-concept")
    assert pinned(board) == ("use-cases@2", second.hash)
    assert board.stands().stages["proof-of-concept"].policy == "use-cases@2"  # type: ignore[index]
