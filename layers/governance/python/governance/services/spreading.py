"""Let every model group of a use case know how that stands: its name, its stage, its class.

It follows from what was announced, as often as that comes and in whatever order: the use case is read anew, and a group
never goes back to what it was told before.
"""

from dataclasses import dataclass

from governance.domain.model_group import ModelGroup
from governance.domain.use_cases import Membership, membership
from governance.ports.ledger import Groups
from governance.ports.use_cases import UseCases
from governance.services.remembering import Remembering


@dataclass(frozen=True, slots=True)
class Spreading:
    """Keep groups in step with the use case that they belong to."""

    use_cases: UseCases
    groups: Groups

    def spread(self, use_case: str) -> int:
        """Tell every attached group, and return how many there are. Told again, they stay as they are."""
        seen = self.use_cases.open(use_case)
        if seen.use_case is None:
            return 0
        told = membership(seen.use_case, seen.link.sequence)
        attached = self.use_cases.groups(use_case)
        for group in attached:
            known = self.groups.get(group)
            if known is not None and informed(known, told) != known:
                Remembering(self.groups).keep(group, lambda one: informed(one, told), known)
        return len(attached)


def informed(group: ModelGroup, told: Membership) -> ModelGroup:
    """A group that was told of its use case; of another's, or of something older, it learns nothing."""
    known = group.use_case
    if known is None or known.id != told.id or known.sequence >= told.sequence:
        return group
    return group.model_copy(update={"use_case": told})
