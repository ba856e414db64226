"""Events as they come in: the envelope checked, the detail parsed, and a clear word where either is malformed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aws_lambda_powertools.utilities.parser.models import EventBridgeModel
from pydantic import BaseModel, ValidationError

from governance.domain.errors import MalformedEvent

Shapes = Mapping[str, type[BaseModel]]
"""What a handler expects: detail types, and the shape of each one's detail."""


class Envelope(EventBridgeModel):
    """An event of any kind, its detail not yet read."""

    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Incoming:
    """An event whose detail has been read."""

    detail: Any
    detail_type: str
    account: str
    time: datetime
    correlation_id: str
    """The correlation id that the event carries, or its own id where it began with this event."""
    resources: tuple[str, ...] = ()


def read(event: Mapping[str, Any], shapes: Shapes) -> Incoming:
    """Read an EventBridge event, its detail by its detail type.

    Raises `MalformedEvent` naming every field that is wrong, or a detail type that nobody here expects; the event
    ends among the failed events then, with that as its cause.
    """
    try:
        envelope = Envelope.model_validate(event)
        shape = shapes.get(envelope.detail_type)
        if shape is None:
            raise MalformedEvent(f"nobody here expects {envelope.detail_type!r}")
        detail = shape.model_validate(envelope.detail)
    except ValidationError as wrong:
        raise MalformedEvent(described(wrong)) from wrong
    return Incoming(
        detail=detail,
        detail_type=envelope.detail_type,
        account=envelope.account,
        time=envelope.time,
        correlation_id=str(envelope.detail.get("correlation_id") or envelope.id),
        resources=tuple(envelope.resources),
    )


def described(wrong: ValidationError) -> str:
    """What is wrong with which fields, without the values: an event may hold what no log should."""
    return "; ".join(f"{'.'.join(map(str, error['loc'])) or 'event'}: {error['msg']}" for error in wrong.errors())
