"""What Steward writes to the registry, on behalf of a person or of a policy: the intent, and how it ended.

Nothing is written without an intent, and nothing over what somebody did meanwhile: the registry is asked once more
first. The event that our own write causes is known by its intent, and credited to the person in it.
"""

from typing import ClassVar, Literal

from pydantic import Field

from governance.domain.fact import Fact
from governance.domain.identifiers import Person
from governance.domain.lifecycle import LifeCycle, ModelStatus, Stage
from governance.domain.values import Instant, Value

LONGEST = 1024
"""Characters that the registry keeps of a description (AWS API: UpdateModelPackage)."""


class WriteBackRequested(Fact):
    """Steward intends to write a decision to the registry: the intent of the effect of the same id."""

    kind: Literal["write-back-requested"] = "write-back-requested"
    effect_id: str
    purpose: Literal["decide", "revert"]
    """Whether it carries out what a person decided, or takes back an approval that a policy refused."""
    stage: Stage
    field: Literal["ModelApprovalStatus", "ModelLifeCycle"]
    """Where it is written."""
    wanted: ModelStatus
    seen: str
    """What the registry said in that field when this was decided: of anything else it keeps its hands off."""
    seen_life_cycle: LifeCycle | None = None
    seen_at: Instant | None = None
    """The change that the record knew of last."""
    person: Person
    """In whose name: who decided, or Steward for a policy."""
    writer: str
    """ARN of the role that writes: by it the event is known for an echo."""
    description: str = Field(max_length=LONGEST)
    """What the registry will show as the reason."""
    cause: str
    """Fingerprint of what called for it: the fact that asked, or the decision that was refused."""
    rank: ClassVar[int] = 7
    told: ClassVar[tuple[str, ...]] = ("effect_id",)


class WriteBackFinished(Fact):
    """A write-back ended, and how.

    It counts from the moment of what it was intended on, not from that of the writing: the registry's own event has
    whole seconds, and would otherwise come before it.
    """

    kind: Literal["write-back-finished"] = "write-back-finished"
    effect_id: str
    outcome: Literal["written", "overtaken", "failed"]
    reason: str = ""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("effect_id", "outcome", "reason")


class WriteBack(Value):
    """One write-back, as the record knows it."""

    effect_id: str
    purpose: Literal["decide", "revert"]
    stage: Stage
    field: Literal["ModelApprovalStatus", "ModelLifeCycle"]
    wanted: ModelStatus
    person: Person
    writer: str
    description: str
    cause: str
    requested_at: Instant
    asked_at: Instant
    """When it was intended by Steward's clock: nothing of before is its echo."""
    seen: str = ""
    seen_life_cycle: LifeCycle | None = None
    seen_at: Instant | None = None
    outcome: Literal["", "written", "overtaken", "failed"] = ""
    reason: str = ""
    echoed_at: Instant | None = None
    """When the registry showed it."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come of it: it was shown, or will never be."""
        return self.echoed_at is not None or self.outcome in {"overtaken"}
