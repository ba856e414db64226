"""The governance table read as it lies there, and corrected: for comparing, listing and repairing."""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition

from governance.adapters.clients import code_of
from governance.adapters.dynamodb_transactions import Items, audit_item, transact, unconditional
from governance.adapters.rows import (
    DeploymentRow,
    EffectRow,
    EvidenceRow,
    FindingRow,
    HeadRow,
    MetricRow,
    PeopleRow,
    PersonKeyRow,
    Row,
    SignOffRow,
    StageRow,
    Table,
)
from governance.domain.identifiers import ModelPackageArn
from governance.domain.projection import PROJECTED, SHARDS
from governance.ports.rows import Correction, StoredRow

MODEL = "MODEL#"
PERSON_KEY = ("PERSON#KEY", "HEAD")
"""Where the key lies that people's ids are made with."""

KINDS: Mapping[str, type[Row]] = {
    "HEAD": HeadRow,
    "PEOPLE": PeopleRow,
    "STAGE": StageRow,
    "FINDING": FindingRow,
    "DEPLOYMENT": DeploymentRow,
    "EFFECT": EffectRow,
    "SIGNOFF": SignOffRow,
    "EVIDENCE": EvidenceRow,
    "METRIC": MetricRow,
}
"""The kind of row that a sort key begins with the name of."""

WRITTEN_AS_JSON = frozenset({"artifacts", "metrics", "names", "roles", "stored", "values"})
"""Attributes that hold JSON texts."""

AT_ONCE = 80
"""How many rows one transaction corrects, below the hundred that DynamoDB allows (AWS API: TransactWriteItems)."""

DESERIALIZER = TypeDeserializer()


def new_person_key() -> str:
    """A key for the ids of people, that nobody can guess: 256 bits."""
    return secrets.token_hex(32)


def row_kind(sk: str) -> type[Row]:
    """The kind of row that belongs under a sort key; the bare row for a key that Steward never writes."""
    return KINDS.get(sk.partition("#")[0], Row)


