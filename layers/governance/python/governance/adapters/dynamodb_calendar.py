"""What is due when: heads of versions by their next due date, in a sparse index of keys alone."""

from collections.abc import Iterator

from pynamodb.attributes import UnicodeAttribute

from governance.adapters.indexes import ByDueDate
from governance.adapters.rows import Row, Table
from governance.domain.identifiers import ModelPackageArn
from governance.domain.projection import SHARDS, due_partition
from governance.domain.values import Instant, iso


class DueRow(Row):
    """As much of a head as the index holds."""

    gsi4pk = UnicodeAttribute()
    gsi4sk = UnicodeAttribute()
    by_due_date = ByDueDate()


class DynamoDbCalendar:
    """`ports.Calendar` on the governance table."""

    def __init__(self, table: Table) -> None:
        self.row = table(DueRow)

    def due(self, by: Instant) -> Iterator[ModelPackageArn]:
        """One Query for each shard, in pages as they are asked for, the longest due first."""
        until = f"{iso(by)}$"  # the sign after the one that ends a moment in the key: what is due at that moment is due
        for shard in range(SHARDS):
            for row in self.row.by_due_date.query(due_partition(shard), self.row.gsi4sk < until):
                yield row.pk.removeprefix("MODEL#")
