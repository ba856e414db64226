"""The policy of use cases that is in force, and what it answers when somebody wants a stage approved.

It is data, as the policies of models are: a document with a number. One is built in, and in force until officers
publish another. Every deed of somebody's on a use case pins name, number and hash of the one that was in force then.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from governance.domain.ai_act import AiActClass, Materiality
from governance.domain.authority import Role
from governance.domain.identifiers import Person
from governance.domain.lifecycle import ModelStatus
from governance.domain.policy import Check, Mode
from governance.domain.use_case_policy_document import (
    EVERYWHERE,
    WITH_MODELS,
    CheckName,
    UseCasePolicyDocument,
)
from governance.domain.use_cases import ORDER, UseCase, UseCaseStage, Word
from governance.domain.values import Instant, Value, digest

S = UseCaseStage


class UseCasePolicy(Value):
    """A policy of use cases with its number: immutable, and known by the hash of its content."""

    document: UseCasePolicyDocument
    version: int

    @property
    def id(self) -> str:
        """Name and number, as deeds pin it: `use-cases@1`."""
        return f"{self.document.name}@{self.version}"

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical text of the document; of the first, of what deeds pinned before it was one."""
        return digest(first_form(self.document)) if self.version == FIRST else self.document.hash


FIRST = 1
"""The number of the policy that is built in."""


def first_form(document: UseCasePolicyDocument) -> dict[str, Any]:
    """What the built-in policy was when it was no document yet: without title, and with its number."""
    told = document.content()
    return {**{key: told[key] for key in told.keys() - {"schema_version", "title", "description"}}, "version": FIRST}


BUILT_IN = UseCasePolicy(
    version=FIRST,
    document=UseCasePolicyDocument(
        name="use-cases",
        title="Assessed, owned and overseen, its models approved; not by its authors, no high risk by one person",
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
    ),
)
"""What is in force where nobody published another."""

OF_PEOPLE = frozenset({"enough-people", "nobody-alone"})
"""Checks that another person's word may still meet: where only they are refused, the word is kept and waits."""


