"""SageMaker, SageMaker runtime, CodePipeline and RAM behind the same door, with IAM enforced.

MiniStack has none of the four. Requests are authorised here, with MiniStack's own policy engine, and then handed to
the moto server together with who is calling. A resource of another account needs both sides: the caller's policies
are judged here, the owner's share (group policy or RAM) by the other half, which keeps it.
"""

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

from ministack import app
from ministack.core import iam_actions, router
from ministack.core import iam_evaluator as iam
from ministack.core.responses import get_account_id, get_region
from ministack.core.router import extract_access_key_id
from ministack.services import sts

from local_cloud.door import backend, hooks, registry_actions, rules
from local_cloud.door.authority import account_of

Response = tuple[int, dict[str, str], bytes]

_TARGETS = {"sagemaker": ["SageMaker."], "codepipeline": ["CodePipeline_"], "ram": []}


def install() -> None:
    """Teach MiniStack's router and policy engine the services it lacks."""
    for service, namespace in registry_actions.FORWARDED.items():
        router.SERVICE_PATTERNS[service] = {"target_prefixes": _TARGETS[service], "host_patterns": []}
        iam_actions.SERVICE_TO_IAM_NAMESPACE[service] = namespace
        app.SERVICE_HANDLERS[service] = _handler(service)
    hooks.wrap(iam_actions, "extract_iam_action", _action)
    hooks.wrap(iam_actions, "extract_resource_arn", _resource)


def _action(
    original: Any,
    service: str,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query: dict[str, Any],
) -> str | None:
    if service in registry_actions.FORWARDED:
        return registry_actions.action_name(service, path, headers)
    action: str | None = original(service, method, path, headers, body, query)
    return action


def _resource(
    original: Any,
    service: str,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query: dict[str, Any],
    region: str,
    account_id: str,
) -> str:
    if service in registry_actions.FORWARDED:
        action = registry_actions.action_name(service, path, headers) or ""
        return registry_actions.resource_arns(service, path, body, action, region, account_id)[0]
    if service == "events" and (named := rules.resource_arn(headers, body, region, account_id)):
        return named
    return str(original(service, method, path, headers, body, query, region, account_id))


def _handler(service: str) -> Any:
    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Response:
        action = registry_actions.action_name(service, path, headers) or ""
        arns = registry_actions.resource_arns(service, path, body, action, get_region(), get_account_id())
        refused = _refused_on_others(service, action, arns[1:], headers, query, body)
        if refused is not None:
            return refused
        target = path + ("?" + urlencode(query, doseq=True) if query else "")
        sent = {**headers, **_caller(headers, query), "x-moto-account-id": account_of(arns[0]) or get_account_id()}
        try:
            answer = await asyncio.to_thread(backend.send, method, target, sent, body)
        except OSError as error:
            return _unreachable(service, error)
        return answer.status, answer.headers, answer.body

    return handle


def _refused_on_others(
    service: str, action: str, arns: list[str], headers: dict[str, str], query: dict[str, Any], body: bytes
) -> Response | None:
    """The refusal for any further resource of the request; MiniStack's dispatcher has judged the first."""
    context = iam_actions.request_tag_context(service, action, body, query)
    for arn in arns:
        key = extract_access_key_id(headers, query)
        denied = iam.enforce(key, action, service, get_region(), resource_arn=arn, service_context=context)
        if isinstance(denied, iam.EvalResult):
            response: Response = iam_actions.access_denied_response(
                service, action, denied.principal_arn, "", headers=headers, resource_arn=arn
            )
            return response
    return None


def _caller(headers: dict[str, str], query: dict[str, Any]) -> dict[str, str]:
    """Who calls, for `CreatedBy` and `LastModifiedBy` and for the owner's share."""
    key = extract_access_key_id(headers, query)
    found = iam.resolve_credential(key, get_account_id())
    if isinstance(found, iam.CredentialResolutionError):
        return {}
    session = sts._sessions.get(key) or {}
    return {
        "x-steward-caller-arn": found.principal_arn,
        "x-steward-caller-account": found.account_id,
        "x-steward-caller-user-id": found.principal_id,
        "x-steward-caller-source-identity": str(session.get("SourceIdentity") or ""),
    }


def _unreachable(service: str, error: OSError) -> Response:
    message = f"The local {service} does not answer ({error}). See logs/backend.log, then `make down` and `make up`."
    body = json.dumps({"__type": "InternalFailure", "message": message}).encode()
    return 500, {"Content-Type": "application/x-amz-json-1.1"}, body
