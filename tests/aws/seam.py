"""A seam in botocore: every call of every client passes here, is written down, and can be made to fail.

It sits on `BaseClient._make_api_call`, which boto3's clients and PynamoDB's alike go through, outside of botocore's
own retries: a fault here is what is left after they were used up, or, as `RETRIED`, what one that worked leaves behind.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError

from local_cloud.backend.validation import broken
from tests.aws import moto_gaps
from tests.aws.standins import refused


class Killed(BaseException):
    """The function's process is gone: no `except Exception` of anyone's sees this."""


class Fault(StrEnum):
    """What can become of a call."""

    KILLED_BEFORE = "killed-before"
    KILLED_AFTER = "killed-after"
    THROTTLED = "throttled"
    TIMED_OUT = "timed-out"
    """It took effect, and its answer never came."""
    RETRIED = "retried"
    """It took effect, its answer never came, and botocore asked again."""
    CONTENDED = "contended"
    """A transaction that was under way held the item; it left nothing behind."""
    OVERTAKEN = "overtaken"
    """Another process wrote in between: before the call, `meanwhile` happens."""
    DENIED = "denied"
    """Not allowed, and not allowed again in this delivery."""


READING = (
    "Get",
    "BatchGet",
    "Query",
    "Describe",
    "List",
    "Head",
    "BatchDescribe",
    "Lookup",
    "Assume",
    "InvokeEndpoint",
)
"""How the names of operations begin that change nothing."""


CODES = {
    Fault.THROTTLED: {"s3": "SlowDown", "": "ThrottlingException"},
    Fault.DENIED: {"s3": "AccessDenied", "": "AccessDeniedException"},
}
"""The error codes in which services say so."""


@dataclass(frozen=True)
class ApiCall:
    """One call, as it was asked for."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    access_key: str = ""
    """With whose credentials: another account's role makes calls that are not the function's own."""

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}"

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return not self.operation.startswith(READING)

    def can_meet(self, fault: Fault) -> bool:
        """Whether a fault can befall this call, and is not the same as another one that befalls it anyhow.

        A call that changes nothing leaves nothing behind when its answer is lost: that is a call that failed. Only
        writes to the table contend with transactions. A transaction's own token makes its repetition no second one
        (DynamoDB API: TransactWriteItems, `ClientRequestToken`, which botocore makes once for all its tries).
        """
        if fault in {Fault.TIMED_OUT, Fault.OVERTAKEN}:
            return self.writes
        if fault is Fault.RETRIED:
            return self.writes and self.operation != "TransactWriteItems"
        return fault is not Fault.CONTENDED or (self.writes and self.service == "dynamodb")


