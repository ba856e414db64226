"""What is promised of decisions: who took part in each, in order, and each invocation once."""

from datetime import timedelta
from typing import Any

import pytest

from governance.adapters.dynamodb_decisions import DynamoDbDecisions
from governance.adapters.rows import Table
from governance.domain.served_decisions import DecisionServed, participation
from governance.ports.decisions import Decisions
from tests.aws.resources import TABLE, table_items
from tests.builders import BORN, PROD, after, package_arn
from tests.fakes_of_use_cases import InMemoryDecisions


@pytest.fixture(params=("in memory", "DynamoDB"))
def kept(request: pytest.FixtureRequest) -> Decisions:
    if request.param == "in memory":
        return InMemoryDecisions()
    request.getfixturevalue("seam")
    return DynamoDbDecisions(Table(TABLE))


def part(second: float = 0, use_case: str = "credit-risk", request: str = "r-1", **told: Any) -> Any:
    common = {"decision_id": "loan-1", "model_package_arn": package_arn(), "stage": "production", "endpoint": "e"}
    served = DecisionServed.model_validate({**common, "served_at": after(second), "request_id": request, **told})
    return participation(served, use_case, PROD, BORN, timedelta(days=365))


def test_who_took_part_is_told_in_the_order_of_their_answers(kept: Decisions):
    parts = [
        part(2, request="r-3"),
        part(0, request="r-1"),
        part(1, request="r-2", captured="s3://abc/data-capture/x/"),
    ]
    for one in parts:
        kept.keep(one)
    assert list(kept.of("credit-risk", "loan-1")) == [parts[1], parts[2], parts[0]]


def test_the_same_invocation_again_is_the_same_part(kept: Decisions):
    for _ in range(3):
        kept.keep(part())
    assert len(kept.of("credit-risk", "loan-1")) == 1


def test_the_decisions_of_use_cases_have_nothing_to_do_with_each_other(kept: Decisions):
    kept.keep(part())
    kept.keep(part(use_case="fraud", request="r-2"))
    kept.keep(part(decision_id="loan-10", request="r-3"))
    assert [one.request_id for one in kept.of("credit-risk", "loan-1")] == ["r-1"]
    assert list(kept.of("churn", "loan-1")) == []


def test_a_part_says_in_seconds_when_it_leaves(request: pytest.FixtureRequest):
    request.getfixturevalue("seam")
    DynamoDbDecisions(Table(TABLE)).keep(part())
    (item,) = table_items()
    assert int(item["gone_after"]["N"]) == int((BORN + timedelta(days=365)).timestamp())
