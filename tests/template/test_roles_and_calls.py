"""Every statement of every function's role is there for a call that is made.

The calls that AWS makes in a function's name (its log, its traces, its failures, its stream) are listed here; those
that the function's own code makes are recorded by the harness and asked of the same statements.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.template.policies import allows, functions, statements_of, without
from tests.template.translation import hub

FUNCTIONS = sorted(functions())
PLATFORM_SIDS = frozenset({"HandOverFailures", "WriteItsLog", "WriteItsTraces", "ReadTheOutbox"})
"""Statements that serve AWS rather than our code."""


@dataclass(frozen=True)
class Call:
    """One call to AWS, with what the request says about itself."""

    action: str
    resource: str
    context: dict[str, Any] = field(default_factory=dict)


def platform_calls(function: str) -> list[Call]:
    """What AWS does in the function's name, whatever its code does."""
    log = hub().arn(f"{function}Log").removesuffix("*") + "log-stream:2026/10/12/[$LATEST]0f3a"
    calls = [
        Call("logs:CreateLogStream", log),
        Call("logs:PutLogEvents", log),
        Call("xray:PutTraceSegments", "*"),
        Call("xray:PutTelemetryRecords", "*"),
        Call("sqs:SendMessage", hub().arn("FailedEvents")),
    ]
    if function == "RelayChanges":
        stream = hub().arn("GovernanceTable") + "/stream/2026-10-12T00:00:00.000"
        reading = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
        calls += [Call(f"dynamodb:{action}", stream) for action in reading]
    return calls


def denied(statements: Any, calls: list[Call]) -> list[Call]:
    """The calls that the statements do not allow."""
    return [call for call in calls if not allows(statements, call.action, call.resource, call.context)]


def idle(function: str, calls: list[Call]) -> list[str]:
    """The statements that none of the calls needs: taken away one at a time, every call is still allowed."""
    statements = statements_of(function)
    return [one.sid for one in statements if not denied(without(statements, one.sid), calls)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_aws_does_in_a_functions_name_is_allowed(function):
    assert denied(statements_of(function), platform_calls(function)) == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_statement_that_serves_aws_is_needed(function):
    serving = {one.sid for one in statements_of(function)} & PLATFORM_SIDS
    assert serving >= {"HandOverFailures", "WriteItsLog", "WriteItsTraces"}
    assert not serving & set(idle(function, platform_calls(function)))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_cannot_write_into_the_log_of_another(function):
    for other in set(FUNCTIONS) - {function}:
        log = hub().arn(f"{other}Log").removesuffix("*") + "log-stream:x"
        assert not allows(statements_of(function), "logs:PutLogEvents", log)
