"""CPU time of warm handlers, with AWS's answers canned at the wire: all that a function computes, botocore's part too.

Tracing is off, as it is outside of Lambda.
"""

import copy
import json
import time
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any
from unittest.mock import patch

import pytest
from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session

from bench import aws_calls
from bench.measurement import Measurement
from tests.aws import life, resources
from tests.aws.cloud import Delivery
from tests.aws.functions import ENVIRONMENT, Context, Fleet

WARM_UP, RUNS = 30, 300


@dataclass(frozen=True)
class Case:
    """One event for one function, and what the table holds when it arrives."""

    name: str
    function: str
    event: dict[str, Any]
    items: dict[tuple[str, str], Any]


@dataclass
class Wire:
    """Answers requests in place of AWS. Nothing is ever written, so that every run meets the same table."""

    items: dict[tuple[str, str], Any]
    packages: dict[str, Any]

    def send(self, request: Any) -> AWSResponse:
        """One answer for one request."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        target = headers["x-amz-target"]
        operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        answer = getattr(self, operation)(json.loads(request.body))
        content_type = {"content-type": "application/x-amz-json-1.1"}
        return AWSResponse(request.url, 200, content_type, Raw(json.dumps(answer).encode()))

    def BatchGetItem(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        """What the table holds of it."""
        ((table, wanted),) = asked["RequestItems"].items()
        keys = [(key["pk"]["S"], key["sk"]["S"]) for key in wanted["Keys"]]
        return {"Responses": {table: [self.items[key] for key in keys if key in self.items]}, "UnprocessedKeys": {}}

    def TransactWriteItems(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        """Done."""
        return {}

    def PutEvents(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        """Taken."""
        return {"FailedEntryCount": 0, "Entries": [{"EventId": str(n)} for n, _ in enumerate(asked["Entries"])]}

    def DescribeModelPackage(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        """The package."""
        return dict(self.packages[asked["ModelPackageName"]])


class Raw(BytesIO):
    """A body, as urllib3 hands it out."""

    def stream(self, **_: Any) -> Iterable[bytes]:
        """All of it at once."""
        yield self.read()


def measured() -> Iterable[Measurement]:
    """Milliseconds of CPU for each case."""
    cases, packages = prepared()
    for case in cases:
        wire = Wire(case.items, packages)
        with patch.object(URLLib3Session, "send", lambda _, request: wire.send(request)), in_environment(case):  # noqa: B023
            handler = Fleet().loaded(case.function).handler
            values = tuple(timed(lambda: handler(copy.deepcopy(case.event), Context(case.function))))  # noqa: B023
        yield Measurement("handler_cpu", f"{case.function}: {case.name}", "ms", values)


def timed(run: Callable[[], Any]) -> Iterable[float]:
    """CPU milliseconds of each run, after a warm-up."""
    with redirect_stdout(StringIO()):
        for _ in range(WARM_UP):
            run()
        for _ in range(RUNS):
            began = time.process_time()
            run()
            yield (time.process_time() - began) * 1000


def in_environment(case: Case) -> Any:
    """The environment of a case's function."""
    return patch.dict("os.environ", {**resources.CREDENTIALS, **ENVIRONMENT[case.function]}, clear=True)


def prepared() -> tuple[list[Case], dict[str, Any]]:
    """The cases, from a life in moto, and the packages of the registry in it as they travel on the wire."""
    cases: list[Case] = []
    with pytest.MonkeyPatch.context() as patched, resources.in_memory(), redirect_stdout(StringIO()):
        cloud = aws_calls.a_hub(patched)

        def kept(name: str, delivery: Delivery) -> None:
            cases.append(Case(name, delivery.function, copy.deepcopy(delivery.event), snapshot()))

        _, register = life.STEPS[0]
        register(cloud)
        (registration,) = cloud.queue
        kept("a new version", registration)
        cloud.deliver(cloud.queue.popleft())
        kept("a version that is known", registration)
        kept("an audit entry with its announcements", cloud.queue[0])
        cloud.settle()
        life.monitored(cloud, 300)
        kept("a report", cloud.queue.popleft())
        packages = {arn: on_the_wire(told) for arn, told in cloud.registry.packages.items()}
    return cases, packages


def snapshot() -> dict[tuple[str, str], Any]:
    """What the table holds now."""
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in resources.table_items()}


def on_the_wire(package: dict[str, Any]) -> dict[str, Any]:
    """SageMaker's JSON, in which a time is a number of seconds."""
    told: dict[str, Any] = json.loads(json.dumps(package, default=lambda value: value.timestamp()))
    return told
