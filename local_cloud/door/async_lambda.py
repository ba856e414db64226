"""Lambda's side of an asynchronous invocation: what it reports when all retries are spent, and its log files.

AWS: after the retries a failed event goes to the function's on-failure destination as a record with `version`,
`timestamp`, `requestContext` (with `condition`), `requestPayload`, `responseContext` and `responsePayload`, sent with
the FUNCTION'S ROLE (Lambda guide, "Capturing records of asynchronous invocations"); `responsePayload.errorType` is the
exception's class. MiniStack retries and writes a thinner record, asks no role, and calls every error
`Runtime.HandlerError`.
"""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import lambda_svc

from local_cloud.door import authority, hooks, queues
from local_cloud.door.settings import settings

logger = logging.getLogger("steward.door")

_LAST_LINE = re.compile(r"^(?P<type>[A-Za-z_][\w.]*)(?::\s?(?P<message>.*))?$")


def install() -> None:
    """Complete the failure record, name errors by their class, write logs where the role may."""
    hooks.wrap(lambda_svc, "_event_invoke_config", _event_invoke_config)
    hooks.wrap(lambda_svc, "_route_async_failure", _route_async_failure)
    hooks.wrap(lambda_svc, "_execute_function_warm", _execute_function_warm)
    hooks.wrap(lambda_svc, "_emit_lambda_logs", _emit_lambda_logs)


def _event_invoke_config(original: Any, function: dict[str, Any], qualifier: str | None) -> Any:
    """No qualifier and `$LATEST` are the same configuration; MiniStack keeps them apart."""
    other = "$LATEST" if not qualifier else None if qualifier == "$LATEST" else qualifier
    return original(function, qualifier) or original(function, other)


def _execute_function_warm(original: Any, function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
    """Add `errorType`, `stackTrace` and `requestId` as the Python runtime reports them."""
    result: dict[str, Any] = original(function, event, request_id)
    body = result.get("body")
    if result.get("error") and isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError":
        trace = str(result.get("log") or "").rpartition("Traceback (most recent call last):")[2].strip().splitlines()
        named = next((match for line in reversed(trace) if (match := _LAST_LINE.match(line))), None)
        if named:
            body["errorType"] = named["type"].rpartition(".")[2]
        body["stackTrace"] = [line for line in trace if line.startswith("  ")]
        body["requestId"] = request_id
    return result


def _route_async_failure(original: Any, target_arn: str, name: str, event: Any, result: dict[str, Any]) -> None:
    function = (lambda_svc._functions.get(name) or {}).get("config") or {}
    if ":sqs:" not in target_arn:
        original(target_arn, name, event, result)
        return
    if not authority.role_allows(function.get("Role", ""), "sqs:SendMessage", target_arn):
        logger.error("%s may not send to its on-failure destination %s: the record is lost", name, target_arn)
        return
    if not queues.exists(target_arn):
        logger.error("on-failure destination %s of %s does not exist: the record is lost", target_arn, name)
        return
    queues.put(target_arn, json.dumps(_failure_record(function, event, result)))


def _failure_record(function: dict[str, Any], event: Any, result: dict[str, Any]) -> dict[str, Any]:
    body = result.get("body") if isinstance(result.get("body"), dict) else {}
    record = lambda_svc._functions.get(function.get("FunctionName", "")) or {}
    retries = (lambda_svc._event_invoke_config(record, None) or {}).get("MaximumRetryAttempts")
    return {
        "version": "1.0",
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "requestContext": {
            "requestId": (body or {}).get("requestId") or new_uuid(),
            "functionArn": f"{function.get('FunctionArn', '')}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 1 + (2 if retries is None else int(retries)),
        },
        "requestPayload": event,
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": result.get("function_error") or "Unhandled",
        },
        "responsePayload": body,
    }


def _emit_lambda_logs(
    original: Any, function: dict[str, Any], request_id: str, text: str, *rest: Any, **kw: Any
) -> None:
    """Write to CloudWatch Logs only what the function's role may, and everything to a file for the developer.

    AWS's runtime writes logs with the function's role; MiniStack writes them whatever the role says.
    """
    config = function.get("config") or function
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config.get('FunctionName')}"
    folder = settings().logs
    if folder and text:
        path = folder / "lambda" / f"{authority.account_of(config['FunctionArn'])}-{config['FunctionName']}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(text.rstrip("\n") + "\n")
    region, account = config["FunctionArn"].split(":")[3:5]
    stream = f"arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:{request_id}"
    role = config.get("Role", "")
    if all(authority.role_allows(role, action, stream) for action in ("logs:CreateLogStream", "logs:PutLogEvents")):
        original(function, request_id, text, *rest, **kw)
