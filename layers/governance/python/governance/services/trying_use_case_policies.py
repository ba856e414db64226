"""Try a draft of the policy of use cases on every use case as it stands, and on all that was judged before.

Reads and nothing else: the list of use cases once, a hundred heads in each call, and of each use case its model groups
and its chain of deeds. What comes of it is as good as the chains; what they do not tell is said to be so.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from governance.domain.approvals import SOMEBODY
from governance.domain.audit import AuditEntry, breaks
from governance.domain.authority import Delegation, Role
from governance.domain.errors import Refused
from governance.domain.use_case_deciding import has_stage_to_approve
from governance.domain.use_case_past import Judged, delegated, judged, others
from governance.domain.use_case_policy import BUILT_IN, Matter, UseCasePolicy, words_under
from governance.domain.use_case_policy_document import UseCasePolicyDocument
from governance.domain.use_case_what_if import (
    NO_REFUSALS,
    TriedUseCase,
    UseCaseCount,
    UseCaseTurn,
    by_check,
    compared,
    tried_now,
    tried_then,
)
from governance.domain.use_cases import UseCase
from governance.domain.values import Value
from governance.domain.what_if import Compared
from governance.ports.policies import Policies
from governance.ports.use_cases import UseCases
from governance.services.models_of_use_cases import ModelsOfUseCases
from governance.services.trying_policies import DAMAGED, Progress, silent

APPROVED, RETIRED = "approved-in-production", "retired"
"""Why nothing of a use case could be approved now, under any policy; of a damaged chain, no decision is told."""

TOGETHER = 100
"""How many use cases are looked at in one call: no answer of the table grows with how many there are."""


class UseCaseScope(Value):
    """What a draft is tried on: all there is, unless less is said."""

    use_cases: frozenset[str] = frozenset()
    decisions: bool = True
    """Whether what was judged before is tried as well as what could be done now."""


EVERYTHING = UseCaseScope()


class UseCaseTrial(Value):
    """What came of trying a draft."""

    policy: str
    policy_hash: str
    use_cases: int
    open: int
    """Those with a stage that could be approved now."""
    left_out: dict[str, int]
    """Use cases of which nothing could be approved now, by why; and of how many no decision can be told."""
    void: int
    """People's words that wait for another person, given under what is in force: another policy makes them void."""
    now: dict[UseCaseTurn, int]
    """Use cases whose stage could be approved, by what becomes of that for anybody: in each way once."""
    decided: dict[UseCaseTurn, int]
    """Approvals and words for them that were judged, by what would have become of them."""
    unjudged: dict[str, int]
    """Deeds of people that no policy of use cases judges, by what was done: they would have been just the same."""
    untold: tuple[str, ...]
    """What the chains do not hold, so that nobody can tell."""
    compared: tuple[Compared, ...]
    """Where it asks less, and where more, than the policy in force."""
    gates: tuple[UseCaseCount, ...]
    found: tuple[TriedUseCase, ...]
    """Everything that it changes, or that nobody can tell."""

    @property
    def changes(self) -> bool:
        """Whether anything would be another, or cannot be told."""
        return bool(self.found)


