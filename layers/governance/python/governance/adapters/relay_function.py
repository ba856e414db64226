"""The relay, asked directly: audit entries handed to it in the form in which the table's stream brings them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from governance.domain.audit import AuditEntry
from governance.domain.errors import PublishingFailed
from governance.domain.inspection import Order
from governance.domain.values import Value

AT_ONCE = 25
"""Entries handed over in one call: far below the 6 MB that a synchronous call takes (AWS: "Lambda quotas")."""


class RelayFunction:
    """`ports.Outbox` on Lambda: only the relay may put on the governance bus, so it is the relay that is asked."""

    def __init__(self, lambda_: Any, function: str) -> None:
        self.lambda_ = lambda_
        self.function = function

    def again(self, subject: str, entries: Sequence[AuditEntry]) -> None:
        """One synchronous call for every 25 entries."""
        for start in range(0, len(entries), AT_ONCE):
            records = [as_streamed(subject, entry) for entry in entries[start : start + AT_ONCE]]
            answer = self.lambda_.invoke(FunctionName=self.function, Payload=json.dumps({"Records": records}).encode())
            told = json.loads(answer["Payload"].read() or b"null")
            if answer.get("FunctionError") or (told or {}).get("batchItemFailures"):
                raise PublishingFailed(f"the relay did not announce all entries of {subject}")


def as_streamed(subject: str, entry: AuditEntry) -> dict[str, Any]:
    """An audit entry as the record of its insertion in the table's stream (AWS API: DynamoDB Streams, Record)."""
    keys = {"pk": {"S": subject}, "sk": {"S": f"AUDIT#{entry.sequence:08d}"}}
    image = {**keys, "sequence": {"N": str(entry.sequence)}, "entry": {"S": entry.entry}, "hash": {"S": entry.hash}}
    told = {"Keys": keys, "NewImage": image, "SequenceNumber": str(entry.sequence), "StreamViewType": "NEW_IMAGE"}
    return {
        "eventID": entry.hash[:32],
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "dynamodb": told,
    }


class ItselfAgain:
    """`ports.Continuation` on Lambda: the function calls itself, and does not wait."""

    def __init__(self, lambda_: Any, function: str) -> None:
        self.lambda_ = lambda_
        self.function = function

    def go_on(self, order: Order) -> None:
        """One asynchronous call."""
        payload = json.dumps({**order.model_dump(mode="json"), "unattended": True, "resume": True}).encode()
        self.lambda_.invoke(FunctionName=self.function, InvocationType="Event", Payload=payload)


class SameAgain:
    """A function that calls itself with the event that it was told and the place where to go on, and does not wait."""

    def __init__(self, lambda_: Any, function: str) -> None:
        self.lambda_ = lambda_
        self.function = function

    def go_on(self, event: Mapping[str, Any], place: Value) -> None:
        """One asynchronous call. The place is told in the detail of the event, as `place`."""
        told = {**event, "detail": {**event["detail"], "place": place.model_dump(mode="json")}}
        self.lambda_.invoke(FunctionName=self.function, InvocationType="Event", Payload=json.dumps(told).encode())
