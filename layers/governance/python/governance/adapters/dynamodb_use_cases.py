"""Use cases in DynamoDB: where each stands beside its chain, and the model groups that belong to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError
from pynamodb.expressions.condition import Condition

from governance.adapters.dynamodb_groups import group_row
from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.dynamodb_people import read_whole
from governance.adapters.dynamodb_rows import DynamoDbRows
from governance.adapters.dynamodb_transactions import Items, appended, people_beside, transact, unconditional
from governance.adapters.roll_up_rows import RolledUpFromRow
from governance.adapters.rows import (
    AuditRow,
    DocumentRow,
    EffectRow,
    GroupRow,
    HeadRow,
    OpenedRow,
    RelayedRow,
    Row,
    StageRow,
    Table,
)
from governance.adapters.rows import UseCaseGroupRow as MemberRow
from governance.adapters.rows import UseCaseRow as StandsRow
from governance.adapters.sagemaker_registry import is_missing
from governance.domain.audit import AuditEntry, Deed, Link, deed_entry
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn, group_name_of, number_of, version_arn_of
from governance.domain.model_group import ModelGroup
from governance.domain.people import Names
from governance.domain.use_case import Profile
from governance.domain.use_case_retiring import Revocation
from governance.domain.use_cases import UseCase
from governance.domain.values import canonical, iso
from governance.ports.use_cases import Opened


class DynamoDbUseCases:
    """`ports.UseCases` on the governance table."""

    def __init__(self, table: Table, install: str) -> None:
        self.table = table
        self.journal = DynamoDbJournal(table)
        self.hub = f"HUB#{install}"

    def open(self, use_case: str) -> Opened:
        """One consistent GetItem."""
        row = self.table(StandsRow)
        try:
            found = row.get(subject_of(use_case), "HEAD", consistent_read=True)
        except row.DoesNotExist:
            return Opened()
        return opened_by(found)

    def open_with_people(self, use_case: str) -> Opened:
        """One consistent BatchGetItem of head and people."""
        pk = subject_of(use_case)
        with read_whole():
            rows = self.table(OpenedRow).batch_get([(pk, "HEAD"), (pk, "PEOPLE")], consistent_read=True)
            found = {row.sk: row for row in rows}
            people = found.get("PEOPLE")
            names = Names(by_id=(people.names if people else None) or {})
        return opened_by(found.get("HEAD")).model_copy(update={"names": names})

    def names(self) -> Sequence[str]:
        """One Query."""
        return sorted(key.removeprefix("USECASE#") for key in self.journal.documents(self.hub, "USECASE#"))

    def look(self, names: Sequence[str]) -> Mapping[str, UseCase]:
        """One consistent BatchGetItem for each hundred."""
        row = self.table(StandsRow)
        keys = [(subject_of(one), "HEAD") for one in names]
        rows = [one for one in row.batch_get(keys, consistent_read=True) if one.document] if keys else []
        return {one.use_case_id: UseCase.model_validate_json(one.document) for one in rows}

    def groups(self, use_case: str) -> Sequence[ModelGroupArn]:
        """One consistent Query, in pages of a megabyte."""
        row = self.table(MemberRow)
        found = row.query(subject_of(use_case), row.sk.startswith("GROUP#"), consistent_read=True)
        return sorted(one.model_group_arn for one in found if one.attached_at)

    def trail(self, use_case: str) -> Sequence[AuditEntry]:
        """One consistent Query, in pages of a megabyte."""
        row = self.table(AuditRow)
        found = row.query(subject_of(use_case), row.sk.startswith("AUDIT#"), consistent_read=True)
        return [AuditEntry(sequence=int(one.sequence), entry=one.entry, hash=one.hash) for one in found]

    def relayed(self, use_case: str) -> int:
        """One consistent GetItem."""
        row = self.table(RelayedRow)
        try:
            return int(row.get(subject_of(use_case), "RELAYED", consistent_read=True).sequence)
        except row.DoesNotExist:
            return 0

    def save(
        self,
        seen: Opened,
        use_case: UseCase,
        deed: Deed,
        resting_on: Mapping[str, Link] | None = None,
        names: Names | None = None,
    ) -> None:
        """One TransactWriteItems: where it stands, the deed, of a new one its name, and a check of what it rests on."""
        named: Items = []
        if seen.use_case is None:
            told = canonical({"use_case_id": use_case.id})
            named = [(self.table(DocumentRow)(self.hub, subject_of(use_case.id), document=told), None)]
        self.write(seen, use_case, deed, named, resting_on=resting_on, names=names)

    def attach(
        self, seen: Opened, use_case: UseCase, group: ModelGroup, deed: Deed, names: Names | None = None
    ) -> None:
        """One TransactWriteItems: where it stands, the deed, its item for the group, the group's head."""
        member = self.member(use_case.id, group.arn)
        member.attached_at = iso(deed.at)
        self.write(seen, use_case, deed, [(member, None), self.head(group)], names=names)

    def detach(
        self, seen: Opened, use_case: UseCase, group: ModelGroup, deed: Deed, names: Names | None = None
    ) -> None:
        """One TransactWriteItems. A group whose tags name it keeps its item, as one that only they name."""
        member, is_tagged = self.member(use_case.id, group.arn), (group.profile or Profile()).use_case_id == use_case.id
        kept: Items = [self.head(group), *([(member, None)] if is_tagged else [])]
        self.write(seen, use_case, deed, kept, [] if is_tagged else [member], names=names)

    def revocation(self, use_case: str, name: str) -> Revocation | None:
        """One consistent GetItem."""
        row = self.table(EffectRow)
        try:
            found = row.get(subject_of(use_case), f"EFFECT#{name}", consistent_read=True)
        except row.DoesNotExist:
            return None
        return Revocation(id=name, group=found.cause, outcome=found.outcome)

    def note(self, seen: Opened, use_case: UseCase, revocation: Revocation, deed: Deed) -> None:
        """One TransactWriteItems: where it stands, the deed, the effect."""
        kept = self.table(EffectRow)(subject_of(use_case.id), f"EFFECT#{revocation.id}")
        kept.effect, kept.cause, kept.outcome = "revoke", revocation.group, revocation.outcome
        self.write(seen, use_case, deed, [(kept, None)])

    def member(self, use_case: str, group: ModelGroupArn) -> MemberRow:
        """Its item for a group."""
        return self.table(MemberRow)(
            subject_of(use_case), f"GROUP#{group}", use_case_id=use_case, model_group_arn=group
        )

    def head(self, group: ModelGroup) -> tuple[GroupRow, Condition]:
        """A group's head, if nobody wrote it since it was read."""
        row, read = self.table(GroupRow), group.revision - 1
        return group_row(row, group), row.revision == read if read else row.pk.does_not_exist()

    def write(
        self,
        seen: Opened,
        use_case: UseCase,
        deed: Deed,
        kept: Items,
        gone: Sequence[Row] = (),
        resting_on: Mapping[str, Link] | None = None,
        names: Names | None = None,
    ) -> None:
        """One TransactWriteItems, whose first condition is that the chain is where it was. Raises `StaleVersion`."""
        subject, row = subject_of(use_case.id), self.table(StandsRow)
        entry = deed_entry(seen.link, subject, deed)
        end = appended(self.table, subject, seen.link, entry, stands(row, use_case, entry))
        people = people_beside(self.table, subject, seen.names, names)
        rests = [
            (row(subject_of(name), "HEAD"), row.audit_sequence == link.sequence)
            for name, link in (resting_on or {}).items()
        ]
        transact(self.table, subject, [*end, *kept, *people], unconditional(gone), rests)

    def has_left(self, person: str) -> bool:
        """One consistent GetItem."""
        return self.journal.document(self.hub, f"FORGOTTEN#{person}") is not None

    def person_key(self, make: bool) -> str:
        """One GetItem; where there is no key yet, a conditional PutItem, and whoever was first made it."""
        rows = DynamoDbRows(self.table)
        return rows.make_person_key() if make else rows.person_key()