class DynamoDbRows:
    """`ports.Rows` and `ports.Catalogue` on the governance table."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.client: Any = table.connection.client

    def of(self, version: ModelPackageArn) -> Sequence[StoredRow]:
        """One Query of the whole partition, in pages of a megabyte."""
        return self.queried("pk = :pk", {":pk": MODEL + version})

    def projected(self, version: ModelPackageArn) -> Sequence[StoredRow]:
        """The rows that a fold gave, by one Query of the part of the partition in which no audit entry lies."""
        between = {":first": min(PROJECTED), ":last": max(PROJECTED) + "~"}
        found = self.queried("pk = :pk AND sk BETWEEN :first AND :last", {":pk": MODEL + version, **between})
        return [row for row in found if row.sk.startswith(PROJECTED)]

    def queried(self, condition: str, values: Mapping[str, str]) -> Sequence[StoredRow]:
        """Rows of a partition, strongly consistent, in pages of a megabyte."""
        told = {name: {"S": value} for name, value in values.items()}
        asked = {"KeyConditionExpression": condition, "ExpressionAttributeValues": told, "ConsistentRead": True}
        found = map(plain, self.pages("query", asked))
        return [StoredRow(sk=str(item.pop("sk")), attributes=without_key(item)) for item in found]

    def person_key(self) -> str:
        """One GetItem."""
        pk, sk = PERSON_KEY
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        found = self.client.get_item(TableName=self.table.name, Key=key, ConsistentRead=True).get("Item", {})
        return str(plain(found).get("key", ""))

    def make_person_key(self) -> str:
        """One GetItem; where there is no key one PutItem, and another look if somebody else was faster."""
        if known := self.person_key():
            return known
        row = self.table(PersonKeyRow)
        made = row(*PERSON_KEY, key=new_person_key())
        try:
            made.save(condition=row.pk.does_not_exist())
        except PutError as refused:
            if code_of(refused) != "ConditionalCheckFailedException":
                raise
            return self.person_key()
        return str(made.key)

    def versions(self) -> Iterator[ModelPackageArn]:
        """One Scan of the keys. Rows of one version lie together, so only the last one has to be remembered."""
        last = ""
        for item in self.pages("scan", {"ProjectionExpression": "pk"}):
            pk = item["pk"]["S"]
            if pk.startswith(MODEL) and pk != last:
                yield pk.removeprefix(MODEL)
                last = pk

    def standing(self, stage: str, status: str) -> Iterator[Mapping[str, Any]]:
        """One Query for each shard, newest first."""
        for shard in range(SHARDS):
            yield from self.indexed("by-stage-and-status", "gsi2pk", f"STAGE#{stage}#{status}#{shard:02d}", False)

    def of_use_case(self, use_case: str) -> Iterator[Mapping[str, Any]]:
        """One Query."""
        yield from self.indexed("by-use-case", "gsi1pk", f"USECASE#{use_case}", True)

    def indexed(self, index: str, name: str, key: str, forward: bool) -> Iterator[Mapping[str, Any]]:
        """What stands under a key of an index."""
        asked = {
            "IndexName": index,
            "KeyConditionExpression": f"{name} = :key",
            "ExpressionAttributeValues": {":key": {"S": key}},
            "ScanIndexForward": forward,
        }
        yield from map(plain, self.pages("query", asked))

    def pages(self, operation: str, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """All items of a Query or Scan."""
        for page in self.client.get_paginator(operation).paginate(TableName=self.table.name, **asked):
            yield from page["Items"]

    def correct(self, correction: Correction) -> None:
        """One TransactWriteItems, whose condition is the head; more than fit follow on a head that is still ours."""
        pk = MODEL + correction.version
        head, told = self.table(HeadRow), correction.put["HEAD"]
        first: list[tuple[Row, Condition | None]] = [(head(pk, "HEAD", **told), self.as_read(correction.found))]
        if correction.entry:
            first.append(audit_item(self.table, pk, correction.entry))
        rows = iter([*self.rows_to_put(pk, correction), *self.rows_to_delete(pk, correction)])
        kept, gone = parted(islice(rows, AT_ONCE))
        transact(self.table, correction.version, [*first, *kept], gone)
        ours = [(head(pk, "HEAD"), head.audit_sequence == int(told["audit_sequence"]))]
        while more := list(islice(rows, AT_ONCE)):
            transact(self.table, correction.version, *parted(more), ours)

    def as_read(self, found: int | None) -> Condition:
        """The head still says what it said, or still nothing that can be read."""
        sequence = self.table(HeadRow).audit_sequence
        return sequence == found if found is not None else ~sequence.is_type()  # type: ignore[no-untyped-call]

    def rows_to_put(self, pk: str, correction: Correction) -> Iterator[tuple[Row, bool]]:
        """Projections as they should be."""
        for sk, attributes in correction.put.items():
            if sk != "HEAD":
                yield self.table(row_kind(sk))(pk, sk, **attributes), False

    def rows_to_delete(self, pk: str, correction: Correction) -> Iterator[tuple[Row, bool]]:
        """Rows that should not be there."""
        for sk in correction.delete:
            yield self.table(Row)(pk, sk), True


def parted(rows: Iterable[tuple[Row, bool]]) -> tuple[Items, Items]:
    """Rows to put, and rows to delete."""
    every = list(rows)
    kept = unconditional([row for row, is_gone in every if not is_gone])
    return kept, unconditional([row for row, is_gone in every if is_gone])


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as plain JSON values, whatever is in it."""
    return {name: read(name, DESERIALIZER.deserialize(value)) for name, value in item.items()}


def read(name: str, value: Any) -> Any:
    """One attribute: numbers as Python's, JSON texts as what they say where they can be read."""
    if name in WRITTEN_AS_JSON and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return numbers(value)


def numbers(value: Any) -> Any:
    """DynamoDB's decimals as integers where they are whole, else as floats; sets as sorted lists."""
    if isinstance(value, Mapping):
        return {name: numbers(one) for name, one in value.items()}
    if isinstance(value, list | set):
        return [numbers(one) for one in (sorted(value) if isinstance(value, set) else value)]
    if hasattr(value, "as_integer_ratio") and not isinstance(value, bool | int | float):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if isinstance(value, str | bool | int | float | None) else repr(value)


def without_key(item: dict[str, Any]) -> dict[str, Any]:
    """The attributes alone."""
    return {name: value for name, value in item.items() if name not in {"pk", "sk"}}
