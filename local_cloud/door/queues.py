"""Put a message on a queue as an AWS service does, with its attributes, if the queue's policy lets the service."""

import hashlib
import time
from typing import Any

from ministack.core.concurrency import esm_wake
from ministack.core.responses import new_uuid
from ministack.services import sqs


def exists(queue_arn: str) -> bool:
    """Whether there is such a queue, in whichever account."""
    return sqs._queue_by_arn(queue_arn) is not None


def service_may_send(queue_arn: str, service: str, source_arn: str, source_account: str) -> bool:
    """Whether the queue's policy lets the service deliver for that source."""
    return bool(sqs.queue_policy_allows(queue_arn, service, source_arn, source_account))


def put(queue_arn: str, body: str, attributes: dict[str, str] | None = None) -> None:
    """Append a message; the queue must exist."""
    queue = sqs._queue_by_arn(queue_arn)
    if queue is None:
        raise LookupError(queue_arn)
    now = time.time()
    message: dict[str, Any] = {
        "id": new_uuid(),
        "body": body,
        "md5_body": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "receipt_handle": None,
        "sent_at": now,
        "visible_at": now + sqs.queue_delay(queue),
        "receive_count": 0,
        "message_attributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()
        },
        "sys": {"SenderId": "AIDAEXAMPLE", "SentTimestamp": str(int(now * 1000))},
    }
    sqs._ensure_msg_fields(message)
    queue["messages"].append(message)
    esm_wake.set()
