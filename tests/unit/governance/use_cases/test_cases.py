"""The cases of use cases, as `use_cases.yaml` tells them: given, when, then."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from governance.domain.audit import breaks
from tests.unit.governance.use_cases import sentences
from tests.unit.governance.use_cases.board import ID, Board, carry_out

assert sentences  # what the sentences mean
TABLE: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("use_cases.yaml").read_text())
ORDER = ("given", "when", "then", "and when", "and then")


@pytest.mark.parametrize("case", [pytest.param(case, id=case["case"]) for case in TABLE["cases"]])
def test_use_cases(case: dict[str, Any]):
    board = Board()
    for sentence in (one for part in ORDER for one in case.get(part, ())):
        carry_out(board, sentence)
    assert not board.refused, f"nobody spoke of it: {board.refused}"
    assert not breaks(board.use_cases.journal.entries.get(f"USECASE#{ID}", []))


def test_every_case_is_told_once_and_says_when_and_then():
    names = [case["case"] for case in TABLE["cases"]]
    assert len(names) == len(set(names))
    for case in TABLE["cases"]:
        assert {"case", "when", "then"} <= set(case) <= {"case", *ORDER}
