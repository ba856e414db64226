"""The ledger in DynamoDB: one read to open a record, one transaction to change it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition

from governance.adapters.clients import code_of
from governance.adapters.dynamodb_rows import PERSON_KEY, DynamoDbRows, new_person_key, row_kind
from governance.adapters.dynamodb_transactions import CONTENDED, Items, audit_item, people_row, send, unconditional
from governance.adapters.rows import FactRow, HeadRow, OpenedRow, PersonKeyRow, Row, StageRow, Table
from governance.domain.audit import Link
from governance.domain.errors import FactKnown, RecordDamaged, StaleVersion
from governance.domain.facts import AnyFact
from governance.domain.fold import FOLD_VERSION, fold_all
from governance.domain.identifiers import ModelPackageArn, group_arn_of
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup
from governance.domain.model_version import ModelVersion
from governance.domain.people import Names, Pseudonyms
from governance.domain.projection import (
    FAILED,
    TRIED,
    Attributes,
    endpoint_key,
    fact_key,
    fact_row,
    head,
    projections,
    samples,
)
from governance.domain.upcasting import read_stored
from governance.ports.ledger import Change, Page


def model_key(version: ModelPackageArn) -> str:
    """The partition of everything about one version."""
    return f"MODEL#{version}"


class DynamoDbLedger:
    """`ports.Ledger` and `ports.Endpoints` on the governance table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def open(self, version: ModelPackageArn, fact_key: str = "") -> Page:
        """One consistent BatchGetItem: head, people, group, the fact asked about, and the key of people's ids.

        The key is read each time: whoever remembered it would never notice that the table has lost it.
        """
        pk = model_key(version)
        group = group_arn_of(version)
        keys = [(pk, "HEAD"), (pk, "PEOPLE"), PERSON_KEY, *([(f"GROUP#{group}", "HEAD")] if group else [])]
        keys += [(pk, f"FACT#{fact_key}")] if fact_key else []
        found = {(row.pk, row.sk): row for row in self.table(OpenedRow).batch_get(keys, consistent_read=True)}
        head, group_row = found.get((pk, "HEAD")), found.get((f"GROUP#{group}", "HEAD"))
        people, kept = found.get((pk, "PEOPLE")), found.get(PERSON_KEY)
        names = Names(by_id=(people.names if people else None) or {})
        page = Page(
            state=None,
            link=Link(sequence=int(head.audit_sequence or 0), hash=head.audit_hash or "") if head else Link(),
            group=ModelGroup.model_validate_json(group_row.document) if group_row and group_row.document else None,
            known=(pk, f"FACT#{fact_key}") in found,
            names=names,
            names_kept=names,
            person_key=(kept.key if kept else "") or new_person_key(),
            is_new_key=not (kept and kept.key),
        )
        return self.with_state(page, version, head) if head and head.state else page

    def with_state(self, page: Page, version: ModelPackageArn, head: Any) -> Page:
        """The page with the state of the head; with what the facts give, if an older fold made that."""
        if int(head.fold_version or 0) >= FOLD_VERSION:
            try:
                return page.model_copy(update={"state": ModelVersion.model_validate_json(head.state)})
            except ValidationError as damaged:
                raise RecordDamaged(f"{model_key(version)} HEAD: its state cannot be read; repair it") from damaged
        people = Pseudonyms(page.person_key)
        folded = fold_all([people.written(fact) for fact in self.facts(version)])
        names = page.names.with_new(people.seen)
        again = {"state": folded.state, "past": folded.past, "names": names, "is_refolded": True}
        return page.model_copy(update=again)

    def facts(self, version: ModelPackageArn) -> Sequence[AnyFact]:
        """One Query, in pages of a megabyte."""
        row = self.table(FactRow)
        found = row.query(model_key(version), row.sk.startswith("FACT#"), consistent_read=True)
        return [self.read(fact) for fact in found]

    def read(self, row: FactRow) -> AnyFact:
        """The fact in a row. Raises `RecordDamaged`: to leave it out would be to decide on what was not so."""
        try:
            return read_stored(row.content)
        except ValueError as damaged:
            raise RecordDamaged(f"{row.pk} {row.sk}: it cannot be read; restore it from the archive") from damaged

    def save(self, change: Change) -> None:
        """One TransactWriteItems. The head's condition is the optimistic lock, the facts' that each is told once."""
        pk = model_key(change.after.model.arn)
        fact = self.table(FactRow)
        facts = [fact(pk, f"FACT#{fact_key(one)}", **fact_row(one)) for one in change.facts]
        put, deleted = self.changed_rows(change)
        kept: list[tuple[Row, Condition | None]] = [
            (self.head_row(pk, change), self.unmoved(change.revision)),
            *((row, fact.pk.does_not_exist()) for row in facts),
            *(audit_item(self.table, pk, entry) for entry in change.entries),
            *((self.table(row_kind(sk))(pk, sk, **attributes), None) for sk, attributes in put.items()),
            *self.names_rows(pk, change),
        ]
        if change.new_person_key:
            key = self.table(PersonKeyRow)
            kept.append((key(*PERSON_KEY, key=change.new_person_key), key.pk.does_not_exist()))
        try:
            send(self.table, kept, unconditional([self.table(Row)(pk, sk) for sk in deleted]))
        except TransactWriteError as refused:
            raise refusal(refused, len(deleted), len(facts), change.after.model.arn) from refused

    def names_rows(self, pk: str, change: Change) -> Items:
        """The names to keep, if those are kept that were read; also where they are the same.

        An erasure moves no chain: what was opened before one must not bring the name back, in whichever row. A Put
        needs no right that the others do not need, as a check would.
        """
        return [people_row(self.table, pk, change.names_kept, change.names)] if change.names.by_id else []

    def unmoved(self, revision: int) -> Condition:
        """The record is where it was when it was opened."""
        head = self.table(HeadRow)
        return head.audit_sequence == revision if revision else head.pk.does_not_exist()

    def head_row(self, pk: str, change: Change) -> HeadRow:
        """The head, with the whole state in it and the end of the chain."""
        last = change.entries[-1]
        given = head(change.after, FOLD_VERSION)
        return self.table(HeadRow)(pk, "HEAD", **given, audit_sequence=last.sequence, audit_hash=last.hash)

    def changed_rows(self, change: Change) -> tuple[dict[str, Attributes], list[str]]:
        """Every row that the state gives and that differs from the one it gave before; and those it gives no more.

        What an older fold gave, and what has left the state long ago, is not known here: where all was folded again,
        the rows themselves are looked at.
        """
        given = {**projections(change.after, change.names, change.past), **samples(change.samples)}
        if change.is_refolded:
            stored = DynamoDbRows(self.table).projected(change.after.model.arn)
            was = {row.sk: without_version(row.attributes) for row in stored}
        else:
            was = projections(change.before, change.names_before) if change.before else {}
        put = {sk: attributes for sk, attributes in given.items() if was.get(sk) != attributes}
        return put, sorted(was.keys() - given.keys())

    def serving(self, endpoint_arn: str) -> tuple[ModelPackageArn, Stage] | None:
        """One Query of the index by endpoint, newest deployment first."""
        return self.newest_at(endpoint_key(endpoint_arn))

    def tried(self, endpoint_arn: str) -> Sequence[tuple[ModelPackageArn, Stage]]:
        """Two Queries of the index by endpoint."""
        found = (self.newest_at(endpoint_key(endpoint_arn, side)) for side in (TRIED, FAILED))
        return [one for one in found if one]

    def failed(self, endpoint_arn: str) -> tuple[ModelPackageArn, Stage] | None:
        """One Query of the index by endpoint."""
        return self.newest_at(endpoint_key(endpoint_arn, FAILED))

    def newest_at(self, key: str) -> tuple[ModelPackageArn, Stage] | None:
        """The version of the newest deployment under a key of the index by endpoint."""
        index = self.table(StageRow).by_endpoint
        for row in index.query(key, scan_index_forward=False, limit=1):
            return row.model_package_arn, Stage(row.model_stage)
        return None


def without_version(attributes: Mapping[str, Any]) -> Attributes:
    """A row's attributes as a state gives them: the schema version says only who wrote it."""
    return {name: told for name, told in attributes.items() if name != "schema_version"}


def refusal(refused: TransactWriteError, deleted: int, facts: int, version: ModelPackageArn) -> Exception:
    """What a refused transaction means: the record moved on, a fact is known, or something else is wrong.

    Reasons come in the order of the items (AWS API: TransactWriteItems), and PynamoDB sends what is deleted before
    what is put, whichever came first: then the head, then the facts.
    """
    if code_of(refused) == "TransactionConflictException":
        return StaleVersion(version)
    every = [reason.code if reason else None for reason in refused.cancellation_reasons or []]
    if not CONTENDED & set(every):
        return refused
    codes = every[deleted:]
    moved = codes[0] is not None or "TransactionConflict" in every
    known = "ConditionalCheckFailed" in codes[1 : 1 + facts]
    return FactKnown(version) if known and not moved else StaleVersion(version)
