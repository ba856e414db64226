"""What the models of a use case come to, in DynamoDB: rows by version, group and use case, of which none grows."""

from collections.abc import Iterable, Mapping, Sequence

from pydantic import TypeAdapter
from pynamodb.expressions.condition import Condition

from governance.adapters.dynamodb_transactions import Items, appended, transact, unconditional
from governance.adapters.dynamodb_use_cases import opened_by, stands, subject_of
from governance.adapters.roll_up_rows import RolledUpFromRow, RollUpRow
from governance.adapters.rows import HeadRow, Row, Table
from governance.adapters.rows import UseCaseRow as StandsRow
from governance.domain.audit import Deed, deed_entry
from governance.domain.errors import StaleVersion
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn, group_arn_of
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup
from governance.domain.model_version import ModelVersion
from governance.domain.roll_up import (
    GroupSummary,
    VersionTold,
    contribution,
    counting,
    latest_of,
    summary_of,
    version_arn,
)
from governance.domain.use_case_totals import RolledUp
from governance.domain.values import canonical
from governance.ports.roll_ups import Counted, GroupStanding, Looked, Mark

VERSIONS = TypeAdapter(tuple[VersionTold, ...])
Found = Mapping[tuple[str, str], RolledUpFromRow]


class DynamoDbRollUps:
    """`ports.RollUps` on the governance table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def look(self, version: ModelPackageArn) -> Looked:
        """One consistent BatchGetItem of four."""
        group = group_arn_of(version) or ""
        number, owner = int(version.rpartition("/")[2]), (f"GROUP#{group}", "HEAD")
        head, mine = (f"MODEL#{version}", "HEAD"), (standing_of(group), version_key(number))
        found = self.read([head, mine, (standing_of(group), "HEAD"), owner])
        standing = found.get((standing_of(group), "HEAD"))
        return Looked(
            group=group,
            told=told_by(found.get(head)),
            known=VersionTold.model_validate_json(found[mine].document) if mine in found else None,
            counted=versions_in(standing),
            revision=int(standing.revision) if standing else 0,
            use_case=use_case_of(found.get(owner)),
        )

    def before(self, group: ModelGroupArn, stage: Stage, number: int) -> VersionTold | None:
        """One consistent Query of two keys, and one BatchGetItem."""
        row, of_group = self.table(RollUpRow), standing_of(group)
        decided = row.sk.startswith(f"SPEAKS#{stage}#")
        found = row.query(of_group, decided, consistent_read=True, scan_index_forward=False, limit=2, page_size=2)
        others = [other for one in found if (other := int(one.sk.rpartition("#")[2])) != number]
        return self.known(group, others[:1]).get(others[0]) if others else None

    def keep(self, seen: Looked, told: VersionTold, counted: Sequence[VersionTold], mark: bool) -> None:
        """One TransactWriteItems of seven items at most."""
        row, of_group = self.table(RollUpRow), standing_of(seen.group)
        revision = seen.revision + 1
        standing = row(of_group, "HEAD", document=canonical_of(counted), revision=revision)
        kept: list[tuple[Row, Condition | None]] = [
            (standing, self.unmoved(seen.revision)),
            (row(of_group, version_key(told.number), document=text(told)), None),
        ]
        spoke = {stage for stage in Stage if seen.known and seen.known.speaks_in(stage)}
        speaks = {stage for stage in Stage if told.speaks_in(stage)}
        kept += [(row(of_group, speaker_key(stage, told.number)), None) for stage in sorted(speaks - spoke)]
        gone = [row(of_group, speaker_key(stage, told.number)) for stage in sorted(spoke - speaks)]
        if mark:
            kept.append((row(rolled_up_of(seen.use_case), f"CHANGED#{seen.group}", revision=revision), None))
        transact(self.table, seen.group, kept, unconditional(gone))

    def owner(self, group: ModelGroupArn) -> str:
        """One consistent BatchGetItem of one."""
        key = (f"GROUP#{group}", "HEAD")
        return use_case_of(self.read([key]).get(key))

    def marks(self, use_case: str, most: int) -> Sequence[Mark]:
        """One consistent Query."""
        row = self.table(RollUpRow)
        waiting = row.sk.startswith("CHANGED#")
        found = row.query(rolled_up_of(use_case), waiting, consistent_read=True, limit=most, page_size=most)
        return [Mark(group=one.sk.removeprefix("CHANGED#"), revision=int(one.revision)) for one in found]

    def open(self, use_case: str, groups: Sequence[ModelGroupArn]) -> Counted:
        """One consistent BatchGetItem."""
        counted = rolled_up_of(use_case)
        keys = {group: (counted, f"GROUP#{group}") for group in groups}
        found = self.read([(subject_of(use_case), "HEAD"), (counted, "HEAD"), *keys.values()])
        rolled_up = found.get((counted, "HEAD"))
        return Counted(
            opened=opened_by(found.get((subject_of(use_case), "HEAD"))),
            rolled_up=RolledUp.model_validate_json(rolled_up.document) if rolled_up else None,
            groups={
                group: GroupSummary.model_validate_json(found[key].document)
                for group, key in keys.items()
                if key in found
            },
        )

    def present(self, use_case: str, groups: Sequence[ModelGroupArn]) -> Mapping[ModelGroupArn, GroupSummary]:
        """One consistent BatchGetItem for each fifty; none without groups."""
        found = self.read([(pk, "HEAD") for group in groups for pk in (f"GROUP#{group}", standing_of(group))])
        return {
            group: summary_of(group, versions_in(found.get((standing_of(group), "HEAD"))))
            for group in groups
            if use_case_of(found.get((f"GROUP#{group}", "HEAD"))) == use_case
        }

    def count(
        self,
        seen: Counted,
        rolled_up: RolledUp,
        groups: Mapping[ModelGroupArn, GroupSummary | None],
        marks: Sequence[Mark],
        deed: Deed,
    ) -> None:
        """One TransactWriteItems: three items, and two for each group."""
        use_case, link = seen.opened.use_case, seen.opened.link
        if use_case is None:
            raise StaleVersion("no use case")
        row, head = self.table(RollUpRow), self.table(StandsRow)
        subject, counted = subject_of(use_case.id), rolled_up_of(use_case.id)
        entry = deed_entry(link, subject, deed)
        offered, risk = rolled_up.offer.stage.value if rolled_up.offer else "", rolled_up.risk.value
        kept: list[tuple[Row, Condition | None]] = [
            *appended(self.table, subject, link, entry, stands(head, use_case, entry)),
            (row(counted, "HEAD", document=text(rolled_up), use_case_risk=risk, offered_stage=offered), None),
        ]
        parts = {group: row(counted, f"GROUP#{group}") for group in groups}
        for group, now in groups.items():
            parts[group].document = text(now) if now else None
        kept += [(parts[group], None) for group, now in groups.items() if now]
        gone: Items = [(parts[group], None) for group, now in groups.items() if now is None]
        transact(self.table, subject, kept, [*gone, *self.unmarked(use_case.id, marks)])

    def unmark(self, use_case: str, marks: Sequence[Mark]) -> None:
        """One TransactWriteItems."""
        transact(self.table, use_case, (), self.unmarked(use_case, marks))

    def unmarked(self, use_case: str, marks: Sequence[Mark]) -> Items:
        """Marks that go, unless they were renewed since."""
        row = self.table(RollUpRow)
        return [(row(rolled_up_of(use_case), f"CHANGED#{one.group}"), row.revision == one.revision) for one in marks]

    def known(self, group: ModelGroupArn, numbers: Iterable[int]) -> Mapping[int, VersionTold]:
        """One consistent BatchGetItem for each hundred."""
        found = self.read([(standing_of(group), version_key(number)) for number in numbers])
        versions = [VersionTold.model_validate_json(one.document) for one in found.values()]
        return {one.number: one for one in versions}

    def versions(self, group: ModelGroupArn) -> Sequence[VersionTold]:
        """One consistent Query, in pages of a megabyte."""
        row = self.table(RollUpRow)
        found = row.query(standing_of(group), row.sk.startswith("VERSION#"), consistent_read=True)
        return [VersionTold.model_validate_json(one.document) for one in found]

    def standing(self, group: ModelGroupArn) -> GroupStanding:
        """One consistent BatchGetItem of one."""
        found = self.read([(standing_of(group), "HEAD")]).get((standing_of(group), "HEAD"))
        return GroupStanding(versions=versions_in(found), revision=int(found.revision) if found else 0)

    def repair(self, group: ModelGroupArn, seen: GroupStanding, versions: Sequence[VersionTold]) -> None:
        """One Query, one TransactWriteItems, and a PutItem or DeleteItem for each key that is wrong.

        Nobody is misled in between: the keys alone say nothing of how the group stands.
        """
        row, of_group = self.table(RollUpRow), standing_of(group)
        right = {speaker_key(stage, one.number) for one in versions for stage in one.stages if one.speaks_in(stage)}
        there = {one.sk for one in row.query(of_group, row.sk.startswith("SPEAKS#"), consistent_read=True)}
        for key in sorted(right ^ there):
            row(of_group, key).save() if key in right else row(of_group, key).delete()
        counted = canonical_of(counting(versions))
        kept = row(of_group, "HEAD", document=counted, revision=seen.revision + 1)
        transact(self.table, group, [(kept, self.unmoved(seen.revision))])

    def unmoved(self, revision: int) -> Condition:
        """That what is kept of a group was written just so often."""
        row = self.table(RollUpRow)
        return row.revision == revision if revision else row.pk.does_not_exist()

    def every(self, use_case: str) -> Mapping[ModelGroupArn, GroupSummary]:
        """One consistent Query, in pages of a megabyte."""
        row = self.table(RollUpRow)
        found = row.query(rolled_up_of(use_case), row.sk.startswith("GROUP#"), consistent_read=True)
        summaries = [GroupSummary.model_validate_json(one.document) for one in found]
        return {one.group: one for one in summaries}

    def come_to(self, use_cases: Sequence[str]) -> Mapping[str, RolledUp]:
        """One consistent BatchGetItem for each hundred."""
        found = self.read([(rolled_up_of(one), "HEAD") for one in use_cases])
        return {
            pk.removeprefix("ROLLUP#"): RolledUp.model_validate_json(one.document) for (pk, _), one in found.items()
        }

    def read(self, keys: Sequence[tuple[str, str]]) -> Found:
        """Items by their keys; one BatchGetItem for each hundred."""
        rows = self.table(RolledUpFromRow).batch_get(keys, consistent_read=True) if keys else ()
        return {(one.pk, one.sk): one for one in rows}


class DynamoDbSummaries:
    """`ports.Summaries`: what is kept of the groups says which versions count, their own records say how."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def of(self, groups: Sequence[ModelGroupArn], stage: Stage) -> Sequence[GroupSummary]:
        """One consistent BatchGetItem for each hundred groups, and one for each hundred versions that decide."""
        row = self.table(RollUpRow)
        keys = [(standing_of(group), "HEAD") for group in groups]
        rows = row.batch_get(keys, consistent_read=True) if keys else ()
        kept = {one.pk.removeprefix("STANDING#"): latest_of(VERSIONS.validate_json(one.document)) for one in rows}
        deciding = {group: version_arn(group, one[stage].number) for group, one in kept.items() if stage in one}
        told = self.looked(sorted(deciding.values()))
        return [summary_of(group, told.get(deciding.get(group, ""), ())) for group in groups]

    def looked(self, versions: Sequence[ModelPackageArn]) -> Mapping[ModelPackageArn, tuple[VersionTold, ...]]:
        """What versions contribute, as their heads have it."""
        keys = [(f"MODEL#{version}", "HEAD") for version in versions]
        rows = self.table(HeadRow).batch_get(keys, consistent_read=True) if keys else ()
        states = (ModelVersion.model_validate_json(one.state) for one in rows)
        return {state.model.arn: (contribution(state),) for state in states}


