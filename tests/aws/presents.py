"""Whether what follows was lived before: a present told in full, so that two of them can be compared.

A fault that leaves nothing behind is redelivered into the same present, at whichever of a function's calls it was. From
there on all goes as it went the first time, for nothing but the present decides what functions do. So it is lived once.
What cannot be told to the last byte, as versions of objects with ids of chance or a state machine under way, is never
the same as anything else.
"""

from collections.abc import Hashable, Iterator
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table

from tests.aws import moto_gaps_of_parts
from tests.aws.cloud import Cloud, Delivery, lock_of, versions
from tests.aws.resources import ARTIFACTS, TABLE, plain
from tests.template.translation import REGION

BY_ADDRESS = " at 0x"
"""How Python tells of an object that does not say what it holds."""


def present(cloud: Cloud, then: dict[str, Any]) -> Hashable | None:
    """All that a snapshot keeps, and what was started since, as it differs from one of before; none if it is untold."""
    if any(one.then is not Delivery.then for one in cloud.queue):
        return None
    _, streamed, on_buses, _, archived = then["mine"]
    registry, pipelines = cloud.registry, cloud.pipelines
    told = (
        list(rows_since(dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[TABLE], then["table"])),
        {bucket: list(objects_since(bucket, kept)) for bucket, kept in then["objects"].items()},
        [[lock_of(one) for _, kept in versions(bucket) for one in kept] for bucket in then["objects"]],
        [(one.id, sorted(parts.items())) for one, parts in moto_gaps_of_parts.kept_uploads(ARTIFACTS)],
        vars(pipelines),
        {name: kept for name, kept in vars(registry).items() if name != "now"},
        [one.kept for one in cloud.others],
        vars(cloud.seam.standins["stepfunctions"]),
        [(one.function, one.event) for one in cloud.queue],
        (sorted(cloud.streamed - streamed), cloud.on_buses[len(on_buses) :], sorted(cloud.archived - archived)),
        (cloud.clock.moment, sorted(cloud.fleet.running), cloud.archives),
    )
    text = repr(told)
    return None if BY_ADDRESS in text else text


def rows_since(table: Table, before: Table) -> Iterator[str]:
    """The rows of a table that are others than before, and the keys of those that are gone."""
    for pk, rows in table.items.items():
        were = before.items.get(pk, {})
        yield from (plain(row.to_json()) for sk, row in rows.items() if were.get(sk) is not row)
        yield from (f"no {pk} {sk}" for sk in were if sk not in rows)
    yield from (f"no {pk}" for pk in before.items if pk not in table.items)


def objects_since(bucket: str, before: dict[str, list[Any]]) -> Iterator[tuple[Any, ...]]:
    """The objects of a bucket that have other versions than before, and the keys of those that are gone."""
    now = dict(versions(bucket))
    for key, many in now.items():
        if [*map(id, many)] != [*map(id, before.get(key, ()))]:
            yield key, [(type(one).__name__, one.version_id, getattr(one, "etag", "")) for one in many]
    yield from ((key, "gone") for key in before if key not in now)
