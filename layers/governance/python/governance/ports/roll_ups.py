"""Where is kept, step by step, what the models of a use case come to: by group, and by use case."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from governance.domain.audit import Deed
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn
from governance.domain.lifecycle import Stage
from governance.domain.roll_up import GroupSummary, VersionTold
from governance.domain.use_case_totals import RolledUp
from governance.domain.values import Value
from governance.ports.use_cases import Opened


class Looked(Value):
    """A version and its group, as they are and as they were kept."""

    group: ModelGroupArn
    told: VersionTold | None = None
    """What the version contributes by its record; None where there is none."""
    known: VersionTold | None = None
    """What was kept of it."""
    counted: tuple[VersionTold, ...] = ()
    """The versions that the group's summary is made of."""
    revision: int = 0
    """How often what is kept of the group was written."""
    use_case: str = ""
    """The use case that the group belongs to."""


class GroupStanding(Value):
    """By which versions a group stands, and how often what is kept of it was written."""

    versions: tuple[VersionTold, ...] = ()
    revision: int = 0


class Mark(Value):
    """That what is kept of a group was changed, and its use case may not have counted that yet."""

    group: ModelGroupArn
    revision: int


class Counted(Value):
    """A use case as it was counted the last time; what is written holds only while its chain is where it was."""

    opened: Opened = Opened()
    rolled_up: RolledUp | None = None
    groups: Mapping[ModelGroupArn, GroupSummary] = {}
    """Of the groups that were asked for, those that count, and as what."""


class RollUps(Protocol):
    """What is kept of groups and use cases. Everything is read strongly consistent; each write is all or nothing.

    What writes raises `StaleVersion` where what it rests on has moved on: then nothing was written. No call takes more
    time, and no item more room, the more versions or groups there are, but for those that the reconciler alone makes.
    """

    def look(self, version: ModelPackageArn) -> Looked:
        """Return what a version contributes, and what is kept of its group. Raises nothing for one not on record."""

    def before(self, group: ModelGroupArn, stage: Stage, number: int) -> VersionTold | None:
        """Return the latest version that is known to be decided on in a stage, other than that of a number."""

    def keep(self, seen: Looked, told: VersionTold, counted: Sequence[VersionTold], mark: bool) -> None:
        """Keep what a version contributes, and by which versions its group stands now.

        `mark` says that the group's use case is to count it anew. It holds only while what is kept of the group is as
        it was seen.
        """

    def owner(self, group: ModelGroupArn) -> str:
        """Return the use case that a group belongs to by now; empty text where it belongs to none."""

    def marks(self, use_case: str, most: int) -> Sequence[Mark]:
        """Return some groups of a use case that may not be counted as they are."""

    def open(self, use_case: str, groups: Sequence[ModelGroupArn]) -> Counted:
        """Return how a use case was counted the last time, and as what some groups."""

    def present(self, use_case: str, groups: Sequence[ModelGroupArn]) -> Mapping[ModelGroupArn, GroupSummary]:
        """Return how some groups stand now, without those that do not belong to the use case."""

    def count(
        self,
        seen: Counted,
        rolled_up: RolledUp,
        groups: Mapping[ModelGroupArn, GroupSummary | None],
        marks: Sequence[Mark],
        deed: Deed,
    ) -> None:
        """Keep what a use case comes to with its deed, as what these groups were counted, and take marks away.

        A mark that was renewed since stands for something that is not in it: then nothing is written.
        """

    def unmark(self, use_case: str, marks: Sequence[Mark]) -> None:
        """Take marks away of what is counted already."""

    def known(self, group: ModelGroupArn, numbers: Iterable[int]) -> Mapping[int, VersionTold]:
        """Return what is kept of some versions, by their numbers. For the reconciler."""

    def versions(self, group: ModelGroupArn) -> Sequence[VersionTold]:
        """Return what is kept of every version of a group. For the reconciler."""

    def standing(self, group: ModelGroupArn) -> GroupStanding:
        """Return by which versions a group stands. For the reconciler."""

    def repair(self, group: ModelGroupArn, seen: GroupStanding, versions: Sequence[VersionTold]) -> None:
        """Let a group stand by what is kept of its versions, as long as it stands as it was seen before these were."""

    def every(self, use_case: str) -> Mapping[ModelGroupArn, GroupSummary]:
        """Return as what each group of a use case is counted. For the reconciler, and for people."""

    def come_to(self, use_cases: Sequence[str]) -> Mapping[str, RolledUp]:
        """Return what some use cases come to, by their ids. For people."""