def standing_of(group: ModelGroupArn) -> str:
    """The partition of how a group stands."""
    return f"STANDING#{group}"


def rolled_up_of(use_case: str) -> str:
    """The partition of what a use case comes to."""
    return f"ROLLUP#{use_case}"


def version_key(number: int) -> str:
    """The sort key of what a version contributes."""
    return f"VERSION#{number:08d}"


def speaker_key(stage: Stage, number: int) -> str:
    """The sort key that says that a version was decided on in a stage."""
    return f"SPEAKS#{stage}#{number:08d}"


def text(told: VersionTold | GroupSummary | RolledUp) -> str:
    """A value as the rows keep it."""
    return canonical(told.model_dump(mode="json"))


def canonical_of(versions: Sequence[VersionTold]) -> str:
    """Versions as the rows keep them."""
    return canonical([one.model_dump(mode="json") for one in versions])


def told_by(head: RolledUpFromRow | None) -> VersionTold | None:
    """What a version contributes by its head; None where there is none."""
    if head is None or not head.state:
        return None
    return contribution(ModelVersion.model_validate_json(head.state), int(head.audit_sequence))


def versions_in(standing: RolledUpFromRow | None) -> tuple[VersionTold, ...]:
    """The versions that a group's summary is made of."""
    return VERSIONS.validate_json(standing.document) if standing and standing.document else ()


def use_case_of(group: RolledUpFromRow | None) -> str:
    """The use case that a group belongs to; empty text where it belongs to none."""
    known = ModelGroup.model_validate_json(group.document).use_case if group and group.document else None
    return known.id if known else ""
