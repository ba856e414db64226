"""Nothing is lost: each path that something takes is tried again, ends where it is kept, and somebody is told.

Every path of every template is walked: each target of each rule, each function that is called asynchronously, each
reader of a stream, each schedule, each task of the state machine. What ends in the hub can be redriven from there.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.template.policies import allows, functions, role_of, role_statements, statements_of
from tests.template.translation import ROOT, Stack, dev_account, hub, model_endpoint, model_group, workload_account

HUB = hub(subscriber=True)
STACKS = {
    "hub": HUB,
    "dev": dev_account(),
    "workload": workload_account(),
    "group": model_group(),
    "endpoint": model_endpoint(),
}
ASKED_BY_PEOPLE = {"Decide", "RedriveEvents"}
"""Functions that people invoke and wait for: who asks hears of a failure, and asks again."""
ON_ITS_OWN = {"CopyArtifacts"}
"""Functions that only the state machine calls."""


@dataclass(frozen=True)
class Path:
    """One way for something to get somewhere."""

    stack: Stack
    name: str
    target: str
    tried_again: bool
    kept_in: str
    """ARN of the queue or bucket in which it ends if all fails."""
    putter: str = ""
    """Logical id of the role that puts it there, where AWS does it in a role's name."""

    def __str__(self) -> str:
        return self.name


def of_rules(stack: Stack) -> Iterator[Path]:
    """Each target of each rule."""
    for name, rule in stack.of_type("AWS::Events::Rule").items():
        for target in rule["Targets"]:
            kept = target.get("DeadLetterConfig", {}).get("Arn", "")
            yield Path(stack, f"{name} to {target['Id']}", target["Arn"], again(target), kept)


def of_buses(stack: Stack) -> Iterator[Path]:
    """Each bus that keeps what it cannot encrypt or hand on: EventBridge tries again by itself."""
    for name, bus in stack.of_type("AWS::Events::EventBus").items():
        yield Path(stack, name, "", True, bus.get("DeadLetterConfig", {}).get("Arn", ""))


def of_schedules(stack: Stack) -> Iterator[Path]:
    """Each schedule."""
    for name, schedule in stack.of_type("AWS::Scheduler::Schedule").items():
        target = schedule["Target"]
        (role,) = [one for one in stack.of_type("AWS::IAM::Role") if stack.arn(one) == target["RoleArn"]]
        kept = target.get("DeadLetterConfig", {}).get("Arn", "")
        yield Path(stack, name, target["Arn"], again(target), kept, role)


def again(target: Mapping[str, Any]) -> bool:
    """Whether a target is tried more than once, for a while."""
    policy = target.get("RetryPolicy", {})
    return policy.get("MaximumRetryAttempts", 0) > 0 and policy.get("MaximumEventAgeInSeconds", 0) > 0


def of_asynchronous_calls(stack: Stack) -> Iterator[Path]:
    """Each function of the hub: whoever calls it may do so without waiting."""
    configured = {one["FunctionName"]: one for one in stack.of_type("AWS::Lambda::EventInvokeConfig").values()}
    for name in functions(stack):
        config = configured.get(stack.name(name), {})
        kept = config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")
        retried = config.get("MaximumRetryAttempts", 0) > 0 and config.get("MaximumEventAgeInSeconds", 0) > 0
        yield Path(stack, f"{name} without waiting", stack.arn(name), retried, kept, role_of(name, stack))


def of_streams(stack: Stack) -> Iterator[Path]:
    """Each reader of a stream: one bad record holds up its half of a half only."""
    for name, mapping in stack.of_type("AWS::Lambda::EventSourceMapping").items():
        (function,) = [one for one in functions(stack) if stack.name(one) == mapping["FunctionName"]]
        retried = (
            mapping["BisectBatchOnFunctionError"] is True
            and mapping["MaximumRetryAttempts"] > 0
            and 0 < mapping["MaximumRecordAgeInSeconds"] <= 86_400
            and mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        )
        kept = mapping["DestinationConfig"]["OnFailure"]["Destination"]
        yield Path(stack, name, stack.arn(function), retried, kept, role_of(function, stack))


WALKS = (of_rules, of_buses, of_schedules, of_asynchronous_calls, of_streams)
PATHS = [
    path
    for name, stack in STACKS.items()
    for walk in WALKS
    if not (name == "endpoint" and walk is of_asynchronous_calls)  # its one function answers callers who wait
    for path in walk(stack)
]
"""Every path there is."""
OF_THE_HUB = [path for path in PATHS if path.stack is HUB]


def ids(paths: list[Path]) -> list[str]:
    return [str(path) for path in paths]


def watched(path: Path) -> bool:
    """Whether an alarm looks at where a path ends; at what comes into a bucket, which has no count of its own."""
    alarms = path.stack.of_type("AWS::CloudWatch::Alarm").values()
    if ":sqs:" in path.kept_in:
        seen = {"Name": "QueueName", "Value": path.kept_in.rpartition(":")[2]}
        metric = "ApproximateNumberOfMessagesVisible"
    else:
        seen, metric = {"Name": "EventSourceMappingUUID", "Value": path.name}, "OnFailureDestinationDeliveredEventCount"
    return any(alarm["Dimensions"] == [seen] and alarm["MetricName"] == metric for alarm in alarms)


