"""How a model group came to be, and whom it lets in: what its tags and its own policy say.

Groups are made by stacks of `stacks/model-group.yaml`, through `steward onboard`, the Service Catalog or by hand. What
a stack made carries CloudFormation's own tags, which nobody can put on by themselves (CloudFormation guide: "Resource
tags": the prefix `aws:` is reserved).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

STACK = "aws:cloudformation:stack-name"
LOGICAL_ID = "aws:cloudformation:logical-id"
IN_THE_TEMPLATE = "ModelGroup"
"""What the group is called in `stacks/model-group.yaml`."""

REGISTERING = frozenset(
    f"sagemaker:{name}".casefold()
    for name in (
        "DescribeModelPackageGroup",
        "DescribeModelPackage",
        "BatchDescribeModelPackage",
        "ListModelPackages",
        "ListModelPackageGroups",
        "CreateModelPackage",
    )
)
"""What others may do with a group and its versions: look at them, and register."""


def stack_of(tags: Mapping[str, str]) -> str:
    """The stack that made a group, or empty text where none did."""
    return tags.get(STACK, "") if tags.get(LOGICAL_ID) == IN_THE_TEMPLATE else ""


def too_much(statements: Iterable[Mapping[str, Any]], owner: str) -> tuple[str, ...]:
    """What a group's policy allows to others than the account that owns it beyond registering, in its own words.

    A condition is not looked at: what it lets through is not said by the policy alone.
    """
    found: set[str] = set()
    for one in statements:
        if one.get("Effect") == "Allow" and any(account != owner for account in accounts_of(one)):
            found |= {action for action in actions_of(one) if action.casefold() not in REGISTERING}
    return tuple(sorted(found))


def actions_of(statement: Mapping[str, Any]) -> Iterator[str]:
    """The actions of a statement. All but some are more than anybody is to have."""
    if "NotAction" in statement:
        yield "*"
    yield from listed(statement.get("Action", ()))


def accounts_of(statement: Mapping[str, Any]) -> Iterator[str]:
    """The accounts that a statement is for; `*` where it is for everybody, or for all but some."""
    told = statement.get("Principal", "*")
    if isinstance(told, Mapping):
        for kind, names in told.items():
            for name in listed(names):
                yield account_behind(name) if kind == "AWS" else name
    else:
        yield from map(account_behind, listed(told))


def account_behind(principal: str) -> str:
    """The account of a principal, which may be named by its id or by an ARN."""
    parts = principal.split(":")
    return parts[4] if len(parts) > 4 else principal


def listed(told: object) -> Iterator[str]:
    """One or several, as policies have it."""
    yield from map(str, told) if isinstance(told, list | tuple) else (str(told),)
