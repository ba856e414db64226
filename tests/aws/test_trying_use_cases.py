"""What trying a draft of the policy of use cases costs and needs: reads alone, and as many for each of a thousand."""

from collections import Counter
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from governance.adapters.dynamodb_use_cases import DynamoDbUseCases
from governance.adapters.rows import Table
from governance.bootstrap_trying import trying_use_case_policies
from governance.domain.audit import Deed
from governance.domain.environment import SIMPLE
from governance.domain.identifiers import Person
from governance.domain.use_case_deciding import Asking, changes, create
from governance.domain.use_case_policy import BUILT_IN
from governance.domain.use_cases import About
from governance.ports.use_cases import Opened
from governance.services.trying_policies import DAMAGED
from governance.services.trying_use_case_policies import UseCaseTrial
from governance.settings import Settings
from tests.aws.functions import ENVIRONMENT
from tests.aws.rehearsal import Rehearsal
from tests.aws.resources import TABLE, table_items
from tests.aws.rights import Right, rights
from tests.aws.seam import ApiCall, Seam
from tests.aws.use_cases import ID, ROLES, STEPS
from tests.builders import after
from tests.template.policies import allows
from tests.template.test_rights import PEOPLE, person
from tests.unit.governance.use_cases.board import describes
from tests.unit.governance.use_cases.trials import draft

__all__ = ["STEPS"]

READS = {"BatchGetItem", "GetItem", "Query"}
STRICT = draft(people_by_class={"high": 3, "limited": 3, "minimal": 3})


@pytest.fixture(scope="module", autouse=True)
def with_officers() -> Iterator[None]:
    """Every function is told who governs."""
    with patch.dict(ENVIRONMENT, {name: {**told, **ROLES} for name, told in ENVIRONMENT.items()}):
        yield


def tried(seam: Seam, policy=STRICT) -> tuple[UseCaseTrial, list[ApiCall]]:
    """What comes of trying a draft on all that is in the table, and the calls that it took."""
    trying = trying_use_case_policies(Settings(governance_table=TABLE), SIMPLE, lambda: after(10_000))
    with seam.watch() as calls:
        found = trying.what_if(policy)
    return found, list(calls)


def needed(calls: list[ApiCall]) -> list[Right]:
    """Every right that the calls need."""
    return [right for call in calls for right in rights(call)]


def test_of_a_whole_life_every_decision_is_told_and_the_policy_in_force_changes_none(lived: Rehearsal):
    seam = lived.cloud.seam
    found, _ = tried(seam)
    assert DAMAGED not in found.left_out
    assert sum(found.decided.values()) == 4, "two people for each of two stages"
    assert {(one.use_case, one.stage, one.was, one.would) for one in found.found if one.status == "decided"} == {
        (ID, "proof-of-concept", "passes", "waits"),
        (ID, "development", "passes", "waits"),
    }
    assert {"group-attached", "group-detached", "stage-rejected", "use-case-changed"} <= set(found.unjudged)
    assert "rolled-up" not in found.unjudged, "what Steward does is nobody's to judge"
    assert tried(seam, BUILT_IN.document)[0].found == ()


def test_it_reads_and_nothing_else_and_everybody_in_the_hub_may(lived: Rehearsal):
    before = table_items()
    _, calls = tried(lived.cloud.seam)
    assert {call.operation for call in calls} == READS
    assert table_items() == before
    for one in PEOPLE:
        refused = [right for right in needed(calls) if not allows(person(one), right.action, right.resource)]
        assert not refused, one


def put(count: int) -> None:
    """So many use cases on record, of one owner."""
    kept, by = DynamoDbUseCases(Table(TABLE), "steward"), Person(id="olive")
    for number in range(count):
        about = About.model_validate(describes(id=f"case-{number:04d}"))
        act = create(about, Asking(by=by, at=after(number), request=f"request-{number}"))
        old, new = changes(None, act)
        told = {"action": act.action, "who": by, "why": "", "at": after(number), "correlation_id": "c"}
        kept.save(Opened(), act.after, Deed.model_validate({**told, "old": old, "new": new}))


def test_of_hundreds_each_costs_one_query_and_each_hundred_one_call_and_nothing_is_scanned(lived: Rehearsal):
    seam = lived.cloud.seam
    first, few = tried(seam)
    put(200)
    found, many = tried(seam)
    assert found.use_cases - first.use_cases == found.open - first.open == 200
    counts = Counter(call.operation for call in many)
    counts.subtract(call.operation for call in few)
    assert counts == {"Query": 200, "BatchGetItem": 2, "GetItem": 1}, "the chain of each, and their one owner"
    heads = [call.parameters["RequestItems"][TABLE]["Keys"] for call in many if call.operation == "BatchGetItem"]
    assert max(map(len, heads)) == 100
