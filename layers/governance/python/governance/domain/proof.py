"""What a verification says: problems, each with its place, and what was looked at."""

import json
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import Field

from governance.domain.archive import KeptEntry
from governance.domain.values import Value, canonical, sha256_of


class ProblemCode(StrEnum):
    """Everything that can be wrong with the audit trail and what it vouches for; `docs/audit-chain.md` explains it."""

    ENTRY_CHANGED = "entry-changed"
    ENTRY_UNREADABLE = "entry-unreadable"
    ENTRY_MISPLACED = "entry-misplaced"
    ENTRY_MISSING = "entry-missing"
    ENTRY_UNTIED = "entry-untied"
    ENTRY_CONTRADICTED = "entry-contradicted"
    HEAD_MISSING = "head-missing"
    HEAD_DIFFERS = "head-differs"
    FACT_UNREADABLE = "fact-unreadable"
    FACT_MISSING = "fact-missing"
    FACT_CHANGED = "fact-changed"
    FACT_UNACCOUNTED = "fact-unaccounted"
    NOT_ARCHIVED = "not-archived"
    NOT_IN_TABLE = "not-in-table"
    ARCHIVE_DIFFERS = "archive-differs"
    OBJECT_UNKNOWN = "object-unknown"
    OBJECT_UNREADABLE = "object-unreadable"
    OBJECT_OVERWRITTEN = "object-overwritten"
    OBJECT_DELETED = "object-deleted"
    OBJECT_UNLOCKED = "object-unlocked"
    ANCHOR_MISSING = "anchor-missing"
    ANCHOR_UNREADABLE = "anchor-unreadable"
    ANCHOR_DIFFERS = "anchor-differs"
    ANCHOR_UNTIED = "anchor-untied"
    NOTED_ANCHOR = "noted-anchor"
    NOTED_HEAD = "noted-head"
    SEALED_MISSING = "sealed-missing"
    SEALED_CHANGED = "sealed-changed"
    SEALED_UNLOCKED = "sealed-unlocked"
    SEALED_NOT_HELD = "sealed-not-held"


class Problem(Value):
    """One thing that does not hold."""

    code: ProblemCode
    place: str
    """A row of the table as `<pk> <sk>`, a key of the archive, or `s3://…` for what was sealed.

    `archive <pk> <sk>` names what is missing there.
    """
    detail: str = ""


class Noted(Value):
    """Hashes that somebody noted where nobody who could tamper can change them."""

    anchor: str = ""
    heads: Mapping[str, str] = Field(default_factory=dict)
    """By partition: the hash of what was the last entry then."""


class Verified(Value):
    """What was looked at."""

    subjects: int = 0
    entries: int = 0
    facts: int = 0
    objects: int = 0
    anchors: int = 0
    sealed: int = 0
    """Sealed objects, where they were asked for."""
    problems: int = 0
    in_flight: int = 0
    """Recorded so lately that the archive need not have it yet."""
    last_anchor: str = ""
    last_anchor_day: date | None = None
    not_anchored: tuple[date, ...] = ()
    """Days with objects that have no anchor yet."""


class EntryTold(Value):
    """What an entry's text says that concerns its place in the whole; nothing, where it cannot be read."""

    readable: bool = False
    previous: str | None = None
    at: str = ""
    fact_key: str | None = None
    fact_hash: str | None = None
    """None in entries of schema 1, which have none: their facts must be there, no more."""


def canonically(told: str | bytes) -> dict[str, Any] | None:
    """The JSON object that a text is in its one form, or None."""
    try:
        text = told.decode() if isinstance(told, bytes) else told
        content = json.loads(text)
        return content if isinstance(content, dict) and canonical(content) == text else None
    except (ValueError, RecursionError):
        return None


def examined(kept: KeptEntry, place: str) -> tuple[EntryTold, list[Problem]]:
    """An entry by itself: its text has its hash, is in its one form, and speaks of its own place."""
    problems = []
    if sha256_of(kept.entry) != kept.hash:
        problems.append(Problem(code=ProblemCode.ENTRY_CHANGED, place=place, detail="its text does not have its hash"))
    told = canonically(kept.entry)
    if told is None or not isinstance(told.get("previous_hash"), str):
        detail = "its text cannot be read, or is not in canonical form"
        return EntryTold(), [*problems, Problem(code=ProblemCode.ENTRY_UNREADABLE, place=place, detail=detail)]
    subject = told.get("subject") or f"MODEL#{told.get('model_package_arn')}"
    if (told.get("sequence"), subject) != (kept.sequence, kept.pk):
        detail = f"its text is that of {subject} AUDIT#{told.get('sequence')}"
        problems.append(Problem(code=ProblemCode.ENTRY_MISPLACED, place=place, detail=detail))
    cause, fact_hash = told.get("caused_by"), told.get("fact_hash")
    known = EntryTold(
        readable=True,
        previous=told["previous_hash"],
        at=str(told.get("at", "")),
        fact_key=f"FACT#{told.get('effective_at')}#{cause}" if cause else None,
        fact_hash=fact_hash if isinstance(fact_hash, str) else None,
    )
    return known, problems
