"""Data capture: what an endpoint was asked and what it answered, put into S3 with the rights of its execution role.

AWS: SageMaker guide, "Capture data from real-time endpoint": the records of an hour lie below
`<destination>/<endpoint>/<variant>/yyyy/mm/dd/hh/` as JSON lines, with a caller's inference id in their metadata.
SageMaker gathers several in a file; here each has a file of its own, put before the caller has the answer.
"""

from __future__ import annotations

import base64
import json
import logging
import random
import uuid
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_cloud.backend import clock
from local_cloud.backend.arns import ResourceArn
from local_cloud.backend.door import AssumeRoleError, DoorError
from local_cloud.backend.wiring import wiring

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Body:
    """What went one way."""

    content: bytes
    content_type: str


def keep(
    arn: ResourceArn, config: dict[str, Any], role: str, variant: str, asked: Body, told: Body, inference_id: str
) -> None:
    """Put one record where a configuration has it, or none where it samples others. Never fails the invocation."""
    if not config.get("EnableCapture", bool(config)):
        return
    if random.random() * 100 >= float(config["InitialSamplingPercentage"]):
        return
    now = clock.now()
    bucket, _, prefix = str(config["DestinationS3Uri"]).removeprefix("s3://").partition("/")
    name = f"{now:%M-%S}-{now.microsecond // 1000:03d}-{uuid.uuid4()}.jsonl"
    key = f"{prefix.rstrip('/')}/{arn.name}/{variant}/{now:%Y/%m/%d/%H}/{name}"
    modes = {one["CaptureMode"] for one in config.get("CaptureOptions") or ()} & {"Input", "Output"}
    bodies = {"Input": asked, "Output": told}
    record = {
        "captureData": {f"endpoint{mode}": _written(mode, bodies[mode], config) for mode in sorted(modes)},
        "eventMetadata": {
            "eventId": str(uuid.uuid4()),
            **({"inferenceId": inference_id} if inference_id else {}),
            "inferenceTime": clock.iso(now),
        },
        "eventVersion": "0",
    }
    try:
        credentials = wiring().door.assume(role, "SageMaker", "sagemaker.amazonaws.com", str(arn))
        s3 = wiring().door.client("s3", credentials, arn.region)
        s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(record).encode() + b"\n")
    except (AssumeRoleError, DoorError, ClientError, BotoCoreError) as failure:
        logger.warning("endpoint %s: nothing is captured: %s", arn.name, failure)


def _written(mode: str, body: Body, config: dict[str, Any]) -> dict[str, str]:
    """One way of a record: as text where the configuration says so of its media type, else in base64."""
    kind, headers = body.content_type.split(";")[0].strip(), config.get("CaptureContentTypeHeader") or {}
    encodings = {"CSV": headers.get("CsvContentTypes") or (), "JSON": headers.get("JsonContentTypes") or ()}
    encoding = next((name for name, kinds in encodings.items() if kind in kinds), "BASE64")
    data = base64.b64encode(body.content) if encoding == "BASE64" else body.content
    return {"observedContentType": body.content_type, "mode": mode.upper(), "data": data.decode(), "encoding": encoding}
