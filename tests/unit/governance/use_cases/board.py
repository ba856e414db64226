"""A use case and the people who oversee it, in memory; and what the sentences of the cases do and claim."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from governance.domain.ai_act import QUESTIONS
from governance.domain.environment import Environment, Landscape
from governance.domain.errors import Refused
from governance.domain.identifiers import Person
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup
from governance.domain.orders_on_use_cases import AnyOrderOnUseCases
from governance.domain.people import Pseudonyms
from governance.domain.roll_up import GroupSummary, Standing, Verdict
from governance.domain.use_case import Profile
from governance.domain.use_cases import UseCase, UseCaseStage
from governance.ports.identity import Caller
from governance.services.overseeing import Overseeing
from governance.services.spreading import Spreading
from tests.builders import PERSON_KEY, PROD, TEST, after, group_arn
from tests.fakes import InMemoryGroups
from tests.fakes_of_policies import InMemoryPolicies
from tests.fakes_of_use_cases import InMemoryUseCases
from tests.unit.governance.decisions.sentences import CAST, person
from tests.unit.governance.language import Language
from tests.unit.governance.policies.office import AUTHORITY

ID = "credit-scoring"
ANY: TypeAdapter[Any] = TypeAdapter(AnyOrderOnUseCases)
TELLS = {"limited": "talks-to-people", "high": "essential-services", "unacceptable": "scores-socially"}
"""A question whose yes leads to the class."""


def describes(**changed: Any) -> dict[str, Any]:
    """A use case as somebody writes it down."""
    told = {"name": "Credit scoring", "purpose": "Tells how likely a loan is repaid", "intended_users": "Loan officers"}
    more = {"owner": "olive", "line_of_business": "retail", "project": "loans", "jurisdictions": ["DE", "EU"]}
    return {"id": ID, **told, **more, **changed}


def answers(ai_act_class: str, materiality: str = "low", **yes: str) -> dict[str, Any]:
    """An assessment that leads to a class; in `yes`, more that is answered so, with the reason."""
    said = {TELLS[ai_act_class]: "it does"} if ai_act_class in TELLS else {}
    given = {one.id: {"answer": one.id in (said | yes)} for one in QUESTIONS}
    given |= {key: {"answer": True, "why": why} for key, why in yes.items()}
    return {"answers": given, "materiality": materiality, "materiality_why": "as the committee said"}


class Told:
    """How groups stand, as a case tells it."""

    def __init__(self) -> None:
        self.groups: dict[str, dict[Stage, Standing]] = {}

    def of(self, groups: Sequence[str], stage: Stage) -> Sequence[GroupSummary]:
        return [GroupSummary(group=one, stages=self.groups.get(one, {})) for one in groups]


class Board:
    """What a case happens on."""

    def __init__(self, landscape: Landscape | None = None) -> None:
        self.groups = InMemoryGroups()
        self.policies = InMemoryPolicies(self.groups)
        self.use_cases, self.models = InMemoryUseCases(self.groups), Told()
        self.second, self.number = 0, 0
        self.refused, self.answer, self.last = "", {}, {}
        self.over(landscape or Landscape())

    def over(self, landscape: Landscape) -> None:
        self.overseeing = Overseeing(self.use_cases, self.models, self.groups, self.policies, AUTHORITY, landscape)

    def ask(self, who: Person, command: str, **told: Any) -> None:
        """Somebody asks; what is refused is kept for the case to speak of."""
        assert not self.refused, f"nobody expected: {self.refused}"
        self.number += 1
        self.last = {"who": who, "told": {"command": command, "request_id": f"request-{self.number:04d}", **told}}
        self.again()

    def again(self) -> None:
        """The last request, once more."""
        self.second += 60
        order = ANY.validate_python({"function": "f", "why": "as decided", **self.last["told"]})
        at = after(self.second)
        try:
            self.answer = self.overseeing.carry_out(order, Caller(person=self.last["who"], at=at), at)
        except Refused as refused:
            self.refused = str(refused)
        for one in self.use_cases.names():
            Spreading(self.use_cases, self.groups).spread(one)

    def stands(self, use_case: str = ID) -> UseCase:
        found = self.use_cases.open(use_case).use_case
        assert found is not None, f"{use_case} is not on record"
        return found

    @property
    def chain(self) -> list[dict[str, Any]]:
        return [one.content for one in self.use_cases.journal.entries.get(f"USECASE#{ID}", [])]

    @property
    def announced(self) -> list[str]:
        return [event["detail_type"] for entry in self.chain for event in entry["events"]]

    def tag(self, group: str, use_case: str) -> None:
        """The tags of a group say to which use case it belongs."""
        known = self.groups.get(group_arn(group)) or ModelGroup(arn=group_arn(group))
        profile = Profile(use_case_id=use_case)
        self.groups.save(known.model_copy(update={"profile": profile, "revision": known.revision + 1}), known.revision)


def id_of(name: str) -> str:
    return Pseudonyms(PERSON_KEY).id_of(name)


WORDS = {
    "who": f"(?:{'|'.join(CAST)})(?: as an? [a-z]+)?",
    "stage": "|".join(UseCaseStage),
    "model_stage": "|".join(Stage),
    "status": "pending|approved|rejected",
    "class": "minimal|limited|high|unacceptable",
    "tier": "low|medium|high",
    "verdict": "|".join(Verdict),
    "n": r"\d+",
    "name": "[a-z0-9-]+",
    "name2": "[a-z0-9-]+",
    "text": ".+",
}


def understood(name: str, word: str) -> Any:
    """A word of a sentence as what it names."""
    return person(word) if name == "who" else word


LANGUAGE = Language(WORDS, understood)
says, carry_out = LANGUAGE.says, LANGUAGE.carry_out

PRE_PRODUCTION = Landscape(
    environments=(
        Environment(stage=Stage.TEST, account=TEST, pipeline="t"),
        Environment(stage=Stage.PRE_PRODUCTION, account=TEST, pipeline="p", name="pre"),
        Environment(stage=Stage.PRODUCTION, account=PROD, pipeline="q"),
    )
)
