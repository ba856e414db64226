"""Evaluate a resource policy: explicit deny, then allow, with wildcards and the common conditions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from local_cloud.backend.caller import Caller


class Verdict(StrEnum):
    """What a policy says about a request."""

    ALLOW = "allow"
    DENY = "deny"
    SILENT = "silent"


def evaluate(policy: str | None, caller: Caller, action: str, resources: Iterable[str]) -> Verdict:
    """Return what `policy` says of `action` by `caller` on any of `resources`."""
    if not policy:
        return Verdict.SILENT
    statements = _listed(json.loads(policy).get("Statement", []))
    targets = list(resources)
    effects = {statement.get("Effect") for statement in statements if _speaks_of(statement, caller, action, targets)}
    if "Deny" in effects:
        return Verdict.DENY
    return Verdict.ALLOW if "Allow" in effects else Verdict.SILENT


def _speaks_of(statement: dict[str, Any], caller: Caller, action: str, resources: list[str]) -> bool:
    if not is_principal(statement.get("Principal"), caller):
        return False
    actions = [name.lower() for name in _listed(statement.get("Action", []))]
    if not any(matches(pattern, action.lower()) for pattern in actions):
        return False
    patterns = _listed(statement.get("Resource", "*"))
    if not any(matches(pattern, resource) for pattern in patterns for resource in resources):
        return False
    return _condition_holds(statement, caller)


def is_principal(principal: Any, caller: Caller) -> bool:
    """Tell whether a policy's principal (or a share's) means the caller."""
    if principal == "*":
        return True
    names = _listed(principal.get("AWS", [])) if isinstance(principal, dict) else []
    return any(_names(name, caller) for name in names)


def _names(name: str, caller: Caller) -> bool:
    if name in ("*", caller.account, caller.arn, f"arn:aws:iam::{caller.account}:root"):
        return True
    role = caller.role_name
    prefix = f"arn:aws:iam::{caller.account}:role/"
    return role is not None and name.startswith(prefix) and name.rsplit("/", 1)[-1] == role


def _condition_holds(statement: dict[str, Any], caller: Caller) -> bool:
    """Evaluate the condition; one that is not understood never widens what is allowed."""
    known = {"aws:principalaccount": caller.account, "aws:principalarn": caller.arn}
    understood = {"StringEquals", "StringLike", "ArnEquals", "ArnLike"}
    for operator, keys in statement.get("Condition", {}).items():
        for key, wanted in keys.items():
            actual = known.get(key.lower())
            if actual is None or operator not in understood:
                return bool(statement.get("Effect") == "Deny")
            if not any(matches(pattern, actual) for pattern in _listed(wanted)):
                return False
    return True


def matches(pattern: str, value: str) -> bool:
    """Compare with `*` and `?` as wildcards, and nothing else."""
    return fnmatchcase(value, pattern.replace("[", "[[]"))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
