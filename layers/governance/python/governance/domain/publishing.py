"""How a policy comes into force, and a group under it. What asks less than what is in force needs two officers.

One of them proposes it; another one, asking for just the same, confirms it. What asks nowhere less is in force at once.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from governance.domain.audit import Link
from governance.domain.identifiers import Person
from governance.domain.lifecycle import ORDER
from governance.domain.loosening import Loosening, loosens
from governance.domain.people import Names
from governance.domain.policy import Mode
from governance.domain.policy_document import RISKS, CheckGate, PolicyDocument
from governance.domain.published import PublishedPolicy
from governance.domain.use_case_loosening import UseCaseLoosening, loosens_use_cases
from governance.domain.use_case_policy import UseCasePolicy
from governance.domain.use_case_policy_document import NAME, UseCasePolicyDocument
from governance.domain.values import Instant, Value, canonical

INDISPENSABLE = ("approver-entitled", "not-by-the-author", "preceding-stage-approved")
"""Checks that every policy in force makes and enforces, in every stage and for every risk."""

LARGEST = 64 * 1024
"""Characters of a policy's canonical text: it lies in the head of every group under it, which each event reads."""


AnyDocument = PolicyDocument | UseCasePolicyDocument
"""A policy of models, or the one of use cases."""

AnyPolicy = PublishedPolicy | UseCasePolicy
"""The same with a number."""


class Proposal(Value):
    """Something that asks less than what is in force, and waits for another officer to confirm it."""

    policy_hash: str
    """What is to be in force."""
    over: str
    """In whose place: a policy by its hash, and of a group also when it came under it. Over another, it is another."""
    by: Person
    at: Instant
    why: str
    document: AnyDocument | None = None
    """The policy, where it is not published yet."""


class Shelf(Value):
    """What is on record of one policy: its version in force, how many there are, and what is proposed."""

    name: str
    active: AnyPolicy | None = None
    highest: int = 0
    """The greatest number of a version."""
    proposal: Proposal | None = None
    link: Link = Link()
    """The end of the policy's chain: what is written on the shelf holds only while it is there."""
    names: Names = Names()
    """The names of who published and proposed, as they are kept beside it."""


class Outcome(StrEnum):
    """What comes of asking for a policy."""

    DONE = "done"
    SAME = "in-force-already"
    PROPOSED = "proposed"
    WAITS = "waits-for-another-officer"


class Step(Value):
    """What comes of asking for a policy to be in force, and where it asks less than what is."""

    outcome: Outcome
    looser: tuple[Loosening | UseCaseLoosening, ...] = ()
    confirms: str = ""
    """Id of the officer whose proposal is confirmed by it."""


def step(new: AnyDocument, old: AnyDocument | None, over: str, proposal: Proposal | None, by: Person) -> Step:
    """What comes of somebody asking for a policy in the place of another one, given what is proposed already."""
    if old is not None and new.hash == old.hash:
        return Step(outcome=Outcome.SAME)
    looser = asks_less(new, old) if old is not None else ()
    if old is None or not looser:
        return Step(outcome=Outcome.DONE)
    if proposal is None or (proposal.policy_hash, proposal.over) != (new.hash, over):
        return Step(outcome=Outcome.PROPOSED, looser=looser)
    if proposal.by.is_same_as(by):
        return Step(outcome=Outcome.WAITS, looser=looser)
    return Step(outcome=Outcome.DONE, looser=looser, confirms=proposal.by.id)


def asks_less(new: AnyDocument, old: AnyDocument) -> tuple[Loosening | UseCaseLoosening, ...]:
    """Where a policy asks less than another of its kind. One of models and one of use cases cannot be compared."""
    if isinstance(new, UseCasePolicyDocument):
        return loosens_use_cases(new, old) if isinstance(old, UseCasePolicyDocument) else ()
    return loosens(new, old) if isinstance(old, PolicyDocument) else ()


def is_of_use_cases(told: Any) -> bool:
    """Whether a document, as plain values, is meant to be the policy of use cases: by its name, or what it holds."""
    return isinstance(told, Mapping) and "gates" not in told and (told.get("name") == NAME or "enforced" in told)


def document_in(told: Any) -> AnyDocument:
    """The policy that plain values are, of the kind that they are meant to be. Raises `ValidationError`."""
    if is_of_use_cases(told):
        return UseCasePolicyDocument.model_validate(told)
    return PolicyDocument.model_validate(told)


def numbered(document: AnyDocument, number: int) -> AnyPolicy:
    """A document as a published version."""
    if isinstance(document, UseCasePolicyDocument):
        return UseCasePolicy(document=document, version=number)
    return PublishedPolicy(document=document, version=number)


def unpublishable(document: AnyDocument) -> Iterator[str]:
    """Why a policy may be looked at and never be in force, if anything."""
    if isinstance(document, UseCasePolicyDocument):
        return
    if document.name == NAME:
        yield f"{NAME} is the policy of use cases, which has no gates: call it something else"
    size = len(canonical(document.content()))
    if size > LARGEST:
        yield f"its canonical text has {size:,} characters; {LARGEST:,} are the most"
    for name in INDISPENSABLE:
        enforced = {
            cell
            for gate in document.gates
            if isinstance(gate, CheckGate) and gate.name == name and gate.mode is Mode.ENFORCE
            for cell in gate.cells
        }
        lacking = [f"{stage}/{risk}" for stage in ORDER for risk in RISKS if (stage, risk) not in enforced]
        if lacking:
            where = "anywhere" if len(lacking) == len(ORDER) * len(RISKS) else f"in {', '.join(lacking)}"
            yield f"it does not enforce {name} {where}: add the check, for every stage and risk"
