"""Every statement of every function's role is there for a call that is made, and every call is allowed."""

import re
from collections.abc import Sequence

import pytest

from tests.template.own_calls import OWN_CALLS, Call
from tests.template.policies import Statement, allows, functions, statements_of, without
from tests.template.translation import HUB, hub

FUNCTIONS = sorted(functions())
STATEMENTS = [(function, one.sid) for function in FUNCTIONS for one in statements_of(function)]


def platform_calls(function: str) -> list[Call]:
    """What AWS does in the function's name, whatever its code does: its log, traces, failures and stream."""
    log = hub().arn(f"{function}Log").removesuffix("*") + "log-stream:2026/10/12/[$LATEST]0f3a"
    calls = [
        Call("logs:CreateLogStream", log),
        Call("logs:PutLogEvents", log),
        Call("xray:PutTraceSegments", "*"),
        Call("xray:PutTelemetryRecords", "*"),
        Call("sqs:SendMessage", hub().arn("FailedEvents")),
    ]
    if function in ("RelayChanges", "ArchiveAudit"):
        stream = hub().arn("GovernanceTable") + "/stream/2026-10-12T00:00:00.000"
        reading = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
        calls += [Call(f"dynamodb:{action}", stream) for action in reading]
        kept = hub().arn("StreamFailureBucket")
        calls += [Call("s3:ListBucket", kept), Call("s3:PutObject", f"{kept}/aws/lambda/7f1c/shardId-0/2026-x")]
    return calls


def all_calls(function: str) -> list[Call]:
    """What a function's own code asks of AWS, and what AWS does in its name."""
    return [*OWN_CALLS[function], *platform_calls(function)]


def denied(statements: Sequence[Statement], calls: Sequence[Call]) -> list[Call]:
    """The calls that the statements do not allow."""
    return [call for call in calls if not allows(statements, call.action, call.resource, call.context)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_call_of_a_function_is_allowed(function):
    assert denied(statements_of(function), all_calls(function)) == []


@pytest.mark.parametrize(("function", "sid"), STATEMENTS, ids=[f"{name}-{sid}" for name, sid in STATEMENTS])
def test_a_statement_cannot_be_taken_away(function, sid):
    assert denied(without(statements_of(function), sid), all_calls(function)), "nothing needs it"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_statement_allows_no_action_that_is_never_taken(function):
    allowed = {action for one in statements_of(function) for action in one.actions}
    assert allowed == {call.action for call in all_calls(function)}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_does_nothing_in_the_name_of_another(function):
    for other in sorted(set(FUNCTIONS) - {function}):
        log = hub().arn(f"{other}Log").removesuffix("*") + "log-stream:x"
        assert not allows(statements_of(function), "logs:PutLogEvents", log)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_no_say_over_people_policies_or_itself(function):
    everything = f"arn:aws:iam::{HUB}:role/steward-{re.sub('(?<!^)(?=[A-Z])', '-', function).lower()}"
    for action in ("iam:PassRole", "iam:PutRolePolicy", "lambda:UpdateFunctionCode", "kms:PutKeyPolicy"):
        assert not allows(statements_of(function), action, everything)
