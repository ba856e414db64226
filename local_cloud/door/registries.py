"""Registries of images of other accounts: whose a repository is the request says, and its own policy lets people in.

MiniStack keeps repositories by account, but takes every request for one about the caller's own account (ECR API:
`registryId` of each operation).
"""

from typing import Any

from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import ecr

from local_cloud.door import hooks
from local_cloud.door.authority import account_of
from local_cloud.door.registry_actions import parsed


def install() -> None:
    """Let every request reach the registry that it names, and meet the policy of the repository there."""
    hooks.wrap(iam_actions, "extract_resource_arn", _resource)
    hooks.wrap(ecr, "repository_policy_for_arn", _policy)
    hooks.wrap(ecr, "handle_request", _handled)


def _registry(body: bytes) -> str:
    """The account whose registry is meant."""
    return str(parsed(body).get("registryId") or get_account_id())


def _resource(original: Any, service: str, *request: Any) -> str:
    """A repository is that of the registry which the request names."""
    arn = str(original(service, *request))
    if service != "ecr" or ":repository/" not in arn:
        return arn
    *_, body, _query, region, _account = request
    return f"arn:aws:ecr:{region}:{_registry(body)}:repository/{arn.partition(':repository/')[2]}"


def _policy(original: Any, resource_arn: str) -> tuple[Any, str] | None:
    """The policy of a repository of any account, by its ARN."""
    with request_scope(account_of(resource_arn) or get_account_id(), get_region()):
        found: tuple[Any, str] | None = original(resource_arn)
        return found


async def _handled(original: Any, method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
    """What is asked of another account's registry is answered from there; whether it may be is decided by then."""
    with request_scope(_registry(body), get_region()):
        return await original(method, path, headers, body, query)
