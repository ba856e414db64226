"""An office in memory: officers, validators and owners, and what they ask for about policies and roles."""

from datetime import timedelta
from typing import Any

import pytest

from governance.domain import orders_on_policies as o
from governance.domain.authority import Authority, Role
from governance.domain.errors import Refused
from governance.domain.identifiers import Person, person_behind
from governance.domain.people import Pseudonyms
from governance.ports.identity import Caller
from governance.services.policies import Rulebook
from tests.builders import HUB, KATHERINE, PERSON_KEY, after, group_arn
from tests.fakes import InMemoryGroups
from tests.fakes_of_policies import InMemoryPolicies

ANNIE = person_behind(f"arn:aws:sts::{HUB}:assumed-role/steward-second-officer/annie.easley")
DOROTHY = person_behind(f"arn:aws:sts::{HUB}:assumed-role/steward-validator/dorothy.vaughan")
AUTHORITY = Authority(
    hub=HUB,
    holders={
        Role.OWNER: ("steward-model-owner",),
        Role.VALIDATOR: ("steward-validator",),
        Role.OFFICER: ("steward-officer", "steward-second-officer"),
    },
)
GROUP, OTHER = group_arn(), group_arn("fraud")
NOW = after(3600)


def known(person: Person) -> str:
    return Pseudonyms(PERSON_KEY).person(person).id


def house(*more: dict[str, Any], name: str = "house", **changed: Any) -> dict[str, Any]:
    """A policy with what none may lack, and more."""
    checks = [{"kind": "check", "name": one} for one in ("approver-entitled", "not-by-the-author")]
    before = {"kind": "check", "name": "preceding-stage-approved"}
    findings = {"kind": "check", "name": "findings-answered"}
    ran = {"kind": "check", "name": "deployed-and-validated", "mode": "advise"}
    in_twos = {"kind": "check", "name": "approved-by-two", "stages": ["test", "pre-production", "production"]}
    gates = [*checks, before, in_twos, findings, ran, *more]
    return {"name": name, "title": "The house's own", "gates": gates, **changed}


def sign_offs(needed: int) -> dict[str, Any]:
    told = {"stages": ["test"], "needed": needed, "roles": ["validator", "officer"]}
    return {"kind": "sign-offs", "name": "sign-offs", **told}


class Office:
    """Officers and what they ask for."""

    def __init__(self, authority: Authority = AUTHORITY) -> None:
        self.groups = InMemoryGroups()
        self.policies = InMemoryPolicies(self.groups)
        self.rulebook = Rulebook(self.policies, self.groups, authority, "steward")
        self.count = 0

    def asked(self, shape: type[Any], by: Person, at: Any = NOW, **told: Any) -> dict[str, Any]:
        self.count += 1
        common = {"function": "f", "request_id": f"request-{self.count:04d}", "why": "as decided"}
        order = shape.model_validate({**common, **told})
        return self.rulebook.carry_out(order, Caller(person=by, at=at), at)

    def publish(self, document: dict[str, Any], by: Person = KATHERINE, **told: Any) -> dict[str, Any]:
        return self.asked(o.PublishPolicy, by, command="publish-policy", document=document, **told)

    def assign(self, policy: str, by: Person = KATHERINE, group: str = GROUP, **told: Any) -> dict[str, Any]:
        return self.asked(o.AssignPolicy, by, command="assign-policy", policy=policy, group=group, **told)

    def delegate(self, role: Role, to: str, by: Person, days: float = 7, **told: Any) -> dict[str, Any]:
        until = NOW + timedelta(days=days)
        common = {"command": "delegate", "group": GROUP, "role": role, "to": to, "until": until}
        return self.asked(o.Delegate, by, **(common | told))

    def end(self, role: Role, to: str, by: Person, **told: Any) -> dict[str, Any]:
        common = {"command": "end-delegation", "group": GROUP, "role": role, "to": to}
        return self.asked(o.EndDelegation, by, **(common | told))

    def actions(self, subject: str) -> list[tuple[str, str]]:
        chain = self.policies.journal.entries.get(subject, [])
        return [(one.content["action"], one.content["who"]) for one in chain]

    def in_force(self, group: str = GROUP) -> str:
        found = self.groups.get(group)
        assert found is not None
        assert found.policy == found.in_force.id
        return found.in_force.id


def refused(code: str, act: Any, *arguments: Any, **told: Any) -> str:
    with pytest.raises(Refused) as found:
        act(*arguments, **told)
    assert found.value.code == code
    return found.value.detail
