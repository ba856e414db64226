"""Calls that CloudFormation makes to the played services, in the name of a stack."""

import json
from typing import Any

from ministack.core.responses import get_account_id, get_region

from local_cloud.door import backend
from local_cloud.door.resource_types import stack_roles

_TARGETS = {"sagemaker": "SageMaker", "codepipeline": "CodePipeline_20150709"}


class Refused(ValueError):
    """The played service answered with an error; its code is the first word."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def call(stack: str, service: str, operation: str, body: dict[str, Any]) -> dict[str, Any]:
    """One call of a JSON service as the stack's account. Raises `Refused`."""
    return _send(stack, service, "/", {"x-amz-target": f"{_TARGETS[service]}.{operation}"}, body)


def call_path(stack: str, service: str, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """One call of a REST service as the stack's account. Raises `Refused`."""
    return _send(stack, service, path, {}, body, method)


def _send(
    stack: str, service: str, path: str, headers: dict[str, str], body: dict[str, Any], method: str = "POST"
) -> dict[str, Any]:
    account, region = get_account_id(), get_region()
    scope = f"Credential={account}/20260101/{region}/{service}/aws4_request"
    sent = {
        "content-type": "application/x-amz-json-1.1" if service in _TARGETS else "application/json",
        "authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
        "x-moto-account-id": account,
        "x-steward-caller-arn": stack_roles.caller(stack),
        "x-steward-caller-account": account,
        "x-steward-caller-user-id": f"{account}:AWSCloudFormation",
        **headers,
    }
    answer = backend.send(method, path, sent, json.dumps(body).encode())
    parsed: dict[str, Any] = json.loads(answer.body or b"{}")
    if answer.status >= 400:
        code = str(parsed.get("__type") or answer.headers.get("x-amzn-errortype") or answer.status)
        raise Refused(code.rpartition("#")[2], str(parsed.get("message") or parsed.get("Message") or answer.body))
    return parsed
