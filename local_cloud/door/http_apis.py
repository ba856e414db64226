"""HTTP APIs answer whoever calls them, whichever account they belong to.

AWS: an API's host name says which API is meant, and an unsigned call of a route with IAM authorization is forbidden
(403); so is a call signed by another account, since HTTP APIs have no resource policy (API Gateway guide, "Control
access to HTTP APIs with IAM"). A token says nothing of an account. MiniStack looks the API up in the caller's account,
and answers 404 to everybody else.
"""

import json
from typing import Any

from ministack import app
from ministack.core import iam_evaluator as iam
from ministack.core.responses import get_account_id, request_scope
from ministack.services import apigateway

from local_cloud.door import hooks

Response = tuple[int, dict[str, str], bytes]


def install() -> None:
    """Find the API first, then judge the caller."""
    hooks.wrap(app, "_handle_execute_api_request", _handle)


async def _handle(
    original: Any, host: str, path: str, method: str, headers: dict[str, str], *rest: Any, **kwargs: Any
) -> Response | None:
    parsed = app._parse_execute_api_url(host, path)
    owner = _owner(parsed[0]) if parsed else None
    if owner is None or owner[0] == get_account_id():
        unchanged: Response | None = await original(host, path, method, headers, *rest, **kwargs)
        return unchanged
    with request_scope(*owner):
        shows_token = _bears_token(headers) and _takes_tokens(parsed[0])
    if not iam._anonymous.get() and not shows_token:
        return 403, {"Content-Type": "application/json"}, json.dumps({"message": "Forbidden"}).encode()
    answer: Response
    with request_scope(*owner):
        answer = await original(host, path, method, headers, *rest, **kwargs)
    return answer


def _takes_tokens(api_id: str) -> bool:
    """Tell whether every route of an API asks for a token; MiniStack takes one for a signature where another does."""
    return {route.get("authorizationType") for route in (apigateway._routes.get(api_id) or {}).values()} == {"JWT"}


def _bears_token(headers: dict[str, str]) -> bool:
    """Tell whether the caller shows a token for the API itself to judge, and no signature of any account."""
    authorization = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
    return authorization.lower().startswith("bearer ")


def _owner(api_id: str) -> tuple[str, str] | None:
    """The account and region that an API lives in."""
    return next(((account, region) for account, region, known in list(apigateway._apis._data) if known == api_id), None)
