"""How people's commands come to a function, and how refusals are told: as answers, for nothing has gone wrong."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from governance.domain.errors import IdentityNotProven, MalformedEvent, Refused
from governance.ports.identity import Caller, Identity
from governance.runtime.events import described
from governance.runtime.observability import count, logger

Asked = TypeVar("Asked")


class Envelope(BaseModel):
    """A command as it is invoked with: what is asked for, and the proof of who asks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    payload: dict[str, Any]
    proof: str


def answered(
    event: Mapping[str, Any],
    shape: TypeAdapter[Asked],
    identity: Identity,
    act: Callable[[Asked, Caller], dict[str, Any]],
) -> dict[str, Any]:
    """What comes of a command: the answer of `act`, or `{"refused": {"code", "detail"}}`.

    Who asks and for what is logged by the request's id alone. Failures of AWS are raised, for asking again may help.
    """
    try:
        envelope = parsed(TypeAdapter(Envelope), event)
        asked = parsed(shape, envelope.payload)
        answer = act(asked, identity.who(envelope.payload, envelope.proof))
    except (Refused, IdentityNotProven, MalformedEvent) as refused:
        code, detail = told(refused)
        logger.warning("command refused", extra={"code": code})
        count("CommandsRefused")
        return {"refused": {"code": code, "detail": detail}}
    named = {name: envelope.payload.get(name) for name in ("command", "action", "request_id", "version")}
    logger.info("command carried out", extra={name: value for name, value in named.items() if value})
    count("CommandsCarriedOut")
    return answer


def parsed(shape: TypeAdapter[Asked], told: object) -> Asked:
    """Read it. Raises `MalformedEvent` naming every field that is wrong."""
    try:
        return shape.validate_python(told)
    except ValidationError as wrong:
        raise MalformedEvent(described(wrong)) from wrong


def told(refused: Refused | IdentityNotProven | MalformedEvent) -> tuple[str, str]:
    """A code and a sentence."""
    if isinstance(refused, Refused):
        return refused.code, refused.detail
    return ("identity-not-proven" if isinstance(refused, IdentityNotProven) else "malformed-command"), str(refused)
