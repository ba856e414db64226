"""Policies, profiles and the catalogue of controls as YAML files, read with errors that name the line and the field.

Needs PyYAML, which the `steward` command brings along and the functions do not: what they need of a policy is its
canonical content, which is JSON. What comes with Steward lies beside this module, in `policies`.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from governance.domain.controls import Catalogue
from governance.domain.errors import DocumentRefused
from governance.domain.policy_document import PolicyDocument
from governance.domain.policy_problems import POLICIES
from governance.domain.problems import Dialect, Problem
from governance.domain.publishing import AnyDocument, is_of_use_cases
from governance.domain.use_case_policy_document import USE_CASE_POLICIES, UseCasePolicyDocument
from governance.domain.values import Value

SHIPPED = Path(__file__).with_name("policies")
"""Where the policies lie that come with Steward, and `controls.yaml`, the catalogue that they refer to."""

LARGEST = 256 * 1024
"""In bytes. What is read here was written by people; what is larger is something else."""

DEEPEST = 20
"""How deeply a file may nest. A policy needs six levels."""

Document = TypeVar("Document", bound=Value)


def read_policy(content: bytes) -> AnyDocument:
    """The policy that a file holds, of either kind. Raises `DocumentRefused` with every line that is wrong."""
    if is_of_use_cases(composed(content)[1]):
        return read(content, UseCasePolicyDocument, USE_CASE_POLICIES)
    return read(content, PolicyDocument, POLICIES)


def placed(content: bytes, problems: Iterable[Problem]) -> tuple[str, ...]:
    """Problems of the policy that a file holds, each with its line."""
    return tuple(sorted_by_line(composed(content)[0], problems))


def shipped_policies() -> Mapping[str, PolicyDocument]:
    """The policies that come with Steward, by name."""
    files = sorted(path for path in SHIPPED.glob("*.yaml") if path.name != "controls.yaml")
    return {path.stem: read(path.read_bytes(), PolicyDocument, POLICIES) for path in files}


def shipped_catalogue() -> Catalogue:
    """The controls that the shipped policies refer to, with their sources and dates."""
    return read((SHIPPED / "controls.yaml").read_bytes(), Catalogue)


def read(content: bytes, shape: type[Document], dialect: Dialect | None = None) -> Document:
    """A document of a shape from the bytes of a YAML file. Raises `DocumentRefused` with every line that is wrong."""
    node, plain = composed(content)
    try:
        return shape.model_validate(plain)
    except ValidationError as refused:
        raise DocumentRefused(
            tuple(sorted_by_line(node, (dialect or Dialect(shape)).problems_of(refused)))
        ) from refused


def composed(content: bytes) -> tuple[yaml.Node, Any]:
    """The nodes of a file, with their places, and its plain values."""
    if len(content) > LARGEST:
        raise DocumentRefused((f"the file has {len(content):,} bytes; {LARGEST:,} are the most",))
    try:
        text = content.decode()
    except UnicodeDecodeError as undecodable:
        line = content[: undecodable.start].count(b"\n") + 1
        raise DocumentRefused((f"line {line}: not UTF-8",)) from undecodable
    try:
        refuse_tricks(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            raise DocumentRefused(("line 1: the file is empty",))
        if twice := tuple(keys_given_twice(node)):
            raise DocumentRefused(twice)
        return node, yaml.safe_load(text)
    except yaml.MarkedYAMLError as unreadable:
        mark = unreadable.problem_mark or unreadable.context_mark
        line = mark.line + 1 if mark else 1
        said = f"{unreadable.problem or unreadable.context}; look at the indentation, quotes and brackets up to here"
        raise DocumentRefused((f"line {line}: {said}",)) from unreadable
    except (yaml.YAMLError, ValueError) as unreadable:
        raise DocumentRefused((f"the file is no YAML: {unreadable}",)) from unreadable


def refuse_tricks(text: str) -> None:
    """Refuse what blows up a small file: aliases, and nesting without end."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise DocumentRefused((f"line {line}: aliases (*{event.anchor}) are not allowed; write it out",))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise DocumentRefused((f"line {line}: nested more than {DEEPEST} levels deep",))


def keys_given_twice(node: yaml.Node) -> Iterator[str]:
    """Every key that stands twice in one mapping, of which YAML would quietly keep the last."""
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from keys_given_twice(each)
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.value in seen:
                yield f"line {line}: {key.value} is given in line {seen[key.value]} already"
            seen.setdefault(str(key.value), line)
            yield from keys_given_twice(value)


def sorted_by_line(node: yaml.Node, problems: Iterable[Problem]) -> Iterator[str]:
    """Problems in the order of the file, each with its line."""
    placed = sorted(((line_of(node, problem.path), problem) for problem in problems), key=lambda one: one[0])
    for line, problem in placed:
        yield f"line {line}: {problem.field}: {problem.said}"


def line_of(node: yaml.Node, path: tuple[str | int, ...]) -> int:
    """The line in which a field stands, or where the thing begins that lacks it."""
    line = node.start_mark.line + 1
    for part in path:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == part), None)
            if found is None:
                break
            key, node = found
            line = key.start_mark.line + 1
    return line
