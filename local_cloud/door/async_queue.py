"""Lambda's internal queue of asynchronous invocations: events wait for a place instead of all starting at once.

AWS: an asynchronous invocation is queued, and one that is throttled goes back to the queue without using up a retry
(Lambda guide, "Invoking a function asynchronously"). MiniStack starts a process for every event at once, which two
processors do not survive when thirty versions are registered, and counts a throttle as a failed attempt.
"""

import os
import threading
import time
from collections import defaultdict
from contextvars import ContextVar
from typing import Any

from ministack.services import lambda_svc

from local_cloud.door import hooks

_PLACES = max(2, os.cpu_count() or 1)
"""Enough for invocations to meet each other; more would only make every cold start slower."""

_THROTTLED_SECONDS = 300.0

_asynchronous: ContextVar[bool] = ContextVar("steward_asynchronous", default=False)
_places: defaultdict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(_PLACES))


def install() -> None:
    """Give every function a number of places for what is invoked asynchronously."""
    hooks.wrap(lambda_svc, "invoke_async_with_retry", _invoke_async)
    hooks.wrap(lambda_svc, "_execute_function", _execute)


def place(function_arn: str) -> threading.Semaphore:
    """One of the function's places, to be held while it runs."""
    return _places[function_arn]


def _invoke_async(original: Any, function: dict[str, Any], event: Any) -> None:
    token = _asynchronous.set(True)
    try:
        original(function, event)  # starts a thread with a copy of this context
    finally:
        _asynchronous.reset(token)


def _execute(original: Any, function: dict[str, Any], event: Any) -> dict[str, Any]:
    if not _asynchronous.get():
        result: dict[str, Any] = original(function, event)
        return result
    token = _asynchronous.set(False)
    try:
        return _in_turn(original, function, event)
    finally:
        _asynchronous.reset(token)


def _in_turn(original: Any, function: dict[str, Any], event: Any) -> dict[str, Any]:
    """Run when there is a place; wait and try again for as long as the function is throttled."""
    arn = str((function.get("config") or function).get("FunctionArn"))
    until = time.monotonic() + _THROTTLED_SECONDS
    while True:
        with place(arn):
            result: dict[str, Any] = original(function, event)
        if not result.get("throttle") or time.monotonic() > until:
            return result
        time.sleep(lambda_svc._LAMBDA_ASYNC_RETRY_BASE_SECONDS)
