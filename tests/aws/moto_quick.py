"""What moto 5.2.5 answers and botocore reads, sooner: just what they would themselves, as a test holds it to be.

A life of some hundred deliveries asks moto thousands of times. Most of its time went into writing items attribute by
attribute, with a search for other names of each of the ten types that an attribute might have, and into looking up anew
which methods a class has. And each test has a session of its own, which read the models of its services anew.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from botocore import session
from botocore.loaders import Loader
from moto import backends
from moto.core import responses
from moto.core.serialize import JSONSerializer
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

ATTRIBUTE = "AttributeValue"
"""The shape of an attribute in DynamoDB's service model."""
SAME = frozenset({("S", str), ("N", str), ("BOOL", bool), ("NULL", bool)})
"""Types of attributes whose values are written as they are."""


class Unusual(Exception):
    """An attribute that moto had better write itself."""


def written(attribute: Any) -> dict[str, Any]:
    """An attribute as JSON, or `Unusual`."""
    if type(attribute) is not dict or len(attribute) != 1:
        raise Unusual
    ((kind, held),) = attribute.items()
    if (kind, type(held)) in SAME:
        return {kind: held}
    if kind == "M" and type(held) is dict:
        return {"M": {name: written(one) for name, one in held.items()}}
    if kind == "L" and type(held) is list:
        return {"L": [written(one) for one in held]}
    raise Unusual


def map_written(original: Any) -> Any:
    """Write a map of attributes at once, and any other map as moto does."""

    def write(serializer: JSONSerializer, serialized: dict[str, Any], value: Any, shape: Any, key: str) -> None:
        if shape.value.name == ATTRIBUTE:
            try:
                made = {name: written(one) for name, one in value.items()}
            except Unusual:
                pass
            else:
                serializer._default_serialize(serialized, made, shape, key)
                return
        original(serializer, serialized, value, shape, key)

    return write


def compared(one: DynamoType, other: DynamoType) -> bool:
    """Whether two attributes are the same: most are texts."""
    if one.type == other.type == "S":
        return bool(one.value == other.value)
    return one.type == other.type and bool(one.cast_value == other.cast_value)


def in_order(table: Table) -> list[Any]:
    """Every item of a table in the order of its keys, each key read once."""
    if not table.range_key_attr:
        return sorted(table.items.values(), key=lambda item: item.hash_key.cast_value)
    items = (item for rows in table.items.values() for item in rows.values())
    return sorted(items, key=lambda item: (item.hash_key.cast_value, item.range_key.cast_value))


def remembering(original: Callable[..., Loader]) -> Callable[..., Loader]:
    """Let the loaders of all sessions remember together which files they have read: botocore never writes into them."""

    def create(search_path_string: str | None = None) -> Loader:
        made = original(search_path_string)
        made._cache = READ.setdefault(search_path_string, {})
        return made

    return create


READ: dict[str | None, dict[Any, Any]] = {}
"""What loaders have read of botocore's models of services, by where they look; each takes a tenth of a second anew."""


@contextmanager
def quick() -> Iterator[None]:
    """Let moto answer sooner."""
    with ExitStack() as stack:
        for place, name, instead in quicker():
            stack.enter_context(patch.object(place, name, instead))
        yield


def quicker() -> Iterator[tuple[Any, str, Any]]:
    """What is replaced, where, and by what."""
    yield session, "create_loader", remembering(session.create_loader)
    yield JSONSerializer, "_serialize_type_map", map_written(JSONSerializer._serialize_type_map)
    yield DynamoType, "__eq__", compared
    yield Table, "all_items", in_order
    yield responses, "method_names_from_class", functools.cache(responses.method_names_from_class)
    yield backends, "get_backend", functools.cache(backends.get_backend)
