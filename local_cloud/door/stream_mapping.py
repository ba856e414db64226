"""DynamoDB streams to Lambda with the failure handling of a real event source mapping, under the function's role.

AWS: the mapping reads the stream with the function's role; a batch that fails is retried, bisected when asked, cut at
the first item the function reports (`ReportBatchItemFailures`), and, when `MaximumRetryAttempts` is spent, sent to the
on-failure destination (Lambda guide, "Process DynamoDB records"). MiniStack reads without asking the role, takes any
answer for success, and retries a failed batch for ever. Positions are MiniStack's, so that its API shows them.
"""

import logging
import time
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import dynamodb, lambda_svc

from local_cloud.door import authority, hooks, stream_failures

logger = logging.getLogger("steward.door")

_READS = ("dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords")

_attempts: dict[tuple[str, int], int] = {}
_limits: dict[str, int] = {}


def install() -> None:
    """Take the polling of DynamoDB streams over."""
    hooks.wrap(lambda_svc, "_poll_dynamodb_streams", _poll)


def _poll(_original: Any) -> bool:
    """One pass over all mappings; whether any of them moved on."""
    moved = False
    for account, region, mapping in lambda_svc._iter_all_esms():
        if ":dynamodb:" in str(mapping.get("EventSourceArn", "")) and mapping.get("Enabled", True):
            with request_scope(account, region):
                moved = _serve(mapping) or moved
    return moved


def _serve(mapping: dict[str, Any]) -> bool:
    stream = mapping["EventSourceArn"]
    table = stream.split(":table/", 1)[1].split("/", 1)[0]
    function, config = lambda_svc._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))
    if function is None or (dynamodb._tables.get(table) or {}).get("LatestStreamArn") != stream:
        return False
    if not all(authority.role_allows((config or {}).get("Role", ""), action, stream) for action in _READS):
        mapping["LastProcessingResult"] = "PROBLEM: Cannot access stream. Please check the function's role."
        return False
    uuid = mapping["UUID"]
    if lambda_svc._esm_backoff_until.get(uuid, 0) > time.time():
        return False
    position = _position(mapping, table)
    size = min(mapping.get("BatchSize", 100), _limits.get(uuid, 10_000))
    batch = dynamodb.stream_records_since(table, position, size)
    if not batch:
        return False
    wanted = lambda_svc._apply_filter_criteria(batch, mapping)
    done = _run(mapping, function, wanted, batch, stream, position) if wanted else len(batch)
    if done:
        _move(uuid, position + done)
    return bool(done)


def _position(mapping: dict[str, Any], table: str) -> int:
    horizon = dynamodb.stream_start_position(table)
    with lambda_svc._dynamodb_stream_positions_lock:
        known = lambda_svc._dynamodb_stream_positions.get(mapping["UUID"])
        if known is None:
            oldest = mapping.get("StartingPosition", "LATEST") == "TRIM_HORIZON"
            known = horizon if oldest else dynamodb.stream_end_position(table)
            lambda_svc._dynamodb_stream_positions[mapping["UUID"]] = known
    return max(int(known), int(horizon))


def _move(uuid: str, position: int) -> None:
    with lambda_svc._dynamodb_stream_positions_lock:
        lambda_svc._dynamodb_stream_positions[uuid] = position
    for key in [key for key in _attempts if key[0] == uuid]:
        del _attempts[key]
    _limits.pop(uuid, None)
    lambda_svc._esm_backoff_until.pop(uuid, None)


def _run(
    mapping: dict[str, Any], function: dict[str, Any], wanted: list[Any], batch: list[Any], stream: str, position: int
) -> int:
    """Invoke with the wanted records; how many records of the batch are done with."""
    result = lambda_svc._execute_function(function, {"Records": wanted})
    failed = None if result.get("error") else _first_failure(mapping, result, batch)
    if not result.get("error") and failed is None:
        mapping["LastProcessingResult"] = f"OK - {len(wanted)} records"
        return len(batch)
    mapping["LastProcessingResult"] = "PROBLEM: Function call failed"
    if failed:
        return failed
    return _after_failure(mapping, function, wanted, batch, stream, position, result)


def _after_failure(
    mapping: dict[str, Any],
    function: dict[str, Any],
    wanted: list[Any],
    batch: list[Any],
    stream: str,
    position: int,
    result: dict[str, Any],
) -> int:
    uuid = mapping["UUID"]
    tries = _attempts[uuid, position] = _attempts.get((uuid, position), 0) + 1
    logger.warning("stream batch failed: %s, attempt %d: %s", mapping["FunctionName"], tries, result.get("body"))
    if mapping.get("BisectBatchOnFunctionError") and len(batch) > 1:
        _limits[uuid] = max(1, len(batch) // 2)
        _attempts.pop((uuid, position), None)
        return 0
    limit = mapping.get("MaximumRetryAttempts", -1)
    if limit is not None and 0 <= int(limit) < tries:
        _report(mapping, function, wanted, stream, result)
        return len(batch)
    lambda_svc._esm_backoff_until[uuid] = time.time() + lambda_svc._LAMBDA_ASYNC_RETRY_BASE_SECONDS
    return 0


def _report(
    mapping: dict[str, Any], function: dict[str, Any], wanted: list[Any], stream: str, result: dict[str, Any]
) -> None:
    """Tell the destination, by the function's role: a queue hears where records were, a bucket keeps them."""
    target = ((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination") or ""
    role = (function.get("config") or function).get("Role", "")
    if target.startswith("arn:aws:s3:::"):
        stream_failures.keep(mapping, function, wanted, stream, result)
        return
    if not target or not authority.role_allows(role, "sqs:SendMessage", target):
        logger.error("a stream batch of %s is dropped: no on-failure destination it may use", mapping["FunctionName"])
        return
    lambda_svc._send_ddb_stream_failure_record(mapping, function, wanted, stream, result, "RetryAttemptsExhausted")


def _first_failure(mapping: dict[str, Any], result: dict[str, Any], batch: list[Any]) -> int | None:
    """How many records come before the first that the function reported as failed; None when all succeeded."""
    if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or []):
        return None
    body = result.get("body")
    reported = {
        str(item.get("itemIdentifier"))
        for item in ((body or {}).get("batchItemFailures") or [] if isinstance(body, dict) else [])
    }
    if not reported:
        return None
    numbers = [str(record["dynamodb"]["SequenceNumber"]) for record in batch]
    return next((index for index, number in enumerate(numbers) if number in reported), 0)
