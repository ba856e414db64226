"""What was decided on a board, put to the gates once more: every decision in its order, and what stands."""

from collections.abc import Iterator, Mapping
from typing import Any

from governance.domain.approvals import learned, standing_now
from governance.domain.facts import AnyFact, VerdictGiven
from governance.domain.lifecycle import Stage
from governance.domain.policy_document import PolicyDocument
from governance.domain.terms import Terms
from governance.domain.what_if import Tried, Turn, tried_now, tried_then
from tests.unit.governance.decisions.board import ARN, OTHER, Board


def in_order(board: Board, arn: str = ARN) -> list[AnyFact]:
    """The facts of a version in the order in which they were learned, as its audit trail has it."""
    known = {fact.fingerprint: fact for fact in board.ledger.known[arn].values()}
    return [known[entry.content["caused_by"]] for entry in board.ledger.entries[arn]]


def verdicts(board: Board, arn: str = ARN) -> Iterator[tuple[Any, VerdictGiven]]:
    """Every verdict, with the state just before it."""
    for state, fact in learned(in_order(board, arn)):
        if isinstance(fact, VerdictGiven):
            yield state, fact


def now(board: Board, draft: PolicyDocument) -> dict[Stage, Tried]:
    """What a draft would say of what stands and of what is waited for."""
    terms = board.recording.terms(board.ledger.open(ARN), ARN)
    known = Terms(policy=terms.policy, production=terms.production)
    found = standing_now(board.state(), known, board.now())
    return {case.stage: tried_now(draft, terms.policy, case, ARN, status) for case, status in found}


def retold(policy: PolicyDocument) -> PolicyDocument:
    """The same policy under another title, and so another hash: what was judged is not simply read from the verdict."""
    other = policy.model_copy(update={"title": "told in other words"})
    assert other.hash != policy.hash
    return other


def nothing_changes(board: Board, known: Mapping[str, PolicyDocument]) -> None:
    """By the policy that judged it, told in other words, every decision is what it was, and so is what stands."""
    judged = [(arn, *one) for arn in (ARN, OTHER) if arn in board.ledger.known for one in verdicts(board, arn)]
    for _arn, state, verdict in judged:
        policy = known[verdict.policy_hash]
        again = tried_then(retold(policy), state, verdict, policy)
        assert (again.turn, again.because) == (Turn.SAME, ()), verdict.checks
    in_force = board.recording.terms(board.ledger.open(ARN), ARN).policy.document
    assert {one.turn for one in now(board, retold(in_force)).values()} <= {Turn.SAME}
