"""What the cases claim to be so afterwards."""

from governance.domain.deployment_facts import DeploymentRequested
from governance.domain.facts import RollbackRequested, VerdictGiven
from governance.domain.identifiers import STEWARD, Person
from governance.domain.lifecycle import Stage
from governance.domain.refusals import size
from tests.unit.governance.decisions.board import ARN, OTHER, Board
from tests.unit.governance.decisions.sentences import says


@says("it is {name} in {stage}")
def status(board: Board, name: str, stage: Stage) -> None:
    assert board.state().stage(stage).status == name


@says("it has not reached {stage}")
def not_reached(board: Board, stage: Stage) -> None:
    assert stage not in board.state().stages


def last_verdict(board: Board, stage: Stage) -> VerdictGiven:
    known = board.state().stage(stage)
    verdict = known.verdict or known.refused
    assert verdict, "nobody judged it"
    return verdict


@says("the policy refuses it in {stage} for: {text}")
def refuses(board: Board, stage: Stage, text: str) -> None:
    known = board.state().stage(stage)
    assert known.refused, "nothing was refused"
    assert known.verdict is None or not known.verdict.passed
    stopping = {check.name for check in known.refused.checks if check.mode == "enforce" and not check.passed}
    assert stopping == set(text.split(", "))
    assert all(check.remedy for check in known.refused.checks if not check.passed), "each says what would help"


@says("the policy lets it pass in {stage}")
def passes(board: Board, stage: Stage) -> None:
    verdict = last_verdict(board, stage)
    assert verdict.passed
    assert all(check.passed for check in verdict.checks if check.mode == "enforce")


@says("the policy advises against it in {stage} for: {text}")
def advises(board: Board, stage: Stage, text: str) -> None:
    given = {check.name for check in last_verdict(board, stage).checks if check.mode == "advise" and not check.passed}
    assert given == set(text.split(", "))


@says("the policy advises nothing in {stage}")
def advises_nothing(board: Board, stage: Stage) -> None:
    assert all(check.passed for check in last_verdict(board, stage).checks)


@says("nobody judges it in {stage}")
def unjudged(board: Board, stage: Stage) -> None:
    known = board.state().stage(stage)
    assert known.verdict is None
    assert known.refused is None


@says("the verdict names the policy {text}")
def pinned(board: Board, text: str) -> None:
    verdict = last_verdict(board, Stage.DEVELOPMENT)
    assert verdict.policy == text
    assert len(verdict.policy_hash) == 64


@says("it was approved by {whom} in {stage}")
def by_whom(board: Board, whom: Person, stage: Stage) -> None:
    decided = board.state().stage(stage).decided_by
    assert decided
    assert board.ledger.names[ARN].shown(decided.id) == whom.id


@says("{n} sign-offs count in {stage}", "{n} sign-off counts in {stage}")
def counts(board: Board, n: int, stage: Stage) -> None:
    assert sum(bool(one.decision) and not one.void for one in board.state().sign_offs if one.stage is stage) == n


@says("{n} sign-offs wait in {stage}", "{n} sign-off waits in {stage}")
def waits(board: Board, n: int, stage: Stage) -> None:
    assert sum(not one.decision and not one.void for one in board.state().sign_offs if one.stage is stage) == n


@says("Steward refuses the request: {name}")
def refused(board: Board, name: str) -> None:
    assert board.refused == name


@says("Steward answers: {name}")
def answered(board: Board, name: str) -> None:
    assert (board.refused, board.answer.get("outcome")) == ("", name)


@says("Steward answers: {name}, for want of: {text}")
def answered_why(board: Board, name: str, text: str) -> None:
    answered(board, name)
    stopping = {check["name"]: check["remedy"] for check in board.answer["checks"] if check["stops"]}
    assert set(stopping) == set(text.split(", "))
    assert all(stopping.values()), "each says what would help"


@says("Studio shows {word}")
def shows(board: Board, word: str) -> None:
    assert board.registry.packages[ARN].model_approval_status == word


@says("Studio tells what to do: {text}")
def tells(board: Board, text: str) -> None:
    description = board.registry.packages[ARN].approval_description
    assert text in description
    assert size(description) <= 1024


@says("Steward wrote nothing")
def wrote_nothing(board: Board) -> None:
    assert not board.registry.updates


@says("Steward wrote once")
def wrote_once(board: Board) -> None:
    assert len(board.registry.updates) == 1


@says("Steward wrote twice")
def wrote_twice(board: Board) -> None:
    assert len(board.registry.updates) == 2


@says("the approval was taken back by Steward in {stage}")
def taken_back(board: Board, stage: Stage) -> None:
    decision = board.state().stage(stage).decision
    assert decision
    assert (decision.person, decision.reverts) == (STEWARD, True)


@says("it is to be deployed to {stage}")
def to_be_deployed(board: Board, stage: Stage) -> None:
    assert [fact for fact in board.facts(DeploymentRequested) if fact.stage is stage]


@says("nothing is to be deployed")
def undeployed(board: Board) -> None:
    assert board.facts(DeploymentRequested) == []


@says("the deployment to {stage} is taken back")
def rolled_back(board: Board, stage: Stage) -> None:
    assert [fact for fact in board.facts(RollbackRequested) if fact.stage is stage]


@says("nothing of it is known to run")
def safe(board: Board) -> None:
    quarantine = board.state().quarantine
    assert quarantine
    assert quarantine.safe_at


@says("something of it runs still")
def unsafe(board: Board) -> None:
    quarantine = board.state().quarantine
    assert quarantine
    assert quarantine.safe_at is None


@says("its deployment to {stage} was cancelled")
def cancelled(board: Board, stage: Stage) -> None:
    assert board.state().deployment_status(stage) == "removed"


@says("it was to be deployed to {stage} {n} times")
def times(board: Board, stage: Stage, n: int) -> None:
    assert len([fact for fact in board.facts(DeploymentRequested) if fact.stage is stage]) == n


@says("there is a finding: {text}")
def found(board: Board, text: str) -> None:
    assert set(text.split(", ")) <= board.open_findings()


@says("there is no finding: {text}")
def not_found(board: Board, text: str) -> None:
    assert not set(text.split(", ")) & board.open_findings()


@says("version 8 stands in its place")
def stands(board: Board) -> None:
    assert board.state(OTHER).resubmits == ARN


@says("no finding of a reviewer is open")
def answered_all(board: Board) -> None:
    assert board.state().reviews == {}


@says("it may not run in {stage}")
def may_not_run(board: Board, stage: Stage) -> None:
    assert not board.state().may_run_in(stage)
