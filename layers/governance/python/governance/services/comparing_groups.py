"""Compare model groups with the use cases on record: each belongs to one, and knows how that stands.

Nothing is asked of an installation that has put no use case on record.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from governance.domain.findings import Severity
from governance.domain.identifiers import ModelGroupArn
from governance.domain.inspection import HubFinding
from governance.domain.model_group import ModelGroup
from governance.domain.use_cases import membership
from governance.ports.ledger import Groups
from governance.ports.use_cases import UseCases
from governance.services.remembering import Remembering
from governance.services.spreading import informed
from governance.services.tally import Tally


@dataclass(frozen=True, slots=True)
class ComparingGroups:
    """Look at one group at a time, as the record has it."""

    use_cases: UseCases
    groups: Groups

    def look(self, group: ModelGroupArn, tally: Tally) -> None:
        """Tell it what it missed, and say what is wrong. One Query and one GetItem, and one more of its use case."""
        names = frozenset(self.use_cases.names())
        if not names:
            return
        known = self.groups.get(group) or ModelGroup(arn=group)
        self.tell(known, tally)
        for finding in wrong(known, names):
            tally.found(finding)

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


def wrong(group: ModelGroup, names: frozenset[str]) -> Iterator[HubFinding]:
    """What is wrong about a group and the use case that it says it belongs to."""
    name, tagged = group.arn.rpartition("/")[2], group.profile.use_case_id if group.profile else ""
    owner = group.use_case.id if group.use_case else ""
    if tagged and tagged not in names:
        yield HubFinding(
            code="use-case-unknown",
            severity=Severity.MEDIUM,
            subject=group.arn,
            detail=f"the tags of {name} name the use case {tagged}, which is not on record",
            remedy="put it on record (steward use-case create), or tag the group with the one it belongs to",
        )
    elif not owner:
        yield HubFinding(
            code="group-not-onboarded",
            severity=Severity.LOW,
            subject=group.arn,
            detail=f"{name} belongs to no use case on record",
            remedy="attach it to its use case: steward use-case attach",
        )
    if owner and group.profile and tagged != owner:
        yield HubFinding(
            code="use-case-differs",
            severity=Severity.MEDIUM,
            subject=f"{group.arn} belongs to {owner}",
            detail=f"{name} belongs to {owner}, and its tags name {tagged or 'none'}: its versions are not found",
            remedy="tag it with the use case that it belongs to, or detach it there",
        )
