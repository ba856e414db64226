"""What never gets better while a sealing tries: it ends on the record, with a way out, and leaves no upload.

The machine's own definition is run with its retries and catches, on the real handler and adapters; a call fails with
an error of AWS's as often as it is made. And every error that a task can end in is tried again, or caught.
"""

import inspect
from collections.abc import Iterator

import botocore.exceptions
import pytest

from governance.domain import errors
from tests.aws.machine import UNCAUGHT, Failed, definition, is_matched, tasks
from tests.aws.resources import ARTIFACTS
from tests.aws.sealings import Asked, Fits, asked_for, failing, of, on_the_bucket, on_the_sources
from tests.aws.test_crashes_of_copies import LARGE, OTHER, left

STATES = definition()
TASKS = dict(tasks(STATES))
IN_MAPS = {"Copy": "CopyEach", "Measure": "MeasureEach", "Place": "PlaceEach", "Complete": "CompleteEach"}
NOTES = {"NoteMeasure", "NotePlace", "NoteComplete"}


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    with asked_for() as made:
        yield made


def assert_broken_down(asked: Asked, code: str) -> None:
    """That it is on record, says why and what to do, and that nothing is left of it."""
    assert asked.status() == "refused"
    told = asked.finding("sealing-failed")
    assert code in told
    assert "approve" in told, "the way out"
    assert asked.uploads() == []


SECOND_PART = of("UploadPartCopy", PartNumber=2)


@pytest.mark.parametrize(
    ("code", "fits"),
    [
        ("InternalError", SECOND_PART),
        ("SlowDown", SECOND_PART),
        ("ServiceUnavailable", SECOND_PART),
        ("TooManyRequests", SECOND_PART),
        ("LimitExceeded", SECOND_PART),
        ("KMS.ThrottlingException", SECOND_PART),
        ("KMS.LimitExceededException", of("CreateMultipartUpload")),
        ("KMS.DisabledException", of("CreateMultipartUpload")),
        ("SlowDown", of("CompleteMultipartUpload")),
        ("InternalError", of("CopyObject")),
        ("TooManyRequests", of("PutObjectRetention")),
        ("SlowDown", of("PutObject")),
        ("KMS.ThrottlingException", of("PutObject")),
        ("KMS.ThrottlingException", on_the_sources),
        ("KMS.LimitExceededException", on_the_sources),
        ("SlowDown", on_the_sources),
    ],
)
def test_a_quota_or_storage_that_fails_for_ever_ends_as_broken_down(asked: Asked, code: str, fits: Fits):
    machine = asked.again()
    with failing(asked.cloud, code, fits) as met:
        assert machine.run(asked.event, "first") == "Failed"
    assert sum(met.values()) >= 4, "it was tried again"
    assert machine.tried[-1] == "RecordFailure"
    assert_broken_down(asked, code)


def test_storage_that_answers_nothing_at_all_ends_on_the_record(asked: Asked):
    machine = asked.again()
    with failing(asked.cloud, "ServiceUnavailable", on_the_bucket):
        assert machine.run(asked.event, "first") == "Failed"
    assert_broken_down(asked, "ServiceUnavailable")


def test_uploads_that_cannot_be_given_up_are_on_record_none_the_less(asked: Asked):
    machine = asked.again()

    def parts_and_aborts(operation: str, _: object) -> bool:
        return operation in {"UploadPartCopy", "AbortMultipartUpload"}

    with failing(asked.cloud, "SlowDown", parts_and_aborts) as met:
        assert machine.run(asked.event, "first") == "Failed"
    assert met["AbortMultipartUpload"] == 4, "as often as a task is tried"
    assert asked.status() == "refused"
    assert len(asked.uploads()) == 1, "the bucket's own rule removes it"


@pytest.mark.parametrize("fits", [SECOND_PART, of("UploadPartCopy"), of("CopyObject"), on_the_sources])
def test_what_may_not_be_read_or_copied_is_refused_with_whom_to_let(asked: Asked, fits: Fits):
    machine = asked.again()
    with failing(asked.cloud, "AccessDenied", fits):
        machine.run(asked.event, "first")
    assert asked.status() == "refused"
    told = asked.finding("artifact-unreadable")
    assert "injected AccessDenied" in told
    assert "approve" in told, "the way out"
    assert asked.uploads() == []


@pytest.mark.parametrize("code", ["KMS.DisabledException", "KMS.NotFoundException", "KMS.KMSInvalidStateException"])
def test_a_key_that_is_gone_is_no_passing_fault(asked: Asked, code: str):
    machine = asked.again()
    with failing(asked.cloud, code, on_the_sources) as met:
        machine.run(asked.event, "first")
    assert met.total() == 1, "asking again helps nobody"
    assert asked.finding("artifact-unreadable")


@pytest.mark.parametrize("task", ["Copy", "PlanPieces", "Measure", "Name", "Place"])
def test_a_source_that_changes_before_any_task_is_never_sealed(asked: Asked, task: str):
    machine = asked.again()

    def change(name: str) -> None:
        if name == task:
            left("large.tar.gz", OTHER, late=True)

    machine.before = change
    try:
        machine.run(asked.event, "first")
    finally:
        left("large.tar.gz", LARGE)
    assert asked.status() == "refused"
    assert "register" in asked.finding("artifact-changed"), "the way out"
    assert asked.uploads() == []


