"""Try a draft of a policy on the fleet as it stands, and on the decisions that were made, before it is in force.

Reads and nothing else: the index of versions once, each group and each policy that was in force once, and every
version's record whole, one after the other. What comes of it is as good as the record; what the record does not tell
any more is said to be so.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, field
from datetime import datetime

from governance.domain.approvals import learned, standing_now, words_that_wait
from governance.domain.comparing import Record, content_of
from governance.domain.environment import SIMPLE, Landscape
from governance.domain.errors import Refused
from governance.domain.facts import AnyFact, VerdictGiven
from governance.domain.identifiers import ModelPackageArn, group_arn_of, group_name_of
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.model_group import ModelGroup
from governance.domain.model_version import ModelVersion
from governance.domain.people import Names
from governance.domain.policy import Check
from governance.domain.policy_document import PolicyDocument
from governance.domain.published import DEFAULT, PublishedPolicy
from governance.domain.values import Value
from governance.domain.what_if import (
    DECIDED,
    NOW,
    Compared,
    Count,
    Tried,
    Turn,
    by_gate,
    compared,
    tried_now,
    tried_then,
)
from governance.ports.ledger import Groups
from governance.ports.policies import Policies
from governance.ports.rows import Catalogue, Rows
from governance.services.comparing_versions import terms
from governance.services.inventory import every_version
from governance.services.reading import record_in

Progress = Callable[[int, int], None]
"""Told how many versions were looked at, and of how many."""

DORMANT, GONE, DAMAGED = "dormant", "not-in-the-registry", "damaged"
"""Why a version is not judged as of now; of a damaged record, nothing is told at all."""


class Scope(Value):
    """What a draft is tried on: all there is, unless less is said."""

    groups: frozenset[str] = frozenset()
    """Names of model groups."""
    under: str = ""
    """Only groups that stand under the policy of this name."""
    decisions: bool = True
    """Whether past decisions are tried as well as what stands."""


EVERYTHING = Scope()


def silent(_done: int, _of: int) -> None:
    """Tell nobody how far it is."""


class Trial(Value):
    """What came of trying a draft."""

    policy: str
    policy_hash: str
    versions: int
    groups: int
    reached: int
    """Groups under a policy of the draft's name: what they are judged by as soon as it is in force."""
    left_out: dict[str, int]
    """Versions that are not judged as of now, by why."""
    void: int
    """People's words that wait for an approval, given under what is in force: another policy makes them void."""
    now: dict[Turn, int]
    """Approvals that stand or are waited for, by what becomes of them."""
    decided: dict[Turn, int]
    """Decisions, by what would have become of them."""
    compared: tuple[Compared, ...]
    """Where it asks less, and where more, than each policy that is in force for one of the groups."""
    gates: tuple[Count, ...]
    found: tuple[Tried, ...]
    """Every approval of which it changes something, or of which nobody can tell."""

    @property
    def changes(self) -> bool:
        """Whether anything would be another, or cannot be told."""
        return bool(self.found)


