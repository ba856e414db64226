"""Compare model groups with the use cases on record: each belongs to one, was made for it, and knows how that stands.

Nothing is asked of an installation that has put no use case on record.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance.domain.errors import GroupNotFound
from governance.domain.findings import Severity
from governance.domain.identifiers import ModelGroupArn, account_of, group_name_of
from governance.domain.inspection import HubFinding
from governance.domain.model_group import ModelGroup
from governance.domain.onboarded import stack_of, too_much
from governance.domain.use_case import Profile, profile_from
from governance.domain.use_cases import UseCase, membership
from governance.ports.inspection import Catalogue
from governance.ports.ledger import Groups
from governance.ports.use_cases import UseCases
from governance.services.remembering import Remembering
from governance.services.spreading import informed
from governance.services.taking_in import TakingIn, may_have_groups
from governance.services.tally import Tally

ADOPT = "steward onboard adopts it"


@dataclass(frozen=True, slots=True)
class ComparingGroups:
    """Look at one group at a time, as the registry and the record have it."""

    use_cases: UseCases
    groups: Groups
    catalogue: Catalogue
    taking_in: TakingIn

    def look(self, group: ModelGroupArn, tally: Tally) -> None:
        """Take it in or tell it what it missed, and say what is wrong.

        One Query for each call of the reconciler, and for each group: its tags, its policy, its item, and those of the
        use cases that it has to do with, of which there is mostly one.
        """
        names = self.names(tally)
        if not names:
            return
        try:
            tags = self.catalogue.tags(group)
        except GroupNotFound:
            return
        known = self.groups.get(group)
        if not tally.order.dry_run and self.taking_in.take_in(group, tags, known, tally.correlation_id):
            tally.counts["groups-attached"] += 1
            known = self.groups.get(group)
        known = known or ModelGroup(arn=group)
        profile = profile_from(tags)
        concerned = self.concerned(known, profile)
        self.tell(known, tally)
        for finding in (
            *wrong(known, profile, names, concerned),
            *made_otherwise(known, tags),
            *shared_too_widely(group, self.catalogue.policy(group)),
        ):
            tally.found(finding)

    def names(self, tally: Tally) -> frozenset[str]:
        """The use cases on record: one that comes later is seen by the next call."""
        if tally.use_cases is None:
            tally.use_cases = frozenset(self.use_cases.names())
        return tally.use_cases

    def concerned(self, known: ModelGroup, profile: Profile) -> Mapping[str, UseCase]:
        """The use cases that a group belongs to or names, as far as they are on record."""
        named = {profile.use_case_id, known.use_case.id if known.use_case else ""} - {""}
        return self.use_cases.look(sorted(named)) if named else {}

    def tell(self, known: ModelGroup, tally: Tally) -> None:
        """Tell a group of its use case what nobody has told it: an announcement may be lost."""
        seen = self.use_cases.open(known.use_case.id) if known.use_case else None
        if seen is None or seen.use_case is None:
            return
        told = membership(seen.use_case, seen.link.sequence)
        if (now := informed(known, told)) == known or now.use_case is None or known.use_case is None:
            return
        same = now.use_case.model_copy(update={"sequence": known.use_case.sequence}) == known.use_case
        if not same and not tally.order.dry_run:
            Remembering(self.groups).keep(known.arn, lambda one: informed(one, told), known)
            tally.counts["use-cases"] += 1


def wrong(
    group: ModelGroup, profile: Profile, names: Collection[str], concerned: Mapping[str, UseCase]
) -> Iterator[HubFinding]:
    """What is wrong about a group and the use case that it belongs to, or says it does."""
    name, tagged = group_name_of(group.arn), profile.use_case_id
    owner = group.use_case.id if group.use_case else ""
    meant = concerned.get(tagged)
    if tagged and tagged not in names:
        yield HubFinding(
            code="use-case-unknown",
            severity=Severity.MEDIUM,
            subject=group.arn,
            detail=f"the tags of {name} name the use case {tagged}, which is not on record",
            remedy="put it on record (steward use-case create), or tag the group with the one it belongs to",
        )
    elif not owner and meant and not may_have_groups(meant):
        why = "prohibited" if meant.is_unacceptable else f"{meant.status} in {meant.stage}"
        yield HubFinding(
            code="use-case-not-approved",
            severity=Severity.MEDIUM,
            subject=group.arn,
            detail=f"the tags of {name} name the use case {tagged}, which may have no model groups: it is {why}",
            remedy="have its proof of concept approved, or tag the group with the use case it belongs to",
        )
    elif not owner:
        yield HubFinding(
            code="group-not-onboarded",
            severity=Severity.LOW,
            subject=group.arn,
            detail=f"{name} belongs to no use case on record",
            remedy=f"{ADOPT}; or attach it to its use case: steward use-case attach",
        )
    if owner and tagged != owner:
        yield HubFinding(
            code="use-case-differs",
            severity=Severity.MEDIUM,
            subject=f"{group.arn} belongs to {owner}",
            detail=f"{name} belongs to {owner}, whose lists lack its versions: its tags name {tagged or 'none'}",
            remedy="tag it with the use case that it belongs to, or detach it there",
        )
    if owner and owner in concerned:
        yield from said_otherwise(group.arn, profile, concerned[owner])


def said_otherwise(group: ModelGroupArn, profile: Profile, use_case: UseCase) -> Iterator[HubFinding]:
    """Tags that say something else than the use case itself. Its owner may differ: a model has one of its own."""
    about, name = use_case.about, group_name_of(group)
    pairs = (
        ("line of business", profile.line_of_business, about.line_of_business),
        ("project", profile.project, about.project),
    )
    differ = [f"{what} {said or 'none'}, not {meant}" for what, said, meant in pairs if said != meant]
    if differ:
        yield HubFinding(
            code="group-tags-differ",
            severity=Severity.LOW,
            subject=group,
            detail=f"{name} belongs to {use_case.id}, and its tags say {'; '.join(differ)}",
            remedy=f"{ADOPT}; or tag it as its use case says: where its versions go depends on the line of business",
        )


def made_otherwise(group: ModelGroup, tags: Mapping[str, str]) -> Iterator[HubFinding]:
    """A group of a use case that no stack made: nobody keeps its tags, policy and share as the template has them.

    One that belongs to no use case is a finding already.
    """
    if group.use_case and not stack_of(tags):
        name = group_name_of(group.arn)
        yield HubFinding(
            code="group-made-otherwise",
            severity=Severity.LOW,
            subject=group.arn,
            detail=f"{name} belongs to {group.use_case.id}, and no stack of stacks/model-group.yaml made it",
            remedy=ADOPT,
        )


def shared_too_widely(group: ModelGroupArn, policy: Sequence[Mapping[str, Any]]) -> Iterator[HubFinding]:
    """A policy of the group's own that lets other accounts do more than look and register."""
    if found := too_much(policy, account_of(group)):
        name = group_name_of(group)
        yield HubFinding(
            code="group-shares-too-much",
            severity=Severity.HIGH,
            subject=group,
            detail=f"the policy of {name} allows to other accounts: {', '.join(found)[:300]}",
            remedy=f"take it out of the group's policy; {ADOPT}, with the policy that the template has",
        )
