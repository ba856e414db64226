"""Let a model group that a stack made belong to the use case that its tags name.

Whoever deploys the stack says by its tags where the group belongs; that the use case may have groups, people approved.
Nothing is left for anybody to decide then, so the group comes to belong to it with the first that is heard of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from governance.domain import use_case_deciding as d
from governance.domain.audit import Deed
from governance.domain.errors import StaleVersion
from governance.domain.identifiers import STEWARD, ModelGroupArn
from governance.domain.model_group import ModelGroup
from governance.domain.onboarded import stack_of
from governance.domain.use_case import USE_CASE
from governance.domain.use_case_retiring import MOVES, TAKEN_OUT
from governance.domain.use_cases import UseCase, membership
from governance.domain.values import sha256_of
from governance.ports.ledger import Groups
from governance.ports.use_cases import UseCases
from governance.services.recording import ATTEMPTS


@dataclass(frozen=True, slots=True)
class TakingIn:
    """Attach groups by their tags."""

    use_cases: UseCases
    groups: Groups
    now: Callable[[], datetime]

    def take_in(self, group: ModelGroupArn, tags: Mapping[str, str], known: ModelGroup | None, told_by: str) -> bool:
        """Attach it, and whether that was done. Told again, it belongs there already, and nothing is read for it.

        Not one that somebody took out of this use case: its tags are what they were before. The group remembers which
        it was taken out of last; of those before, the chains of the use cases tell, which is read just before a deed.
        """
        stack, name = stack_of(tags), tags.get(USE_CASE, "")
        for _ in range(ATTEMPTS):
            if not stack or not name or not waits(known, name):
                return False
            seen = self.use_cases.open(name)
            if seen.use_case is None or not may_have_groups(seen.use_case) or self.was_taken_out(group, name):
                return False
            before = known or ModelGroup(arn=group)
            request = f"take-in-{sha256_of(f'{group}|{name}')[:32]}"
            act = d.attach(seen.use_case, group, d.Asking(by=STEWARD, at=self.now(), request=request))
            kept = {"use_case": membership(act.after, seen.link.sequence + 1), "revision": before.revision + 1}
            deed = self.deed(act, f"its tags name the use case, and the stack {stack} made it", told_by, seen.use_case)
            try:
                self.use_cases.attach(seen, act.after, before.model_copy(update=kept), deed)
            except StaleVersion:
                known = self.groups.get(group)
                continue
            return True
        raise StaleVersion(group)

    def was_taken_out(self, group: ModelGroupArn, use_case: str) -> bool:
        """Whether the last deed of a use case about a group was to let it go."""
        contents = (entry.content for entry in self.use_cases.trail(use_case))
        about = [one["action"] for one in contents if one["action"] in MOVES and one["new"]["group"] == group]
        return bool(about) and about[-1] == TAKEN_OUT

    def deed(self, act: d.Act, why: str, told_by: str, before: UseCase) -> Deed:
        """It as a deed of Steward's own, in the words in which people's are told."""
        old, new = d.changes(before, act)
        told = {"old": old, "new": new, "announces": act.announces}
        return Deed(action=act.action, who=STEWARD, why=why, at=self.now(), correlation_id=told_by, **told)


def waits(known: ModelGroup | None, use_case: str) -> bool:
    """Whether a group belongs to no use case, and nobody took it out of this one."""
    return known is None or (known.use_case is None and known.left != use_case)


def may_have_groups(use_case: UseCase) -> bool:
    """Whether a use case is approved for model groups, and not prohibited."""
    return use_case.takes_groups and not use_case.is_unacceptable
