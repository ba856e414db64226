"""What a policy of AWS says about one request, as far as its text tells: allowed, refused, silent, or not to be told.

A small part of IAM's evaluation (IAM user guide, "Policy evaluation logic"): statements of one policy, principals,
wildcards and the conditions that Steward's templates are written with. A condition that it does not understand, or
whose key it was not given, is never guessed: what depends on it cannot be told.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any

from pydantic import Field

from governance.domain.identifiers import account_of
from governance.domain.values import Value

Statement = Mapping[str, Any]
"""A statement as AWS tells it."""


class Answer(StrEnum):
    """What policies say about a request."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    SILENT = "silent"
    UNTOLD = "untold"


class Request(Value):
    """Somebody who wants to do something; `context` holds the condition keys that the request will have."""

    principal: str
    action: str
    resource: str
    context: dict[str, str] = Field(default_factory=dict)


def answer(statements: Iterable[Statement], request: Request, identity: bool = False) -> Answer:
    """What the statements of a policy say. In a policy of one's own (`identity`) no principal is named."""
    found = [(one.get("Effect"), speaks_of(one, request, identity)) for one in statements]
    if ("Deny", True) in found:
        return Answer.REFUSED
    if ("Deny", None) in found:
        return Answer.UNTOLD
    if ("Allow", True) in found:
        return Answer.ALLOWED
    return Answer.UNTOLD if ("Allow", None) in found else Answer.SILENT


def speaks_of(statement: Statement, request: Request, identity: bool) -> bool | None:
    """Whether a statement is about a request; None where that depends on what is not known."""
    if "NotAction" in statement or "NotResource" in statement or "NotPrincipal" in statement:
        return None
    about = (
        (identity or is_named(statement.get("Principal"), request.principal))
        and any(matches(one.lower(), request.action.lower()) for one in listed(statement.get("Action", ())))
        and any(matches(one, request.resource) for one in listed(statement.get("Resource", "*")))
    )
    return conditions_hold(statement.get("Condition") or {}, request) if about else False


def is_named(principal: Any, who: str) -> bool:
    """Whether a principal of a policy is somebody, or their whole account; `who` is an ARN, an account or a service."""
    if principal == "*":
        return True
    if not isinstance(principal, Mapping):
        return False
    account = account_of(who) if who.startswith("arn:") else who
    names = [one for kind in ("AWS", "Service") for one in listed(principal.get(kind, ()))]
    return any(one in ("*", who, account) or one.endswith(f"::{account}:root") for one in names)


def conditions_hold(conditions: Mapping[str, Mapping[str, Any]], request: Request) -> bool | None:
    """Whether all conditions hold; None where one cannot be told and no other fails."""
    known = {name.lower(): value for name, value in request.context.items()}
    if request.principal.startswith("arn:"):
        known.setdefault("aws:principalarn", request.principal)
        known.setdefault("aws:principalaccount", account_of(request.principal))
    told = [
        holds(operator, known.get(key.lower()), [str(one) for one in listed(wanted)])
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    ]
    if False in told:
        return False
    return None if None in told else True


def holds(operator: str, value: str | None, wanted: list[str]) -> bool | None:
    """Whether one condition holds; None where its key or its operator is not known.

    Of a key with several values one is asked about, so that for all of them or for any is the same.
    """
    name = operator.removeprefix("ForAllValues:").removeprefix("ForAnyValue:").removesuffix("IfExists")
    negated = name.replace("Not", "", 1) if "Not" in name else ""
    compare = OPERATORS.get(negated or name)
    if value is None or compare is None:
        return None
    return any(compare(one, value) for one in wanted) is not bool(negated)


def matches(pattern: str, value: str) -> bool:
    """Whether a value is one that a pattern with `*` and `?` stands for."""
    expression = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(expression, value, re.DOTALL) is not None


OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": matches,
    "ArnEquals": matches,
    "ArnLike": matches,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
}
"""The operators that are understood. `…IfExists` and `…Not…` are theirs as well."""


def listed(value: Any) -> list[Any]:
    """One or many, as many."""
    return list(value) if isinstance(value, list | tuple) else [value]