@dataclass
class Seam:
    """Where calls are seen. Only those made while it is watching count; a test's own calls do not."""

    calls: list[ApiCall] = field(default_factory=list)
    taken: list[ApiCall] = field(default_factory=list)
    """Those that took effect, whether or not their caller lived to know."""
    standins: Mapping[str, Any] = field(default_factory=dict)
    """What answers in place of a service, by the service's name."""
    watching: bool = False
    fault: Fault | None = None
    at: int = 0
    """Which call, counted from 1, the fault befalls."""
    meanwhile: Callable[[], None] = lambda: None
    """What another process does before the call that is overtaken."""
    turn: Callable[[], None] = lambda: None
    """Where one of several processes waits until it is its turn to make its call."""

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Sit down in botocore until the test is over."""
        original = BaseClient._make_api_call

        def passing(client: Any, operation: str, parameters: Mapping[str, Any]) -> Any:
            def onward() -> Any:
                return self.answered(client, operation, dict(parameters), original)  # botocore writes into them

            if not self.watching:
                return onward()
            credentials = client._request_signer._credentials  # none where somebody else has signed
            service, key = client.meta.service_model.service_name, credentials.access_key if credentials else ""
            return self.passed(ApiCall(service, operation, dict(parameters), key), onward)

        monkeypatch.setattr(BaseClient, "_make_api_call", passing)

    def passed(self, call: ApiCall, onward: Callable[[], Any]) -> Any:
        """Write a call down and let it through, or not."""
        self.turn()
        self.calls.append(call)
        fault = self.fault if len(self.calls) == self.at or self.is_still_denied(call) else None
        self.refuse(call, fault)
        if fault is Fault.OVERTAKEN:
            self.step_aside()
        answer = onward()
        self.taken.append(call)
        if fault is Fault.RETRIED:
            self.taken.append(call)
            return onward()
        if fault is Fault.KILLED_AFTER:
            raise Killed(f"after {call}")
        if fault is Fault.TIMED_OUT:
            raise ReadTimeoutError(endpoint_url=f"https://{call.service}.amazonaws.com")
        return answer

    def is_still_denied(self, call: ApiCall) -> bool:
        """Whether a call is what was denied before: rights come back between deliveries, not within one."""
        if self.fault is not Fault.DENIED or len(self.calls) <= self.at:
            return False
        denied = self.calls[self.at - 1]
        return str(denied) == str(call)

    def refuse(self, call: ApiCall, fault: Fault | None) -> None:
        """End a call that does not reach its service, or that its service refuses."""
        if fault is Fault.KILLED_BEFORE:
            raise Killed(f"before {call}")
        if fault in CODES:
            code = CODES[fault].get(call.service, CODES[fault][""])
            raise ClientError({"Error": {"Code": code, "Message": "injected"}}, call.operation)
        if fault is Fault.CONTENDED:
            raise ClientError(contention(call), call.operation)

    def step_aside(self) -> None:
        """Let somebody else do something, unseen and undisturbed."""
        kept, self.watching = self.calls, False
        try:
            self.meanwhile()
        finally:
            self.watching, self.calls = True, kept

    def answered(self, client: Any, operation: str, parameters: Mapping[str, Any], original: Any) -> Any:
        """The answer of moto, or of a stand-in: botocore checks and writes the request for that one too.

        What SageMaker is asked is checked as the service does it, for it takes a name here and an ARN there. Ids of
        other services are made up in these tests, and need not look like theirs.
        """
        service = client.meta.service_model
        standin, strict = self.standins.get(service.service_name), service.service_name == "sagemaker"
        if standin is None:
            return moto_gaps.filled(client, operation, parameters, original)
        event = f"before-call.{service.service_id.hyphenize()}.{operation}"

        def answer(**_: Any) -> tuple[Any, Mapping[str, Any]]:
            said = broken(service.operation_model(operation).input_shape, parameters) if strict else ""
            return refused("ValidationException", said) if said else standin.answer(operation, parameters)

        client.meta.events.register_first(event, answer)
        try:
            return original(client, operation, parameters)
        finally:
            client.meta.events.unregister(event, answer)

    @contextmanager
    def watch(self, fault: Fault | None = None, at: int = 0) -> Iterator[list[ApiCall]]:
        """See the calls of a block, and let a fault befall one of them."""
        calls: list[ApiCall] = []
        self.calls, self.watching, self.fault, self.at = calls, True, fault, at
        try:
            yield calls
        finally:
            self.watching, self.fault = False, None


def contention(call: ApiCall) -> dict[str, Any]:
    """What DynamoDB answers when a transaction that is under way holds an item.

    A transaction is told so for each of its items, any other write as an exception of its own (DynamoDB Developer
    Guide: "Transactional conflicts in DynamoDB").
    """
    if call.operation != "TransactWriteItems":
        return {"Error": {"Code": "TransactionConflictException", "Message": "Transaction is ongoing for the item"}}
    others = [{"Code": "None"} for _ in call.parameters["TransactItems"][1:]]
    told = {"Code": "TransactionCanceledException", "Message": "Transaction cancelled [TransactionConflict]"}
    return {"Error": told, "CancellationReasons": [{"Code": "TransactionConflict"}, *others]}