@dataclass(frozen=True, slots=True)
class TryingPolicies:
    """Answer what a draft would change."""

    rows: Rows
    catalogue: Catalogue
    groups: Groups
    policies: Policies
    now: Callable[[], datetime]
    landscape: Landscape = SIMPLE
    """The environments that there are: which stage an approval that is waited for rests on."""

    def what_if(self, draft: PolicyDocument, scope: Scope = EVERYTHING, progress: Progress = silent) -> Trial:
        """Try a draft on every version in a scope.

        Which versions there are is read from an index, so eventually consistent; each record is read consistently.
        Raises `Refused` where no version of a group that is named is there.
        """
        tally = Tally(draft, self.now())
        wanted = list(self.versions(scope, tally))
        check_scope(scope, {group_name_of(arn) for arn in tally.groups})
        key = self.rows.person_key()
        for place, (version, group) in enumerate(wanted, start=1):
            record = record_in(self.rows, version, key)
            self.try_on(record, group, scope, tally)
            progress(place, len(wanted))
        return tally.told(len(wanted))

    def versions(self, scope: Scope, tally: "Tally") -> Iterator[tuple[ModelPackageArn, ModelGroup | None]]:
        """Every version in a scope, by group and number, with what is known of its group."""
        known: dict[str, ModelGroup | None] = {}
        for version, name in every_version(self.catalogue):
            if scope.groups and name not in scope.groups:
                continue
            arn = group_arn_of(version) or ""
            if arn not in known:
                known[arn] = self.groups.get(arn) if arn else None
            policy = terms(known[arn], version, self.landscape).policy
            if scope.under in {"", policy.document.name}:
                tally.in_force[policy.id] = policy
                if arn:
                    tally.groups[arn] = policy.document.name
                yield version, known[arn]

    def try_on(self, record: Record, group: ModelGroup | None, scope: Scope, tally: "Tally") -> None:
        """Try a draft on one version: on its decisions in their order, and on how it stands now."""
        facts = in_order(record)
        if not facts:
            tally.left_out[DAMAGED] += 1
            return
        judged: dict[tuple[Stage, str], tuple[ModelVersion, VerdictGiven]] = {}
        for state, fact in learned(facts):
            if isinstance(fact, VerdictGiven):
                judged[fact.stage, fact.decision] = state, fact  # the last word on a decision is its verdict
            elif fact is None:
                self.try_now(state, group, record.names, tally)
        for before, given in judged.values() if scope.decisions else ():
            policy = self.policy_then(given, tally)
            tally.add(tried_then(tally.draft, before, given, policy), record.names)

    def try_now(self, state: ModelVersion, group: ModelGroup | None, names: Names, tally: "Tally") -> None:
        """Try a draft on what stands and what is waited for."""
        if state.is_dormant or state.missing or state.reused:
            tally.left_out[DORMANT if state.is_dormant else GONE] += 1
            return
        known = terms(group, state.model.arn, self.landscape)
        for case, status in standing_now(state, known, tally.at):
            tally.add(tried_now(tally.draft, known.policy, case, state.model.arn, status), names)
            if status is ModelStatus.PENDING and known.policy.hash != tally.draft.hash:
                tally.void += words_that_wait(state, (case.stage,), known)

    def policy_then(self, given: VerdictGiven, tally: "Tally") -> PolicyDocument | None:
        """The policy that a verdict was given by, if it can be read still."""
        name, _, number = given.policy.rpartition("@")
        if given.policy not in tally.policies:
            kept = self.policies.version(name, int(number)) if number.isdigit() else None
            of_models = kept if isinstance(kept, PublishedPolicy) else None
            tally.policies[given.policy] = of_models or (DEFAULT if given.policy == DEFAULT.id else None)
        found = tally.policies[given.policy]
        return found.document if found and found.hash == given.policy_hash else None


def check_scope(scope: Scope, found: Set[str]) -> None:
    """Refuse names of groups of which there is nothing: what is mistyped must not look as if nothing changed."""
    if unknown := ", ".join(sorted(scope.groups - found)):
        under = f" under {scope.under}" if scope.under else ""
        raise Refused("nothing-of-the-group", f"no version of {unknown} is on record{under}")


def in_order(record: Record) -> tuple[AnyFact, ...]:
    """The facts of a record in the order in which its audit trail has them; none of a damaged one."""
    entries = (row for sk, row in record.rows.items() if sk.startswith("AUDIT#"))
    places = {str(told.get("caused_by", "")): int(told["sequence"]) for told in map(content_of, entries) if told}
    keys = [sk.rpartition("#")[2] for sk in record.rows if sk.startswith("FACT#")]
    if record.damaged or any(key not in places for key in keys):
        return ()
    placed = zip((places[key] for key in keys), record.facts, strict=True)
    return tuple(fact for _, fact in sorted(placed, key=lambda one: one[0]))


@dataclass
class Tally:
    """What is counted while a draft is tried, and what was read for it."""

    draft: PolicyDocument
    at: datetime
    """The moment that is called now."""
    groups: dict[str, str] = field(default_factory=dict)
    """The name of the policy that each stands under."""
    in_force: dict[str, PublishedPolicy] = field(default_factory=dict)
    policies: dict[str, PublishedPolicy | None] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    turns: Counter[tuple[str, Turn]] = field(default_factory=Counter)
    found: list[Tried] = field(default_factory=list)
    void: int = 0

    def add(self, tried: Tried, names: Names) -> None:
        """Count an approval, and keep it where something becomes of it."""
        self.turns[DECIDED if tried.status == DECIDED else NOW, tried.turn] += 1
        if tried.turn is not Turn.SAME:
            because = tuple(in_words(check, names) for check in tried.because)
            self.found.append(tried.model_copy(update={"because": because}))

    def told(self, versions: int) -> Trial:
        """All of it."""
        return Trial(
            policy=self.draft.name,
            policy_hash=self.draft.hash,
            versions=versions,
            groups=len(self.groups),
            reached=sum(name == self.draft.name for name in self.groups.values()),
            left_out=dict(self.left_out),
            void=self.void,
            now=self.counted(NOW, Turn),
            decided=self.counted(DECIDED, Turn),
            compared=tuple(compared(self.draft, policy) for _, policy in sorted(self.in_force.items())),
            gates=tuple(by_gate(self.found)),
            found=tuple(self.found),
        )

    def counted(self, when: str, turns: Iterable[Turn]) -> dict[Turn, int]:
        """How many approvals turn how."""
        return {turn: self.turns[when, turn] for turn in turns}


def in_words(check: Check, names: Names) -> Check:
    """A check with people's names."""
    return check.model_copy(update={name: names.told(getattr(check, name)) for name in ("required", "found", "remedy")})
