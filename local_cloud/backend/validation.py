"""Check a request against the constraints of the service model, in the words that AWS uses.

botocore's client checks types and required members only; lengths, ranges, enumerations and patterns
are checked by the service, so here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from local_cloud.backend.errors import ValidationException


def check(shape: Shape | None, params: Mapping[str, Any]) -> None:
    """Raise `ValidationException` naming every broken constraint of `params`."""
    if said := broken(shape, params):
        raise ValidationException(said)


def broken(shape: Shape | None, params: Mapping[str, Any]) -> str:
    """Return what AWS says of the broken constraints of `params`; nothing where there is none."""
    problems = list(_problems(shape, params, "")) if shape else []
    noun = "error" if len(problems) == 1 else "errors"
    return f"{len(problems)} validation {noun} detected: {'; '.join(problems)}" if problems else ""


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if value is None:
        return
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, path)
    elif isinstance(shape, ListShape):
        yield from _size(shape, value, path)
        for number, item in enumerate(value, 1):
            yield from _problems(shape.member, item, f"{path}.{number}.member")
    elif isinstance(shape, MapShape):
        yield from _size(shape, value, path)
        for key, item in value.items():
            yield from _problems(shape.key, key, f"{path}.key")
            yield from _problems(shape.value, item, f"{path}.{key}.member")
    elif shape.type_name == "string":
        yield from _string(shape, str(value), path)
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from _number(shape, value, path)


def _structure(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _problem(None, _join(path, name), "Member must not be null")
    for name, member in shape.members.items():
        yield from _problems(member, value.get(name), _join(path, name))


def _size(shape: Shape, value: Any, path: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and len(value) < low:
        yield _problem(value, path, f"Member must have length greater than or equal to {low}")
    if high is not None and len(value) > high:
        yield _problem(value, path, f"Member must have length less than or equal to {high}")


def _string(shape: Shape, value: str, path: str) -> Iterator[str]:
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield _problem(value, path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
        return
    yield from _size(shape, value, path)
    pattern = _compiled(shape.metadata.get("pattern"))
    if pattern is not None and not pattern.fullmatch(value):
        wanted = shape.metadata["pattern"]
        yield _problem(value, path, f"Member must satisfy regular expression pattern: {wanted}")


def _number(shape: Shape, value: Any, path: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        yield _problem(value, path, f"Member must have value greater than or equal to {low}")
    if high is not None and value > high:
        yield _problem(value, path, f"Member must have value less than or equal to {high}")


@cache
def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    """Return the pattern, or None where it uses what only Java's expressions know."""
    try:
        return re.compile(pattern, re.DOTALL) if pattern else None
    except re.error:
        return None


def _join(path: str, name: str) -> str:
    member = name[:1].lower() + name[1:]
    return f"{path}.{member}" if path else member


def _problem(value: Any, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"
