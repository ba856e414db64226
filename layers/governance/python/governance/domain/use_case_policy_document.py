"""The policy of use cases as people write it: who may approve which stage, how many of them, and what has to be so.

There is one for all use cases, and so its name is given. Whatever is wrong with a document is told at once, each with
the field it stands in. Publishing gives it a number; its hash is over its content, not over how it was written down.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, ModelWrapValidatorHandler, ValidationError, model_validator

from governance.domain.ai_act import AiActClass, Materiality
from governance.domain.authority import Role
from governance.domain.problems import Contradiction, Dialect, Problem
from governance.domain.use_cases import ORDER, UseCase, UseCaseStage
from governance.domain.values import Value, digest

NAME = "use-cases"
"""How the policy of use cases is called. No policy of models can be called so."""

EVERYWHERE: tuple[UseCaseStage, ...] = ORDER[:-1]
"""Every stage that can be approved."""

WITH_MODELS: tuple[UseCaseStage, ...] = EVERYWHERE[1:]
"""Those in which there are models."""

CLASSES: tuple[AiActClass, ...] = (AiActClass.MINIMAL, AiActClass.LIMITED, AiActClass.HIGH)
"""The classes of which anything can be approved."""

CheckName = Literal[
    "entitled",
    "not-by-its-authors",
    "assessed",
    "acceptable",
    "owner-known",
    "human-oversight",
    "models-approved",
    "findings-answered",
    "enough-people",
    "nobody-alone",
]
"""A check that Steward makes on a use case."""

CHECK_NAMES: tuple[str, ...] = get_args(CheckName)
"""Every check, in the order in which they are told."""

INDISPENSABLE = ("entitled", "acceptable")
"""Checks that are made in every stage, under every policy."""

People = Annotated[int, Field(strict=True, ge=1, le=10)]
"""How many different people."""

Stages = Annotated[tuple[UseCaseStage, ...], Field(min_length=1)]
Roles = Annotated[tuple[Role, ...], Field(min_length=1)]


class UseCasePolicyDocument(Value):
    """What has to be so for a use case to advance. Only one that does not contradict itself can be made."""

    schema_version: Literal[1] = 1
    name: Literal["use-cases"]
    title: str = Field(min_length=1, max_length=200)
    description: str = Field("", max_length=4000)
    roles: Mapping[UseCaseStage, Roles]
    """As what somebody may approve each stage."""
    people_by_class: Mapping[AiActClass, People]
    """How many different people have to approve each stage of a use case of a class."""
    people_by_tier: Mapping[Materiality, People]
    """The same by how much depends on it. The greater number counts."""
    nobody_alone_from: UseCaseStage | None = None
    """From which stage on two different people at least must have approved this stage or one before."""
    oversight_for: tuple[AiActClass, ...] = ()
    """Which classes need somebody who oversees them."""
    enforced: Mapping[CheckName, Stages]
    """In which stages each check stops an approval; in the others it is not made."""

    @model_validator(mode="wrap")
    @classmethod
    def agrees_with_itself(cls, told: Any, handler: ModelWrapValidatorHandler["UseCasePolicyDocument"]) -> Any:
        """Refuse what is of another form or contradicts itself, with all of both at once."""
        try:
            made = handler(told)
        except ValidationError as refused:
            of_form = USE_CASE_POLICIES.problems_of(refused)
            rest = contradictions(told) if isinstance(told, Mapping) else ()
            places = {one.path for one in of_form}
            raise Contradiction((*of_form, *(one for one in rest if one.path not in places))) from refused
        if found := tuple(contradictions(made.model_dump(mode="json"))):
            raise Contradiction(found)
        return made

    def needed(self, use_case: UseCase) -> int:
        """How many different people have to approve a stage. Of one that nobody assessed, as of the highest."""
        by_class = self.people_by_class.get(use_case.ai_act_class or AiActClass.HIGH, 1)
        return max(by_class, self.people_by_tier.get(use_case.materiality or Materiality.HIGH, 1))

    def content(self) -> dict[str, Any]:
        """What the policy says, whatever the order it was written in."""
        told = self.model_dump(mode="json")
        for stages in told["enforced"].values():
            stages.sort(key=EVERYWHERE.index)
        for roles in told["roles"].values():
            roles.sort(key=list(Role).index)
        told["oversight_for"].sort(key=CLASSES.index)
        return told

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical text of the content: the same for every way to write the same policy."""
        return digest(self.content())


USE_CASE_POLICIES = Dialect(shape=UseCasePolicyDocument)
"""How the problems of such a policy are told."""


