"""What calls consume of the table, as DynamoDB bills it (AWS: "DynamoDB read and write operations")."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from tests.aws.resources import table_items
from tests.aws.seam import ApiCall


def write_units(calls: Iterable[ApiCall]) -> int:
    """Write units of transactions: two for each kilobyte that is begun, item by item. Whatever else writes, counts."""
    written = 0
    for call in calls:
        if call.service == "dynamodb" and call.writes:
            assert call.operation == "TransactWriteItems", call
            puts = [write["Put"]["Item"] for write in call.parameters["TransactItems"] if "Put" in write]
            others = len(call.parameters["TransactItems"]) - len(puts)
            written += sum(2 * math.ceil(size_of(item) / 1024) for item in puts) + 2 * others
    return written


def read_units(calls: Iterable[ApiCall], before: Mapping[tuple[str, str], Mapping[str, Any]]) -> int:
    """Read units of consistent batches: one for each four kilobytes that are begun, item by item; one where none is."""
    units = 0
    for call in calls:
        if call.service == "dynamodb" and not call.writes:
            assert call.operation == "BatchGetItem", call
            asked = [key for told in call.parameters["RequestItems"].values() for key in told["Keys"]]
            items = [before.get((key["pk"]["S"], key["sk"]["S"]), {}) for key in asked]
            units += sum(max(1, math.ceil(size_of(item) / 4096)) for item in items)
    return units


def present() -> dict[tuple[str, str], Mapping[str, Any]]:
    """Every item of the table, by its key."""
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in table_items()}


def size_of(item: Mapping[str, Any]) -> int:
    """About the bytes of an item: names and values."""
    return sum(len(name) + len(str(next(iter(value.values()))).encode()) for name, value in item.items())
