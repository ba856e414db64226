"""Compare what use cases come to with a count from scratch, and set right what events did not.

Only groups that belong to a use case are looked at: nothing rests on what is kept of the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from governance.domain.errors import StaleVersion
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn
from governance.domain.roll_up import GroupSummary, VersionTold, contribution, counting
from governance.ports.inspection import Known
from governance.ports.ledger import Groups
from governance.ports.use_cases import UseCases
from governance.services.rolling_up import RollingUp
from governance.services.tally import Tally

DIFFERS = "roll-up-differs"
AT_ONCE = 50
"""How many groups are read together: two items each, and DynamoDB reads a hundred (AWS API: BatchGetItem)."""


@dataclass(frozen=True, slots=True)
class ComparingRollUps:
    """Look at the versions of a group page by page, and at every use case once in a run."""

    rolling_up: RollingUp
    use_cases: UseCases
    groups: Groups

    def page(self, group: ModelGroupArn, known: Mapping[ModelPackageArn, Known], first: bool, tally: Tally) -> None:
        """What is kept of a page of versions, and on the first one by which of them the group stands."""
        told = {arn: contribution(one.state, one.sequence) for arn, one in known.items() if one.state}
        self.look(group, told, first, tally)

    def look(
        self, group: ModelGroupArn, told: Mapping[ModelPackageArn, VersionTold], first: bool, tally: Tally
    ) -> None:
        """What is kept of some versions.

        A GetItem; where the group belongs to a use case, a BatchGetItem more, and on the first page a BatchGetItem and
        a Query.
        """
        owned = self.groups.get(group)
        if owned is None or owned.use_case is None:
            return
        if first:
            self.standing(group, owned.use_case.id, tally)
        kept = self.rolling_up.rows.known(group, [one.number for one in told.values()])
        for arn, one in told.items():
            if is_late(one, kept.get(one.number)):
                tally.note(DIFFERS, arn, "its use case was not told how it stands", repaired=True)
                if not tally.order.dry_run:
                    self.rolling_up.follow(arn, tally.correlation_id)

    def standing(self, group: ModelGroupArn, use_case: str, tally: Tally) -> None:
        """A group stands by what is kept of its versions. Whoever is faster has set it right."""
        rows = self.rolling_up.rows
        seen = rows.standing(group)
        versions = rows.versions(group)
        if counting(versions) == seen.versions:
            return
        tally.note(DIFFERS, group, "it stands by other versions than those that count", repaired=True)
        if not tally.order.dry_run:
            try:
                rows.repair(group, seen, versions)
            except StaleVersion:
                return
            self.rolling_up.count(use_case, tally.correlation_id, group)

    def tend(self, tally: Tally) -> None:
        """Every use case: as what its groups are counted, and what that comes to.

        Two GetItem and three Query for each, and a BatchGetItem for each fifty groups.
        """
        for name in self.use_cases.names():
            for group in self.wrong(name):
                tally.note(DIFFERS, f"USECASE#{name}", f"{group} is counted as it was before", repaired=True)
                if not tally.order.dry_run:
                    self.rolling_up.count(name, tally.correlation_id, group)
            if self.rolling_up.differs(name):
                tally.note(DIFFERS, f"USECASE#{name}", "it comes to something else than its models", repaired=True)
                if not tally.order.dry_run:
                    self.rolling_up.recount(name, tally.correlation_id)

    def wrong(self, use_case: str) -> Sequence[ModelGroupArn]:
        """The groups that are counted otherwise than they stand. As what they were counted is read first."""
        counted = self.rolling_up.rows.every(use_case)
        every = sorted({*counted, *self.use_cases.groups(use_case)})
        present: dict[ModelGroupArn, GroupSummary] = {}
        for start in range(0, len(every), AT_ONCE):
            present |= self.rolling_up.rows.present(use_case, every[start : start + AT_ONCE])
        return [group for group in every if counted.get(group) != present.get(group)]


def is_late(told: VersionTold, kept: VersionTold | None) -> bool:
    """Whether something else is kept of a version than it contributes; nothing is, of one that contributes nothing."""
    if kept is None:
        return bool(told.stages) or told.serving
    return told.sequence >= kept.sequence and told.told != kept.told