class Matter(Value):
    """Everything that the policy may look at when somebody wants a stage approved."""

    use_case: UseCase
    by: Person
    roles: tuple[Role, ...]
    at: Instant
    under: str
    """Hash of the policy in force: what was said under another one has to be said again."""
    lacking: tuple[str, ...] = ()
    """Why not every model is approved in the corresponding stage."""
    owner_left: bool = False

    @property
    def words(self) -> tuple[Word, ...]:
        """What others said before, and still counts."""
        return tuple(one for one in self.standing if not one.by.is_same_as(self.by))

    @property
    def standing(self) -> tuple[Word, ...]:
        """The same with what who asks said before."""
        return words_under(self.use_case, self.under)

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who wants the stage approved, with who asks now."""
        return tuple(dict.fromkeys(one.casefold() for one in (*(word.by.id for word in self.words), self.by.id)))


def words_under(use_case: UseCase, policy_hash: str) -> tuple[Word, ...]:
    """The words on a use case that still count and were given under a policy. Before others, there was the built-in."""
    return tuple(one for one in use_case.standing_words() if (one.policy_hash or BUILT_IN.hash) == policy_hash)


def judge(policy: UseCasePolicyDocument, matter: Matter) -> tuple[Check, ...]:
    """What each check that the policy makes in the present stage answers, always in the same order."""
    stage = matter.use_case.stage
    return tuple(check(policy, matter) for name, check in CHECKS.items() if stage in policy.enforced.get(name, ()))


def said(name: str, passed: bool, required: str, found: str, remedy: str) -> Check:
    """A check as deeds keep it."""
    told = {"name": name, "mode": Mode.ENFORCE, "passed": passed, "required": required, "found": found}
    return Check.model_validate({**told, "remedy": "" if passed else remedy})


def entitled(policy: UseCasePolicyDocument, matter: Matter) -> Check:
    """Only who has a role for the stage."""
    roles = policy.roles.get(matter.use_case.stage, ())
    words, mine = " or ".join(roles), " and ".join(matter.roles) or "nobody with a role"
    passed = bool(set(roles) & set(matter.roles))
    remedy = f"have somebody come through a role of {words}"
    return said("entitled", passed, f"approved as {words}", f"{CAME}{mine}", remedy)


CAME = "you came as "
"""How `entitled` begins what it found. Deeds keep what each check found, and nowhere else as what somebody came."""


def came_as(checks: Iterable[Check]) -> tuple[Role, ...]:
    """As what somebody came who was judged, by what `entitled` found: the way back from its words."""
    words = next((one.found.removeprefix(CAME).split(" and ") for one in checks if one.name == "entitled"), [])
    return tuple(role for role in Role if role in words)


def not_by_its_authors(_policy: UseCasePolicyDocument, matter: Matter) -> Check:
    """Four eyes: neither who owns a use case nor who wrote down what it is."""
    passed = matter.by.id.casefold() not in authors_of(matter.use_case)
    found = "by somebody else" if passed else f"{matter.by.id} owns it, or wrote it down"
    return said(
        "not-by-its-authors", passed, "approved by nobody who owns it or wrote it down", found, "ask a colleague"
    )


def authors_of(use_case: UseCase) -> frozenset[str]:
    """Who owns a use case or wrote down what it is."""
    return frozenset(one.casefold() for one in (*use_case.authors, use_case.about.owner))


def is_assessed(_policy: UseCasePolicyDocument, matter: Matter) -> Check:
    """The questions of the AI Act are answered, and how much depends on it is said."""
    known = matter.use_case.assessed
    found = (
        f"{known.ai_act_class} by {known.questionnaire}, {known.materiality} materiality" if known else "not assessed"
    )
    remedy = "answer the questions (steward use-case questions), then steward use-case assess"
    return said("assessed", known is not None, "its EU AI Act class and its materiality", found, remedy)


def acceptable(_policy: UseCasePolicyDocument, matter: Matter) -> Check:
    """What the Act prohibits goes nowhere."""
    known = matter.use_case.assessed
    grounds = ", ".join(known.grounds) if known else ""
    bad = matter.use_case.is_unacceptable
    found = f"unacceptable: {grounds}" if bad else str(known.ai_act_class) if known else "not assessed"
    remedy = "do not do it; if the answers were wrong, assess it anew: two people have to"
    return said("acceptable", not bad, "nothing that Art. 5 prohibits", found, remedy)


def owner_known(_policy: UseCasePolicyDocument, matter: Matter) -> Check:
    """Somebody who is still there answers for it."""
    owner = matter.use_case.about.owner
    found = f"{owner} has left" if matter.owner_left else f"{owner}"
    remedy = "name another owner: steward use-case change"
    return said("owner-known", not matter.owner_left, "an owner who is there", found, remedy)


def human_oversight(policy: UseCasePolicyDocument, matter: Matter) -> Check:
    """A high-risk use case is overseen by people (Art. 14)."""
    use_case = matter.use_case
    needs = use_case.ai_act_class in policy.oversight_for
    has = bool(use_case.about.human_oversight)
    found = "said who oversees it" if has else "nobody"
    required = "who oversees it, for its class (Art. 14)" if needs else "nothing for its class"
    remedy = "say in human_oversight who oversees it and what they may do: steward use-case change"
    return said("human-oversight", has or not needs, required, found, remedy)


def models_approved(_policy: UseCasePolicyDocument, matter: Matter) -> Check:
    """Every model is approved in the corresponding stage, and there is one at least."""
    groups, why = matter.use_case.groups, "; ".join(matter.lacking[:10])
    more = f"; and {len(matter.lacking) - 10} more" if len(matter.lacking) > 10 else ""
    passed = bool(groups) and not matter.lacking
    found = f"{why}{more}" if why else f"all {groups}" if groups else "no model group is attached"
    remedy = "have them approved, or detach what is no part of it" if groups else "attach one: steward use-case attach"
    return said("models-approved", passed, "every model approved in the corresponding stage", found, remedy)


def findings_answered(_policy: UseCasePolicyDocument, matter: Matter) -> Check:
    """What it was sent back for was put right, or somebody said why not."""
    open_ones = ", ".join(one.id for one in matter.use_case.findings)
    found, remedy = f"not answered: {open_ones}" if open_ones else "none is open", "steward use-case answer"
    return said("findings-answered", not open_ones, "every finding answered", found, remedy)


def enough_people(policy: UseCasePolicyDocument, matter: Matter) -> Check:
    """As many different people as its class and tier ask for."""
    needed, people = policy.needed(matter.use_case), matter.people
    required = f"{needed} different people" if needed > 1 else "one person"
    found = " and ".join(people)
    return said("enough-people", len(people) >= needed, required, found, "ask somebody else to approve it too")


def nobody_alone(policy: UseCasePolicyDocument, matter: Matter) -> Check:
    """By now two different people let it pass, in this stage or in one before; who wrote it since is none of them."""
    use_case, first = matter.use_case, policy.nobody_alone_from
    place, authors = ORDER.index(use_case.stage), authors_of(use_case)
    asks = first is not None and place >= ORDER.index(first)
    passed = (one for one in ORDER[:place] if one in use_case.stages)
    approvals = (how for stage in passed if (how := use_case.stages[stage]).status is ModelStatus.APPROVED)
    before = [one.casefold() for how in approvals for one in how.by]
    everybody = tuple(dict.fromkeys((*(one for one in before if one not in authors), *matter.people)))
    required = "two different people, in this stage or those before" if asks else "nothing yet"
    found = " and ".join(everybody)
    return said("nobody-alone", not asks or len(everybody) > 1, required, found, "ask somebody else to approve it")


CHECKS: Mapping[CheckName, Callable[[UseCasePolicyDocument, Matter], Check]] = {
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
