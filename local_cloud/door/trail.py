"""CloudTrail's memory of the registry's calls: what AWS's event history answers, MiniStack's answers here as well.

MiniStack's own trail knows MiniStack's calls only, and is off unless asked for; its answer is one page without a token.
"""

import json
from datetime import datetime
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudtrail

from local_cloud.door import hooks

CALL = "AWS API Call via CloudTrail"
PAGE = 50


def install() -> None:
    """Let a lookup by event name go on where it left off."""
    hooks.wrap_entry(cloudtrail._DISPATCH, "LookupEvents", _lookup)


def _lookup(original: Any, body: dict[str, Any]) -> Any:
    asked = {one["AttributeKey"]: one["AttributeValue"] for one in body.get("LookupAttributes", [])}
    if set(asked) != {"EventName"}:
        return original(body)
    first, last = float(body.get("StartTime") or 0), float(body.get("EndTime") or "inf")
    found = [
        event
        for event in reversed(list(cloudtrail._get_event_queue()))
        if event["EventName"] == asked["EventName"] and first <= event["EventTime"] <= last
    ]
    start = int(body.get("NextToken") or 0)
    end = start + min(int(body.get("MaxResults") or PAGE), PAGE)
    more = {"NextToken": str(end)} if end < len(found) else {}
    return cloudtrail._ok({"Events": found[start:end], **more})


def remember(entry: dict[str, Any]) -> None:
    """Keep a call that is about to be announced, in the trail of its account and Region; other events are let be."""
    if entry.get("detail-type") != CALL:
        return
    detail = entry["detail"]
    identity = detail.get("userIdentity") or {}
    arn = str((detail.get("requestParameters") or {}).get("modelPackageArn") or "")
    with request_scope(entry["account"], entry["region"]):
        cloudtrail._get_event_queue().append(
            {
                "EventId": detail["eventID"],
                "EventName": detail["eventName"],
                "EventSource": detail["eventSource"],
                "EventTime": datetime.fromisoformat(detail["eventTime"]).timestamp(),
                "Username": str(identity.get("arn") or "").rsplit("/", 1)[-1],
                "AccessKeyId": str(identity.get("accessKeyId") or ""),
                "ReadOnly": "false",
                "Resources": [{"ResourceType": "AWS::SageMaker::ModelPackage", "ResourceName": arn}] if arn else [],
                "CloudTrailEvent": json.dumps(detail),
            }
        )
