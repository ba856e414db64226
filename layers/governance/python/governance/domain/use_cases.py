"""A use case: the AI system that makes the decision, above the models it is made of; its stages, and what is on it.

It is no fold of facts. Its history is its chain of deeds (`USECASE#<id>`), of which each tells under which policy it
was judged; what is kept beside the chain is where it stands.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from governance.domain.ai_act import AiActClass, Assessed, Assessment, Materiality
from governance.domain.findings import Severity
from governance.domain.identifiers import Person
from governance.domain.jurisdictions import Jurisdiction
from governance.domain.lifecycle import ModelStatus as Status
from governance.domain.lifecycle import Stage
from governance.domain.order import Name, Reason
from governance.domain.problems import Dialect, Problem
from governance.domain.values import Instant, Value, digest

UseCaseId = Annotated[str, StringConstraints(max_length=63, pattern=r"^[a-z0-9](-?[a-z0-9]){1,62}$")]
"""How a use case is called everywhere, as the tag `steward:use-case-id` has it."""

REMEMBERED = 32
"""How many requests a use case remembers, so that one that comes again is known."""

MOST_FINDINGS = 50
"""How many findings may be open at once."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=256)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class UseCaseStage(StrEnum):
    """Where in its life a use case is."""

    PROOF_OF_CONCEPT = "proof-of-concept"
    DEVELOPMENT = "development"
    QUALITY_ASSURANCE = "quality-assurance"
    PRE_PRODUCTION = "pre-production"
    PRODUCTION = "production"
    RETIRED = "retired"


ORDER: tuple[UseCaseStage, ...] = tuple(UseCaseStage)
"""The stages from first to last."""

NEXT: Mapping[UseCaseStage, UseCaseStage] = {
    UseCaseStage.PROOF_OF_CONCEPT: UseCaseStage.DEVELOPMENT,
    UseCaseStage.DEVELOPMENT: UseCaseStage.QUALITY_ASSURANCE,
    UseCaseStage.QUALITY_ASSURANCE: UseCaseStage.PRE_PRODUCTION,
    UseCaseStage.PRE_PRODUCTION: UseCaseStage.PRODUCTION,
}
"""Where an approval of a stage leads; production is approved and stays."""

BACK: Mapping[UseCaseStage, UseCaseStage] = {after: before for before, after in NEXT.items()}
"""Where a rejection in a stage leads; a proof of concept stays one."""

MOVES: Mapping[tuple[UseCaseStage, Status], frozenset[tuple[UseCaseStage, Status]]] = {
    **{
        (stage, Status.PENDING): frozenset(
            {
                (NEXT[stage], Status.PENDING),
                (BACK[stage], Status.PENDING) if stage in BACK else (stage, Status.REJECTED),
                (UseCaseStage.RETIRED, Status.PENDING),
            }
        )
        for stage in NEXT
    },
    (UseCaseStage.PROOF_OF_CONCEPT, Status.REJECTED): frozenset(
        {(UseCaseStage.DEVELOPMENT, Status.PENDING), (UseCaseStage.RETIRED, Status.PENDING)}
    ),
    (UseCaseStage.PRODUCTION, Status.PENDING): frozenset(
        {
            (UseCaseStage.PRODUCTION, Status.APPROVED),
            (UseCaseStage.PRE_PRODUCTION, Status.PENDING),
            (UseCaseStage.RETIRED, Status.PENDING),
        }
    ),
    (UseCaseStage.PRODUCTION, Status.APPROVED): frozenset(
        {
            (UseCaseStage.PRODUCTION, Status.PENDING),
            (UseCaseStage.PRE_PRODUCTION, Status.PENDING),
            (UseCaseStage.RETIRED, Status.PENDING),
        }
    ),
    (UseCaseStage.RETIRED, Status.PENDING): frozenset({(UseCaseStage.RETIRED, Status.APPROVED)}),
    (UseCaseStage.RETIRED, Status.APPROVED): frozenset(),
}
"""The allowed moves of a use case. Where it comes from and how each stage was decided on is kept beside it."""

CORRESPONDING: Mapping[UseCaseStage, Stage] = {
    UseCaseStage.DEVELOPMENT: Stage.DEVELOPMENT,
    UseCaseStage.QUALITY_ASSURANCE: Stage.TEST,
    UseCaseStage.PRE_PRODUCTION: Stage.PRE_PRODUCTION,
    UseCaseStage.PRODUCTION: Stage.PRODUCTION,
}
"""In which stage every model has to be approved before the use case is in its own; in a proof of concept in none."""


class About(Value):
    """What people write down of a use case."""

    id: UseCaseId
    name: Line
    purpose: Text
    intended_users: Text
    owner: Annotated[Name, Field(min_length=1)]
    """Who answers for it. On record by their id."""
    line_of_business: Line
    project: Line
    jurisdictions: Annotated[tuple[Jurisdiction, ...], Field(min_length=1, max_length=300)]
    human_oversight: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
    """Which role oversees it, and what that may do (AI Act, Art. 14); a high-risk use case must have one."""


class Decided(Value):
    """How a stage was decided on the last time, by whom, and under which policy."""

    status: Status
    by: tuple[str, ...]
    at: Instant
    policy: str
    policy_hash: str


class Word(Value):
    """Somebody's word that the present stage is to be approved, for just what the use case is."""

    by: Person
    roles: tuple[str, ...]
    at: Instant
    content: str
    """Hash of what it was given for."""
    policy_hash: str = ""
    """Hash of the policy that it was given under; empty where there was none but the one that is built in."""


