"""What is promised of a calendar of what is due, kept in memory and in DynamoDB."""

from itertools import pairwise

import pytest

from governance.adapters.dynamodb_calendar import DynamoDbCalendar
from governance.adapters.dynamodb_ledger import DynamoDbLedger
from governance.adapters.rows import Table
from governance.domain.findings import Severity
from governance.domain.lifecycle import Stage
from governance.domain.reviewing import FindingAnswered, FindingsRaised, RaisedFinding
from governance.services.recording import Recording
from tests import fakes
from tests.aws.resources import TABLE
from tests.builders import MARY, Clock, after, identity, observed, package_arn
from tests.fakes_of_evidence import InMemoryCalendar


@pytest.fixture(params=["in memory", "DynamoDB"])
def kept(request: pytest.FixtureRequest):
    if request.param == "in memory":
        ledger = fakes.InMemoryLedger(fakes.InMemoryGroups())
        return ledger, InMemoryCalendar(ledger)
    request.getfixturevalue("seam")
    table = Table(TABLE)
    return DynamoDbLedger(table), DynamoDbCalendar(table)


def raised(kept, version: int, due: float | None) -> str:
    """A version on which a finding is due so many seconds after its registration."""
    model = identity(version=version)
    finding = RaisedFinding(severity=Severity.HIGH, text="explain", due=after(due) if due is not None else None)
    told = {"model": model, "effective_at": after(5), "recorded_at": after(5), "person": MARY, "why": "review"}
    facts = [
        observed(model=model),
        FindingsRaised.model_validate({**told, "stage": Stage.DEVELOPMENT, "findings": (finding,)}),
    ]
    Recording(kept[0], Clock()).learn(model.arn, lambda *_: facts, "e")
    return model.arn


def answered(kept, arn: str) -> None:
    """The finding is answered."""

    def answer(page, now):
        (finding,) = page.state.reviews
        told = {"model": page.state.model, "effective_at": after(9), "recorded_at": after(9), "person": MARY}
        return [FindingAnswered.model_validate({**told, "finding_id": finding, "how": "done"})]

    Recording(kept[0], Clock()).learn(arn, answer, "e")


def test_what_is_due_by_a_moment_is_found_and_nothing_else(kept):
    early, at, late = raised(kept, 1, 100), raised(kept, 2, 200), raised(kept, 3, 200.000001)
    never = raised(kept, 4, None)
    assert set(kept[1].due(after(200))) == {early, at}
    assert set(kept[1].due(after(300))) == {early, at, late}
    assert never not in kept[1].due(after(10**8))


def test_what_was_seen_to_is_not_due_any_more(kept):
    arn = raised(kept, 1, 100)
    answered(kept, arn)
    assert list(kept[1].due(after(300))) == []


def test_every_version_is_found_once_however_many_there_are(kept):
    versions = [raised(kept, number, 100 + number) for number in range(1, 41)]
    found = list(kept[1].due(after(1000)))
    assert sorted(found) == sorted(versions)


def test_nothing_of_a_state_is_in_the_index(seam):
    table = Table(TABLE)
    kept = DynamoDbLedger(table), DynamoDbCalendar(table)
    arn = raised(kept, 1, 100)
    with seam.watch() as calls:
        assert list(kept[1].due(after(300))) == [arn]
    assert len(calls) == 16
    assert {call.parameters["IndexName"] for call in calls} == {"by-due-date"}


def test_of_one_shard_what_is_due_longest_comes_first(seam):
    table = Table(TABLE)
    kept = DynamoDbLedger(table), DynamoDbCalendar(table)
    due = {raised(kept, number, 1000 - number): 1000 - number for number in range(1, 60)}
    found = [due[arn] for arn in kept[1].due(after(2000))]
    falls = sum(one > other for one, other in pairwise(found))
    assert falls < 16
    assert package_arn(version=1) in due