def test_a_source_that_changes_between_two_of_its_parts_is_never_sealed(asked: Asked):
    machine = asked.again()
    answered = asked.cloud.seam.answered
    parts: list[int] = []

    def changing(client, operation, parameters, original):
        if operation == "UploadPartCopy":
            if parts:
                left("large.tar.gz", OTHER)
            parts.append(parameters["PartNumber"])
        return answered(client, operation, parameters, original)

    asked.cloud.seam.answered = changing
    try:
        assert machine.run(asked.event, "first") == "Gather"
    finally:
        asked.cloud.seam.answered = answered
        left("large.tar.gz", LARGE)
    assert parts == [1, 2]
    assert "was changed while it was being sealed" in asked.finding("artifact-changed")
    assert asked.uploads() == []
    sealed = [one for one in asked.cloud.outcome()["objects"] if one.startswith(f"{ARTIFACTS}/sealed/parts/")]
    assert sealed == []


@pytest.mark.parametrize("task", sorted(set(TASKS) - {"RecordFailure", *NOTES}))
def test_a_task_that_fails_for_ever_ends_on_the_record(asked: Asked, task: str):
    machine = asked.again()

    def fail(name: str) -> None:
        if name == task:
            raise Failed("Lambda.Unknown", f"{task} has run out of memory")

    machine.before = fail
    assert machine.run(asked.event, "first") == "Failed"
    assert machine.tried.count(task) == 4
    assert_broken_down(asked, "out of memory")


@pytest.mark.parametrize("task", ["RecordFailure", *sorted(NOTES)])
def test_what_cannot_even_be_recorded_is_gone_on_with_by_the_next(asked: Asked, task: str):
    machine = asked.again()
    first = {"NoteMeasure": "Measure", "NotePlace": "Place", "NoteComplete": "Complete"}.get(task, "Place")

    def fail(name: str) -> None:
        if name in {first, task, "RecordFailure"}:
            raise Failed("Lambda.TooManyRequestsException", "Rate exceeded")

    machine.before = fail
    assert machine.run(asked.event, "first") == "Failed"
    assert asked.status() == ""
    machine.before = lambda _: None
    assert machine.run(asked.event, "second") == "Gather"
    assert asked.status() == "sealed"
    assert asked.uploads() == []


def raised() -> list[str]:
    """The names of every error that a task can end in: what the code raises, botocore, and Lambda itself.

    Step Functions guide: "Handling errors in Step Functions workflows"; Lambda: errors of a synchronous call.
    """
    ours = [one.__name__ for one in vars(errors).values() if inspect.isclass(one) and issubclass(one, Exception)]
    theirs = [one.__name__ for one in vars(botocore.exceptions).values() if inspect.isclass(one)]
    python = ["KeyError", "ValidationError", "MemoryError", "Runtime.ExitError", "Sandbox.Timedout"]
    of_lambda = [
        f"Lambda.{name}"
        for name in (
            "Unknown",
            "ServiceException",
            "AWSLambdaException",
            "SdkClientException",
            "ClientExecutionTimeoutException",
            "TooManyRequestsException",
            "ResourceNotFoundException",
        )
    ]
    return [*ours, *theirs, *python, *of_lambda, "States.TaskFailed", "States.Timeout", "States.Permissions"]


@pytest.mark.parametrize("task", TASKS)
def test_every_error_of_a_task_is_tried_again_and_then_caught(task: str):
    outer = STATES.get(IN_MAPS.get(task, task), TASKS[task])
    for error in raised():
        assert any(is_matched(error, one["ErrorEquals"]) for one in TASKS[task]["Retry"]), error
        if task not in {"RecordFailure", *NOTES}:
            (catcher,) = outer["Catch"]
            assert is_matched(error, catcher["ErrorEquals"]), error
            assert STATES[catcher["Next"]]["Parameters"]["task"] == "fail"


@pytest.mark.parametrize("name", ["MeasureEach", "PlaceEach", "CompleteEach"])
def test_what_fails_in_a_map_of_many_fails_the_map_and_is_caught_there(name: str):
    for error in ("States.ExceedToleratedFailureThreshold", "States.ItemReaderFailed", "States.ResultWriterFailed"):
        assert is_matched(error, STATES[name]["Catch"][0]["ErrorEquals"])


@pytest.mark.parametrize("error", sorted(UNCAUGHT))
def test_what_step_functions_lets_nobody_catch_fails_the_execution_and_the_next_takes_over(asked: Asked, error: str):
    """Too long a payload, or a path that is not there. Somebody is told by the alarm on failed executions."""
    machine = asked.again()

    def fail(name: str) -> None:
        if name == "Name":
            raise Failed(error, "too long")

    machine.before = fail
    assert machine.run(asked.event, "first") == "Failed"
    assert asked.status() == ""
    machine.before = lambda _: None
    assert machine.run(asked.event, "second") == "Gather"
    assert asked.status() == "sealed"


@pytest.mark.parametrize("error", sorted(UNCAUGHT))
def test_in_a_map_of_many_that_is_caught_too(asked: Asked, error: str):
    machine = asked.again()

    def fail(name: str) -> None:
        if name == "Place":
            raise Failed(error, "too long")

    machine.before = fail
    assert machine.run(asked.event, "first") == "Failed"
    assert_broken_down(asked, "PlaceEach failed")