@dataclass(frozen=True, slots=True)
class TryingUseCasePolicies:
    """Answer what a draft would change."""

    use_cases: UseCases
    models: ModelsOfUseCases
    policies: Policies
    now: Callable[[], datetime]

    def what_if(
        self, draft: UseCasePolicyDocument, scope: UseCaseScope = EVERYTHING, progress: Progress = silent
    ) -> UseCaseTrial:
        """Try a draft on every use case in a scope, each read consistently. Raises `Refused` for one not on record."""
        names = self.use_cases.names()
        if unknown := ", ".join(sorted(scope.use_cases.difference(names))):
            raise Refused("nothing-of-the-use-case", f"no use case {unknown} is on record")
        wanted = [one for one in names if not scope.use_cases or one in scope.use_cases]
        tally = Tally(draft, self.policies.of_use_cases(), self.now())
        for place in range(0, len(wanted), TOGETHER):
            some = wanted[place : place + TOGETHER]
            known = self.use_cases.look(some)
            for number, name in enumerate(some, start=place + 1):
                if one := known.get(name):
                    self.try_on(one, scope, tally)
                else:
                    tally.left_out[DAMAGED] += 1
                progress(number, len(wanted))
        return tally.told(len(wanted), scope)

    def try_on(self, use_case: UseCase, scope: UseCaseScope, tally: "Tally") -> None:
        """Try a draft on one use case: on what was judged, in its order, and on how it stands now."""
        if scope.decisions:
            self.try_then(use_case, self.use_cases.trail(use_case.id), tally)
        if has_stage_to_approve(use_case):
            self.try_now(use_case, tally)
        else:
            tally.left_out[RETIRED if use_case.is_retired else APPROVED] += 1

    def try_now(self, use_case: UseCase, tally: "Tally") -> None:
        """Try a draft on whoever wants the present stage approved."""
        matter = Matter(
            use_case=use_case,
            by=SOMEBODY,
            roles=(),
            at=tally.at,
            under=tally.in_force.hash,
            lacking=self.models.lacking(use_case),
            owner_left=self.has_left(use_case, tally),
        )
        tally.open += 1
        found = list(tried_now(tally.draft, tally.in_force, matter))
        tally.found += found
        tally.now.update({one.turn for one in found} or {UseCaseTurn.SAME})
        if tally.draft.hash != tally.in_force.document.hash:
            tally.void += len(words_under(use_case, tally.in_force.hash))

    def try_then(self, use_case: UseCase, trail: Sequence[AuditEntry], tally: "Tally") -> None:
        """Try a draft on what was judged, as far as the chain holds and can be read."""
        every = readable(use_case.id, trail)
        if every is None:
            tally.left_out[DAMAGED] += 1
            return
        tally.unjudged.update(others(trail))
        for one in every:
            has_left = not one.made("owner-known") and self.has_left(one.use_case, tally)
            may_have = self.delegated_to(one, tally)
            told = tried_then(tally.draft, one, self.policy_then(one, tally), has_left, may_have)
            tally.decided[told.turn] += 1
            tally.found += [told] if told.turn is not UseCaseTurn.SAME else []

    def has_left(self, use_case: UseCase, tally: "Tally") -> bool:
        """Whether whoever owns it has left by now: each owner is asked about once."""
        owner = use_case.about.owner
        if owner not in tally.left:
            tally.left[owner] = self.use_cases.has_left(owner)
        return tally.left[owner]

    def delegated_to(self, given: Judged, tally: "Tally") -> tuple[Role, ...]:
        """The roles that may have been delegated to somebody then, where their own are not enough for the draft.

        The hub's chain is read once, and only if that is so of anybody. Where it does not hold, it may be any role.
        """
        if given.names_every_role or set(tally.draft.roles[given.use_case.stage]) & set(given.roles):
            return ()
        if not tally.has_delegations:
            tally.delegations, tally.has_delegations = delegated(self.policies.hub()), True
        if tally.delegations is None:
            return tuple(Role)
        return tuple(one.role for one in tally.delegations if one.to == given.by.id and one.holds_at(given.at))

    def policy_then(self, given: Judged, tally: "Tally") -> UseCasePolicyDocument | None:
        """The policy that a deed pins, if it can be read still."""
        name, _, number = given.policy.rpartition("@")
        if given.policy not in tally.policies:
            kept = self.policies.version(name, int(number)) if number.isdigit() else None
            tally.policies[given.policy] = kept if isinstance(kept, UseCasePolicy) else None
        found = tally.policies[given.policy]
        return found.document if found and found.hash == given.policy_hash else None


def readable(use_case: str, trail: Sequence[AuditEntry]) -> Sequence[Judged] | None:
    """What was judged by a chain; None where there is none, or it does not hold, or cannot be read."""
    try:
        return list(judged(use_case, trail)) if trail and not breaks(trail) else None
    except (KeyError, ValueError):
        return None


@dataclass
class Tally:
    """What is counted while a draft is tried, and what was read for it."""

    draft: UseCasePolicyDocument
    in_force: UseCasePolicy
    at: datetime
    """The moment that is called now."""
    left: dict[str, bool] = field(default_factory=dict)
    """Who has left, by their ids."""
    delegations: tuple[Delegation, ...] | None = ()
    """Every role that was ever delegated, once that was looked up; None where the hub's chain does not hold."""
    has_delegations: bool = False
    policies: dict[str, UseCasePolicy | None] = field(default_factory=lambda: {BUILT_IN.id: BUILT_IN})
    left_out: Counter[str] = field(default_factory=Counter)
    unjudged: Counter[str] = field(default_factory=Counter)
    now: Counter[UseCaseTurn] = field(default_factory=Counter)
    decided: Counter[UseCaseTurn] = field(default_factory=Counter)
    found: list[TriedUseCase] = field(default_factory=list)
    open: int = 0
    void: int = 0

    def told(self, use_cases: int, scope: UseCaseScope) -> UseCaseTrial:
        """All of it."""
        return UseCaseTrial(
            policy=self.draft.name,
            policy_hash=self.draft.hash,
            use_cases=use_cases,
            open=self.open,
            left_out=dict(sorted(self.left_out.items())),
            void=self.void,
            now={turn: self.now[turn] for turn in UseCaseTurn},
            decided={turn: self.decided[turn] for turn in UseCaseTurn},
            unjudged=dict(sorted(self.unjudged.items())),
            untold=(NO_REFUSALS,) if scope.decisions else (),
            compared=(compared(self.draft, self.in_force),),
            gates=tuple(by_check(self.found)),
            found=tuple(self.found),
        )
