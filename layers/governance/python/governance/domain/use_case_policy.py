"""The policy of use cases: who may advance one from which stage, how many people it takes, and what has to be so.

It is data, as the policies of models are; the built-in one is in force everywhere. Every deed that moves a use case
pins its name, number and hash.
"""

from collections.abc import Callable, Mapping

from pydantic import Field

from governance.domain.ai_act import AiActClass, Materiality
from governance.domain.authority import Role
from governance.domain.identifiers import Person
from governance.domain.policy import Check, Mode
from governance.domain.use_cases import ORDER, UseCase, UseCaseStage, Word
from governance.domain.values import Instant, Value, digest

S = UseCaseStage


class UseCasePolicy(Value):
    """What has to be so for a use case to advance."""

    name: str
    version: int
    roles: Mapping[UseCaseStage, tuple[Role, ...]]
    """As what somebody may approve each stage."""
    people_by_class: Mapping[AiActClass, int]
    """How many different people have to approve each stage of a use case of a class."""
    people_by_tier: Mapping[Materiality, int]
    """The same by how much depends on it. The greater number counts."""
    nobody_alone_from: UseCaseStage
    """From which stage on two different people at least must have approved this stage or one before."""
    oversight_for: tuple[AiActClass, ...]
    """Which classes need somebody who oversees them."""
    enforced: Mapping[str, tuple[UseCaseStage, ...]] = Field(default_factory=dict)
    """In which stages each check stops an approval; in the others it is not made."""

    @property
    def id(self) -> str:
        """Name and number."""
        return f"{self.name}@{self.version}"

    @property
    def hash(self) -> str:
        """SHA-256 of its canonical text."""
        return digest(self.model_dump(mode="json"))

    def needed(self, use_case: UseCase) -> int:
        """How many different people have to approve a stage. Of one that nobody assessed, as of the highest."""
        by_class = self.people_by_class.get(use_case.ai_act_class or AiActClass.HIGH, 1)
        return max(by_class, self.people_by_tier.get(use_case.materiality or Materiality.HIGH, 1))


EVERYWHERE: tuple[UseCaseStage, ...] = ORDER[:-1]
"""Every stage that can be approved."""

WITH_MODELS: tuple[UseCaseStage, ...] = EVERYWHERE[1:]
"""Those in which there are models."""

BUILT_IN = UseCasePolicy(
    name="use-cases",
    version=1,
    roles={
        S.PROOF_OF_CONCEPT: (Role.OWNER, Role.VALIDATOR, Role.OFFICER),
        S.DEVELOPMENT: (Role.OWNER, Role.VALIDATOR, Role.OFFICER),
        S.QUALITY_ASSURANCE: (Role.VALIDATOR, Role.OFFICER),
        S.PRE_PRODUCTION: (Role.VALIDATOR, Role.OFFICER),
        S.PRODUCTION: (Role.OFFICER,),
    },
    people_by_class={AiActClass.MINIMAL: 1, AiActClass.LIMITED: 1, AiActClass.HIGH: 2},
    people_by_tier={Materiality.LOW: 1, Materiality.MEDIUM: 1, Materiality.HIGH: 2},
    nobody_alone_from=S.PRE_PRODUCTION,
    oversight_for=(AiActClass.HIGH,),
    enforced={
        "entitled": EVERYWHERE,
        "not-by-its-authors": EVERYWHERE,
        "assessed": EVERYWHERE,
        "acceptable": EVERYWHERE,
        "owner-known": EVERYWHERE,
        "human-oversight": WITH_MODELS,
        "models-approved": WITH_MODELS,
        "findings-answered": EVERYWHERE,
        "enough-people": EVERYWHERE,
        "nobody-alone": EVERYWHERE,
    },
)
"""What is in force."""

OF_PEOPLE = frozenset({"enough-people", "nobody-alone"})
"""Checks that another person's word may still meet: where only they are refused, the word is kept and waits."""


