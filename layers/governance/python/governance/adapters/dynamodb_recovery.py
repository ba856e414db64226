"""Restoring the governance table: from its continuous backups, or row by row into a new table."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import code_of, message_of
from governance.domain.archive import Kept, KeptEntry, KeptFact
from governance.domain.audit import Link
from governance.domain.errors import ArchiveDiffers, NotRestorable
from governance.domain.proof import canonically
from governance.domain.values import SCHEMA_VERSION

WRITERS = 10
"""How many rows are written at a time: as many as botocore keeps connections."""

AT_ONCE = 500
"""How many rows are held before they are written."""

SAME = ("KeySchema", "AttributeDefinitions")


class DynamoDbBackups:
    """`ports.Backups` of one table (DynamoDB API: RestoreTableToPointInTime)."""

    def __init__(self, client: Any, live: str) -> None:
        self.client = client
        self.live = live

    def window(self) -> tuple[datetime, datetime]:
        """One DescribeContinuousBackups."""
        told = self.client.describe_continuous_backups(TableName=self.live)["ContinuousBackupsDescription"]
        recovery = told.get("PointInTimeRecoveryDescription", {})
        if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
            raise NotRestorable(f"{self.live} has no point-in-time recovery")
        return recovery["EarliestRestorableDateTime"], recovery["LatestRestorableDateTime"]

    def restore(self, into: str, at: datetime | None) -> None:
        """One RestoreTableToPointInTime; the table is new, or this is refused."""
        moment: dict[str, Any] = {"RestoreDateTime": at} if at else {"UseLatestRestorableTime": True}
        try:
            self.client.restore_table_to_point_in_time(SourceTableName=self.live, TargetTableName=into, **moment)
        except ClientError as refused:
            if code_of(refused) in {"TableAlreadyExistsException", "InvalidRestoreTimeException"}:
                raise NotRestorable(f"{into}: {message_of(refused)}") from refused
            raise

    def make(self, into: str) -> None:
        """One DescribeTable and one CreateTable."""
        if into == self.live:
            raise NotRestorable(f"{into} is the live table")
        live = self.client.describe_table(TableName=self.live)["Table"]
        indexes = [
            {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
            for index in live.get("GlobalSecondaryIndexes", ())
        ]
        wanted = {name: live[name] for name in SAME}
        wanted |= {"GlobalSecondaryIndexes": indexes} if indexes else {}
        try:
            self.client.create_table(TableName=into, BillingMode="PAY_PER_REQUEST", **wanted)
        except ClientError as refused:
            if code_of(refused) != "ResourceInUseException":
                raise

    def is_ready(self, table: str) -> bool:
        """One DescribeTable."""
        try:
            told = self.client.describe_table(TableName=table)["Table"]
        except ClientError as refused:
            if code_of(refused) == "ResourceNotFoundException":
                return False
            raise
        states = [told["TableStatus"], *(one.get("IndexStatus") for one in told.get("GlobalSecondaryIndexes", ()))]
        return set(states) <= {"ACTIVE", None}


class DynamoDbFreshTable:
    """`ports.FreshTable`: one conditional PutItem for each row."""

    def __init__(self, client: Any, table: str) -> None:
        self.client = client
        self.table = table

    def put(self, rows: Iterable[Kept]) -> int:
        """Many at a time, in portions that fit into memory."""
        given, left = 0, iter(rows)
        with ThreadPoolExecutor(WRITERS) as writers:
            while portion := list(islice(left, AT_ONCE)):
                given += len(list(writers.map(self.one, portion)))
        return given

    def one(self, kept: Kept) -> None:
        """One row, unless it is there; one GetItem more if it is."""
        item = item_of(kept)
        if self.is_new(item):
            return
        key = {"pk": item["pk"], "sk": item["sk"]}
        found = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item", {})
        told = "entry" if isinstance(kept, KeptEntry) else "content"
        if found.get(told) != item[told] or found.get("hash") != item.get("hash"):
            raise ArchiveDiffers(f"{self.table}: {kept.place}")

    def is_new(self, item: Mapping[str, Any]) -> bool:
        """Write a row and say so, or say that one is there."""
        try:
            self.client.put_item(TableName=self.table, Item=item, ConditionExpression="attribute_not_exists(pk)")
        except ClientError as refused:
            if code_of(refused) != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def end(self, pk: str, link: Link) -> None:
        """One conditional PutItem."""
        told = {"audit_sequence": {"N": str(link.sequence)}, "audit_hash": {"S": link.hash}}
        self.is_new({"pk": {"S": pk}, "sk": {"S": "HEAD"}, "schema_version": {"N": str(SCHEMA_VERSION)}, **told})


def item_of(kept: Kept) -> dict[str, Any]:
    """A row as the table had it: what is beside the text is told by the text."""
    text = kept.entry if isinstance(kept, KeptEntry) else kept.content if isinstance(kept, KeptFact) else ""
    told = canonically(text) or {}
    version = str(told.get("schema_version", SCHEMA_VERSION))
    item = {"pk": {"S": kept.pk}, "sk": {"S": kept.sk}, "schema_version": {"N": version}}
    if isinstance(kept, KeptEntry):
        return {**item, "sequence": {"N": str(kept.sequence)}, "entry": {"S": text}, "hash": {"S": kept.hash}}
    beside = {name: {"S": str(told.get(name, ""))} for name in ("kind", "effective_at", "recorded_at")}
    return {**item, **beside, "fingerprint": {"S": kept.sk.rpartition("#")[2]}, "content": {"S": text}}
