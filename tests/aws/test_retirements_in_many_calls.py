"""A retirement for which one call has too little time: the function calls itself until nothing is left."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from tests.aws.cloud import Cloud, Delivery
from tests.aws.functions import ENVIRONMENT, Context
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
