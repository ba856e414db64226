"""Functions that die on the way: their process is killed after one of its AWS calls, or before it can answer.

AWS: an environment can be lost at any instruction; the invocation then fails with `Runtime.ExitError` and is retried as
its caller retries (Lambda guide, "Error handling"). A call is known to be an invocation's own by the trace header that
every AWS SDK sends from inside a function.
"""

import secrets
import threading
import time
from dataclasses import dataclass
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local_cloud.door import hooks
from local_cloud.door.mischief import plan

_MOST_CALLS = 12
"""A random death comes after one of so many calls; a function that makes fewer dies before it can answer."""

_KILLED = "Runtime exited with error: signal: killed"


@dataclass
class Invocation:
    """One run of a function in a process of its own, and the call at which it dies, if any."""

    worker: Any
    function: str
    dies_at: int | None = None
    dies: str = "before"
    calls: int = 0
    dead: bool = False

    def strikes_at_this_call(self) -> bool:
        """Count one AWS call; whether it is the last."""
        self.calls += 1
        return self.calls == self.dies_at

    def kill(self, mischief: plan.Mischief, at: str) -> None:
        """End the process at once."""
        self.dead = True
        mischief.note("functions killed", function=self.function, call=self.calls, at=at, when=self.dies)
        process = self.worker._proc
        if process is not None:
            process.kill()
            process.wait(5)


_running: dict[str, Invocation] = {}
_lock = threading.Lock()


def install() -> None:
    """Watch over every invocation."""
    hooks.wrap(lambda_runtime.Worker, "invoke", _invoke)
    hooks.wrap(lambda_svc, "_execute_function_warm", _execute_function_warm)


def invocation_of(headers: dict[str, str]) -> Invocation | None:
    """The invocation that makes a request; None when none of ours does."""
    return _running.get(_root(headers.get("x-amzn-trace-id", "")))


def _invoke(original: Any, worker: Any, event: Any, request_id: str, **more: Any) -> dict[str, Any]:
    mischief = plan.current()
    if mischief is None:
        untouched: dict[str, Any] = original(worker, event, request_id, **more)
        return untouched
    more["trace_id"] = more.get("trace_id") or _trace()
    invocation = _doomed(mischief, Invocation(worker, worker.func_name))
    root = _root(more["trace_id"])
    with _lock:
        _running[root] = invocation
    try:
        result: dict[str, Any] = original(worker, event, request_id, **more)
    finally:
        with _lock:
            _running.pop(root, None)
    if invocation.dies_at is not None and not invocation.dead:
        invocation.kill(mischief, "the end")
    if invocation.dead:
        worker._proc = None
        return {**result, "status": "error", "error": f"RequestId: {request_id} Error: {_KILLED}", "trace": ""}
    return result


def _execute_function_warm(original: Any, function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
    """Call it what Lambda calls it."""
    result: dict[str, Any] = original(function, event, request_id)
    body = result.get("body")
    if result.get("error") and isinstance(body, dict) and str(body.get("errorMessage")).endswith(_KILLED):
        result["body"] = {"errorType": "Runtime.ExitError", "errorMessage": body["errorMessage"]}
    return result


def _doomed(mischief: plan.Mischief, invocation: Invocation) -> Invocation:
    """Throw the dice for an invocation."""
    for number, kill in enumerate(mischief.kills):
        if invocation.function.startswith(kill.function):
            dice = mischief.dice(f"kill/{number}/{invocation.function}")
            if dice.random() < kill.rate and mischief.spend(kill):
                invocation.dies_at = kill.after_calls or dice.randint(1, _MOST_CALLS)
                invocation.dies = dice.choice(["before", "after"]) if kill.when == "random" else kill.when
                return invocation
    return invocation


def _trace() -> str:
    """A trace of its own for a function that is not traced, as Lambda gives it: not sampled."""
    root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    return f"Root={root};Parent={secrets.token_hex(8)};Sampled=0"


def _root(trace: str) -> str:
    return next((part.partition("=")[2] for part in trace.split(";") if part.startswith("Root=")), "")
