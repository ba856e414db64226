"""A retirement for which one call has too little time: the function calls itself until nothing is left."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from pynamodb.exceptions import PutError

from governance.adapters.dynamodb_ledger import DynamoDbLedger
from governance.domain.errors import RetirementIncomplete
from tests.aws.cloud import Cloud, Delivery
from tests.aws.functions import ENVIRONMENT, Context
from tests.aws.life import EIGHT, NINE, SEVEN
from tests.aws.retirements import ROLES, STEPS
from tests.aws.standins import StandIn
from tests.aws.test_crashes_of_retirements import RETIRE, RETIRED, use_case


class Functions(StandIn):
    """Lambda, of which the function asks that it be called once more."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def Invoke(self, FunctionName: str, Payload: bytes, InvocationType: str) -> dict[str, Any]:  # noqa: N802, N803
        assert (FunctionName, InvocationType) == ("steward-retire-use-case", "Event")
        self.cloud.queue.append(Delivery(RETIRE, json.loads(Payload)))
        return {}


@pytest.fixture(autouse=True)
def with_officers() -> Iterator[None]:
    """Every function is told who governs."""
    with patch.dict(ENVIRONMENT, {name: {**told, **ROLES} for name, told in ENVIRONMENT.items()}):
        yield


@pytest.mark.parametrize("steps", [1, 2, 9])
def test_with_time_for_few_steps_a_call_it_calls_itself_until_the_end(aws: Cloud, steps: int):
    aws.seam.standins = {**aws.seam.standins, "lambda": Functions(aws)}
    calls = 0

    def deliver(one: Delivery) -> None:
        nonlocal calls
        calls += one.function == RETIRE
        left = iter([300_000] * steps if one.function == RETIRE else [])
        with patch.object(Context, "get_remaining_time_in_millis", lambda _: next(left, 0)):
            aws.deliver(one)

    for number, (_, step) in enumerate(STEPS):
        step(aws)
        aws.settle(deliver)
        if number == RETIRED:
            assert use_case(aws.outcome()) == ("retired", "pending")
            assert calls == -(-5 // steps), "one step for each of three versions, and two for the group"
    assert use_case(aws.outcome()) == ("retired", "approved")


def test_a_version_that_takes_no_writes_is_a_failure_with_its_cause_and_the_others_are_retired(aws: Cloud):
    for number, (_, step) in enumerate(STEPS[: RETIRED + 1]):
        step(aws)
        if number < RETIRED:
            aws.settle()
    event = until_told(aws)
    save = DynamoDbLedger.save

    def refused(ledger: DynamoDbLedger, change: Any) -> None:
        if change.after.model.arn == SEVEN:
            raise PutError("Rate exceeded")
        save(ledger, change)

    with patch.object(DynamoDbLedger, "save", refused), pytest.raises(RetirementIncomplete, match="7: PutError: Rate"):
        aws.deliver(event)
    assert retired(aws) == {EIGHT, NINE}
    assert use_case(aws.outcome()) == ("retired", "pending")
    aws.deliver(event)
    aws.settle()
    assert retired(aws) == {SEVEN, EIGHT, NINE}


def until_told(cloud: Cloud) -> Delivery:
    """Deliver everything but what tells that a use case is retired; return that."""
    told: list[Delivery] = []

    def deliver(one: Delivery) -> None:
        if one.function == RETIRE:
            told.append(one)
        else:
            cloud.deliver(one)

    cloud.settle(deliver)
    return told[0]


def retired(cloud: Cloud) -> set[str]:
    """The versions that are on record as retired."""
    rows = [json.loads(one) for one in cloud.outcome()["items"] if '"STAGE#development"' in one]
    return {one["pk"]["S"].removeprefix("MODEL#") for one in rows if one["model_status"]["S"] == "retired"}
