"""Who may decide what: people by the roles through which they come to the hub, and what was delegated to them.

An approval counts only if it comes from somebody who has a role. A role is held through an IAM role of the hub's
account, whose trust policy says who may assume it; or for a while, by delegation, from somebody who holds it.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import Field

from governance.domain.identifiers import Person
from governance.domain.values import Instant, Value

PRINCIPAL = re.compile(
    r"^arn:aws[a-z-]*:(?:sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)|iam::(?P<users_account>\d{12}):user)"
)
"""An IAM role that somebody assumed, or a user: by no name of theirs, for those are not on the record."""


class Role(StrEnum):
    """As what somebody signs off: who answers for the model, who tests it independently, who governs the fleet."""

    OWNER = "owner"
    VALIDATOR = "validator"
    OFFICER = "officer"


class Delegation(Value):
    """One person's role, given to another for a while."""

    role: Role
    by: str
    """Id of the person who holds the role."""
    to: str
    """Id of the person who may act in it."""
    since: Instant
    until: Instant
    why: str

    def holds_at(self, moment: Instant) -> bool:
        """Whether it was in force then."""
        return self.since <= moment < self.until


class Standing(Value):
    """As what somebody may act, and who delegated it, if anybody did."""

    roles: tuple[Role, ...] = ()
    delegated_by: str = ""


class Authority(Value):
    """Which IAM roles of the hub's account hold which role. None named: everybody of the hub owns models."""

    hub: str = ""
    """The hub's account; empty where nobody told, and then every account is as good as the hub."""
    holders: Mapping[Role, tuple[str, ...]] = Field(default_factory=dict)

    def is_of_the_hub(self, person: Person) -> bool:
        """Whether somebody came as a user or through a role of the hub's account: elsewhere names mean nothing."""
        told = PRINCIPAL.match(person.arn)
        return told is not None and (not self.hub or (told["account"] or told["users_account"]) == self.hub)

    @property
    def is_told(self) -> bool:
        """Whether anybody said which IAM roles hold which role."""
        return any(self.holders.values())

    def roles_of(self, person: Person) -> tuple[Role, ...]:
        """The roles that somebody holds by how they came."""
        told = PRINCIPAL.match(person.arn)
        if told is None or not self.is_of_the_hub(person):
            return ()
        if not self.is_told:
            return (Role.OWNER,)
        return tuple(role for role in Role if told["role"] and told["role"] in self.holders.get(role, ()))

    def standing(self, person: Person, delegations: tuple[Delegation, ...], at: Instant) -> Standing:
        """The roles in which somebody may act at a moment: their own, and those delegated to them."""
        if not self.is_of_the_hub(person):
            return Standing()
        own = self.roles_of(person)
        given = [one for one in delegations if one.to == person.id and one.holds_at(at) and one.role not in own]
        roles = tuple(role for role in Role if role in own or any(one.role is role for one in given))
        return Standing(roles=roles, delegated_by=given[0].by if given and not own else "")


def in_every_group(each: Sequence[Sequence[Delegation]], to: Person, at: Instant) -> tuple[Delegation, ...]:
    """What is delegated to somebody in every one of several groups at a moment; nothing where there is no group."""
    theirs = [[one for one in some if one.to == to.id and one.holds_at(at)] for some in each]
    everywhere = set(Role).intersection(*({one.role for one in some} for some in theirs)) if theirs else set()
    return tuple(one for some in theirs for one in some if one.role in everywhere)


EVERYBODY = Authority()
"""Where nobody said who holds which role: whoever comes through a role or as a user owns models."""
