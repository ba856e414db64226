"""Event buses as AWS runs them: an event keeps its time and account, and may be put on another account's bus.

AWS: PutEvents honours `Time`, and `EventBusName` may be the ARN of another account's bus; the event then carries the
account it comes from (EventBridge guide, "Sending and receiving events between accounts"). MiniStack stamps its own
time and refuses other accounts' buses. Whether the caller may put is decided before, in `resource_policies`.
"""

import json
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import get_account_id, get_region, json_response, new_uuid, request_scope
from ministack.services import eventbridge

from local_cloud.door import hooks

Event = dict[str, Any]

_LAST_SECOND = 100_000_000_000
"""A greater number of seconds would be in the year 5138, so it is milliseconds."""


def install() -> None:
    """Take PutEvents over."""
    hooks.wrap(eventbridge, "_put_events", put_events)
    hooks.wrap(eventbridge, "_event_time_string", _event_time_string)


def _event_time_string(original: Any, event: Event) -> str:
    """A service's event keeps the form its service gives the time: SageMaker's endpoint events have milliseconds."""
    return str(event.get("_TimeAsGiven") or original(event))


def put_events(original: Any, data: dict[str, Any], allow_aws_source: bool = False) -> Any:
    """PutEvents; an entry that cannot be put is reported in its place, the others are put."""
    entries = data.get("Entries") or []
    if len(entries) > 10:
        return original(data, allow_aws_source)
    results = [_put_entry(entry, allow_aws_source) for entry in entries]
    return json_response({"FailedEntryCount": sum("ErrorCode" in result for result in results), "Entries": results})


def _put_entry(entry: dict[str, Any], allow_aws_source: bool) -> dict[str, str]:
    source = str(entry.get("Source") or "")
    if source.startswith("aws.") and not allow_aws_source:
        return _failed("NotAuthorizedForSourceException", "Not authorized for the source.")
    for member in ("Source", "DetailType", "Detail"):
        if not entry.get(member):
            return _failed("InvalidArgument", f"Parameter {member} is not valid. Reason: {member} is required.")
    if not _is_json_object(entry["Detail"]):
        return _failed("MalformedDetail", "Detail is malformed.")
    account, region, name = bus_of(str(entry.get("EventBusName") or "default"))
    event = {
        "EventId": new_uuid(),
        "Source": source,
        "DetailType": entry["DetailType"],
        "Detail": entry["Detail"],
        "EventBusName": name,
        "Time": _seconds(entry.get("Time")),
        "Resources": entry.get("Resources") or [],
        "Account": get_account_id(),
        "Region": get_region(),
    }
    receive(account, region, event)
    return {"EventId": event["EventId"]}


def receive(account: str, region: str, event: Event) -> None:
    """Let a bus take an event in: its rules, then its archives. An unknown bus drops it, as AWS does."""
    with request_scope(account, region):
        eventbridge._ensure_default_bus()
        if event["EventBusName"] not in eventbridge._event_buses:
            return
        eventbridge._events_log_list().append(event)
        view = eventbridge._pattern_event_view(event)
        eventbridge._dispatch_event(event, view)
        eventbridge._archive_event({key: value for key, value in event.items() if key != "_DispatchPath"}, view)


def bus_of(reference: str) -> tuple[str, str, str]:
    """The account, region and name of a bus given by its name or ARN."""
    if not reference.startswith("arn:"):
        return get_account_id(), get_region(), reference
    _, _, _, region, account, resource = reference.split(":", 5)
    return account, region, resource.partition("/")[2]


def aws_event(announced: dict[str, Any]) -> Event:
    """An event that an AWS service announces, in the shape buses keep it. The sender may set its `id`."""
    given = announced.get("time")
    as_given = {"_TimeAsGiven": given} if isinstance(given, str) and given.isdigit() else {}
    return {
        **as_given,
        "EventId": announced.get("id") or new_uuid(),
        "Source": announced["source"],
        "DetailType": announced["detail-type"],
        "Detail": json.dumps(announced.get("detail") or {}),
        "EventBusName": announced.get("bus") or "default",
        "Time": _seconds(given),
        "Resources": announced.get("resources") or [],
        "Account": announced["account"],
        "Region": announced.get("region") or get_region(),
    }


def _seconds(given: Any) -> int:
    """Whole seconds, the resolution of event times, from ISO 8601, seconds or milliseconds; now for nothing."""
    if isinstance(given, str) and given and not given.replace(".", "", 1).isdigit():
        return int(datetime.fromisoformat(given.replace("Z", "+00:00")).timestamp())
    if given not in (None, ""):
        number = float(given)
        return int(number / 1000 if number > _LAST_SECOND else number)
    return int(datetime.now(UTC).timestamp())


def _is_json_object(text: Any) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (TypeError, ValueError):
        return False


def _failed(code: str, message: str) -> dict[str, str]:
    return {"ErrorCode": code, "ErrorMessage": message}
