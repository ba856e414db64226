"""Which class of the EU AI Act a use case is in: the questions, where each comes from, and what the answers lead to.

The text asked about is Regulation (EU) 2024/1689. The questions are for people to answer and to give reasons for;
Steward draws the conclusion that the Act draws from them and keeps question, source, answer and reason together, so
that the record shows later how the class came about. It is no legal advice, and `docs/use-cases.md` says so.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from pydantic import Field, StrictBool, model_validator

from governance.domain.meanings import alike
from governance.domain.order import Reason
from governance.domain.problems import Contradiction, Problem
from governance.domain.values import Value


class AiActClass(StrEnum):
    """How much the Act asks of a use case, from least to most."""

    MINIMAL = "minimal"
    LIMITED = "limited"
    HIGH = "high"
    UNACCEPTABLE = "unacceptable"

    @property
    def rank(self) -> int:
        """How high it is."""
        return list(AiActClass).index(self)


class Materiality(StrEnum):
    """How much depends on a use case for the organisation itself."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """How high it is."""
        return -list(Materiality).index(self)


class Question(Value):
    """One question of the questionnaire. `leads_to` is the class that a yes puts the use case in, at least."""

    id: str
    text: str
    source: str
    leads_to: AiActClass | None = None


def asked(leads_to: AiActClass | None, *questions: tuple[str, str, str]) -> tuple[Question, ...]:
    """Questions that lead to one class."""
    return tuple(Question(id=key, source=source, text=text, leads_to=leads_to) for key, source, text in questions)


PROHIBITED = asked(
    AiActClass.UNACCEPTABLE,
    ("manipulates", "Art. 5(1)(a)",
     "Does it use subliminal, manipulative or deceptive techniques that distort behaviour, with significant harm?"),
    ("exploits-vulnerability", "Art. 5(1)(b)",
     "Does it exploit age, disability or a social or economic situation to distort behaviour harmfully?"),
    ("scores-socially", "Art. 5(1)(c)",
     "Does it score people by social behaviour or personality, with treatment that is unrelated or disproportionate?"),
    ("predicts-crime", "Art. 5(1)(d)",
     "Does it assess the risk that a person commits a crime solely by profiling or personality traits?"),
    ("scrapes-faces", "Art. 5(1)(e)",
     "Does it build or extend databases for face recognition by untargeted scraping?"),
    ("infers-emotions", "Art. 5(1)(f)",
     "Does it infer emotions at work or in education, other than for medical or safety reasons?"),
    ("categorises-biometrically", "Art. 5(1)(g)",
     "Does it categorise people by biometrics to infer race, opinions, beliefs, sex life or orientation?"),
    ("identifies-in-public", "Art. 5(1)(h)",
     "Does it identify people remotely, in real time, in public spaces, for law enforcement, beyond what is allowed?"),
)  # fmt: skip

SAFETY = asked(
    AiActClass.HIGH,
    ("safety-component", "Art. 6(1), Annex I",
     "Is it a product, or a safety component of one, that needs a third party's conformity assessment under Annex I?"),
)  # fmt: skip

LISTED = asked(
    AiActClass.HIGH,
    ("biometrics", "Annex III, 1", "Is it for remote biometric identification, categorisation or emotion recognition?"),
    ("critical-infrastructure", "Annex III, 2",
     "Is it a safety component of digital infrastructure, road traffic, or the supply of water, gas, heat or power?"),
    ("education", "Annex III, 3",
     "Does it decide on access to education, evaluate learning, or watch over behaviour in tests?"),
    ("employment", "Annex III, 4",
     "Does it recruit or select people, or decide on their work, promotion, dismissal or tasks, or evaluate them?"),
    ("essential-services", "Annex III, 5",
     "Does it evaluate creditworthiness (other than to detect fraud), price life or health insurance, decide on public "
     "benefits, or triage emergencies?"),
    ("law-enforcement", "Annex III, 6", "Is it used by or for law enforcement, in a way that is listed there?"),
    ("migration", "Annex III, 7", "Is it used for migration, asylum or border control, in a way that is listed there?"),
    ("justice-and-democracy", "Annex III, 8",
     "Does it help judges to decide, or is it meant to influence elections or how people vote?"),
)  # fmt: skip

EXEMPTION = asked(
    None,
    ("only-prepares", "Art. 6(3)",
     "If it is listed in Annex III: does it only do a narrow procedural task, improve what people have done, detect "
     "deviations from earlier decisions, or prepare an assessment, without significant risk?"),
    ("profiles-people", "Art. 6(3), last subparagraph", "Does it profile natural persons?"),
)  # fmt: skip

TRANSPARENCY = asked(
    AiActClass.LIMITED,
    ("talks-to-people", "Art. 50(1)", "Does it interact with people directly?"),
    ("makes-content", "Art. 50(2)", "Does it make synthetic audio, images, video or text?"),
    ("recognises-emotions", "Art. 50(3)", "Does it recognise emotions, or categorise people by biometrics?"),
    ("deep-fakes", "Art. 50(4)", "Does it make deep fakes, or text to inform the public on matters of its interest?"),
)  # fmt: skip

QUESTIONS: tuple[Question, ...] = (*PROHIBITED, *SAFETY, *LISTED, *EXEMPTION, *TRANSPARENCY)
"""The questionnaire, in the order in which it is answered."""

QUESTIONNAIRE = "eu-ai-act@1"
"""Name and number of the questionnaire: another text of a question is another number."""

BY_ID: Mapping[str, Question] = {one.id: one for one in QUESTIONS}


class Given(Value):
    """An answer, and the reason for it. A bare yes or no is one without a reason."""

    answer: StrictBool
    why: Reason | None = None

    @model_validator(mode="before")
    @classmethod
    def bare(cls, told: Any) -> Any:
        """A bare yes or no as an answer."""
        if told is None:
            raise ValueError("it is not answered: yes or no")
        return {"answer": told} if isinstance(told, bool) else told


class Answered(Value):
    """A question as it was put, with its answer: what the record keeps."""

    id: str
    question: str
    source: str
    answer: bool
    why: str = ""


class Assessment(Value):
    """What people write down of a use case: every answer, and how much depends on it."""

    answers: Mapping[str, Given]
    materiality: Materiality
    materiality_why: Reason

    @model_validator(mode="after")
    def whole(self) -> "Assessment":
        """Every question is answered, none is made up, and an exemption has its reason."""
        if problems := tuple(contradictions(self.answers)):
            raise Contradiction(problems)
        return self

    @property
    def ai_act_class(self) -> AiActClass:
        """The class that the answers lead to."""
        return max((leads for _, leads in self.grounds()), key=lambda one: one.rank, default=AiActClass.MINIMAL)

    def grounds(self) -> Iterator[tuple[Question, AiActClass]]:
        """Every question whose answer puts the use case in a class, with that class."""
        exempt = self.says("only-prepares") and not self.says("profiles-people")
        for question in QUESTIONS:
            if question.leads_to and self.says(question.id) and not (exempt and question in LISTED):
                yield question, question.leads_to

    def says(self, question: str) -> bool:
        """Whether a question was answered with yes."""
        return self.answers[question].answer

    def answered(self) -> tuple[Answered, ...]:
        """Questions and answers as the record keeps them."""
        return tuple(
            Answered(id=one.id, question=one.text, source=one.source, answer=given.answer, why=given.why or "")
            for one in QUESTIONS
            if (given := self.answers[one.id])
        )


class Assessed(Value):
    """An assessment as it is on record."""

    questionnaire: str = QUESTIONNAIRE
    answers: tuple[Answered, ...]
    ai_act_class: AiActClass
    grounds: tuple[str, ...] = Field(default=())
    """The articles that it rests on."""
    materiality: Materiality
    materiality_why: str

    def is_lower_than(self, other: "Assessed") -> bool:
        """Whether it asks less of anybody: a lower class, or a lower tier."""
        lower_class = self.ai_act_class.rank < other.ai_act_class.rank
        return lower_class or self.materiality.rank < other.materiality.rank

    def raised_by(self, other: "Assessed") -> "Assessed":
        """This one with what is higher in another: its class with all that it rests on, its tier with the reason."""
        higher = other if other.ai_act_class.rank > self.ai_act_class.rank else self
        tier = other if other.materiality.rank > self.materiality.rank else self
        return higher.model_copy(update={"materiality": tier.materiality, "materiality_why": tier.materiality_why})


def assessed(assessment: Assessment) -> Assessed:
    """An assessment as the record keeps it."""
    return Assessed(
        answers=assessment.answered(),
        ai_act_class=assessment.ai_act_class,
        grounds=tuple(question.source for question, _ in assessment.grounds()),
        materiality=assessment.materiality,
        materiality_why=assessment.materiality_why,
    )


def contradictions(answers: Mapping[str, Given]) -> Iterator[Problem]:
    """Everything about answers that cannot stand."""
    for key in answers:
        if key not in BY_ID:
            yield Problem(path=("answers", key), said=f"there is no such question{alike(key, BY_ID)}")
    for question in QUESTIONS:
        if question.id not in answers:
            yield Problem(path=("answers", question.id), said=f"it is not answered ({question.source})")
    exempt = answers.get("only-prepares")
    if exempt and exempt.answer and not exempt.why:
        said = "an exemption needs its reason: say why (Art. 6(4) asks for it to be documented)"
        yield Problem(path=("answers", "only-prepares"), said=said)
