"""What comes of trying a draft of the policy of use cases on a board; and what was really judged there."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from unittest.mock import patch

from governance.domain import use_case_deciding
from governance.domain.use_case_deciding import Act, AskingUnder
from governance.domain.use_case_policy import Matter
from governance.domain.use_case_policy_document import UseCasePolicyDocument
from governance.services.models_of_use_cases import ModelsOfUseCases
from governance.services.trying_use_case_policies import (
    TryingUseCasePolicies,
    UseCaseScope,
    UseCaseTrial,
)
from tests.builders import after
from tests.unit.governance.use_cases import sentences
from tests.unit.governance.use_cases.board import Board, carry_out
from tests.unit.governance.use_cases.policies_made import as_written

assert sentences  # what the sentences mean


def trying(board: Board) -> TryingUseCasePolicies:
    """Who tries drafts on all that is on record."""
    models = ModelsOfUseCases(board.use_cases, board.models, board.overseeing.landscape)
    return TryingUseCasePolicies(board.use_cases, models, board.policies, lambda: after(board.second + 60))


def tried(board: Board, policy: UseCasePolicyDocument, scope: UseCaseScope = UseCaseScope()) -> UseCaseTrial:  # noqa: B008
    """What comes of trying a draft on all that is on record."""
    return trying(board).what_if(policy, scope)


def draft(**changed: object) -> UseCasePolicyDocument:
    """The built-in policy, written otherwise."""
    return UseCasePolicyDocument.model_validate(as_written(**changed))


def told(*lines: str, on: Board | None = None) -> Board:
    """A board on which something happened; nothing of it may be refused."""
    board = on or Board()
    for line in lines:
        carry_out(board, line)
    assert not board.refused, board.refused
    return board


def lived(board: Board, *lines: str) -> Board:
    """The same, where whatever is refused is passed over."""
    for line in lines:
        with suppress(AssertionError, IndexError):  # what it speaks of did not come about under this policy
            carry_out(board, line)
        board.refused = ""
    return board


@contextmanager
def watched(kept: list[Matter]) -> Iterator[None]:
    """Every matter of which an approval, or a word for one, came on record."""
    real = use_case_deciding.advance

    def advance(matter: Matter, asking: AskingUnder) -> Act:
        act = real(matter, asking)
        if act.action:
            kept.append(matter)
        return act

    with patch.object(use_case_deciding, "advance", advance):
        yield
