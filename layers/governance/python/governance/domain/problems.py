"""What is wrong with a document that somebody wrote, in words for whoever has to put it right.

pydantic speaks of tuples, tags and patterns; here it is said which field it is, what stood there, and what may.
Policies and deployment profiles are read so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from governance.domain.meanings import alike
from governance.domain.values import Value

Told = Mapping[str, Any]
"""An error as pydantic tells it."""

Place = tuple[str | int, ...]
"""Where something stands in a document: field names, keys and positions."""

Say = Callable[[Told], str]
"""How an error is put into words."""

LISTED = ", "


class Problem(Value):
    """One thing that is wrong with a document: where, by field names and positions, and what."""

    path: Place
    said: str

    @property
    def field(self) -> str:
        """The place as one text: `gates[2].max_age_days`."""
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return text.lstrip(".") or "the whole of it"


class Contradiction(ValueError):
    """A document that contradicts itself, with everything that does."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.said}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the problems of one kind of document are told."""

    shape: type[BaseModel]
    """What the document is read as."""
    forms: Mapping[str, str] = field(default_factory=dict)
    """What texts look like that have a form, by the field in which they stand."""
    otherwise: str = ""
    """The field whose form is told where a text stands in none of them."""
    words: Mapping[str, Say] = field(default_factory=dict)
    """What is said in words of its own, by pydantic's name of the error."""

    def problems_of(self, refused: ValidationError) -> tuple[Problem, ...]:
        """What pydantic found wrong, as problems; the tag of a union is no field."""
        found: list[Problem] = []
        told = refused.errors()
        for error in told:
            cause = error.get("ctx", {}).get("error")
            if isinstance(cause, Contradiction):
                found.extend(cause.problems)
                continue
            if error["type"] == "too_short" and any(is_within(other["loc"], error["loc"]) for other in told):
                continue  # short only because what is in it was refused
            path = whereabouts(self.shape, error["loc"])[1]
            found.append(Problem(path=path, said=self.in_words(error)))
        return tuple(found)

    def in_words(self, error: Told) -> str:
        """What is wrong, what stood there, and what may; in pydantic's own words where there are no better ones."""
        if error["type"] == "extra_forbidden":
            return self.no_such_field(error)
        if error["type"] == "string_pattern_mismatch":
            return self.not_in_form(error)
        say = self.words.get(error["type"]) or WORDS.get(error["type"])
        return say(error) if say else str(error["msg"]).removeprefix("Value error, ")

    def no_such_field(self, error: Told) -> str:
        """A field that nobody knows, and those that there are."""
        there = sorted(whereabouts(self.shape, error["loc"])[0].model_fields)
        return f"there is no such field{alike(str(error['loc'][-1]), there) or f', but {LISTED.join(there)}'}"

    def not_in_form(self, error: Told) -> str:
        """A text that does not have the form it should have."""
        named = (str(part) for part in reversed(error["loc"]) if str(part) in self.forms)
        form = self.forms.get(next(named, self.otherwise))
        return f"{stood(error)} is no name: {form}" if form else f"{stood(error)} is not of that form"


def whereabouts(shape: type[BaseModel], place: Place) -> tuple[type[BaseModel], Place]:
    """The model that a place lies in, and the place without what pydantic adds: tags of unions, marks of keys."""
    kind: Any = shape
    model: type[BaseModel] = shape
    path: list[str | int] = []
    for part in place:
        kind = bare(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            model = kind
            known = kind.model_fields.get(str(part))
            kind = known.annotation if known else None
        elif len(tagged := models_in(kind)) > 1:
            kind = next((one for one in tagged if part in tags_of(one)), None)
            model = kind or model
            if kind:
                continue
        elif get_origin(kind) is not None:
            kind = get_args(kind)[0 if isinstance(part, int) else -1]
        if part != "[key]":
            path.append(part)
    return model, tuple(path)


def bare(kind: Any) -> Any:
    """A type without what is said about it, and without that it may be absent."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in {Union, UnionType}:
        present = [one for one in get_args(kind) if one is not type(None)]
        return bare(present[0]) if len(present) == 1 else kind
    return kind


def models_in(kind: Any) -> list[type[BaseModel]]:
    """The models of a union."""
    if get_origin(kind) not in {Union, UnionType}:
        return []
    return [one for one in map(bare, get_args(kind)) if isinstance(one, type) and issubclass(one, BaseModel)]


def tags_of(model: type[BaseModel]) -> set[Any]:
    """What a model of a union is told apart by."""
    kind = model.model_fields.get("kind")
    return set(get_args(kind.annotation)) if kind else set()


def is_within(place: Place, outer: Place) -> bool:
    """Whether a place lies inside another one."""
    return len(place) > len(outer) and place[: len(outer)] == outer


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
    said = {"ge": "at least", "le": "at most", "gt": "more than", "lt": "less than"}
    may = next(f"{words} {error['ctx'][bound]}" for bound, words in said.items() if bound in error["ctx"])
    return f"{stood(error)} is out of bounds: {may}"


WORDS: Mapping[str, Say] = {
    "missing": lambda _: "it is missing",
    "enum": none_of,
    "literal_error": none_of,
    "model_type": lambda error: f"{stood(error)} has no fields: write each as `field: value`",
    "model_attributes_type": lambda error: f"{stood(error)} has no fields: write each as `field: value`",
    "mapping_type": lambda error: f"{stood(error)} has no fields: write each as `field: value`",
    "dict_type": lambda error: f"{stood(error)} has no fields: write each as `field: value`",
    "tuple_type": lambda error: f"{stood(error)} is no list",
    "too_short": lambda _: "it is empty: name one at least",
    "too_long": lambda error: f"these are too many: {error['ctx']['max_length']} at most",
    "string_type": lambda error: f"{stood(error)} is no text; put it between quotes",
    "string_too_short": lambda _: "it is empty",
    "int_type": lambda error: f"{stood(error)} is no whole number",
    "float_type": lambda error: f"{stood(error)} is no number; a number stands without quotes",
    "finite_number": lambda error: f"{stood(error)} is no finite number",
    "greater_than_equal": out_of_bounds,
    "less_than_equal": out_of_bounds,
    "greater_than": out_of_bounds,
    "less_than": out_of_bounds,
}
"""How it is said, by pydantic's name of the error."""
