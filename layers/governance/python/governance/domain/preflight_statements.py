"""How a need is said: of whom it is asked, and the statement that answers it."""

from typing import Any

from governance.domain.environment import Environment
from governance.domain.identifiers import account_of
from governance.domain.preflight import Kind, Need, Place
from governance.domain.values import Value


class Installation(Value):
    """A hub, and the accounts it works with."""

    install: str
    partition: str
    region: str
    hub: str
    environments: tuple[Environment, ...]
    developers: tuple[str, ...]
    artifact_bucket: str
    artifact_key: str
    pipeline_bucket: str
    pipeline_key: str
    intake_bus: str
    organization: str = ""

    def role(self, account: str, name: str) -> str:
        """The ARN of a role of Steward's."""
        return f"arn:{self.partition}:iam::{account}:role/{self.install}-{name}"

    def bucket(self, name: str, key: str = "") -> str:
        """The ARN of a bucket, or of what is below a key in it."""
        return f"arn:{self.partition}:s3:::{name}{key}"

    def arn(self, service: str, account: str, name: str) -> str:
        """An ARN in the hub's region."""
        return f"arn:{self.partition}:{service}:{self.region}:{account}:{name}"

    @property
    def through_s3(self) -> dict[str, str]:
        """What a key is told when S3 asks in somebody's name."""
        return {"kms:ViaService": f"s3.{self.region}.amazonaws.com"}


def granted(
    kind: Kind,
    account: str,
    name: str,
    who: str,
    actions: tuple[str, ...],
    resource: str,
    what: str,
    remedy: str,
    context: dict[str, str] | None = None,
    whole_account: bool = False,
) -> Need:
    """A need that a resource's own policy answers."""
    return Need(
        what=what,
        place=Place(kind=kind, account=account, name=name),
        principal=who,
        actions=actions,
        resource=resource,
        context={"aws:SecureTransport": "true", "kms:CallerAccount": account_of(who), **(context or {})},
        remedy=remedy,
        add=statement(who, actions, resource, context, whole_account),
    )


def owned(
    of: Installation,
    account: str,
    role: str,
    actions: tuple[str, ...],
    resource: str,
    what: str,
    remedy: str,
    context: dict[str, str] | None = None,
) -> Need:
    """A need that a role's own policies answer."""
    add = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return Need(
        what=what,
        place=Place(kind=Kind.ROLE, account=account, name=f"{of.install}-{role}"),
        principal=of.role(account, role),
        actions=actions,
        resource=resource,
        context={"aws:SecureTransport": "true", **(context or {})},
        remedy=remedy or "sam deploy the hub",
        add=add | ({"Condition": condition(context)} if context else {}),
    )


def entered_by(
    of: Installation,
    account: str,
    role: str,
    who: str,
    what: str,
    remedy: str,
    context: dict[str, str] | None = None,
) -> Need:
    """A need that a role's trust policy answers."""
    add = statement(who, ("sts:AssumeRole",), "", context)
    return Need(
        what=what,
        place=Place(kind=Kind.TRUST, account=account, name=f"{of.install}-{role}"),
        principal=who,
        actions=("sts:AssumeRole",),
        resource=of.role(account, role),
        context=context or {},
        remedy=remedy,
        add=add,
    )


def statement(
    who: str, actions: tuple[str, ...], resource: str, context: dict[str, str] | None = None, whole: bool = False
) -> dict[str, Any]:
    """A statement that lets somebody in: a role by its account and its ARN, so that it may be made anew."""
    given: dict[str, Any] = condition(context)
    if not who.startswith("arn:"):
        principal: dict[str, str] = {"Service": who}
    else:
        account = account_of(who)
        principal = {"AWS": account if whole else f"{who.partition(':iam:')[0]}:iam::{account}:root"}
        given |= {} if whole else {"ArnEquals": {"aws:PrincipalArn": who}}
    made: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": list(actions)}
    return made | ({"Resource": resource} if resource else {}) | ({"Condition": given} if given else {})


OF_SEVERAL = frozenset({"events:source"})
"""Condition keys of which one request has several values (Service Authorization Reference)."""


def condition(context: dict[str, str] | None) -> dict[str, dict[str, str]]:
    """What a statement asks of a request: the very values, or by pattern where they are one."""
    made: dict[str, dict[str, str]] = {}
    operator = "StringLike" if any("*" in value for value in (context or {}).values()) else "StringEquals"
    for key, value in (context or {}).items():
        made.setdefault(f"ForAllValues:{operator}" if key in OF_SEVERAL else operator, {})[key] = value
    return made


def passed(service: str) -> dict[str, str]:
    """What IAM is told of whom a role is passed to."""
    return {"iam:PassedToService": f"{service}.amazonaws.com"}
