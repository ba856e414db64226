"""What models come to, in memory, held to the same contract test as the table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from governance.domain.audit import Deed
from governance.domain.errors import StaleVersion
from governance.domain.identifiers import group_arn_of
from governance.domain.lifecycle import Stage
from governance.domain.roll_up import GroupSummary, VersionTold, counting, summary_of
from governance.domain.use_case_totals import RolledUp
from governance.ports.roll_ups import Counted, GroupStanding, Looked, Mark
from tests.fakes_of_use_cases import InMemoryUseCases


@dataclass
class InMemoryRollUps:
    """`ports.RollUps`. `told` says what a version contributes by its record."""

    use_cases: InMemoryUseCases
    told: Callable[[str], VersionTold | None]
    kept: dict[str, dict[int, VersionTold]] = field(default_factory=dict)
    standings: dict[str, GroupStanding] = field(default_factory=dict)
    marked: dict[str, dict[str, int]] = field(default_factory=dict)
    counted: dict[str, dict[str, GroupSummary]] = field(default_factory=dict)
    come: dict[str, RolledUp] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    """What was asked, for whoever counts it or fails it."""
    meanwhile: Callable[[str], None] = lambda _: None
    """Comes before every call, by its name."""

    def comes(self, call: str) -> None:
        self.calls.append(call)
        self.meanwhile(call)

    def owner(self, group: str) -> str:
        self.comes("owner")
        return self.owned(group)

    def owned(self, group: str) -> str:
        known = self.use_cases.groups_kept.get(group)
        return known.use_case.id if known and known.use_case else ""

    def look(self, version: str) -> Looked:
        self.comes("look")
        group, number = group_arn_of(version) or "", int(version.rpartition("/")[2])
        standing = self.standings.get(group, GroupStanding())
        return Looked(
            group=group,
            told=self.told(version),
            known=self.kept.get(group, {}).get(number),
            counted=standing.versions,
            revision=standing.revision,
            use_case=self.owned(group),
        )

    def before(self, group: str, stage: Stage, number: int) -> VersionTold | None:
        self.comes("before")
        speak = [one for one in self.kept.get(group, {}).values() if one.speaks_in(stage) and one.number != number]
        return max(speak, key=lambda one: one.number, default=None)

    def keep(self, seen: Looked, told: VersionTold, counted: Sequence[VersionTold], mark: bool) -> None:
        self.comes("keep")
        self.stand(seen.group, seen.revision, counted)
        self.kept.setdefault(seen.group, {})[told.number] = told
        if mark:
            self.marked.setdefault(seen.use_case, {})[seen.group] = seen.revision + 1

    def stand(self, group: str, revision: int, counted: Sequence[VersionTold]) -> None:
        if self.standings.get(group, GroupStanding()).revision != revision:
            raise StaleVersion(group)
        self.standings[group] = GroupStanding(versions=tuple(counted), revision=revision + 1)

    def marks(self, use_case: str, most: int) -> Sequence[Mark]:
        self.comes("marks")
        known = sorted(self.marked.get(use_case, {}).items())[:most]
        return [Mark(group=group, revision=revision) for group, revision in known]

    def open(self, use_case: str, groups: Sequence[str]) -> Counted:
        self.comes("open")
        known = self.counted.get(use_case, {})
        return Counted(
            opened=self.use_cases.open(use_case),
            rolled_up=self.come.get(use_case),
            groups={group: known[group] for group in groups if group in known},
        )

    def present(self, use_case: str, groups: Sequence[str]) -> Mapping[str, GroupSummary]:
        self.comes("present")
        return {
            group: summary_of(group, self.standings.get(group, GroupStanding()).versions)
            for group in groups
            if self.owned(group) == use_case
        }

    def count(
        self,
        seen: Counted,
        rolled_up: RolledUp,
        groups: Mapping[str, GroupSummary | None],
        marks: Sequence[Mark],
        deed: Deed,
    ) -> None:
        self.comes("count")
        use_case = seen.opened.use_case
        if use_case is None or self.use_cases.link(use_case.id) != seen.opened.link:
            raise StaleVersion("moved on")
        self.check(use_case.id, marks)
        self.use_cases.save(seen.opened, use_case, deed)
        self.come[use_case.id] = rolled_up
        known = {**self.counted.get(use_case.id, {}), **groups}
        self.counted[use_case.id] = {group: one for group, one in known.items() if one is not None}
        self.drop(use_case.id, marks)

    def unmark(self, use_case: str, marks: Sequence[Mark]) -> None:
        self.comes("unmark")
        self.check(use_case, marks)
        self.drop(use_case, marks)

    def check(self, use_case: str, marks: Sequence[Mark]) -> None:
        known = self.marked.get(use_case, {})
        if any(known.get(one.group) != one.revision for one in marks):
            raise StaleVersion(use_case)

    def drop(self, use_case: str, marks: Sequence[Mark]) -> None:
        for one in marks:
            del self.marked[use_case][one.group]

    def known(self, group: str, numbers: Iterable[int]) -> Mapping[int, VersionTold]:
        kept = self.kept.get(group, {})
        return {number: kept[number] for number in numbers if number in kept}

    def versions(self, group: str) -> Sequence[VersionTold]:
        return [one for _, one in sorted(self.kept.get(group, {}).items())]

    def standing(self, group: str) -> GroupStanding:
        return self.standings.get(group, GroupStanding())

    def repair(self, group: str, seen: GroupStanding, versions: Sequence[VersionTold]) -> None:
        self.stand(group, seen.revision, counting(versions))

    def every(self, use_case: str) -> Mapping[str, GroupSummary]:
        return dict(self.counted.get(use_case, {}))

    def come_to(self, use_cases: Sequence[str]) -> Mapping[str, RolledUp]:
        return {one: self.come[one] for one in use_cases if one in self.come}
