"""A seam in botocore: every call of every client passes here, is written down, and can be made to fail.

It sits on `BaseClient._make_api_call`, which boto3's clients and PynamoDB's alike go through, outside of botocore's
own retries: a fault here is what is left after they were used up.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from tests.aws import moto_gaps


class Killed(BaseException):
    """The function's process is gone: no `except Exception` of anyone's sees this."""


class Fault(StrEnum):
    """What can become of a call."""

    KILLED_BEFORE = "killed-before"
    KILLED_AFTER = "killed-after"
    THROTTLED = "throttled"
    DENIED = "denied"


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

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Sit down in botocore until the test is over."""
        original = BaseClient._make_api_call

        def passing(client: Any, operation: str, parameters: Mapping[str, Any]) -> Any:
            def onward() -> Any:
                return self.answered(client, operation, parameters, original)

            if not self.watching:
                return onward()
            credentials = client._request_signer._credentials
            service = client.meta.service_model.service_name
            return self.passed(ApiCall(service, operation, dict(parameters), credentials.access_key), onward)

        monkeypatch.setattr(BaseClient, "_make_api_call", passing)

    def passed(self, call: ApiCall, onward: Callable[[], Any]) -> Any:
        """Write a call down and let it through, or not."""
        self.calls.append(call)
        fault = self.fault if len(self.calls) == self.at else None
        if fault is Fault.KILLED_BEFORE:
            raise Killed(f"before {call}")
        if fault in CODES:
            code = CODES[fault].get(call.service, CODES[fault][""])
            raise ClientError({"Error": {"Code": code, "Message": "injected"}}, call.operation)
        answer = onward()
        self.taken.append(call)
        if fault is Fault.KILLED_AFTER:
            raise Killed(f"after {call}")
        return answer

    def answered(self, client: Any, operation: str, parameters: Mapping[str, Any], original: Any) -> Any:
        """The answer of moto, or of a stand-in: botocore checks and writes the request for that one too."""
        standin = self.standins.get(client.meta.service_model.service_name)
        if standin is None:
            return moto_gaps.filled(client, operation, parameters, original)
        event = f"before-call.{client.meta.service_model.service_id.hyphenize()}.{operation}"

        def answer(**_: Any) -> tuple[Any, Mapping[str, Any]]:
            return standin.answer(operation, parameters)

        client.meta.events.register_first(event, answer)
        try:
            return original(client, operation, parameters)
        finally:
            client.meta.events.unregister(event, answer)

    @contextmanager
    def watch(self, fault: Fault | None = None, at: int = 0) -> Iterator[list[ApiCall]]:
        """See the calls of a block, and let a fault befall one of them."""
        self.calls, self.watching, self.fault, self.at = [], True, fault, at
        try:
            yield self.calls
        finally:
            self.watching, self.fault = False, None
