"""Carry out what people decide about policies and roles: publish, assign, delegate, and end what was delegated.

Each returns what came of it, or raises `Refused` with what to do next. A request that comes again finds what it asked
for, changes nothing, and goes on with the groups that a policy had not reached yet.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from governance.domain import orders_on_policies as o
from governance.domain.audit import Deed
from governance.domain.authority import Authority, Delegation, Role
from governance.domain.entitlement import check_role
from governance.domain.errors import Refused, StaleVersion
from governance.domain.identifiers import Person
from governance.domain.loosening import summary
from governance.domain.model_group import ModelGroup
from governance.domain.people import Names, Pseudonyms
from governance.domain.policy_problems import problems_of
from governance.domain.published import DEFAULT, PublishedPolicy, current
from governance.domain.publishing import (
    AnyDocument,
    AnyPolicy,
    Outcome,
    Proposal,
    Step,
    document_in,
    numbered,
    step,
    unpublishable,
)
from governance.domain.use_case_policy_document import UseCasePolicyDocument
from governance.domain.values import iso
from governance.ports.identity import Caller
from governance.ports.ledger import Groups
from governance.ports.policies import Policies
from governance.services.recording import ATTEMPTS
from governance.services.remembering import Remembering

LONGEST = timedelta(days=90)
"""For how long a role can be delegated at once."""

REMEMBERED = timedelta(days=7)
"""For how long a group knows delegations that are over: events of what was done in them may come late."""

Answer = dict[str, Any]
"""What is told to who asked."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Do what somebody who proved who they are asks for about policies and roles."""

    policies: Policies
    groups: Groups
    authority: Authority
    install: str

    def carry_out(self, order: o.AnyOrderOnPolicies, caller: Caller, now: datetime) -> Answer:
        """Do it, or tell what would be done. Raises `Refused`."""
        for _ in range(ATTEMPTS):
            people = Pseudonyms(self.policies.person_key(make=not order.dry_run))
            asked = Asked(order, people.person(caller.person), now, people)
            try:
                match order:
                    case o.PublishPolicy():
                        check_role(order.command, self.authority.standing(caller.person, (), now), self.authority)
                        return self.publish(order, asked)
                    case o.AssignPolicy():
                        check_role(order.command, self.authority.standing(caller.person, (), now), self.authority)
                        return self.assign(order, asked)
                    case o.Delegate():
                        self.check_holder(order.role, caller.person)
                        return self.delegate(order, asked, people.id_of(order.to))
                    case o.EndDelegation():
                        governs = Role.OFFICER in self.authority.roles_of(caller.person)
                        return self.end(order, asked, people.id_of(order.to), governs)
            except StaleVersion:
                continue
        raise StaleVersion(order.command)

    def publish(self, order: o.PublishPolicy, asked: "Asked") -> Answer:
        """Put a policy in force, or propose it; then see that every group under it is under this version.

        That of use cases is read whenever one is judged, and is written to no group.
        """
        document = document_of(order)
        if isinstance(document, UseCasePolicyDocument):
            self.check_name(document.name)
        if document.name == DEFAULT.document.name and not order.dry_run:
            self.groups.in_force(document.name, asked.now)
        shelf = self.policies.shelf(document.name)
        before = shelf.active
        over = before.hash if before else ""
        came = step(document, before.document if before else None, over, shelf.proposal, asked.by)
        made = numbered(document, shelf.highest + 1)
        policy = before if before is not None and came.outcome is Outcome.SAME else made
        if order.dry_run:
            return told(asked, came, policy, shelf.names)
        old = {"version": before.id, "policy_hash": before.hash} if before else {}
        new = {"version": policy.id, "policy_hash": policy.hash, **looser(came)}
        names = shelf.names.with_new(asked.people.seen)
        if came.outcome is Outcome.DONE:
            self.policies.publish(shelf, policy, asked.deed("policy-published", old, new), names)
        if came.outcome is Outcome.PROPOSED:
            proposal = asked.proposal(document.hash, over, document)
            self.policies.propose(shelf, proposal, asked.deed("policy-proposed", old, new), names)
        reached = self.spread(policy) if came.outcome in {Outcome.DONE, Outcome.SAME} else 0
        return {**told(asked, came, policy, names), "groups": reached}

    def check_name(self, name: str) -> None:
        """Refuse to publish where groups are under a policy of models of that name, from before it was reserved."""
        if under := len(self.policies.groups(name)):
            remedy = "put them under another one first: steward policy list names them, steward policy assign does it"
            raise Refused("name-taken", f"{under} groups stand under a policy of models called {name}: {remedy}")

    def spread(self, policy: AnyPolicy) -> int:
        """Put every group of a policy under this version, and return how many were not."""
        if not isinstance(policy, PublishedPolicy):
            return 0
        reached = 0
        for arn in self.policies.groups(policy.document.name):
            known = self.groups.get(arn)
            if known is None or current(known.in_force, policy) == known.in_force:
                continue
            Remembering(self.groups).keep(arn, lambda one: one.under(current(one.in_force, policy)), known)
            reached += 1
        return reached

    def assign(self, order: o.AssignPolicy, asked: "Asked") -> Answer:
        """Put a group under a policy, or propose it."""
        if order.policy == DEFAULT.document.name and not order.dry_run:
            self.groups.in_force(order.policy, asked.now)
        shelf = self.policies.shelf(order.policy)
        if shelf.active is None:
            raise Refused("unknown-policy", f"no policy {order.policy} is published: steward policy publish puts it in")
        if not isinstance(shelf.active, PublishedPolicy):
            raise Refused("of-use-cases", f"{order.policy} is in force for every use case: no group stands under it")
        group = self.groups.get(order.group) or ModelGroup(arn=order.group)
        before, policy = group.in_force, shelf.active
        proposal = self.policies.proposed_for(order.policy, order.group)
        over = f"{before.hash}/{group.assigned}"
        came = step(policy.document, before.document, over, proposal, asked.by)
        if came.outcome is Outcome.SAME and (before.version < policy.version or not group.revision):
            came = Step(outcome=Outcome.DONE)
        if order.dry_run:
            return {**told(asked, came, policy, shelf.names), "group": order.group}
        names = shelf.names.with_new(asked.people.seen)
        name = {"group": order.group}
        old = {**name, "version": before.id, "policy_hash": before.hash}
        new = {**name, "version": policy.id, "policy_hash": policy.hash, **looser(came)}
        if came.outcome is Outcome.DONE:
            under = {"listed": order.policy, "assigned": group.assigned + 1, "revision": group.revision + 1}
            kept = group.under(policy).model_copy(update=under)
            self.policies.assign(shelf, kept, before.document.name, asked.deed("policy-assigned", old, new), names)
        if came.outcome is Outcome.PROPOSED:
            proposal = asked.proposal(policy.hash, over, None)
            deed = asked.deed("assignment-proposed", old, new)
            self.policies.propose_for(shelf, order.group, proposal, deed, names)
        return {**told(asked, came, policy, names), "group": order.group}

    def check_holder(self, role: Role, person: Person) -> None:
        """Refuse who would give away what they do not hold themselves."""
        if role not in self.authority.roles_of(person):
            raise Refused("not-entitled", f"only who holds the role of {role} themselves can delegate it")

    def delegate(self, order: o.Delegate, asked: "Asked", to: str) -> Answer:
        """Give a role of one's own to somebody for a while; the same again with another end replaces it."""
        group = self.known(order)
        if to.casefold() == asked.by.id.casefold():
            raise Refused("to-oneself", "a role is delegated to somebody else")
        if not asked.now < order.until <= asked.now + LONGEST:
            raise Refused("no-such-time", f"say an end from now to {iso(asked.now + LONGEST)}; it can be given again")
        mine = (order.role, asked.by.id, to)
        standing = [one for one in group.delegations if one.holds_at(asked.now) and key(one) == mine]
        changed = not any(one.until == order.until for one in standing)
        since = min((one.since for one in standing), default=asked.now)
        given = Delegation(role=order.role, by=asked.by.id, to=to, since=since, until=order.until, why=order.why)
        seen = self.policies.names_beside(self.hub)
        if changed and not order.dry_run:
            others = [one for one in group.delegations if one not in standing]
            self.keep(group, [*others, given], asked, "role-delegated", given, seen)
        return delegation_told(asked, order.group, given, changed, seen.with_new(asked.people.seen))

    def end(self, order: o.EndDelegation, asked: "Asked", to: str, governs: bool) -> Answer:
        """Take back a role from somebody: by whoever gave it, by whoever has it, or by an officer."""
        group = self.known(order)
        standing = [
            one
            for one in group.delegations
            if (one.role, one.to) == (order.role, to)
            and one.holds_at(asked.now)
            and (governs or asked.by.id in {one.by, one.to})
        ]
        if not standing:
            theirs = "" if governs else ", by or to you"
            raise Refused("no-delegation", f"the role of {order.role} is not delegated to {order.to} there{theirs}")
        seen = self.policies.names_beside(self.hub)
        ended = [one.model_copy(update={"until": asked.now}) for one in standing]
        if not order.dry_run:
            others = [one for one in group.delegations if one not in standing]
            self.keep(group, [*others, *ended], asked, "delegation-ended", ended[0], seen)
        return delegation_told(asked, order.group, ended[0], True, seen.with_new(asked.people.seen))

    def known(self, order: o.Delegate | o.EndDelegation) -> ModelGroup:
        """The group that is meant. Refuses one of which nothing is on record."""
        group = self.groups.get(order.group)
        if group is None:
            raise Refused("unknown-group", f"nothing is on record of {order.group}: steward list shows what is")
        return group

    @property
    def hub(self) -> str:
        """The chain in which it is told who delegated what."""
        return f"HUB#{self.install}"

    def keep(
        self,
        group: ModelGroup,
        delegations: list[Delegation],
        asked: "Asked",
        action: str,
        about: Delegation,
        seen: Names,
    ) -> None:
        """Keep what is delegated in a group, without what is long over, and in the hub's chain the deed, with names."""
        lasting = tuple(one for one in delegations if one.until > asked.now - REMEMBERED)
        kept = group.model_copy(update={"delegations": lasting, "revision": group.revision + 1})
        new = {"group": group.arn, **about.model_dump(mode="json", exclude={"why"})}
        self.policies.keep(kept, self.hub, asked.deed(action, {}, new), seen, seen.with_new(asked.people.seen))


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, by whom as the record knows them, and when."""

    order: o.AnyOrderOnPolicies
    by: Person
    now: datetime
    people: Pseudonyms
    """Who was named so far, with their names."""

    def deed(self, action: str, old: Answer, new: Answer) -> Deed:
        """It as a deed."""
        return Deed(
            action=action,
            who=self.by,
            why=self.order.why,
            at=self.now,
            correlation_id=self.order.request_id,
            old=old,
            new=new,
        )

    def proposal(self, policy_hash: str, over: str, document: AnyDocument | None) -> Proposal:
        """It as a proposal."""
        return Proposal(
            policy_hash=policy_hash,
            over=over,
            by=self.by,
            at=self.now,
            why=self.order.why,
            document=document,
        )


def document_of(order: o.PublishPolicy) -> AnyDocument:
    """The policy that an order holds. Raises `Refused`, naming every field that is wrong."""
    try:
        document = document_in(order.document)
    except ValidationError as wrong:
        said = "; ".join(f"{one.field}: {one.said}" for one in problems_of(wrong, order.document))
        raise Refused("no-policy", f"{said}; steward policy validate tells the lines") from wrong
    if said := "; ".join(unpublishable(document)):
        raise Refused("unpublishable", said)
    return document


def key(one: Delegation) -> tuple[Role, str, str]:
    """What tells delegations apart."""
    return one.role, one.by, one.to


def looser(came: Step) -> Answer:
    """Where less is asked, as a deed says it, and who proposed it."""
    found = {"looser": {how: list(where) for how, where in summary(came.looser).items()}} if came.looser else {}
    return {**found, **({"confirms": came.confirms} if came.confirms else {})}


def told(asked: Asked, came: Step, policy: AnyPolicy, names: Names) -> Answer:
    """What came of asking for a policy, with people's names; in a dry run, what would."""
    changed = came.outcome in {Outcome.DONE, Outcome.PROPOSED}
    return {
        "policy": policy.id,
        "policy_hash": policy.hash,
        "outcome": came.outcome.value,
        "changed": changed and not asked.order.dry_run,
        "would_change": changed and asked.order.dry_run,
        "confirms": names.shown(came.confirms),
        "looser": {how: list(where) for how, where in summary(came.looser).items()},
    }


def delegation_told(asked: Asked, group: str, given: Delegation, changed: bool, names: Names) -> Answer:
    """What came of delegating a role, or taking it back, with people's names; in a dry run, what would."""
    people = {"by": names.shown(given.by), "to": names.shown(given.to)}
    return {
        "group": group,
        **given.model_dump(mode="json", exclude={"why"}),
        **people,
        "changed": changed and not asked.order.dry_run,
        "would_change": changed and asked.order.dry_run,
    }
