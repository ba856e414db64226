"""One execution of the state machine at a time seals for an effect, and what one leaves the next goes on with.

The machine's own definition is run, on the real handler and adapters. Another execution is started before each of the
tasks of the first; and the first is stopped before each of its tasks, as by hand or by its time, and another started.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.aws.cloud import execution_arn
from tests.aws.machine import Failed, Machine, Stopped
from tests.aws.resources import SOURCES
from tests.aws.rights import rights
from tests.aws.sealings import Asked, asked_for, failing, of
from tests.aws.test_crashes import assert_same, timeless
from tests.aws.test_crashes_of_copies import left
from tests.template.policies import allows, statements_of

TASKS = ["Plan", "Copy", "Copy", "Seal", "PlanPieces", "Measure", "Name", "Place", "Complete", "Gather"]


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    with asked_for() as made:
        yield made


def stopped(asked: Asked, number: int, name: str = "first") -> Machine:
    """A machine whose first execution was stopped before its nth task, counted from 1."""
    machine = asked.again()

    def stop(_: str) -> None:
        if len(machine.tried) == number:
            raise Stopped

    machine.before = stop
    assert machine.run(asked.event, name) == "Stopped"
    machine.before = lambda _: None
    machine.tried.clear()
    return machine


def test_an_execution_does_one_task_after_the_other_and_seals(asked):
    machine = asked.again()
    assert machine.run(asked.event, "first") == "Gather"
    assert machine.tried == TASKS
    assert asked.status() == "sealed"
    assert asked.uploads() == []


def test_whoever_comes_while_one_seals_ends_at_once_and_harms_nothing(asked):
    machine = asked.again()
    other = Machine(asked.cloud, machine.executions)
    ended: list[str] = []

    def announced_again(_: str) -> None:
        if len(machine.tried) > 1:
            ended.append(other.run(asked.event, f"other-{len(ended)}"))

    machine.before = announced_again
    assert machine.run(asked.event, "first") == "Gather"
    assert ended == ["AlreadyUnderWay"] * (len(TASKS) - 1)
    assert other.tried == ["Plan"] * (len(TASKS) - 1)
    assert asked.status() == "sealed"
    assert other.run(asked.event, "last") == "NothingToDo", "it has an outcome"


@pytest.mark.parametrize("number", range(1, len(TASKS) + 1))
def test_what_was_stopped_is_gone_on_with(asked, number):
    asked.again().run(asked.event, "undisturbed")
    expected = timeless(asked.cloud.outcome())
    machine = stopped(asked, number)
    assert asked.status() == ""
    assert machine.run(asked.event, "second") == "Gather"
    assert_same(timeless(asked.cloud.outcome()), expected, f"stopped before {TASKS[number - 1]}")
    made = Counter(call.operation for call in machine.calls)
    assert made["UploadPartCopy"] == 2, "no part is copied twice"
    assert made["CreateMultipartUpload"] == 1


def test_what_was_measured_is_not_read_again(asked):
    machine = stopped(asked, 1 + TASKS.index("Name"))
    machine.calls.clear()
    machine.run(asked.event, "second")
    read = [one for one in machine.calls if one.operation == "GetObject" and one.parameters["Bucket"] == SOURCES]
    assert len(read) == 1, "the one that tells that it is too large for one copy"


def test_what_was_measured_of_other_bytes_is_measured_again(asked):
    machine = stopped(asked, 1 + TASKS.index("Name"))
    machine.calls.clear()
    left("base/a.bin", b"other bytes")
    try:
        assert machine.run(asked.event, "second") == "Gather"
    finally:
        left("base/a.bin", b"a.bin")
    read = [one for one in machine.calls if one.operation == "GetObject" and one.parameters["Bucket"] == SOURCES]
    assert len(read) == 1 + 4
    assert asked.status() == "sealed"


def test_an_execution_that_was_stopped_several_times_over_comes_to_its_end(asked):
    machine = stopped(asked, 1 + TASKS.index("Place"))
    for number in range(3):
        machine.before = lambda name: stop_at(name, "Complete")
        assert machine.run(asked.event, f"next-{number}") == "Stopped"
    machine.before = lambda _: None
    assert machine.run(asked.event, "last") == "Gather"
    assert (asked.status(), asked.uploads()) == ("sealed", [])
    assert Counter(call.operation for call in machine.calls)["UploadPartCopy"] == 2


def stop_at(name: str, wanted: str) -> None:
    if name == wanted:
        raise Stopped


@pytest.mark.parametrize("task", ["Place", "Complete", "Gather"])
def test_what_was_stopped_and_then_refused_leaves_no_upload(asked, task):
    machine = stopped(asked, 1 + TASKS.index(task))
    open_ones = asked.uploads()
    assert bool(open_ones) == (task != "Gather")
    with failing(asked.cloud, "NoSuchKey", of("GetObject", Bucket=SOURCES, Key="large.tar.gz")):
        assert machine.run(asked.event, "second") == "NothingToDo"
    assert asked.status() == "refused"
    assert "large.tar.gz is not there" in asked.finding("artifact-missing")
    assert asked.uploads() == []


def test_a_task_of_what_was_stopped_that_still_runs_gives_up_nothing_and_says_nothing(asked):
    machine = stopped(asked, 1 + TASKS.index("Complete"))
    machine.before = lambda name: stop_at(name, "Complete")
    machine.run(asked.event, "second")
    machine.before = lambda _: None
    about = {name: asked.event["detail"][name] for name in ("model_package_arn", "effect_id", "correlation_id")}
    error = {"Error": "ClientError", "Cause": "the answer of a task of the first came late"}
    machine.once("RecordFailure", {"task": "fail", "execution": "first", "error": error, **about})
    assert asked.status() == ""
    assert len(asked.uploads()) == 1
    assert machine.run(asked.event, "third") == "Gather"
    assert asked.status() == "sealed"


def test_an_execution_that_cannot_look_at_who_has_the_claim_says_nothing_for_it(asked):
    machine = stopped(asked, 1 + TASKS.index("Place"))
    machine.executions.status[execution_arn("first")] = "RUNNING"
    other = Machine(asked.cloud, machine.executions)

    def unable(name: str) -> None:
        if name == "Plan":
            raise Failed("ClientError", "DescribeExecution was throttled")

    other.before = unable
    assert other.run(asked.event, "other") == "Failed"
    assert other.tried == ["Plan"] * 4 + ["RecordFailure"]
    assert asked.status() == ""
    assert len(asked.uploads()) == 1


def test_an_execution_that_nobody_tells_of_yet_has_just_begun_and_after_a_while_is_gone(asked):
    machine = stopped(asked, 1 + TASKS.index("Place"))
    machine.executions.status.clear()
    other = Machine(asked.cloud, machine.executions)
    assert other.run(asked.event, "second") == "AlreadyUnderWay"
    asked.cloud.clock.wait(timedelta(minutes=15).total_seconds())
    assert other.run(asked.event, "third") == "Gather"
    assert asked.status() == "sealed"


def test_an_execution_of_an_earlier_definition_that_says_no_name_seals_too(asked):
    machine = asked.again()
    answers = machine.once("Plan", {"task": "plan", "event": asked.event})
    assert (answers["proceed"], answers["is_under_way"]) == (True, False)


def test_every_call_is_allowed(asked):
    machine = stopped(asked, 1 + TASKS.index("Place"))
    machine.run(asked.event, "second")
    assert any(str(one) == "stepfunctions:DescribeExecution" for one in machine.calls)
    statements = statements_of("CopyArtifacts")
    wanted = [right for call in machine.calls for right in rights(call)]
    assert [one for one in wanted if not allows(statements, one.action, one.resource, one.context)] == []
    elsewhere = execution_arn("first").replace("copy-artifacts", "payroll")
    assert not allows(statements, "states:DescribeExecution", elsewhere)
