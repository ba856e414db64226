"""API calls that are throttled, fail or lose their answer, each in its service's own words.

Only calls of the principals that the plan names are harmed, by default those of Lambda functions: whoever tries the
program reads the truth. Codes and statuses are those of the services' API references ("Common errors").
"""

from typing import Any

from hypercorn.events import Closed
from hypercorn.protocol.http_stream import HTTPStream
from ministack import app
from ministack.core import iam_actions, router
from ministack.services import sts

from local_cloud.door import hooks
from local_cloud.door.mischief import functions, plan

Response = tuple[int, dict[str, str], bytes]

_THROTTLED = {
    "s3": ("SlowDown", 503),
    "lambda": ("TooManyRequestsException", 429),
    "sqs": ("RequestThrottled", 400),
    "sts": ("Throttling", 400),
    "iam": ("Throttling", 400),
    "cloudformation": ("Throttling", 400),
    "sns": ("Throttling", 400),
}
_FAILED = {
    "s3": ("InternalError", 500),
    "dynamodb": ("InternalServerError", 500),
    "lambda": ("ServiceException", 500),
    "events": ("InternalException", 500),
}
LOST = "connection-lost"
"""The header by which what sends answers knows that this one must not arrive."""


def install() -> None:
    """Stand before the services."""
    hooks.wrap(app, "_dispatch_service_request", _dispatch)
    hooks.wrap(HTTPStream, "app_send", _app_send)


async def _dispatch(
    original: Any, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any], request_id: str
) -> Response:
    mischief = plan.current()
    if mischief is None:
        answer: Response = await original(method, path, headers, body, query, request_id)
        return answer
    service, operation = named(method, path, headers, body, query)
    invocation = functions.invocation_of(headers)
    doomed = invocation is not None and invocation.strikes_at_this_call()
    if doomed and invocation.dies == "before":
        invocation.kill(mischief, f"{service}:{operation}")
        return _lost()
    call = _harm(mischief, _principal(mischief, headers, query, invocation), service, operation)
    if call is not None and call.when != "after":
        return _answer(mischief, call, service, operation, headers, request_id)
    answer = await original(method, path, headers, body, query, request_id)
    if doomed:
        invocation.kill(mischief, f"{service}:{operation}")
        return _lost()
    return answer if call is None else _answer(mischief, call, service, operation, headers, request_id)


def named(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> tuple[str, str]:
    """The service and operation of a request; for REST APIs the operation is called as IAM calls it."""
    asked = app._routing_params(method, path, headers, body, query)
    service = router.detect_service(method, path, headers, asked)
    target = headers.get("x-amz-target", "")
    if "." in target:
        return service, target.rpartition(".")[2]
    action = iam_actions.extract_iam_action(service, method, path, headers, body, asked) or ""
    return service, action.partition(":")[2]


def _principal(mischief: plan.Mischief, headers: dict[str, str], query: dict[str, Any], invocation: Any) -> str | None:
    """The name of the role that calls, when the plan speaks of it."""
    session = sts._sessions.get(router.extract_access_key_id(headers, query)) or {}
    role = str(session.get("Arn") or "").partition(":assumed-role/")[2].partition("/")[0]
    if mischief.principals is None:
        return role if invocation is not None else None
    return role if role and role.startswith(mischief.principals) else None


def _harm(mischief: plan.Mischief, principal: str | None, service: str, operation: str) -> plan.Call | None:
    """The first rule whose dice say so."""
    if principal is None:
        return None
    for number, call in enumerate(mischief.calls):
        if call.concerns(service, operation):
            dice = mischief.dice(f"call/{number}/{principal}/{service}:{operation}")
            if dice.random() < call.rate and mischief.spend(call):
                return call
    return None


def _answer(
    mischief: plan.Mischief, call: plan.Call, service: str, operation: str, headers: dict[str, str], request_id: str
) -> Response:
    code, status = call.error, call.status
    if call.error == "throttled":
        code, status = _THROTTLED.get(service, ("ThrottlingException", 400))
    elif call.error == "failed":
        code, status = _FAILED.get(service, ("InternalFailure", 500))
    mischief.note(f"calls {service}:{operation} {code} {call.when}")
    if call.error == "lost":
        return _lost()
    message = call.message or ("Rate exceeded" if call.error == "throttled" else "Something went wrong. Try again.")
    _, sent, body = iam_actions.access_denied_response(
        service, operation, "", request_id, error_code=code, message=message, headers=headers
    )
    return status, {**sent, "x-amzn-requestid": request_id, "x-amz-request-id": request_id}, body


def _lost() -> Response:
    return 200, {LOST: "yes"}, b""


async def _app_send(original: Any, stream: HTTPStream, message: Any) -> None:
    """Break the connection off before an answer that must not arrive: not a byte of it.

    Of half an answer an SDK may make a whole one: botocore takes a broken body for an empty one, and its status 200
    for success, although the call may have been refused.
    """
    if message is not None and any(name.lower() == LOST.encode() for name, _ in message.get("headers", ())):
        protocol = stream.send.__self__
        await protocol.send(Closed())
        await protocol.handle(Closed())
    elif message is None or not stream.closed:
        await original(stream, message)