class DynamoDbMembers:
    """`ports.Members` on the records, as far as the registry and the index by use case say that there are any."""

    def __init__(self, table: Table, sagemaker: Any) -> None:
        self.table = table
        self.sagemaker = sagemaker

    def last(self, use_case: str, group: ModelGroupArn) -> int:
        """One ListModelPackages and one Query, each of one item."""
        return max(self.registered(group), self.named(use_case, group))

    def registered(self, group: ModelGroupArn) -> int:
        """The number of the newest package; 0 where there is none, or no group any more."""
        newest = {"SortBy": "CreationTime", "SortOrder": "Descending", "MaxResults": 1}
        try:
            found = self.sagemaker.list_model_packages(ModelPackageGroupName=group, **newest)
        except ClientError as refused:
            if is_missing(refused):
                return 0
            raise
        return max((number_of(one["ModelPackageArn"]) for one in found["ModelPackageSummaryList"]), default=0)

    def named(self, use_case: str, group: ModelGroupArn) -> int:
        """The number of the last version whose record names the use case: each stands there once for each stage."""
        row, name = self.table(StageRow), group_name_of(group)
        wanted = row.gsi1sk.between(f"{name}#", f"{name}#\uffff")
        found = row.by_use_case.query(subject_of(use_case), wanted, limit=1, page_size=1, scan_index_forward=False)
        return max((number_of(str(one.model_package_arn)) for one in found), default=0)

    def on_record(self, group: ModelGroupArn, first: int, last: int) -> Sequence[ModelPackageArn]:
        """One consistent BatchGetItem of nothing but keys."""
        row, arns = self.table(HeadRow), [version_arn_of(group, number) for number in range(first, last + 1)]
        keys = [(f"MODEL#{arn}", "HEAD") for arn in arns]
        rows = row.batch_get(keys, consistent_read=True, attributes_to_get=["pk", "sk"]) if keys else ()
        there = {str(one.pk) for one in rows}
        return [arn for arn in arns if f"MODEL#{arn}" in there]


def subject_of(use_case: str) -> str:
    """The partition of a use case, and so the name of its chain."""
    return f"USECASE#{use_case}"


def opened_by(head: StandsRow | OpenedRow | RolledUpFromRow | None) -> Opened:
    """A use case by its head; one that only tags name is not on record."""
    if head is None or not head.document:
        return Opened()
    link = Link(sequence=int(head.audit_sequence or 0), hash=head.audit_hash or "")
    return Opened(use_case=UseCase.model_validate_json(head.document), link=link)


def stands(row: type[StandsRow], use_case: UseCase, entry: AuditEntry) -> StandsRow:
    """Where a use case stands, as the item that is its head."""
    return row(
        subject_of(use_case.id),
        "HEAD",
        use_case_id=use_case.id,
        use_case_name=use_case.about.name,
        use_case_stage=use_case.stage.value,
        use_case_status=use_case.status.value,
        ai_act_class=use_case.ai_act_class.value if use_case.ai_act_class else "",
        materiality=use_case.materiality.value if use_case.materiality else "",
        owner=use_case.about.owner,
        document=canonical(use_case.model_dump(mode="json")),
        audit_sequence=entry.sequence,
        audit_hash=entry.hash,
    )