def test_the_walk_finds_what_there_is():
    found = {walk.__name__: len(list(walk(HUB))) for walk in WALKS}
    assert found["of_rules"] >= 16
    assert (found["of_buses"], found["of_streams"], found["of_schedules"]) == (2, 2, 3)
    assert found["of_asynchronous_calls"] == len(functions(HUB))
    assert {path.stack for path in PATHS} == {HUB, dev_account(), workload_account()}


@pytest.mark.parametrize("path", PATHS, ids=ids(PATHS))
def test_a_path_is_tried_again_then_kept_and_somebody_is_told(path: Path):
    assert path.tried_again
    places = [*path.stack.of_type("AWS::SQS::Queue"), *path.stack.of_type("AWS::S3::Bucket")]
    assert path.kept_in in [path.stack.arn(one) for one in places]
    assert watched(path)
    if path.putter:
        puts = (
            ("sqs:SendMessage", path.kept_in)
            if ":sqs:" in path.kept_in
            else ("s3:PutObject", f"{path.kept_in}/aws/lambda/x")
        )
        assert allows(role_statements(path.putter, path.stack), *puts)


@pytest.mark.parametrize("path", OF_THE_HUB, ids=ids(OF_THE_HUB))
def test_what_ends_in_the_hub_can_be_redriven(path: Path):
    redrives = statements_of("RedriveEvents", HUB)
    looks, throws = (
        (("sqs:ReceiveMessage", path.kept_in), ("sqs:DeleteMessage", path.kept_in))
        if ":sqs:" in path.kept_in
        else (("s3:GetObject", f"{path.kept_in}/aws/lambda/x"), ("s3:DeleteObject", f"{path.kept_in}/aws/lambda/x"))
    )
    assert allows(redrives, *looks)
    assert allows(redrives, *throws)
    action = {"lambda": "lambda:InvokeFunction", "states": "states:StartExecution", "events": "events:PutEvents"}
    people = {HUB.arn(name) for name in ASKED_BY_PEOPLE | ON_ITS_OWN}
    if path.target and path.target not in people:
        assert allows(redrives, action[path.target.split(":")[2]], path.target)
    assert not any(allows(redrives, "lambda:InvokeFunction", arn) for arn in people)


def tasks(states: Mapping[str, Any], caught: bool = False) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Every task of a state machine, those within maps too, and whether a failure of it is caught."""
    for name, state in states.items():
        is_caught = caught or any(one["ErrorEquals"] == ["States.ALL"] for one in state.get("Catch", ()))
        if state["Type"] == "Task":
            yield name, state, is_caught
        if state["Type"] == "Map":
            yield from tasks(state["ItemProcessor"]["States"], is_caught)


MACHINES = sorted((ROOT / "statemachines").glob("*.asl.json"))


@pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.name)
def test_a_task_is_tried_again_and_what_it_could_not_do_becomes_a_finding(path):
    text = path.read_text().replace("${RetryIntervalSeconds}", "1")
    machine = json.loads(text)
    for name, state, is_caught in tasks(machine["States"]):
        (retry,) = state["Retry"]
        assert retry["MaxAttempts"] > 0, name
        assert is_caught or name == "RecordFailure", name
    reached = {one["Next"] for state in machine["States"].values() for one in state.get("Catch", ())}
    assert reached == {"RecordFailure"}
    recording = machine["States"]["RecordFailure"]
    assert recording["Parameters"]["task"] == "fail"
    assert machine["States"][recording["Next"]]["Type"] == "Fail", (
        "a sealing that broke down ends as failed, and alarms"
    )


@pytest.mark.parametrize("how", ["ExecutionsFailed", "ExecutionsAborted", "ExecutionsTimedOut"])
def test_a_machine_that_ends_without_success_is_heard_of(how: str):
    machines = [HUB.arn(name) for name in HUB.of_type("AWS::StepFunctions::StateMachine")]
    alarms = HUB.of_type("AWS::CloudWatch::Alarm").values()
    watched_ones = [alarm["Dimensions"][0]["Value"] for alarm in alarms if alarm["MetricName"] == how]
    assert len(machines) == len(MACHINES)
    assert sorted(watched_ones) == sorted(machines)


@pytest.mark.parametrize("function", sorted(functions()))
def test_a_function_that_fails_or_is_held_back_is_heard_of(function: str):
    alarms = HUB.of_type("AWS::CloudWatch::Alarm").values()
    mine = [{"Name": "FunctionName", "Value": HUB.name(function)}]
    assert {"Errors", "Throttles"} <= {alarm["MetricName"] for alarm in alarms if alarm["Dimensions"] == mine}


@pytest.mark.parametrize("alarm", ["AnchorMissing", "ReconcilerSilent"])
def test_what_should_happen_every_day_is_missed_when_it_does_not(alarm: str):
    watching = HUB.of_type("AWS::CloudWatch::Alarm")[alarm]
    assert (watching["ComparisonOperator"], watching["TreatMissingData"]) == ("LessThanThreshold", "breaching")
    assert watching["Period"] * watching["EvaluationPeriods"] == 86_400
