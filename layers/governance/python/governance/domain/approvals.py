"""Approvals that were judged, or could be, put together again from a record: what they rest on, as far as it tells.

A verdict pins who approved, as what, under which policy, and what each gate found. Of everything else that a gate looks
at, the record's facts tell how it was, in the order in which they were learned. What neither tells is not guessed: the
matter is made twice, as kindly as may have been and as harshly, and only what is answered to both alike is known.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from governance.domain.authority import Role, Standing
from governance.domain.conclusions import glass_for
from governance.domain.facts import AnyFact, VerdictGiven
from governance.domain.fold import fold, is_late, step
from governance.domain.gates import Matter
from governance.domain.identifiers import Person
from governance.domain.lifecycle import ORDER, ModelStatus, Stage
from governance.domain.matters import as_it_stands, matter_of, signed_off, whatever_the_policy
from governance.domain.meanings import Meaning
from governance.domain.model_version import ModelVersion
from governance.domain.policy import ENTITLED_CHECK, OF_ITS_USE_CASE, OWN_HAND_CHECK, Check
from governance.domain.policy_document import MetricGate, PolicyDocument
from governance.domain.terms import Terms
from governance.domain.use_case import ModelRisk
from governance.domain.values import Value

SOMEBODY = Person(id="somebody entitled")
"""Who could approve a stage that nobody approved: anybody who may, and had no part in the version."""

EVERY_ROLE = Standing(roles=tuple(Role))


class Pinned(Terms):
    """Terms of which only what a record pins is known: as what somebody acted, and under which policy others signed."""

    acted_as: Standing = Standing()
    signed_under: str = ""
    by_itself: bool = False

    def standing(self, person: Person, at: datetime) -> Standing:  # noqa: ARG002
        """As what the one person acted whom these terms are about."""
        return self.acted_as

    def is_writer(self, person: Person) -> bool:  # noqa: ARG002
        """Whether the verdict said so."""
        return self.by_itself

    @property
    def policy_hash(self) -> str:
        """The policy that words were given under then."""
        return self.signed_under


class AskedThen(Value):
    """A limit that was compared with the version in production, and what was found: only the verdict tells that."""

    gate: MetricGate
    meaning: Meaning
    check: Check

    def is_same(self, gate: MetricGate, meaning: Meaning) -> bool:
        """Whether another policy's gate asks the very same, whatever it is called and whether or not it stops."""
        about = {"metric", "measured_by", "at_least", "at_most", "within", "worse_by_at_most", "max_age_days"}
        return meaning == self.meaning and gate.model_dump(include=about) == self.gate.model_dump(include=about)


class Approval(Value):
    """One approval, and the matter of it as kindly and as harshly as it can have been."""

    stage: Stage
    risk: ModelRisk
    kind: Matter
    harsh: Matter
    glass: str = ""
    """The emergency approval that it carried out."""
    beside: tuple[Check, ...] = ()
    """What stands against it whatever the policy."""
    asked_then: tuple[AskedThen, ...] = ()


def learned(facts: Sequence[AnyFact]) -> Iterator[tuple[ModelVersion, AnyFact | None]]:
    """The state before each fact in the order in which they were learned, and last of all the state that all give."""
    state: ModelVersion | None = None
    for place, fact in enumerate(facts):
        if state is not None:
            yield state, fact
        is_next = state is not None and not is_late(state, fact)
        state = step(state, fact).state if state is not None and is_next else fold(facts[: place + 1])
    if state is not None:
        yield state, None


def as_judged(state: ModelVersion, given: VerdictGiven, policy: PolicyDocument | None) -> Approval | None:
    """The approval that a verdict was about, given the state just before it; None where that state knows of none.

    `policy` is the one that it was judged by, where that is still known.
    """
    decision = state.stage(given.stage).decision
    if decision is None or decision.fingerprint != given.decision or decision.person is None:
        return None
    by_itself = any(check.name == OWN_HAND_CHECK for check in given.checks)
    banned = tuple(check for check in given.checks if check.name in OF_ITS_USE_CASE)
    common = {"signed_under": given.policy_hash, "by_itself": by_itself}

    def matter(terms: Terms) -> Matter:
        return matter_of(state, given.stage, given.approver, decision.at, terms)

    risk = state.profile.model_risk
    kindest, harshest = roles_then(given)
    kind = matter(Pinned(acted_as=kindest, production=None, **common))
    return Approval(
        stage=given.stage,
        risk=risk,
        kind=kind,
        harsh=matter(Pinned(acted_as=harshest, production=(), **common)),
        glass=glass_for(state, decision, kind.case),
        beside=(*whatever_the_policy(state, kind.case, by_itself), *banned),
        asked_then=tuple(asked_of_production(given, policy, risk)) if policy else (),
    )


def roles_then(given: VerdictGiven) -> tuple[Standing, Standing]:
    """As what somebody approved, at most and at least. The first release recorded no roles, and asked for none."""
    told = Standing(roles=tuple(Role(role) for role in given.roles), delegated_by=given.delegated_by)
    is_told = bool(given.roles) or any(check.name == ENTITLED_CHECK for check in given.checks)
    return (told, told) if is_told else (EVERY_ROLE, told)


def asked_of_production(given: VerdictGiven, policy: PolicyDocument, risk: ModelRisk) -> Iterator[AskedThen]:
    """Every limit of the policy then that moved with the version in production, with what the verdict says of it."""
    checks = {check.name: check for check in given.checks}
    for gate in policy.gates_in(given.stage, risk):
        if isinstance(gate, MetricGate) and gate.is_relative and gate.name in checks:
            yield AskedThen(gate=gate, meaning=policy.meaning(gate.metric), check=checks[gate.name])


def standing_now(state: ModelVersion, terms: Terms, now: datetime) -> Iterator[tuple[Approval, ModelStatus]]:
    """Every approval that stands or is waited for, as it would be judged now: first stage first.

    Of one that stands, by whoever gave it and on the words that it rests on. Of one that is waited for, by somebody who
    may, had no part in the version, and signs with it; with the words that wait.
    """
    for stage in ORDER:
        known = state.stages.get(stage)
        if known is None:
            continue
        given = known.verdict
        if known.status is ModelStatus.APPROVED and given is not None:
            kindest, harshest = roles_then(given)
            kind, harsh = (
                as_it_stands(state, stage, given.model_copy(update={"roles": one.roles}), now, terms)
                for one in (kindest, harshest)
            )
        elif known.status is ModelStatus.PENDING:
            pinned = pinned_to(terms)
            kind = harsh = matter_of(state, stage, SOMEBODY, now, pinned)
        else:
            continue
        beside = whatever_the_policy(state, kind.case, by_itself=False)
        risk = state.profile.model_risk
        yield Approval(stage=stage, risk=risk, kind=kind, harsh=harsh, beside=beside), known.status


def pinned_to(terms: Terms) -> Pinned:
    """The same terms, for somebody who may act in every role."""
    told = {name: getattr(terms, name) for name in Terms.model_fields}
    return Pinned(**told, acted_as=EVERY_ROLE, signed_under=terms.policy_hash)


def words_that_wait(state: ModelVersion, stages: Iterable[Stage], terms: Terms) -> int:
    """How many people's words wait for an approval to count for: another policy makes them void."""
    return sum(len({one.person.id for one in signed_off(state, stage, terms)}) for stage in stages)