class UseCaseFinding(Value):
    """Something that has to be put right before a use case advances."""

    id: str
    severity: Severity
    text: str
    owner: str = ""
    """Id of the person who is to answer it; empty means whoever owns the use case."""
    due: Instant | None = None
    stage: UseCaseStage
    raised_by: str
    raised_at: Instant


class Proposed(Value):
    """A lower class or tier that waits for a second person."""

    assessed: Assessed
    over: str
    """Hash of the assessment that it is to take the place of. Over another, it is another."""
    by: Person
    at: Instant


class AskedRetirement(Value):
    """That somebody wants it retired, while a second person has to."""

    by: Person
    at: Instant
    successor: str = ""


class UseCaseRetirement(Value):
    """By whom it was retired, when and why, and since when nothing of it is left."""

    by: tuple[Person, ...]
    at: Instant
    why: str
    closed_at: Instant | None = None

    @property
    def people(self) -> tuple[str, ...]:
        """Their ids."""
        return tuple(one.id for one in self.by)


class UseCase(Value):
    """Where a use case stands."""

    about: About
    stage: UseCaseStage = UseCaseStage.PROOF_OF_CONCEPT
    status: Status = Status.PENDING
    stages: Mapping[UseCaseStage, Decided] = Field(default_factory=dict)
    words: tuple[Word, ...] = ()
    """Who wants the present stage approved, while more people are needed."""
    assessed: Assessed | None = None
    proposed: Proposed | None = None
    findings: tuple[UseCaseFinding, ...] = ()
    """Those that nobody has answered. How the others were, the chain tells."""
    successor: str = ""
    retiring: AskedRetirement | None = None
    retirement: UseCaseRetirement | None = None
    authors: tuple[str, ...] = ()
    """Ids of who wrote down what it is."""
    groups: int = 0
    """How many model groups are attached."""
    requests: tuple[str, ...] = ()
    """Ids of the last requests that changed something."""
    created_at: Instant
    changed_at: Instant

    @property
    def id(self) -> str:
        """How it is called."""
        return self.about.id

    @property
    def ai_act_class(self) -> AiActClass | None:
        """Its class; None until it was assessed."""
        return self.assessed.ai_act_class if self.assessed else None

    @property
    def materiality(self) -> Materiality | None:
        """Its tier; None until it was assessed."""
        return self.assessed.materiality if self.assessed else None

    @property
    def is_unacceptable(self) -> bool:
        """Whether the Act prohibits it."""
        return self.ai_act_class is AiActClass.UNACCEPTABLE

    @property
    def is_retired(self) -> bool:
        """Whether it is over, or coming to its end."""
        return self.stage is UseCaseStage.RETIRED

    @property
    def is_closed(self) -> bool:
        """Whether it is retired and nothing of it is left."""
        return self.retirement is not None and self.retirement.closed_at is not None

    @property
    def takes_groups(self) -> bool:
        """Whether model groups may be attached: once its proof of concept was approved, and while it goes on."""
        approved = self.stages.get(UseCaseStage.PROOF_OF_CONCEPT)
        return approved is not None and approved.status is Status.APPROVED and not self.is_retired

    @property
    def content(self) -> str:
        """Hash of what people's word is given for: what it is, and how it was assessed."""
        told = {"about": self.about.model_dump(mode="json")}
        told["assessed"] = self.assessed.model_dump(mode="json") if self.assessed else {}
        return digest(told)

    def standing_words(self) -> tuple[Word, ...]:
        """The words that still count: nothing was changed since."""
        return tuple(one for one in self.words if one.content == self.content)

    def has_done(self, request: str) -> bool:
        """Whether a request changed it already."""
        return request in self.requests

    def after(self, request: str, at: Instant, **changes: Any) -> "UseCase":
        """As a request leaves it."""
        remembered = (*self.requests, request)[-REMEMBERED:]
        return self.model_copy(update={**changes, "requests": remembered, "changed_at": at})


class Membership(Value):
    """What a model group knows of the use case that owns it, as it was at an entry of that one's chain."""

    id: UseCaseId
    name: str
    stage: UseCaseStage
    ai_act_class: AiActClass | None = None
    sequence: int = 0

    @property
    def is_unacceptable(self) -> bool:
        """Whether nothing of the group may be approved."""
        return self.ai_act_class is AiActClass.UNACCEPTABLE

    @property
    def is_retired(self) -> bool:
        """Whether it is over, or coming to its end: nothing of the group may be approved either."""
        return self.stage is UseCaseStage.RETIRED


def membership(use_case: UseCase, sequence: int) -> Membership:
    """What a group of a use case is to know of it."""
    return Membership(
        id=use_case.id,
        name=use_case.about.name,
        stage=use_case.stage,
        ai_act_class=use_case.ai_act_class,
        sequence=sequence,
    )


class AskedUseCaseFinding(Value):
    """Something that is to be put right, as whoever sends a use case back says it."""

    severity: Severity
    text: Reason
    owner: Name = ""
    due: Instant | None = None


FORMS = {"id": "lower case letters, digits and single dashes between them, 2 to 63 characters"}

USE_CASES = Dialect(shape=About, forms=FORMS)
"""How the problems of use cases are told."""

ASSESSMENTS = Dialect(shape=Assessment)
"""How the problems of assessments are told."""


def problems_of(refused: ValidationError, dialect: Dialect) -> tuple[Problem, ...]:
    """What pydantic found wrong, as problems."""
    return dialect.problems_of(refused)