def contradictions(told: Mapping[str, Any]) -> Iterator[Problem]:
    """Everything in a document, as plain values, that cannot be meant. What is of another form is passed over."""
    roles, enforced = lists(told, "roles"), lists(told, "enforced")
    for stage in EVERYWHERE:
        if is_mapping(told, "roles") and stage not in told["roles"]:
            yield Problem(path=("roles", stage.value), said="nobody may approve this stage: name one role at least")
    for name in INDISPENSABLE:
        lacking = [stage.value for stage in EVERYWHERE if stage not in enforced.get(name, ())]
        if is_mapping(told, "enforced") and lacking:
            said = f"it is made in every stage, under every policy: add {', '.join(lacking)}"
            yield Problem(path=("enforced", name), said=said)
    for field, each in (("roles", roles), ("enforced", enforced)):
        for key, listed in each.items():
            if len(set(listed)) < len(listed):
                yield Problem(path=(field, key), said="names one of them twice")
    yield from about_stages(told, enforced)
    yield from about_people(told, enforced)
    yield from about_oversight(told, enforced)


def about_stages(told: Mapping[str, Any], enforced: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """Stages in which nothing can be approved, or a check never passes or never asks."""
    over, closed = UseCaseStage.RETIRED.value, "what is retired is approved by nobody: leave it out"
    if is_mapping(told, "roles") and over in told["roles"]:
        yield Problem(path=("roles", over), said=closed)
    for name, stages in enforced.items():
        if over in stages:
            yield Problem(path=("enforced", name), said=closed)
    if UseCaseStage.PROOF_OF_CONCEPT in enforced.get("models-approved", ()):
        said = "a proof of concept has no models yet, so it would never pass: leave out proof-of-concept"
        yield Problem(path=("enforced", "models-approved"), said=said)
    first, stages = told.get("nobody_alone_from"), enforced.get("nobody-alone", ())
    if first == over:
        yield Problem(path=("nobody_alone_from",), said=closed)
    elif first is None and stages:
        yield Problem(path=("nobody_alone_from",), said="nobody-alone is made: say from which stage on it asks")
    elif first in EVERYWHERE and is_mapping(told, "enforced"):
        asking = EVERYWHERE[EVERYWHERE.index(UseCaseStage(first)) :]
        if not set(asking) & set(stages):
            said = f"nobody-alone is made in no stage from {first} on: nothing would ask for it"
            yield Problem(path=("nobody_alone_from",), said=said)


def about_people(told: Mapping[str, Any], enforced: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """Numbers that are missing, that are for nothing, or that no check asks for."""
    for field, every in (("people_by_class", CLASSES), ("people_by_tier", tuple(Materiality))):
        if not is_mapping(told, field):
            continue
        for word in every:
            if word not in told[field]:
                yield Problem(path=(field, word.value), said="it is missing: say how many people it takes")
        for word, number in told[field].items():
            if word == AiActClass.UNACCEPTABLE:
                said = "nothing that Art. 5 prohibits is approved, by however many: leave it out"
                yield Problem(path=(field, word), said=said)
            elif is_mapping(told, "enforced") and "enough-people" not in enforced and number != 1:
                yield Problem(path=(field, str(word)), said=f"enough-people is made nowhere: nobody asks for {number}")


def about_oversight(told: Mapping[str, Any], enforced: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """Classes that need oversight of which nobody asks, or a check that asks of none."""
    classes = words(told.get("oversight_for"))
    if len(set(classes)) < len(classes):
        yield Problem(path=("oversight_for",), said="names one of them twice")
    if AiActClass.UNACCEPTABLE in classes:
        said = "nothing that Art. 5 prohibits is approved, overseen or not: leave it out"
        yield Problem(path=("oversight_for",), said=said)
    if classes and is_mapping(told, "enforced") and "human-oversight" not in enforced:
        yield Problem(path=("oversight_for",), said="human-oversight is made nowhere: nothing would ask for it")
    if not classes and "human-oversight" in enforced:
        yield Problem(path=("oversight_for",), said="it names no class, and human-oversight asks of those alone")


def is_mapping(told: Mapping[str, Any], field: str) -> bool:
    """Whether a field has fields of its own."""
    return isinstance(told.get(field), Mapping)


def lists(told: Mapping[str, Any], field: str) -> dict[str, tuple[str, ...]]:
    """The words that stand under each key of a field; whatever else the field holds is passed over."""
    held = told[field].items() if is_mapping(told, field) else ()
    return {str(key): words(listed) for key, listed in held}


def words(listed: Any) -> tuple[str, ...]:
    """The words of a list; of anything else none."""
    return tuple(one for one in listed if isinstance(one, str)) if isinstance(listed, list | tuple) else ()
