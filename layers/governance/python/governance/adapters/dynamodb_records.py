"""The record of the whole fleet in the governance table, for whoever has to look at all of it. Nothing here scans."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from pydantic import ValidationError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from governance.adapters.dynamodb_ledger import model_key
from governance.adapters.rows import AuditRow, Row, StageRow, Table
from governance.domain.audit import AuditEntry
from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.projection import SHARDS
from governance.domain.values import Instant
from governance.ports.inspection import Known, Listed

PAGE = 100
"""Versions in a page of the index: their packages are then looked for in one call."""

MOST_ENTRIES = 100
"""Audit entries that are read of one version at a time."""

PARTITIONS = [
    f"STAGE#{Stage.DEVELOPMENT}#{status}#{shard:02d}" for status, shard in product(ModelStatus, range(SHARDS))
]
"""The partitions of the index by stage and status that hold every version once: each has a development stage."""


class LookedAt(Row):
    """What is needed of a head, or of what was announced, when a version is only looked at."""

    state = UnicodeAttribute(null=True)
    audit_sequence = NumberAttribute(null=True)
    sequence = NumberAttribute(null=True)


class DynamoDbRecords:
    """`ports.Records` on the governance table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def look(self, versions: Sequence[ModelPackageArn]) -> Mapping[ModelPackageArn, Known]:
        """One consistent BatchGetItem: two keys for each version, so 50 versions at most."""
        keys = [(model_key(version), key) for version in versions for key in ("HEAD", "RELAYED")]
        rows = self.table(LookedAt).batch_get(keys, consistent_read=True)
        found = {(row.pk, row.sk): row for row in rows}
        return {
            version: known(found.get((model_key(version), "HEAD")), found.get((model_key(version), "RELAYED")))
            for version in versions
        }

    def listed(self, place: str = "") -> Listed:
        """One Query for each partition of the index, up to the first that holds any: most hold none in a small hub.

        A place is a partition's number and the last key in it.
        """
        number, _, last = place.partition("/")
        row = self.table(StageRow)
        for partition in range(int(number or 0), len(PARTITIONS)):
            after = row.gsi2sk > last if last else None
            found = list(row.by_stage_and_status.query(PARTITIONS[partition], after, limit=PAGE, page_size=PAGE))
            versions, last = tuple(one.model_package_arn for one in found), ""
            if len(found) == PAGE:
                return Listed(versions=versions, place=f"{partition}/{found[-1].gsi2sk}")
            if found:
                return Listed(versions=versions, place=f"{partition + 1}/")
        return Listed(versions=(), place="")

    def after(self, version: ModelPackageArn, sequence: int) -> Sequence[AuditEntry]:
        """One consistent Query."""
        row = self.table(AuditRow)
        first = f"AUDIT#{sequence + 1:08d}"
        found = row.query(
            model_key(version), row.sk.between(first, "AUDIT#99999999"), consistent_read=True, limit=MOST_ENTRIES
        )
        return [entry_of(one) for one in found]

    def announcing(self, version: ModelPackageArn, event: str, about: str) -> AuditEntry | None:
        """One consistent Query, newest first, until it is found."""
        row = self.table(AuditRow)
        found = row.query(
            model_key(version),
            row.sk.startswith("AUDIT#"),
            consistent_read=True,
            scan_index_forward=False,
            page_size=25,
        )
        for one in found:
            if (
                f'"detail_type":"{event}"' in one.entry
                and about in one.entry
                and announces(entry_of(one), event, about)
            ):
                return entry_of(one)
        return None

    def begun_at(self) -> Instant:
        """One DescribeTable."""
        client: Any = self.table.connection._client
        told: dict[str, Any] = client.describe_table(TableName=self.table.name)
        created: Instant = told["Table"]["CreationDateTime"]
        return created


def known(head: LookedAt | None, relayed: LookedAt | None) -> Known:
    """What a head and its acknowledgement say; a head that cannot be read is damage, named and not raised."""
    if head is None:
        return Known()
    sequence = {"sequence": int(head.audit_sequence or 0), "relayed": int(relayed.sequence or 0) if relayed else 0}
    try:
        return Known(state=ModelVersion.model_validate_json(head.state or ""), **sequence)
    except ValidationError as wrong:
        places = sorted({".".join(map(str, error["loc"])) or "all of it" for error in wrong.errors()})
        return Known(damage=f"the state in HEAD cannot be read: {', '.join(places[:5])}", **sequence)


def entry_of(row: AuditRow) -> AuditEntry:
    """An audit row as the entry it holds."""
    return AuditEntry(sequence=int(row.sequence), entry=row.entry, hash=row.hash)


def announces(entry: AuditEntry, event: str, about: str) -> bool:
    """Whether one of an entry's events has this name, and this text among its values."""
    return any(one["detail_type"] == event and about in one["detail"].values() for one in entry.content["events"])
