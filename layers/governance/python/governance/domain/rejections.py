"""What becomes of a version that runs and is rejected: the policy's word, pinned as a fact when it is asked."""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar, Literal, Protocol

from governance.domain.fact import Fact
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.values import Instant, Value


class OnRejection(StrEnum):
    """Whether what runs in a stage is taken back at once when it is rejected, or when somebody confirms it."""

    ROLL_BACK = "roll-back"
    CONFIRM = "confirm"


class RejectionJudged(Fact):
    """The policy said what becomes of a version that runs and was rejected: for every stage in which it may run.

    Asked once for each rejection, when something of the version runs. A later policy changes nothing about it.
    """

    kind: Literal["rejection-judged"] = "rejection-judged"
    stage: Stage
    """The stage in which it was rejected."""
    decision: str
    """Fingerprint of the rejection."""
    words: Mapping[Stage, OnRejection]
    """By the stage in which it runs."""
    policy: str
    policy_hash: str
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("stage", "decision")


class JudgedRejection(Value):
    """What is remembered of it, as long as the rejection is the decision in force."""

    decision: str
    words: Mapping[Stage, OnRejection]
    policy: str

    def says(self, decision: str, stage: Stage) -> OnRejection | None:
        """The word on what runs in a stage; None for another rejection."""
        return self.words.get(stage, OnRejection.CONFIRM) if decision == self.decision else None


class Made(Protocol):
    """A decision: which, and when."""

    @property
    def fingerprint(self) -> str:
        """Its name."""

    @property
    def at(self) -> Instant:
        """When it was made."""


class Decided(Protocol):
    """What is known of a stage's last decision."""

    @property
    def status(self) -> ModelStatus:
        """Where it put the stage."""

    @property
    def decision(self) -> Made | None:
        """The decision in force."""

    @property
    def judged(self) -> JudgedRejection | None:
        """What the policy said of it, where it is a rejection."""


def is_rejected_since(known: Decided, moment: Instant | None) -> bool:
    """Whether a version was rejected in a stage then or later: it answers what was approved for it before."""
    decision = known.decision if known.status is ModelStatus.REJECTED else None
    return decision is not None and (moment is None or decision.at >= moment)


def is_taken_away(known: Decided, stage: Stage, moment: Instant | None) -> bool:
    """Whether it was rejected there since, and the policy takes back for that at once what runs there."""
    if known.judged is None or known.decision is None or not is_rejected_since(known, moment):
        return False
    return known.judged.says(known.decision.fingerprint, stage) is OnRejection.ROLL_BACK
