"""What officers may ask about policies, and what holders of a role may ask about the role: commands to `decide`."""

from typing import Annotated, Any, Literal

from pydantic import Field

from governance.domain.authority import Role
from governance.domain.identifiers import ModelGroupArn
from governance.domain.order import Name, Order
from governance.domain.policy_document import GateName
from governance.domain.values import Instant

Somebody = Annotated[Name, Field(min_length=1)]
"""Whoever is meant has to be named."""


class PublishPolicy(Order):
    """Put a policy in force for every group under it. Where it asks less, another officer has to ask for the same."""

    command: Literal["publish-policy"]
    document: dict[str, Any]
    """The policy as plain values. It is judged where it arrives, whoever looked at it before."""


class AssignPolicy(Order):
    """Put a group under a policy. Where it asks less than the group's own, another officer has to ask for the same."""

    command: Literal["assign-policy"]
    policy: GateName
    group: ModelGroupArn


class Delegate(Order):
    """Let somebody else act in a role of one's own for a while, on the versions of one group."""

    command: Literal["delegate"]
    group: ModelGroupArn
    role: Role
    to: Somebody
    until: Instant


class EndDelegation(Order):
    """Take back what was delegated to somebody, before its time is over."""

    command: Literal["end-delegation"]
    group: ModelGroupArn
    role: Role
    to: Somebody


AnyOrderOnPolicies = PublishPolicy | AssignPolicy | Delegate | EndDelegation
"""Everything that `decide` understands about policies and roles."""
