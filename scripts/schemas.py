"""Write what the documentation says of events and commands from their classes: JSON schemas and reference pages.

`python -m scripts.schemas` writes them, `python -m scripts.schemas --check` only tells which are not current.
"""

import argparse
import ast
import inspect
import json
import sys
import textwrap
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from governance.domain.commands import COMMANDS
from governance.domain.envelope import Announced, Event
from governance.domain.events import PUBLISHED

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "docs" / "events"
PAGE = ROOT / "docs" / "events.md"

DIALECT = "https://json-schema.org/draft/2020-12/schema"

ONE_OF_TWO = [
    {"required": ["metrics"], "properties": {"metrics": {"minItems": 1}, "not_possible": {"const": ""}}},
    {"required": ["not_possible"], "properties": {"metrics": {"maxItems": 0}, "not_possible": {"minLength": 1}}},
]
"""Exactly one of metrics and the reason for having none: what the class checks and pydantic cannot write down."""

ALSO: Mapping[str, dict[str, Any]] = {"ModelValidationCompleted": {"oneOf": ONE_OF_TWO}}
"""What a schema says beyond its fields."""


def rendered() -> dict[Path, str]:
    """Every generated file with the content that it should have now."""
    files = {SCHEMAS / f"{name}.schema.json": as_text(event_schema(kind)) for name, kind in PUBLISHED.items()}
    files |= {SCHEMAS / f"{name}.schema.json": as_text(command_schema(kind)) for name, kind in COMMANDS.items()}
    page = PAGE.read_text(encoding="utf-8")
    page = between(page, "envelope", [fields_table(event_schema(Event))])
    page = between(page, "events", (reference(kind, event_schema(kind)) for kind in PUBLISHED.values()))
    page = between(page, "commands", (reference(kind, command_schema(kind)) for kind in COMMANDS.values()))
    return {**files, PAGE: page}


def event_schema(kind: type[Announced]) -> dict[str, Any]:
    """What subscribers may rely on. Fields may be added, so that others than these are allowed."""
    schema = described(kind, kind.model_json_schema(mode="serialization"), f"urn:steward:event:{kind.__name__}:1")
    schema.pop("additionalProperties", None)
    return schema


def command_schema(kind: type[BaseModel]) -> dict[str, Any]:
    """What senders have to keep to. A field that nobody knows is refused."""
    schema = described(kind, kind.model_json_schema(mode="validation"), f"urn:steward:command:{kind.__name__}:1")
    return {**schema, **ALSO.get(kind.__name__, {})}


def described(kind: type[BaseModel], schema: dict[str, Any], identifier: str) -> dict[str, Any]:
    """A schema with its name, its page and the meaning of its fields, as the class tells them."""
    meanings = attribute_docs(kind)
    for name, field in kind.model_fields.items():
        told = schema["properties"][name]
        told.pop("title", None)
        if field.annotation is datetime:
            told["format"] = "date-time"
        if name in meanings:
            told["description"] = meanings[name]
    return {
        "$schema": DIALECT,
        "$id": identifier,
        "title": kind.__name__,
        "description": inspect.cleandoc(kind.__doc__ or ""),
        **{key: value for key, value in schema.items() if key not in {"title", "description"}},
    }


def attribute_docs(kind: type[BaseModel]) -> dict[str, str]:
    """The sentence beneath each field, the nearest class's first."""
    meanings: dict[str, str] = {}
    for parent in reversed(kind.__mro__):
        if not issubclass(parent, BaseModel) or parent is BaseModel:
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(parent))).body[0]
        if not isinstance(body, ast.ClassDef):
            continue
        for field, beneath in zip(body.body, body.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(beneath, ast.Expr)
                and isinstance(beneath.value, ast.Constant)
            ):
                meanings[field.target.id] = inspect.cleandoc(str(beneath.value.value))
    return meanings


def reference(kind: type[BaseModel], schema: dict[str, Any]) -> str:
    """One entry of the reference: the docstring, the fields, the schema."""
    return "\n\n".join(
        [
            f"### {kind.__name__}",
            inspect.cleandoc(kind.__doc__ or ""),
            fields_table(schema, shared_by(kind)),
            f"Schema: [`{kind.__name__}.schema.json`](events/{kind.__name__}.schema.json).",
        ]
    )


def shared_by(kind: type[BaseModel]) -> Iterable[str]:
    """The fields that are told once for all events of a kind: those of the envelope."""
    envelopes = (one for one in (Event, Announced) if issubclass(kind, one))
    return next((one.model_fields for one in envelopes), ())


def fields_table(schema: dict[str, Any], shared: Iterable[str] = ()) -> str:
    """The fields as a table, but for those that are told elsewhere."""
    rows = [
        f"| `{name}` | {type_of(told, schema)} | {told.get('description', '')} |"
        for name, told in schema["properties"].items()
        if name not in shared
    ]
    return "\n".join(["| field | type | meaning |", "| --- | --- | --- |", *rows])


def type_of(told: Mapping[str, Any], schema: dict[str, Any]) -> str:
    """A field's type in words."""
    if "$ref" in told:
        named = schema["$defs"][told["$ref"].rsplit("/", 1)[-1]]
        return " or ".join(f"`{one}`" for one in named["enum"]) if "enum" in named else str(named["title"])
    if told.get("type") == "array":
        return f"list of {type_of(told['items'], schema)}"
    if told.get("format") == "date-time":
        return "time"
    return str(told.get("format") or told.get("type") or "any")


def between(page: str, marker: str, entries: Iterable[str]) -> str:
    """The page with what stands between two markers replaced. Raises `ValueError` when they are not there."""
    begin, end = f"<!-- {marker}: generated from the classes, begin -->", f"<!-- {marker}: end -->"
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"{PAGE.name} lacks the markers of {marker}")
    return f"{before}{begin}\n\n" + "\n\n".join(entries) + f"\n\n{end}{after}"


def as_text(schema: dict[str, Any]) -> str:
    """A schema as it lies in the repository."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def stale() -> list[Path]:
    """Generated files that are missing, differ, or have no class any more."""
    wanted = rendered()
    differing = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    return differing + [path for path in SCHEMAS.glob("*.schema.json") if path not in wanted]


def main() -> int:
    """Write, or check; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.schemas", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if something is not current")
    checking = parser.parse_args().check
    outdated = stale()
    for path in outdated:
        print(path.relative_to(ROOT))
    if checking:
        return 1 if outdated else 0
    wanted = rendered()
    for path in outdated:
        if path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
