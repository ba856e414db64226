"""CloudTrail's event history: who called UpdateModelPackage, for ninety days."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from governance.adapters.pacing import Pace
from governance.domain.inspection import REMEMBERED
from governance.domain.registry import RegistryCall
from governance.domain.values import Instant
from governance.ports.inspection import Calls

MOST_PAGES = 40
"""Pages of 50 that are read of one span: at two requests a second, twenty seconds."""


class CloudTrailHistory:
    """`ports.Trail` on LookupEvents.

    It is limited to two requests a second for an account and region, and an event is there within about 15 minutes of
    its call (AWS API: LookupEvents; AWS: "Viewing events with CloudTrail Event history").
    """

    def __init__(self, cloudtrail: Any, pace: Pace, now: Callable[[], datetime]) -> None:
        self.cloudtrail = cloudtrail
        self.pace = pace
        self.now = now

    def calls(self, since: Instant, until: Instant) -> Calls:
        """LookupEvents by event name, in pages. A record that cannot be read counts as one that is not there."""
        found: list[RegistryCall] = []
        remembered = self.now() - REMEMBERED
        complete, token = since >= remembered, ""
        if until < remembered:
            return Calls(calls=(), complete=False)
        for _ in range(MOST_PAGES):
            self.pace.wait()
            answer = self.cloudtrail.lookup_events(
                LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "UpdateModelPackage"}],
                StartTime=max(since, remembered),
                EndTime=until,
                **({"NextToken": token} if token else {}),
            )
            for event in answer.get("Events", []):
                record = json.loads(event["CloudTrailEvent"])
                if took_effect(record):
                    call = read_call(record)
                    found += [call] if call else []
                    complete = complete and call is not None
            token = answer.get("NextToken") or ""
            if not token:
                break
        return Calls(calls=tuple(sorted(found, key=lambda call: call.event_time)), complete=complete and not token)


def took_effect(record: Mapping[str, Any]) -> bool:
    """Whether a call was not refused."""
    return not record.get("errorCode") and record.get("eventName") == "UpdateModelPackage"


def read_call(record: Mapping[str, Any]) -> RegistryCall | None:
    """A call in our words, or None for one that has not the shape it should have."""
    try:
        return RegistryCall.model_validate(record)
    except ValidationError:
        return None
