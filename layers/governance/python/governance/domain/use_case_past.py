"""What the policy of use cases judged before, put together again from the chain of deeds as far as that tells.

A deed pins who acted, under which policy, what every check found, and each line of the use case that differed. Gone
through from the first, the deeds give the use case as it was before each: what it was, its class, its stages, its open
findings, and whose words waited. How its models and its owner stood then, only the checks that were made tell.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from governance.domain.ai_act import Assessed
from governance.domain.audit import AuditEntry, breaks
from governance.domain.authority import Delegation, Role
from governance.domain.identifiers import STEWARD, Person
from governance.domain.lifecycle import ModelStatus as Status
from governance.domain.policy import Check
from governance.domain.use_case_policy import Matter, came_as, words_under
from governance.domain.use_cases import BACK, About, Decided, UseCase, UseCaseFinding, UseCaseStage, Word
from governance.domain.values import Instant, Value

APPROVED, SIGNED_OFF = "stage-approved", "stage-signed-off"
JUDGED = (APPROVED, SIGNED_OFF)
"""Deeds that the policy lets pass or not: a stage was approved, or a word for that is kept until others give theirs."""

ENDS_WORDS = frozenset({APPROVED, "stage-rejected", "use-case-changed", "use-case-assessed", "use-case-retired"})
"""Deeds after which no word that was kept before counts."""

TOLD = (*(name for name in About.model_fields if name != "id"), "stage", "status", "findings", "groups")
"""Lines of deeds that a use case is put together from."""


class Judged(Value):
    """A deed that the policy judged, with the use case as it was just before."""

    sequence: int
    """The number of its entry in the chain."""
    action: str
    use_case: UseCase
    by: Person
    roles: tuple[Role, ...]
    """As what they came, with what was delegated to them where that was asked for."""
    delegated_by: tuple[str, ...] = ()
    at: Instant
    policy: str
    policy_hash: str
    checks: tuple[Check, ...]

    @property
    def names_every_role(self) -> bool:
        """Whether no role can have been delegated to them that the deed does not name.

        Delegations were looked at only where their own roles were not enough under the policy of then, and count only
        where there are groups.
        """
        return bool(self.delegated_by) or not self.use_case.groups

    def made(self, name: str) -> bool:
        """Whether a check was made."""
        return any(one.name == name for one in self.checks)

    def matters(self, has_left_since: bool, delegated: Iterable[Role]) -> tuple[Matter, Matter]:
        """What was to be judged, as kindly and as harshly as it can have been: with the roles that may be, and without.

        What a check found that was made is known: whatever was approved or kept passed all but those of people. Whose
        name was erased does not come back, so who has not left since was there then.
        """
        common: dict[str, Any] = {"use_case": self.use_case, "by": self.by, "at": self.at, "under": self.policy_hash}
        kind = Matter(**common, roles=tuple(dict.fromkeys((*self.roles, *delegated))))
        may_lack = not self.made("models-approved") and self.use_case.groups
        harsh = Matter(
            **common,
            roles=self.roles,
            lacking=("how its models stood then is not on record",) if may_lack else (),
            owner_left=has_left_since and not self.made("owner-known"),
        )
        return kind, harsh


@dataclass
class Past:
    """A use case while its deeds are gone through."""

    id: str
    lines: dict[str, Any] = field(default_factory=dict)
    authors: dict[str, None] = field(default_factory=dict)
    assessed: Assessed | None = None
    findings: dict[str, UseCaseFinding] = field(default_factory=dict)
    """Every one that was raised, by id; which are open the lines tell."""
    stages: dict[UseCaseStage, Decided] = field(default_factory=dict)
    words: tuple[Word, ...] = ()

    def use_case(self, at: Instant) -> UseCase:
        """As it is by now."""
        about = {name: self.lines[name] for name in About.model_fields if name in self.lines}
        return UseCase(
            about=About.model_validate({**about, "id": self.id}),
            stage=self.lines["stage"],
            status=self.lines["status"],
            stages=dict(self.stages),
            words=self.words,
            assessed=self.assessed,
            findings=tuple(self.findings[one] for one in self.lines.get("findings", ())),
            authors=tuple(self.authors),
            groups=self.lines["groups"],
            created_at=at,
            changed_at=at,
        )

    def judged(self, deed: Mapping[str, Any]) -> Judged:
        """A deed that the policy judged."""
        checks = tuple(Check.model_validate(one) for one in deed["new"]["checks"])
        return Judged(
            sequence=deed["sequence"],
            action=deed["action"],
            use_case=self.use_case(deed["at"]),
            by=Person(id=deed["who"], arn=deed["acting_as"]),
            roles=came_as(checks),
            delegated_by=deed["new"].get("delegated_by", ()),
            at=deed["at"],
            policy=deed["policy"],
            policy_hash=deed["policy_hash"],
            checks=checks,
        )

    def learn(self, deed: Mapping[str, Any]) -> None:
        """Go one deed further."""
        action, new = deed["action"], deed["new"]
        if action == SIGNED_OFF:
            self.keep_word(deed)
        if action in {"use-case-created", "use-case-changed"}:
            self.authors[deed["who"]] = None
        if action == "use-case-assessed":
            self.assessed = Assessed.model_validate(new["assessed"])
        for one in new.get("raised", ()):
            self.findings[one["id"]] = UseCaseFinding.model_validate(one)
        if action in {APPROVED, "stage-rejected"}:
            self.decide(deed)
        if action in ENDS_WORDS:
            self.words = ()
        self.lines |= {name: new[name] for name in TOLD if name in new}

    def keep_word(self, deed: Mapping[str, Any]) -> None:
        """Somebody's word is kept beside those of others under the same policy."""
        judged = self.judged(deed)
        others = words_under(judged.use_case, judged.policy_hash)
        told = {"content": judged.use_case.content, "policy_hash": judged.policy_hash, "roles": judged.roles}
        mine = Word(by=judged.by, at=judged.at, **told)
        self.words = (*(one for one in others if not one.by.is_same_as(judged.by)), mine)

    def decide(self, deed: Mapping[str, Any]) -> None:
        """A stage is approved, or rejected: then the approval of the one before it counts no longer."""
        stage, approved = UseCaseStage(deed["stage"]), deed["action"] == APPROVED
        pinned = {"at": deed["at"], "policy": deed["policy"], "policy_hash": deed["policy_hash"]}
        if not approved and stage in BACK:
            self.stages.pop(BACK[stage], None)
        who = next((one["detail"]["approved_by"] for one in deed["events"] if approved), [deed["who"]])
        self.stages[stage] = Decided(status=Status.APPROVED if approved else Status.REJECTED, by=tuple(who), **pinned)


