"""The service role of a stack, asked before a played service is called in its name.

AWS: CloudFormation acts with the stack's `RoleARN` when one was given, and passes roles only where that role may
(`iam:PassRole`). MiniStack accepts the parameter and forgets it. Types that it provisions itself are not
checked.
"""

from typing import Any

from ministack.core.responses import get_account_id, get_region

from local_cloud.door import authority

_roles: dict[tuple[str, str, str], str] = {}


def remember(original: Any, params: dict[str, Any]) -> Any:
    """Keep the role of CreateStack, UpdateStack or CreateChangeSet for as long as the stack lives."""
    name, role = _first(params.get("StackName")), _first(params.get("RoleARN"))
    if name and role:
        _roles[_key(name)] = role
    return original(params)


def require(stack: str, action: str, resource: str, keys: dict[str, Any] | None = None) -> None:
    """Raise as CloudFormation reports a denied call, when the stack has a role that may not do it."""
    role = _roles.get(_key(stack))
    if role and not authority.role_allows(role, action, resource, keys):
        raise ValueError(
            f"User: {role} is not authorized to perform: {action} on resource: {resource} because no identity-based "
            f"policy allows the {action} action (Status Code: 400, AccessDeniedException)"
        )


def caller(stack: str) -> str:
    """Who calls for this stack: a session of its role, or the account."""
    role = _roles.get(_key(stack))
    if role is None:
        return f"arn:aws:iam::{get_account_id()}:root"
    return f"arn:aws:sts::{get_account_id()}:assumed-role/{authority.role_name(role)}/AWSCloudFormation"


def _key(stack: str) -> tuple[str, str, str]:
    name = stack.split(":stack/", 1)[-1].split("/", 1)[0]
    return get_account_id(), get_region(), name


def _first(value: Any) -> str:
    return str((value[0] if value else "") if isinstance(value, list) else value or "")
