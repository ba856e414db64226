"""The cases of decisions, as `cases.yaml` tells them: given, when, then."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from governance.domain.policy_document import PolicyDocument
from governance.domain.published import BUILT_IN, DEFAULT, PublishedPolicy
from tests.unit.governance.decisions import claims, doings
from tests.unit.governance.decisions.board import Board
from tests.unit.governance.decisions.retried import nothing_changes
from tests.unit.governance.decisions.sentences import carry_out

assert claims, doings  # what the sentences mean
TABLE: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text())
THE_POLICY_IS = "the policy is "
ORDER = ("given", "when", "then", "and when", "and then")


def written(*gates: dict[str, Any], title: str = "as it is") -> PolicyDocument:
    """A policy with the checks of `default`, and more."""
    checks = [gate.model_dump(mode="json") for gate in BUILT_IN]
    return PolicyDocument.model_validate({"name": "house", "title": title, "gates": [*checks, *gates]})


KNOWN = {
    one.hash: one
    for one in (DEFAULT.document, *(written(*more, title=name) for name, more in TABLE["policies"].items()))
}
"""Every policy that the cases put in force."""


def under(board: Board, name: str) -> None:
    """From now on the group stands under a policy of the table."""
    board.under(PublishedPolicy(document=written(*TABLE["policies"][name], title=name), version=board.policies))
    board.policies += 1


def happens(board: Board, sentence: str) -> None:
    """What a sentence tells happens, or is so; and the record is what its facts say."""
    if sentence.startswith(THE_POLICY_IS):
        under(board, sentence.removeprefix(THE_POLICY_IS))
    else:
        carry_out(board, sentence)
    assert board.is_what_its_facts_say(), f"after: {sentence}"


def told(*sentences: str, on: Board | None = None) -> Board:
    """All of that happens, to a version that ada registered."""
    board = on or Board()
    for sentence in sentences:
        happens(board, sentence)
    return board


@pytest.mark.parametrize("case", [pytest.param(case, id=case["case"]) for case in TABLE["cases"]])
def test_decisions(case: dict[str, Any]) -> None:
    board = told(*(sentence for part in ORDER for sentence in case.get(part, ())))
    nothing_changes(board, KNOWN)


def test_every_case_is_told_once_and_says_when_and_then() -> None:
    names = [case["case"] for case in TABLE["cases"]]
    assert len(names) == len(set(names))
    for case in TABLE["cases"]:
        assert {"case", "when", "then"} <= set(case) <= {"case", *ORDER}


def test_every_policy_of_the_table_is_used() -> None:
    told = {sentence for case in TABLE["cases"] for part in ORDER for sentence in case.get(part, ())}
    assert {f"{THE_POLICY_IS}{name}" for name in TABLE["policies"]} <= told
