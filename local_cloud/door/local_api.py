"""The door's own addresses, on the loopback interface only.

`POST /_local/events` announces AWS services' events on the default bus of the account each one names.
`POST /_local/assume` hands out a role's session to a played AWS service, if the role trusts that service.
`POST`, `GET` and `DELETE /_steward/mischief` begin, tell and end misbehaviour.
"""

import ipaddress
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ministack import app
from ministack.core import iam_evaluator as iam
from ministack.core.responses import request_scope
from ministack.services import iam as iam_service
from ministack.services import sts

from local_cloud.door import authority, bus, trail
from local_cloud.door.mischief import address as mischief

PREFIXES = ("/_local/", "/_steward/")
_SESSION_SECONDS = 3600

Answer = tuple[int, Any]


def install() -> None:
    """Answer these addresses before MiniStack sees them."""
    inner = app.app

    async def outer(scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[..., Any]) -> None:
        if scope["type"] == "http" and str(scope["path"]).startswith(PREFIXES):
            await _serve(scope, receive, send)
        else:
            await inner(scope, receive, send)

    app.app = outer


async def _serve(scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[..., Any]) -> None:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    status, answer = _answer(scope, body)
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


def _answer(scope: dict[str, Any], body: bytes) -> Answer:
    client = (scope.get("client") or ("",))[0]
    if not client or not ipaddress.ip_address(client).is_loopback:
        return 403, {"error": "only on the loopback interface"}
    handler = _ADDRESSES.get((scope["method"], scope["path"]))
    if handler is None:
        return 404, {"error": f"one of {sorted(' '.join(address) for address in _ADDRESSES)}"}
    try:
        return handler(json.loads(body or b"null"))  # on the event loop, like every other change of MiniStack's state
    except (KeyError, TypeError, ValueError) as error:
        return 400, {"error": f"{type(error).__name__}: {error}"}


def announce(entries: list[dict[str, Any]]) -> Answer:
    """Put each event on the default bus of its account. Answers with the event ids, in order."""
    ids = []
    for entry in entries:
        event = bus.aws_event(entry)
        trail.remember(entry)
        bus.receive(event["Account"], event["Region"], event)
        ids.append(event["EventId"])
    return 200, {"event_ids": ids}


def assume(request: dict[str, Any]) -> Answer:
    """A session of the role for a service (`codepipeline.amazonaws.com`) or a principal that the role trusts."""
    role_arn, wanting = request["role_arn"], request["service"]
    session = str(request.get("session_name") or "steward")[:64]
    role = authority.find_role(role_arn)
    if role is None:
        return 404, {"error": f"no such role: {role_arn}"}
    if not _trusts(role, role_arn, wanting, request):
        return 403, {"error": f"{role_arn} does not trust {wanting}"}
    account = authority.account_of(role_arn)
    key, secret, token = (
        iam_service._gen_session_access_key(),
        iam_service._gen_secret(),
        iam_service._gen_session_token(),
    )
    record = {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{authority.role_name(role_arn)}/{session}",
        "UserId": f"{role.get('RoleId')}:{session}",
        "SecretAccessKey": secret,
        "SessionToken": token,
        "Expiration": time.time() + _SESSION_SECONDS,
        "AccountId": account,
        "PrincipalType": "AssumedRole",
    }
    with request_scope(account, "us-east-1"):
        sts.register_session(key, record)
    return 200, {"access_key_id": key, "secret_access_key": secret, "session_token": token}


def _trusts(role: dict[str, Any], role_arn: str, wanting: str, request: dict[str, Any]) -> bool:
    if wanting.startswith("arn:") or wanting.isdigit():
        caller = wanting if wanting.startswith("arn:") else f"arn:aws:iam::{wanting}:root"
        return bool(iam.evaluate_trust_policy(role.get("AssumeRolePolicyDocument") or "{}", caller))
    keys = {"aws:SourceAccount": request.get("source_account") or authority.account_of(role_arn)}
    if request.get("source_arn"):
        keys["aws:SourceArn"] = request["source_arn"]
    return authority.role_trusts_service(role_arn, wanting, keys)


_ADDRESSES: dict[tuple[str, str], Callable[[Any], Answer]] = {
    ("POST", "/_local/events"): announce,
    ("POST", "/_local/assume"): assume,
    ("POST", "/_steward/mischief"): mischief.begin,
    ("GET", "/_steward/mischief"): mischief.tell,
    ("DELETE", "/_steward/mischief"): mischief.end,
}
