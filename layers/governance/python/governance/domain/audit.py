"""The audit chain of a version: who did what, when, why, under which policy, and what it changed.

Each entry is one canonical text that holds the hash of the entry before it; its own hash is the SHA-256 of that
text. Nothing in an entry can be changed, and no entry dropped, inserted or moved, without every later hash failing.
`docs/audit-chain.md` specifies the form for people who verify it without this code.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from governance.domain.announcements import announcements
from governance.domain.envelope import Announced, Event, event_id
from governance.domain.facts import (
    AnyFact,
    RegistryObserved,
    VerdictGiven,
)
from governance.domain.identifiers import STEWARD, Person
from governance.domain.lifecycle import ModelStatus
from governance.domain.model_version import ModelVersion, StageState
from governance.domain.past import NOTHING, Past
from governance.domain.record import difference, summary
from governance.domain.use_case_events import OF_USE_CASES
from governance.domain.values import SCHEMA_VERSION, Instant, Value, canonical, iso, sha256_of
from governance.domain.writing_back import WriteBackRequested

GENESIS = "0" * 64
"""What the first entry of a chain gives as the hash before it."""


class AuditEntry(Value):
    """One link of the chain: its number, its text, and the hash of that text."""

    sequence: int
    entry: str
    hash: str

    @property
    def content(self) -> dict[str, Any]:
        """The entry as a mapping."""
        parsed: dict[str, Any] = json.loads(self.entry)
        return parsed

    @property
    def subject(self) -> str:
        """The partition of the chain that it belongs to."""
        content = self.content
        return str(content.get("subject") or f"MODEL#{content['model_package_arn']}")


class Link(Value):
    """The end of a chain, to which the next entry is tied."""

    sequence: int = 0
    hash: str = GENESIS


def entry_for(
    link: Link,
    before: ModelVersion | None,
    after: ModelVersion,
    fact: AnyFact,
    correlation_id: str,
    now: datetime,
    past: Past = NOTHING,
) -> AuditEntry:
    """The entry that one fact adds to the chain, with the events it announces. `past` is what left the state."""
    closed = before.findings.keys() & past.findings.keys() if before else ()
    old, new = difference(summary(before), summary(after, closed))
    sequence = link.sequence + 1
    shared = {
        "correlation_id": correlation_id,
        "caused_by": fact.fingerprint,
        "sequence": sequence,
        "model_package_arn": after.model.arn,
        "old": old,
        "new": new,
        "changed": sorted(new),
    }
    who = author_of(fact)
    action, stage = deed(before, after, fact)
    text = canonical(
        {
            **shared,
            "schema_version": SCHEMA_VERSION,
            "created_at": iso(after.model.created_at),
            "at": iso(now),
            "effective_at": iso(fact.effective_at),
            "who": who.id,
            "acting_as": who.arn,
            "action": action,
            "fact": fact.kind,
            "fact_hash": sha256_of(fact.text),
            "stage": stage,
            "why": reason_of(fact),
            "policy": str(getattr(fact, "policy", "")),
            "policy_hash": str(getattr(fact, "policy_hash", "")),
            "events": [as_announced(event) for event in announced(shared, before, after, fact)],
            "previous_hash": link.hash,
        }
    )
    return AuditEntry(sequence=sequence, entry=text, hash=sha256_of(text))


class Announcing(Value):
    """An event that a deed announces: its name on the bus, and what it says beside the envelope."""

    name: str
    detail: Mapping[str, Any]


class Deed(Value):
    """Something done that is no fact of a version: a policy published, a row repaired, a use case advanced."""

    action: str
    who: Person
    why: str
    at: Instant
    correlation_id: str
    old: Mapping[str, Any] = Field(default_factory=dict)
    new: Mapping[str, Any] = Field(default_factory=dict)
    stage: str = ""
    """The stage that it decides, where it decides one."""
    policy: str = ""
    """The policy that it was judged under, where there is one."""
    policy_hash: str = ""
    announces: tuple[Announcing, ...] = ()


def deed_entry(link: Link, subject: str, deed: Deed) -> AuditEntry:
    """The entry that a deed adds to the chain of its subject, in the form of all entries.

    `subject` is the chain's partition, as in `POLICY#default`; a deed on a version's record names the version by it.
    """
    sequence = link.sequence + 1
    text = canonical(
        {
            "schema_version": SCHEMA_VERSION,
            "subject": subject,
            "sequence": sequence,
            "at": iso(deed.at),
            "effective_at": iso(deed.at),
            "who": deed.who.id,
            "acting_as": deed.who.arn,
            "action": deed.action,
            "fact": "",
            "fact_hash": "",
            "caused_by": "",
            "correlation_id": deed.correlation_id,
            "stage": deed.stage,
            "why": deed.why,
            "policy": deed.policy,
            "policy_hash": deed.policy_hash,
            "old": dict(deed.old),
            "new": dict(deed.new),
            "changed": sorted(deed.new),
            "events": [as_announced(event) for event in announced_by(deed, subject, sequence)],
            "previous_hash": link.hash,
        }
    )
    return AuditEntry(sequence=sequence, entry=text, hash=sha256_of(text))


def announced_by(deed: Deed, subject: str, sequence: int) -> Iterator[Announced]:
    """The events that a deed announces: what they say, with the envelope that all events have."""
    for index, one in enumerate(deed.announces):
        envelope = {
            "event_id": event_id(subject, "", sequence, index),
            "occurred_at": deed.at,
            "correlation_id": deed.correlation_id,
            "caused_by": deed.correlation_id,
            "sequence": sequence,
            "old": deed.old,
            "new": deed.new,
            "changed": tuple(sorted(deed.new)),
        }
        yield OF_USE_CASES[one.name].model_validate({**envelope, **one.detail})


def announced(
    shared: Mapping[str, Any], before: ModelVersion | None, after: ModelVersion, fact: AnyFact
) -> Iterator[Event]:
    """The events that an entry announces: what the entry says, with the envelope that all events have."""
    envelope = {
        **shared,
        "occurred_at": fact.effective_at,
        "model_group": after.model.group or "",
        "model_version": after.model.number or 0,
    }
    version = (after.model.arn, iso(after.model.created_at))
    for index, (kind, told) in enumerate(announcements(before, after, fact)):
        yield kind.model_validate({**envelope, **told, "event_id": event_id(*version, shared["sequence"], index)})


def as_announced(event: Announced) -> dict[str, Any]:
    """An event as an audit entry holds it: its name on the bus, and its detail."""
    return {"detail_type": event.detail_type, "detail": event.model_dump(mode="json")}


REGISTRY_DEEDS: Mapping[ModelStatus, str] = {
    ModelStatus.APPROVED: "approved",
    ModelStatus.REJECTED: "rejected",
    ModelStatus.PENDING: "set-pending",
    ModelStatus.RETIRED: "retired",
}
"""What a decision in the registry is called in the audit trail. Whether an approval counts, its verdict says."""


def deed(before: ModelVersion | None, after: ModelVersion, fact: AnyFact) -> tuple[str, str]:
    """What was done, and in which stage: for registry changes what they decided, for the rest the kind of fact."""
    if not isinstance(fact, RegistryObserved):
        return fact.kind, str(getattr(fact, "stage", ""))
    if fact.is_creation:
        return "registered", ""
    for stage, known in after.stages.items():
        earlier, decision = before.stage(stage) if before else StageState(), known.decision
        is_news = decision is not None and (
            earlier.decision is None or earlier.decision.fingerprint != decision.fingerprint
        )
        if decision and is_news and decision.at == fact.effective_at:
            return REGISTRY_DEEDS[decision.wanted], stage.value
        if known.renewed_by != earlier.renewed_by and known.renewed_at == fact.effective_at:
            return "approved-again", stage.value
    return ("first-seen" if before is None else "changed"), ""


def author_of(fact: AnyFact) -> Person:
    """Who brought a fact about, as far as the fact knows."""
    if isinstance(fact, RegistryObserved):
        return (fact.registered_by if fact.is_creation else fact.changed_by) or Person(id="unknown")
    if isinstance(fact, VerdictGiven):
        return fact.approver
    if person := getattr(fact, "person", None):
        return Person.model_validate(person)
    if producer := getattr(fact, "producer", ""):
        return Person(id=f"account {producer}")
    return STEWARD


def reason_of(fact: AnyFact) -> str:
    """Why it came about, in the words of whoever did it."""
    if isinstance(fact, RegistryObserved):
        said = (
            fact.life_cycle.description if fact.life_cycle and fact.updated and "ModelLifeCycle" in fact.updated else ""
        )
        return said or fact.why or fact.description
    if isinstance(fact, VerdictGiven):
        return "; ".join(f"{check.name}: {'passed' if check.passed else check.found}" for check in fact.checks)
    if isinstance(fact, WriteBackRequested):
        return fact.description
    return str(getattr(fact, "why", "") or getattr(fact, "reason", "") or getattr(fact, "not_possible", ""))


def breaks(entries: Iterable[AuditEntry]) -> list[str]:
    """Every place where a chain does not hold, named; an empty list means that it holds throughout."""
    problems: list[str] = []
    link = Link()
    for entry in entries:
        place = f"entry {entry.sequence}"
        if entry.sequence != link.sequence + 1:
            problems.append(f"{place}: follows entry {link.sequence}")
        if sha256_of(entry.entry) != entry.hash:
            problems.append(f"{place}: its text does not have its hash")
        problems.extend(f"{place}: {problem}" for problem in mismatches(entry, link))
        link = Link(sequence=entry.sequence, hash=entry.hash)
    return problems


def mismatches(entry: AuditEntry, link: Link) -> Sequence[str]:
    """Where an entry's text contradicts its number or the entry before it."""
    content: Mapping[str, Any] = entry.content
    found = []
    if content["sequence"] != entry.sequence:
        found.append(f"its text is that of entry {content['sequence']}")
    if content["previous_hash"] != link.hash:
        found.append("it is not tied to the entry before it")
    return found
