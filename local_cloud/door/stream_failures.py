"""Stream records that a function gave up on, kept whole in the bucket that the mapping names as its destination.

AWS: the object holds the invocation record and, unlike a message to a queue, the records themselves as `payload`; its
key is `aws/lambda/<mapping>/<shard>/<time>-<random>`, and the function's role needs `s3:PutObject` and `s3:ListBucket`
on the bucket (Lambda guide, "Retain discarded records: on-failure destinations").
"""

import json
import logging
import time
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import s3

from local_cloud.door import authority

logger = logging.getLogger("steward.door")

SHARD = "shardId-00000000000000000000-00000000"


def keep(
    mapping: dict[str, Any], function: dict[str, Any], records: list[Any], stream: str, result: dict[str, Any]
) -> None:
    """Write one object, if the function's role may."""
    config = function.get("config") or function
    bucket_arn = mapping["DestinationConfig"]["OnFailure"]["Destination"]
    now = datetime.now(UTC)
    key = f"aws/lambda/{mapping['UUID']}/{SHARD}/{now:%Y-%m-%dT%H.%M.%S}-{new_uuid()}"
    role = config.get("Role", "")
    allowed = authority.role_allows(role, "s3:PutObject", f"{bucket_arn}/{key}")
    if not (allowed and authority.role_allows(role, "s3:ListBucket", bucket_arn)):
        logger.error("a stream batch of %s is dropped: its role may not write to the bucket", mapping["FunctionName"])
        return
    body = json.dumps(_record(config, records, stream, result, now)).encode()
    status, _headers, answer = s3._put_object(bucket_arn.rsplit(":", 1)[-1], key, body, {})
    if status != 200:
        logger.error("a stream batch of %s is dropped: S3 answered %s %s", mapping["FunctionName"], status, answer)


def _record(
    config: dict[str, Any], records: list[Any], stream: str, result: dict[str, Any], now: datetime
) -> dict[str, Any]:
    first, last = (records[place].get("dynamodb", {}) for place in (0, -1))

    def arrival(record: dict[str, Any]) -> str:
        seconds = float(record.get("ApproximateCreationDateTime", now.timestamp()))
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))

    return {
        "requestContext": {
            "requestId": new_uuid(),
            "functionArn": config.get("FunctionArn", ""),
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 1,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": result.get("function_error") or "Unhandled",
        },
        "version": "1.0",
        "timestamp": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
        "DDBStreamBatchInfo": {
            "shardId": SHARD,
            "startSequenceNumber": str(first.get("SequenceNumber", "")),
            "endSequenceNumber": str(last.get("SequenceNumber", "")),
            "approximateArrivalOfFirstRecord": arrival(first),
            "approximateArrivalOfLastRecord": arrival(last),
            "batchSize": len(records),
            "streamArn": stream,
        },
        "payload": json.dumps({"Records": records}),
    }
