"""A decision in the registry: what was asked for, in which field and second, and by whom as far as anybody knows."""

from enum import StrEnum

from governance.domain.identifiers import Person
from governance.domain.lifecycle import ModelStatus
from governance.domain.values import Instant, Value


class Source(StrEnum):
    """The registry's field in which a decision was made."""

    APPROVAL = "ModelApprovalStatus"
    LIFE_CYCLE = "ModelLifeCycle"


class Decision(Value):
    """What somebody asked for in the registry. An approval counts only with its verdict."""

    fingerprint: str
    """Of the stage, the field, the status and the second: the same, whichever facts told of it."""
    source: Source
    wanted: ModelStatus
    at: Instant
    person: Person | None
    why: str = ""
    shown_at: Instant
    """When the change happened that told of it: the decision itself, or a later one that shows it was made before."""
    inferred: bool = False
    """Whether only a later change shows it, so that nobody can say when it was made, or by whom."""
    write_back: str = ""
    """The write-back of ours that it is the echo of."""
    reverts: bool = False
    """Whether it only takes back an approval that did not count."""
    disputed: bool = False
    """Whether somebody else asked for it, through another role, and nothing but the registry names this person."""
