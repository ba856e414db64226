"""Carry out what people ask about use cases: put them on record, assess them, advance them, send them back.

Each returns what came of it, or raises `Refused` with what to do next. A request that comes again is known by its id
and changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from governance.domain import orders_on_use_cases as o
from governance.domain import use_case_deciding as d
from governance.domain.ai_act import Assessment, assessed
from governance.domain.audit import Deed, Link
from governance.domain.authority import Authority, Role, Standing, in_every_group
from governance.domain.entitlement import BY_DELEGATION, check_role
from governance.domain.environment import Landscape
from governance.domain.errors import Refused, StaleVersion
from governance.domain.identifiers import Person, group_name_of
from governance.domain.model_group import ModelGroup
from governance.domain.people import Pseudonyms
from governance.domain.use_case_policy import Matter
from governance.domain.use_case_retiring import retire
from governance.domain.use_cases import (
    ASSESSMENTS,
    USE_CASES,
    About,
    UseCase,
    membership,
)
from governance.ports.identity import Caller
from governance.ports.ledger import Groups
from governance.ports.policies import Policies
from governance.ports.use_cases import Opened, Summaries, UseCases
from governance.services.models_of_use_cases import ModelsOfUseCases
from governance.services.overseeing_orders import Answer, check_stage, document_of, known, raised, told
from governance.services.recording import ATTEMPTS
from governance.services.taken_out import still_left

LONGEST_CHAIN = 50
"""How many successors after one another are followed: each is checked in the transaction, which takes 100 items."""


@dataclass(frozen=True, slots=True)
class Described:
    """An order that describes a use case, with what it says of it."""

    order: o.CreateUseCase | o.ChangeUseCase
    about: About

    @property
    def use_case(self) -> str:
        """The use case that it is about."""
        return self.about.id


@dataclass(frozen=True, slots=True)
class Overseeing:
    """Do what somebody who proved who they are asks for about use cases."""

    use_cases: UseCases
    summaries: Summaries
    groups: Groups
    policies: Policies
    authority: Authority
    landscape: Landscape

    def carry_out(self, order: o.AnyOrderOnUseCases, caller: Caller, now: datetime) -> Answer:
        """Do it, or tell what would be done. Raises `Refused`.

        The policy in force is read once for each attempt, in one call, and the deed pins it.
        """
        own = self.authority.standing(caller.person, (), now)
        if order.command not in BY_DELEGATION or not self.authority.is_of_the_hub(caller.person):
            check_role(order.command, own, self.authority)
        people = Pseudonyms(self.use_cases.person_key(make=bool(own.roles) and not order.dry_run))
        at = caller.at if isinstance(order, o.RetireUseCase) else now  # what follows from that is named by its moment
        by = people.person(caller.person)
        asked = self.described(order, people) if isinstance(order, o.CreateUseCase | o.ChangeUseCase) else order
        for _ in range(ATTEMPTS):
            seen = self.use_cases.open_with_people(asked.use_case)
            policy = self.policies.of_use_cases()
            asking = d.AskingUnder(by=by, at=at, request=order.request_id, policy=policy)
            asking = self.in_their_roles(order, asking, caller.person, seen.use_case)
            if seen.use_case and seen.use_case.has_done(order.request_id):
                return told(order, d.Act(outcome=d.Outcome.SAME, after=seen.use_case), seen.names)
            try:
                return self.act(asked, seen, asking, people)
            except StaleVersion:
                continue
            except Refused as refused:
                names = seen.names.with_new(people.seen)
                raise Refused(refused.code, names.told(refused.detail)) from refused
        raise StaleVersion(order.command)

    def described(self, order: o.CreateUseCase | o.ChangeUseCase, people: Pseudonyms) -> Described:
        """What an order describes, with the owner by their id. Refuses an owner who has left."""
        read = document_of(order.document, About, USE_CASES, "no-use-case")
        owner = people.id_of(read.owner)
        if self.use_cases.has_left(owner):
            raise Refused("owner-left", f"{read.owner} has left, and answers for nothing any more: name somebody else")
        return Described(order, read.model_copy(update={"owner": owner}))

    def act(
        self, asked: Described | o.AnyOrderOnOneUseCase, seen: Opened, asking: d.AskingUnder, people: Pseudonyms
    ) -> Answer:
        """Do it to what was seen."""
        if isinstance(asked, Described):
            return self.keep(asked.order, seen, self.written_down(asked, seen, asking), asking, people)
        use_case = known(seen, asked.use_case)
        match asked:
            case o.AttachGroup():
                return self.attach(asked, seen, use_case, asking, people)
            case o.DetachGroup():
                return self.detach(asked, seen, use_case, asking, people)
            case o.AssessUseCase():
                read = document_of(asked.document, Assessment, ASSESSMENTS, "no-assessment")
                return self.keep(asked, seen, d.assess(use_case, assessed(read), asking), asking, people)
            case o.AdvanceUseCase():
                return self.keep(asked, seen, self.advanced(use_case, asked, asking), asking, people)
            case o.RejectUseCase():
                check_stage(use_case, asked)
                act = d.reject(use_case, tuple(raised(asked, asking, people)), asking)
                return self.keep(asked, seen, act, asking, people)
            case o.AnswerUseCaseFinding():
                return self.keep(asked, seen, d.answer(use_case, asked.finding, asking), asking, people)
            case o.NameSuccessor():
                rests = self.succession(use_case.id, asked.successor)
                act = d.name_successor(use_case, asked.successor, asking)
                return self.keep(asked, seen, act, asking, people, rests)
            case o.RetireUseCase():
                rests = self.succession(use_case.id, asked.successor)
                left = sorted(still_left(use_case.id, self.use_cases, self.groups))
                act = retire(use_case, asked.successor, asked.why, asking, left)
                return {**self.keep(asked, seen, act, asking, people, rests), "taken_out": left}

    def written_down(self, asked: Described, seen: Opened, asking: d.AskingUnder) -> d.Act:
        """A use case as it is described: a new one, or one on record described anew."""
        if isinstance(asked.order, o.CreateUseCase):
            return self.created(seen.use_case, asked.about, asking)
        return d.change(known(seen, asked.use_case), asked.about, asking)

    def created(self, there: UseCase | None, about: About, asking: d.AskingUnder) -> d.Act:
        """A use case that is new; one that is there just so stays as it is."""
        if there is None:
            return d.create(about, asking)
        if there.about != about:
            raise Refused(
                "known-use-case", f"{about.id} is on record and is another: steward use-case change alters it"
            )
        return d.Act(outcome=d.Outcome.SAME, after=there)

    def advanced(self, use_case: UseCase, order: o.AdvanceUseCase, asking: d.AskingUnder) -> d.Act:
        """What comes of somebody approving its stage."""
        approved = use_case.stages.get(order.stage)
        if approved and approved.status == "approved" and asking.by.id in approved.by and use_case.stage != order.stage:
            return d.Act(outcome=d.Outcome.SAME, after=use_case)
        check_stage(use_case, order)
        matter = Matter(
            use_case=use_case,
            by=asking.by,
            roles=asking.roles,
            at=asking.at,
            under=asking.policy.hash,
            lacking=self.models.lacking(use_case),
            owner_left=self.use_cases.has_left(use_case.about.owner),
        )
        return d.advance(matter, asking)

    def in_their_roles(
        self, order: o.AnyOrderOnUseCases, asking: d.AskingUnder, person: Person, use_case: UseCase | None
    ) -> d.AskingUnder:
        """Who asks, as what they may act. Where nobody said who holds which role, IAM alone decides who asks.

        Where their own roles are not enough for what they decide, those count that were delegated to them in every
        group of the use case: one Query, and a GetItem for each group. Raises `Refused`.
        """
        own = self.authority.standing(person, (), asking.at).roles
        if own and not self.authority.is_told:
            return asking.model_copy(update={"roles": tuple(Role)})
        roles, givers = own, tuple[str, ...]()
        advances = isinstance(order, o.AdvanceUseCase) and use_case is not None
        enough = asking.policy.document.roles.get(use_case.stage, ()) if advances and use_case else tuple(Role)
        if use_case and use_case.groups and order.command in BY_DELEGATION and not set(own) & set(enough):
            known = [self.groups.get(one) for one in self.use_cases.groups(use_case.id)]
            given = in_every_group([one.delegations if one else () for one in known], asking.by, asking.at)
            roles = self.authority.standing(asking.by, given, asking.at).roles
            givers = tuple(dict.fromkeys(one.by for one in given if one.role not in own))
        check_role(order.command, Standing(roles=roles), self.authority)
        return asking.model_copy(update={"roles": roles, "delegated_by": givers})

    @property
    def models(self) -> ModelsOfUseCases:
        """How the models of use cases stand."""
        return ModelsOfUseCases(self.use_cases, self.summaries, self.landscape)

    def succession(self, use_case: str, successor: str) -> Mapping[str, Link]:
        """All that would come after it one by one, with where the chain of each ends: that it is no cycle rests on it.

        Refuses a successor that is not on record, and one that this use case would succeed in the end.
        """
        found: dict[str, Link] = {}
        after = successor
        while after:
            if after in {use_case, *found}:
                raise Refused("cycle", f"{' → '.join((use_case, *found, after))}: nothing succeeds itself")
            if len(found) == LONGEST_CHAIN:
                raise Refused("cycle", f"more than {LONGEST_CHAIN} use cases after one another")
            seen = self.use_cases.open(after)
            found[after] = seen.link
            after = known(seen, after).successor
        return found

    def attach(
        self, order: o.AttachGroup, seen: Opened, use_case: UseCase, asking: d.AskingUnder, people: Pseudonyms
    ) -> Answer:
        """A group comes to belong to it; it must belong to no other, and its tags must not say otherwise."""
        group = self.groups.get(order.group) or ModelGroup(arn=order.group)
        if group.use_case and group.use_case.id == use_case.id:
            return told(order, d.Act(outcome=d.Outcome.SAME, after=use_case), seen.names)
        if group.use_case:
            other = group.use_case.id
            raise Refused("of-another", f"{group_name_of(order.group)} belongs to {other}: detach it there first")
        if group.profile and group.profile.use_case_id != use_case.id:
            says = group.profile.use_case_id or "no use case"
            remedy = f"tag it with steward:use-case-id={use_case.id}, and wait for the next registration or reconcile"
            raise Refused("tagged-otherwise", f"the tags of {group_name_of(order.group)} name {says}: {remedy}")
        act = d.attach(use_case, order.group, asking)
        kept = {"use_case": membership(act.after, seen.link.sequence + 1), "revision": group.revision + 1}
        if not order.dry_run:
            joined, names = group.model_copy(update=kept), seen.names.with_new(people.seen)
            self.use_cases.attach(seen, act.after, joined, self.deed(order, seen, act, asking), names)
        return told(order, act, seen.names)

    def detach(
        self, order: o.DetachGroup, seen: Opened, use_case: UseCase, asking: d.AskingUnder, people: Pseudonyms
    ) -> Answer:
        """A group belongs to it no longer. What is on record of its versions stays as it is."""
        group = self.groups.get(order.group)
        if group is None or group.use_case is None or group.use_case.id != use_case.id:
            raise Refused("not-attached", f"{group_name_of(order.group)} does not belong to {use_case.id}")
        act = d.detach(use_case, order.group, asking)
        left = {"use_case": None, "left": use_case.id, "revision": group.revision + 1}
        kept = group.model_copy(update=left)
        if not order.dry_run:
            names = seen.names.with_new(people.seen)
            self.use_cases.detach(seen, act.after, kept, self.deed(order, seen, act, asking), names)
        return told(order, act, seen.names)

    def keep(
        self,
        order: o.AnyOrderOnUseCases,
        seen: Opened,
        act: d.Act,
        asking: d.AskingUnder,
        people: Pseudonyms,
        rests: Mapping[str, Link] | None = None,
    ) -> Answer:
        """Keep what came of it, where anything did, if what it rests on is still so; and the names it told of."""
        names = seen.names.with_new(people.seen)
        if act.action and not order.dry_run:
            self.use_cases.save(seen, act.after, self.deed(order, seen, act, asking), rests, names)
        return told(order, act, names)

    def deed(self, order: o.AnyOrderOnUseCases, seen: Opened, act: d.Act, asking: d.AskingUnder) -> Deed:
        """It as a deed, under the policy that it was judged by."""
        old, new = d.changes(seen.use_case, act)
        new |= {"delegated_by": list(asking.delegated_by)} if asking.delegated_by else {}
        judged = {"policy": asking.policy.id, "policy_hash": asking.policy.hash}
        return Deed(
            action=act.action,
            who=asking.by,
            why=order.why,
            at=asking.at,
            correlation_id=asking.request,
            old=old,
            new=new,
            stage=act.stage,
            announces=act.announces,
            **judged,
        )