class Matter(Value):
    """Everything that the policy may look at when somebody wants a stage approved."""

    use_case: UseCase
    by: Person
    roles: tuple[Role, ...]
    at: Instant
    lacking: tuple[str, ...] = ()
    """Why not every model is approved in the corresponding stage."""
    owner_left: bool = False

    @property
    def words(self) -> tuple[Word, ...]:
        """What others said before, and still counts."""
        return tuple(one for one in self.use_case.standing_words() if not one.by.is_same_as(self.by))

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who wants the stage approved, with who asks now."""
        return tuple(dict.fromkeys(one.casefold() for one in (*(word.by.id for word in self.words), self.by.id)))


def judge(policy: UseCasePolicy, matter: Matter) -> tuple[Check, ...]:
    """What each check of the policy answers in the present stage, in its order."""
    stage = matter.use_case.stage
    return tuple(CHECKS[name](policy, matter) for name, stages in policy.enforced.items() if stage in stages)


def said(name: str, passed: bool, required: str, found: str, remedy: str) -> Check:
    """A check as deeds keep it."""
    told = {"name": name, "mode": Mode.ENFORCE, "passed": passed, "required": required, "found": found}
    return Check.model_validate({**told, "remedy": "" if passed else remedy})


def entitled(policy: UseCasePolicy, matter: Matter) -> Check:
    """Only who has a role for the stage."""
    roles = policy.roles.get(matter.use_case.stage, ())
    words, mine = " or ".join(roles), " and ".join(matter.roles) or "nobody with a role"
    passed = bool(set(roles) & set(matter.roles))
    remedy = f"have somebody come through a role of {words}"
    return said("entitled", passed, f"approved as {words}", f"you came as {mine}", remedy)


def not_by_its_authors(_policy: UseCasePolicy, matter: Matter) -> Check:
    """Four eyes: neither who owns a use case nor who wrote down what it is."""
    authors = {one.casefold() for one in (*matter.use_case.authors, matter.use_case.about.owner)}
    passed = matter.by.id.casefold() not in authors
    found = "by somebody else" if passed else f"{matter.by.id} owns it, or wrote it down"
    return said(
        "not-by-its-authors", passed, "approved by nobody who owns it or wrote it down", found, "ask a colleague"
    )


def is_assessed(_policy: UseCasePolicy, matter: Matter) -> Check:
    """The questions of the AI Act are answered, and how much depends on it is said."""
    known = matter.use_case.assessed
    found = (
        f"{known.ai_act_class} by {known.questionnaire}, {known.materiality} materiality" if known else "not assessed"
    )
    remedy = "answer the questions (steward use-case questions), then steward use-case assess"
    return said("assessed", known is not None, "its EU AI Act class and its materiality", found, remedy)


def acceptable(_policy: UseCasePolicy, matter: Matter) -> Check:
    """What the Act prohibits goes nowhere."""
    known = matter.use_case.assessed
    grounds = ", ".join(known.grounds) if known else ""
    bad = matter.use_case.is_unacceptable
    found = f"unacceptable: {grounds}" if bad else str(known.ai_act_class) if known else "not assessed"
    remedy = "do not do it; if the answers were wrong, assess it anew: two people have to"
    return said("acceptable", not bad, "nothing that Art. 5 prohibits", found, remedy)


def owner_known(_policy: UseCasePolicy, matter: Matter) -> Check:
    """Somebody who is still there answers for it."""
    owner = matter.use_case.about.owner
    found = f"{owner} has left" if matter.owner_left else f"{owner}"
    remedy = "name another owner: steward use-case change"
    return said("owner-known", not matter.owner_left, "an owner who is there", found, remedy)


def human_oversight(policy: UseCasePolicy, matter: Matter) -> Check:
    """A high-risk use case is overseen by people (Art. 14)."""
    use_case = matter.use_case
    needs = use_case.ai_act_class in policy.oversight_for
    has = bool(use_case.about.human_oversight)
    found = "said who oversees it" if has else "nobody"
    required = "who oversees it, for its class (Art. 14)" if needs else "nothing for its class"
    remedy = "say in human_oversight who oversees it and what they may do: steward use-case change"
    return said("human-oversight", has or not needs, required, found, remedy)


def models_approved(_policy: UseCasePolicy, matter: Matter) -> Check:
    """Every model is approved in the corresponding stage, and there is one at least."""
    groups, why = matter.use_case.groups, "; ".join(matter.lacking[:10])
    more = f"; and {len(matter.lacking) - 10} more" if len(matter.lacking) > 10 else ""
    passed = bool(groups) and not matter.lacking
    found = f"{why}{more}" if why else f"all {groups}" if groups else "no model group is attached"
    remedy = "have them approved, or detach what is no part of it" if groups else "attach one: steward use-case attach"
    return said("models-approved", passed, "every model approved in the corresponding stage", found, remedy)


def findings_answered(_policy: UseCasePolicy, matter: Matter) -> Check:
    """What it was sent back for was put right, or somebody said why not."""
    open_ones = ", ".join(one.id for one in matter.use_case.findings)
    found, remedy = f"not answered: {open_ones}" if open_ones else "none is open", "steward use-case answer"
    return said("findings-answered", not open_ones, "every finding answered", found, remedy)


def enough_people(policy: UseCasePolicy, matter: Matter) -> Check:
    """As many different people as its class and tier ask for."""
    needed, people = policy.needed(matter.use_case), matter.people
    required = f"{needed} different people" if needed > 1 else "one person"
    found = " and ".join(people)
    return said("enough-people", len(people) >= needed, required, found, "ask somebody else to approve it too")


def nobody_alone(policy: UseCasePolicy, matter: Matter) -> Check:
    """By now two different people let it pass, in this stage or in one before."""
    stage, use_case = matter.use_case.stage, matter.use_case
    asks = ORDER.index(stage) >= ORDER.index(policy.nobody_alone_from)
    before = [one.casefold() for decided in use_case.stages.values() for one in decided.by]
    everybody = tuple(dict.fromkeys((*before, *matter.people)))
    required = "two different people, in this stage or those before" if asks else "nothing yet"
    found = " and ".join(everybody)
    return said("nobody-alone", not asks or len(everybody) > 1, required, found, "ask somebody else to approve it")


CHECKS: Mapping[str, Callable[[UseCasePolicy, Matter], Check]] = {
    "entitled": entitled,
    "not-by-its-authors": not_by_its_authors,
    "assessed": is_assessed,
    "acceptable": acceptable,
    "owner-known": owner_known,
    "human-oversight": human_oversight,
    "models-approved": models_approved,
    "findings-answered": findings_answered,
    "enough-people": enough_people,
    "nobody-alone": nobody_alone,
}
"""Every check that the policy can name."""
