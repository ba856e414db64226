"""CPU time of warm handlers, with AWS's answers canned at the wire: all that a function computes, botocore's part too.

Tracing is off, as it is outside of Lambda.
"""

import copy
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from unittest.mock import patch

from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session

from bench.measurement import Measurement
from bench.quiet import quiet
from tests.aws import life, resources
from tests.aws.cloud import Delivery
from tests.aws.conftest import hub_in_memory
from tests.aws.functions import Context, Fleet, environment_of

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

    def answer(self, request: Any) -> AWSResponse:
        """One answer for one request."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        target = headers["x-amz-target"]
        operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        told = getattr(self, operation)(json.loads(request.body))
        content_type = {"content-type": "application/x-amz-json-1.1"}
        return AWSResponse(request.url, 200, content_type, Raw(json.dumps(told).encode()))

    def BatchGetItem(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        """What the table holds of it."""
        ((table, wanted),) = asked["RequestItems"].items()
        keys = [(key["pk"]["S"], key["sk"]["S"]) for key in wanted["Keys"]]
        return {"Responses": {table: [self.items[key] for key in keys if key in self.items]}, "UnprocessedKeys": {}}

    def TransactWriteItems(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        """Done."""
        return {}

    def PutItem(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
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
        with patch.object(URLLib3Session, "send", wire.answer), environment_of(case.function), quiet():
            values = tuple(timed(case))
        yield Measurement("handler_cpu", f"{case.function}: {case.name}", "ms", values)


def timed(case: Case) -> Iterable[float]:
    """CPU milliseconds of each run of a case, after a warm-up."""
    handler, context = Fleet().started(case.function).handler, Context(case.function)
    for run in range(WARM_UP + RUNS):
        event = copy.deepcopy(case.event)
        began = time.process_time()
        handler(event, context)
        if run >= WARM_UP:
            yield (time.process_time() - began) * 1000


def prepared() -> tuple[list[Case], dict[str, Any]]:
    """The cases, from a life in moto, and the packages of the registry in it as they travel on the wire."""
    cases: list[Case] = []
    with hub_in_memory() as cloud, quiet():

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
