"""A draft is tried on a fleet: what is looked at, what is left out, and what each decision is compared with."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from governance.domain.errors import Refused
from governance.domain.facts import ApproverIdentified, PackageMissing, VerdictGiven
from governance.domain.lifecycle import Stage
from governance.domain.policy_document import PolicyDocument
from governance.domain.projection import fact_key, fact_row
from governance.domain.published import PublishedPolicy
from governance.domain.record import stage_record
from governance.domain.upkeep import VersionBackfilled
from governance.domain.what_if import Turn
from governance.ports.rows import StoredRow
from governance.services.trying_policies import DAMAGED, DORMANT, GONE, Scope, Trial, TryingPolicies
from tests.builders import PERSON_KEY, change, package_arn
from tests.fakes_of_policies import InMemoryPolicies
from tests.unit.governance.decisions.board import ARN, AUTHOR, Board
from tests.unit.governance.decisions.sentences import person
from tests.unit.governance.decisions.test_cases import told, written
from tests.unit.governance.decisions.test_what_if import APPROVED, by

HOUSE = PublishedPolicy(document=by("two people"), version=1)


class OnRecord:
    """What a board has on record, as rows of a table."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.lost: set[str] = set()
        """Sort keys of rows that are not there any more."""

    def of(self, version: str) -> Sequence[StoredRow]:
        ledger = self.board.ledger
        facts = [
            StoredRow(sk=f"FACT#{fact_key(fact)}", attributes={"schema_version": fact.schema_version, **fact_row(fact)})
            for fact in ledger.known[version].values()
        ]
        entries = [
            StoredRow(sk=f"AUDIT#{one.sequence:08d}", attributes=one.model_dump()) for one in ledger.entries[version]
        ]
        people = StoredRow(sk="PEOPLE", attributes={"names": dict(ledger.names[version].by_id)})
        return [row for row in (*facts, *entries, people) if row.sk not in self.lost]

    def person_key(self) -> str:
        return PERSON_KEY

    def standing(self, stage: str, status: str) -> Iterator[Mapping[str, Any]]:
        for arn in self.board.ledger.states:
            record = stage_record(self.board.state(arn), Stage(stage))
            if record["model_status"] == status:
                yield record


def tried(board: Board, draft: PolicyDocument, scope: Scope = Scope(), rows: OnRecord | None = None) -> Trial:  # noqa: B008
    """What comes of trying a draft on all that is on record, where `house@1` is published."""
    policies = InMemoryPolicies(board.groups)
    policies.versions["house"] = [HOUSE]
    there = rows or OnRecord(board)
    return TryingPolicies(there, there, board.groups, policies, board.now).what_if(draft, scope)  # type: ignore[arg-type]


def under_house() -> Board:
    """A group that stands under `house@1`."""
    board = Board()
    board.under(HOUSE)
    return board


def test_what_stands_and_what_was_decided_are_tried_and_counted():
    found = tried(told(APPROVED), by("a bias report"))
    assert (found.versions, found.groups, found.reached) == (1, 1, 0)
    assert (found.now[Turn.NEWLY_FAILS], found.decided[Turn.NEWLY_FAILS], found.decided[Turn.SAME]) == (1, 1, 0)
    assert {(one.status, one.policy) for one in found.found} == {("approved", "default@2"), ("decided", "default@2")}


def test_a_decision_is_compared_with_the_policy_that_judged_it_and_what_stands_with_that_in_force():
    board = told("vera signs it off in development", APPROVED, on=under_house())
    board.under(PublishedPolicy(document=written(), version=2))
    found = tried(board, by("two people"))
    assert [(one.status, one.turn) for one in found.found] == []
    assert found.reached == 1
    (beside,) = found.compared
    assert (beside.policy, set(beside.more)) == ("house@2", {"signed-off"})


def test_of_a_policy_that_cannot_be_read_any_more_the_checks_that_are_still_made_are_asked():
    board = Board()
    board.under(PublishedPolicy(document=by("two people"), version=7))
    told("vera signs it off in development", APPROVED, on=board)
    assert tried(board, written()).decided[Turn.SAME] == 1
    assert tried(board, by("a bias report")).decided[Turn.NEWLY_FAILS] == 1


def test_a_decision_that_was_judged_again_counts_once_by_its_last_verdict():
    board = told("somebody unknown changes what it runs", on=Board(writer=""))
    at = board.second
    told(APPROVED, on=board)
    board.learn(ApproverIdentified, at, person=person("grace"), changed_specification=True)
    assert [fact.passed for fact in board.facts(VerdictGiven)] == [False, True]
    found = tried(board, by("a bias report"))
    assert (sum(found.decided.values()), found.decided[Turn.NEWLY_FAILS]) == (1, 1)


def test_people_are_told_by_their_names():
    board = told("vera signs it off in development")
    (waits,) = tried(board, written({"kind": "sign-offs", "name": "three", "needed": 3, "roles": ["validator"]})).found
    assert "vera (validator)" in waits.because[0].found


def test_words_that_another_policy_makes_void_are_counted():
    board = told("vera signs it off in development", on=under_house())
    assert tried(board, written()).void == 1
    assert tried(board, HOUSE.document).void == 0


@pytest.mark.parametrize(("fact", "why"), [(VersionBackfilled, DORMANT), (PackageMissing, GONE)])
def test_what_is_dormant_or_gone_is_not_judged_as_of_now_and_its_decisions_are(fact: type, why: str):
    board = told(APPROVED)
    board.later()
    board.learn(fact)
    found = tried(board, by("a bias report"))
    assert (found.left_out, sum(found.now.values())) == ({why: 1}, 0)
    assert found.decided[Turn.NEWLY_FAILS] == 1


@pytest.mark.parametrize("lost", ["AUDIT#00000002", "FACT#"])
def test_of_a_damaged_record_nothing_is_told_but_that_it_is(lost: str):
    board = told(APPROVED)
    rows = OnRecord(board)
    rows.lost = {row.sk for row in rows.of(ARN) if row.sk.startswith(lost)}
    found = tried(board, by("a bias report"), rows=rows)
    assert (found.left_out, found.found) == ({DAMAGED: 1}, ())


def test_a_package_of_no_group_is_judged_by_what_is_built_in():
    board = told(APPROVED)
    alone = package_arn().rpartition("/")[0].replace("credit-risk-pd", "alone")
    board.tell(change(board.later(), arn=alone), by=AUTHOR, registered_by=AUTHOR)
    found = tried(board, by("a bias report"))
    assert (found.versions, found.groups) == (2, 1)
    assert {one.policy for one in found.found} == {"default@2"}


def test_a_scope_leaves_out_what_is_not_in_it():
    board = told(APPROVED)
    draft = by("a bias report")
    assert tried(board, draft, Scope(under="house")).versions == 0
    assert tried(board, draft, Scope(under="default", groups=frozenset({"credit-risk-pd"}))).versions == 1
    assert sum(tried(board, draft, Scope(decisions=False)).decided.values()) == 0
    with pytest.raises(Refused) as refused:
        tried(board, draft, Scope(groups=frozenset({"credit-risk-pd", "credit"})))
    assert "no version of credit is on record" in refused.value.detail
