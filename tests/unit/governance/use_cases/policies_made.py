"""Policies of use cases, and matters that come before them, as properties need them."""

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from governance.domain.ai_act import AiActClass, Assessed, Materiality
from governance.domain.authority import Role
from governance.domain.identifiers import Person
from governance.domain.lifecycle import ModelStatus
from governance.domain.use_case_policy import BUILT_IN, Matter
from governance.domain.use_case_policy_document import (
    CHECK_NAMES,
    CLASSES,
    EVERYWHERE,
    INDISPENSABLE,
    WITH_MODELS,
    UseCasePolicyDocument,
)
from governance.domain.use_cases import About, Decided, UseCase, Word
from tests.builders import after
from tests.unit.governance.use_cases.board import describes

STAGES = [stage.value for stage in EVERYWHERE]


def as_written(**changed: Any) -> dict[str, Any]:
    """The built-in policy as somebody writes it down, with some fields in the place of its own."""
    told: dict[str, Any] = deepcopy({**BUILT_IN.document.content(), **changed})
    return told


def with_checks(*without: str, **stages: Any) -> dict[str, Any]:
    """The checks of the built-in policy, without some, and with others in the stages that are said."""
    told = {name: where for name, where in as_written()["enforced"].items() if name not in without}
    return {**told, **{name.replace("_", "-"): where for name, where in stages.items()}}


def some_of(words: Any, least: int = 1) -> Any:
    return st.lists(st.sampled_from(list(words)), min_size=least, unique=True)


@st.composite
def use_case_policies(draw: Any) -> UseCasePolicyDocument:
    """Any policy that does not contradict itself."""
    enforced: dict[str, Any] = dict.fromkeys(INDISPENSABLE, STAGES)
    for name in draw(some_of(sorted(set(CHECK_NAMES) - set(INDISPENSABLE)), 0)):
        enforced[name] = draw(some_of(WITH_MODELS if name == "models-approved" else EVERYWHERE))
    people = st.integers(1, 3) if "enough-people" in enforced else st.just(1)
    told: dict[str, Any] = {
        "roles": {stage: draw(some_of(Role)) for stage in EVERYWHERE},
        "people_by_class": {one: draw(people) for one in CLASSES},
        "people_by_tier": {one: draw(people) for one in Materiality},
        "enforced": enforced,
    }
    if "nobody-alone" in enforced:
        last = max(EVERYWHERE.index(stage) for stage in enforced["nobody-alone"])
        told["nobody_alone_from"] = draw(st.sampled_from(EVERYWHERE[: last + 1]))
    if "human-oversight" in enforced:
        told["oversight_for"] = draw(some_of(CLASSES))
    return UseCasePolicyDocument.model_validate({"name": "use-cases", "title": "Any", **told})


PEOPLE = [Person(id=one) for one in ("ada", "mary", "grace", "joan")]


@st.composite
def matters(draw: Any) -> Matter:
    """Any state of a use case in which somebody wants its stage approved."""
    stage = draw(st.sampled_from(EVERYWHERE))
    told = {"ai_act_class": draw(st.sampled_from(AiActClass)), "materiality": draw(st.sampled_from(Materiality))}
    common = {"questionnaire": "q", "answers": (), "grounds": (), "materiality_why": "so"}
    assessed = Assessed.model_validate({**common, **told}) if draw(st.booleans()) else None
    about = About.model_validate(describes(owner="ada", human_oversight=draw(st.sampled_from(["", "somebody"]))))
    decided = Decided(status=ModelStatus.APPROVED, by=("joan",), at=after(0), policy="", policy_hash="")
    before = dict.fromkeys(EVERYWHERE[: EVERYWHERE.index(stage)], decided) if draw(st.booleans()) else {}
    common = {"about": about, "stage": stage, "stages": before, "assessed": assessed, "created_at": after(0)}
    use_case = UseCase.model_validate(
        {**common, "groups": draw(st.integers(0, 2)), "authors": ("mary",), "changed_at": after(0)}
    )
    others = draw(some_of(PEOPLE[2:], 0))
    words = tuple(Word(by=one, roles=("officer",), at=after(0), content=use_case.content) for one in others)
    return Matter(
        use_case=use_case.model_copy(update={"words": words}),
        by=draw(st.sampled_from(PEOPLE)),
        roles=tuple(draw(some_of(Role, 0))),
        at=after(60),
        under=BUILT_IN.hash,
        lacking=draw(st.sampled_from([(), ("one is pending",)])),
        owner_left=draw(st.booleans()),
    )