def judged(use_case: str, trail: Sequence[AuditEntry]) -> Iterator[Judged]:
    """Every deed of a chain that the policy judged, in their order. Raises `KeyError` or `ValueError` where it cannot.

    What a chain that holds cannot be read for is a form of deeds that this release does not know.
    """
    past = Past(use_case)
    for deed in (one.content for one in trail):
        if deed["action"] in JUDGED:
            yield past.judged(deed)
        past.learn(deed)


def others(trail: Sequence[AuditEntry]) -> Iterator[str]:
    """What people did that no policy judges, deed by deed: a draft changes nothing of it."""
    for deed in (one.content for one in trail):
        if deed["who"] != STEWARD.id and deed["action"] not in JUDGED:
            yield str(deed["action"])


def delegated(hub: Sequence[AuditEntry]) -> tuple[Delegation, ...] | None:
    """Every role that was ever delegated in a group, by the hub's chain; None where that does not hold.

    In which groups, and whether it was ended before its time, is left open: it may have counted while it was to last.
    """
    if breaks(hub):
        return None
    deeds = (one.content for one in hub)
    given = ({**one["new"], "why": one["why"]} for one in deeds if one["action"] == "role-delegated")
    return tuple(Delegation.model_validate({name: one[name] for name in Delegation.model_fields}) for one in given)
