"""The two buses in EventBridge."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from governance.domain.errors import PublishingFailed
from governance.domain.events import SOURCE
from governance.domain.values import Value

BATCH = 10
"""Entries in one PutEvents (EventBridge API: PutEvents)."""


def put(events: Any, entries: Sequence[Mapping[str, Any]]) -> None:
    """PutEvents in batches. Raises `PublishingFailed` naming what was not taken."""
    for start in range(0, len(entries), BATCH):
        answer = events.put_events(Entries=entries[start : start + BATCH])
        if answer.get("FailedEntryCount"):
            causes = [entry["ErrorCode"] for entry in answer["Entries"] if entry.get("ErrorCode")]
            raise PublishingFailed(f"{answer['FailedEntryCount']} events were not taken: {', '.join(causes)}")


class GovernanceBus:
    """`ports.Announcer` on the governance bus."""

    def __init__(self, events: Any, bus: str) -> None:
        self.events = events
        self.bus = bus

    def announce(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Announce events of ours, with the version or the use case they are about as their resource."""
        put(
            self.events,
            [
                {
                    "EventBusName": self.bus,
                    "Source": SOURCE,
                    "DetailType": event["detail_type"],
                    "Detail": json.dumps(event["detail"]),
                    "Resources": [about(event["detail"])],
                }
                for event in events
            ],
        )


def about(detail: Mapping[str, Any]) -> str:
    """What an event is about: the version's ARN, or the partition of the use case."""
    return str(detail.get("model_package_arn") or f"USECASE#{detail['use_case_id']}")


class IntakeBus:
    """`ports.Intake` on the intake bus."""

    def __init__(self, events: Any, bus: str) -> None:
        self.events = events
        self.bus = bus

    def send(self, command: Value) -> None:
        """Send a command under the name of its class."""
        put(
            self.events,
            [
                {
                    "EventBusName": self.bus,
                    "Source": "steward.validation",
                    "DetailType": type(command).__name__,
                    "Detail": command.model_dump_json(),
                }
            ],
        )
