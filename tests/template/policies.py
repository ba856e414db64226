"""Who may do what, read from the translated templates, and asked the way IAM would answer.

`statements_of("SyncModelVersion")` gives a function's permissions with concrete ARNs; `allows(statements, action,
resource, context)` evaluates them: a Deny wins, wildcards are `*` and `?`, an absent condition key fails an
affirmative operator and passes a negated, `...IfExists` or `ForAllValues` one. A harness that records the calls a
function makes can ask whether they are still allowed with any one statement taken away.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.template.translation import Stack, hub


@dataclass(frozen=True)
class Statement:
    """One statement of a policy, every member a tuple."""

    sid: str
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    principals: tuple[str, ...] = ()

    @classmethod
    def parse(cls, written: Mapping[str, Any]) -> "Statement":
        """Read one from a policy document."""
        conditions = {
            operator: {key: _strings(values) for key, values in keys.items()}
            for operator, keys in written.get("Condition", {}).items()
        }
        principal = written.get("Principal", {})
        named = (
            [principal]
            if isinstance(principal, str)
            else [one for many in principal.values() for one in _strings(many)]
        )
        return cls(
            sid=written.get("Sid", ""),
            effect=written["Effect"],
            actions=_strings(written["Action"]),
            resources=_strings(written.get("Resource", ())),
            conditions=conditions,
            principals=tuple(named),
        )


def _strings(value: Any) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple(str(one) for one in value)
    return (str(value).lower() if isinstance(value, bool) else str(value),)


def parse(document: Mapping[str, Any]) -> list[Statement]:
    """The statements of a policy document."""
    written = document["Statement"]
    return [Statement.parse(one) for one in (written if isinstance(written, list) else [written])]


def functions(stack: Stack | None = None) -> dict[str, dict[str, Any]]:
    """The hub's functions, properties by logical id."""
    return (stack or hub()).of_type("AWS::Lambda::Function")


def role_of(function: str, stack: Stack | None = None) -> str:
    """Logical id of the role that a function runs as."""
    stack = stack or hub()
    arn = functions(stack)[function]["Role"]
    (role,) = [name for name in stack.of_type("AWS::IAM::Role") if stack.arn(name) == arn]
    return role


def role_statements(role: str, stack: Stack | None = None) -> list[Statement]:
    """What a role's inline policies say."""
    properties = (stack or hub()).of_type("AWS::IAM::Role")[role]
    return [one for policy in properties.get("Policies", []) for one in parse(policy["PolicyDocument"])]


def statements_of(function: str, stack: Stack | None = None) -> list[Statement]:
    """What a function may do, with concrete ARNs."""
    return role_statements(role_of(function, stack), stack)


def allows(
    statements: Sequence[Statement], action: str, resource: str, context: Mapping[str, Any] | None = None
) -> bool:
    """Whether the statements allow a call. `context` gives the request's condition keys, in any case."""
    keys = {name.lower(): value for name, value in (context or {}).items()}
    effects = {one.effect for one in statements if applies(one, action, resource, keys)}
    return effects == {"Allow"}


def applies(statement: Statement, action: str, resource: str, keys: Mapping[str, Any]) -> bool:
    """Whether a statement speaks of this call. `keys` are lower case."""
    return (
        any(_matches(pattern.lower(), action.lower()) for pattern in statement.actions)
        and any(_matches(pattern, resource) for pattern in statement.resources)
        and all(
            _holds(operator, keys.get(key.lower()), wanted)
            for operator, pairs in statement.conditions.items()
            for key, wanted in pairs.items()
        )
    )


def _matches(pattern: str, value: str) -> bool:
    expression = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(expression, value, re.DOTALL) is not None


_OPERATORS = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": _matches,
    "ArnEquals": _matches,
    "ArnLike": _matches,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}


def _holds(operator: str, actual: Any, wanted: Sequence[str]) -> bool:
    quantifier, _, name = operator.rpartition(":")
    may_be_absent = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    absent = actual is None or actual == []
    if name == "Null":
        return absent == (wanted[0].lower() == "true")
    negated = name in _NEGATED
    test = _OPERATORS[_NEGATED.get(name, name)]
    if absent:
        return may_be_absent or quantifier == "ForAllValues" or (negated and quantifier != "ForAnyValue")
    values = [str(one) for one in actual] if isinstance(actual, list | tuple | set) else [str(actual)]
    matched = [any(test(one, value) for one in wanted) is not negated for value in values]
    return any(matched) if quantifier == "ForAnyValue" else all(matched)


def without(statements: Sequence[Statement], sid: str) -> list[Statement]:
    """The statements, one taken away."""
    return [one for one in statements if one.sid != sid]
