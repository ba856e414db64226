"""What is wrong with a policy that somebody wrote, in words for whoever has to put it right.

pydantic speaks of tuples, tags and patterns; here it is said which field it is, what stood there, and what may.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from governance.domain.meanings import Meaning, alike
from governance.domain.policy_document import GATES, Contradiction, PolicyDocument, Problem

Told = Mapping[str, Any]
"""An error as pydantic tells it."""

FORMS = {
    "name": "lower case letters, digits and dashes, a letter first, 63 characters at most",
    "metric": "a letter, then letters, digits and any of _ . : - as on the record",
    "controls": "<framework>/<control>, as eu-ai-act/Art. 14",
}
"""What names look like, by the field in which they stand."""


def problems_of(refused: ValidationError) -> tuple[Problem, ...]:
    """What pydantic found wrong, as problems; the tag of a gate's kind is no field of it."""
    found: list[Problem] = []
    told = refused.errors()
    for error in told:
        cause = error.get("ctx", {}).get("error")
        if isinstance(cause, Contradiction):
            found.extend(cause.problems)
            continue
        if error["type"] == "too_short" and any(is_within(other["loc"], error["loc"]) for other in told):
            continue  # short only because what is in it was refused
        path = tuple(part for part in error["loc"] if part != "[key]")
        if is_in_a_gate(path):
            path = (*path[:2], *path[3:])
        found.append(Problem(path=path, said=in_words(error)))
    return tuple(found)


def is_in_a_gate(path: tuple[str | int, ...]) -> bool:
    """Whether a place that pydantic tells lies in a gate whose kind is known: the kind stands in it then."""
    return len(path) > 2 and path[0] == "gates" and path[2] in GATES


def is_within(place: tuple[str | int, ...], outer: tuple[str | int, ...]) -> bool:
    """Whether a place lies inside another one."""
    return len(place) > len(outer) and place[: len(outer)] == outer


def in_words(error: Told) -> str:
    """What is wrong, what stood there, and what may; in pydantic's own words where there are no better ones."""
    say = WORDS.get(error["type"])
    return say(error) if say else str(error["msg"]).removeprefix("Value error, ")


def no_such_field(error: Told) -> str:
    """A field that nobody knows, and those that there are."""
    path = error["loc"]
    shape: type[BaseModel] = GATES[path[2]] if is_in_a_gate(path) else Meaning if len(path) > 2 else PolicyDocument
    there = sorted(shape.model_fields)
    return f"there is no such field{alike(str(path[-1]), there) or f', but {LISTED.join(there)}'}"


def not_in_form(error: Told) -> str:
    """A name that is none."""
    field = next((str(part) for part in reversed(error["loc"]) if str(part) in FORMS), "metric")
    return f"{stood(error)} is no name: {FORMS[field]}"


def none_of(error: Told) -> str:
    """A word that is none of those that there are."""
    there = str(error["ctx"]["expected"]).replace("'", "")
    words = there.replace(" or ", LISTED).split(LISTED)
    may = f"is none of {there}" if len(words) > 1 else f"is not {there}"
    return f"{stood(error)} {may}{alike(str(error['input']), words)}"


def stood(error: Told) -> str:
    """What stood there, in a few characters."""
    told = error["input"]
    return "nothing" if told is None else f"“{str(told)[:80]}”"


def out_of_bounds(error: Told) -> str:
    """A number that is too small or too large."""
    bounds = error["ctx"]
    may = f"at least {bounds['ge']}" if "ge" in bounds else f"at most {bounds['le']}"
    return f"{stood(error)} is out of bounds: {may}"


LISTED = ", "

KINDS = LISTED.join(GATES)

WORDS: Mapping[str, Callable[[Told], str]] = {
    "extra_forbidden": no_such_field,
    "missing": lambda _: "it is missing",
    "string_pattern_mismatch": not_in_form,
    "enum": none_of,
    "literal_error": none_of,
    "union_tag_invalid": lambda error: f"“{str(error['ctx']['tag'])[:80]}” is no kind of gate: there are {KINDS}",
    "union_tag_not_found": lambda _: f"its kind is missing: {KINDS}",
    "model_type": lambda error: f"{stood(error)} has no fields: write each as `field: value`",
    "model_attributes_type": lambda error: f"{stood(error)} has no fields: write each as `field: value`",
    "tuple_type": lambda error: f"{stood(error)} is no list",
    "too_short": lambda _: "it is empty: name one at least",
    "string_type": lambda error: f"{stood(error)} is no text; put it between quotes",
    "int_type": lambda error: f"{stood(error)} is no whole number",
    "float_type": lambda error: f"{stood(error)} is no number; a number stands without quotes",
    "finite_number": lambda error: f"{stood(error)} is no finite number",
    "greater_than_equal": out_of_bounds,
    "less_than_equal": out_of_bounds,
}
"""How it is said, by pydantic's name of the error."""
