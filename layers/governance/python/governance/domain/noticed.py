"""What a version's record remembers of how it came about: calls with a name, gaps, deployments taken back."""

from typing import Literal

from governance.domain.identifiers import Person
from governance.domain.lifecycle import ApprovalStatus, LifeCycle, Stage, plain
from governance.domain.values import Instant, Value


class IdentifiedChange(Value):
    """A change of which CloudTrail told the author."""

    at: Instant
    person: Person
    approval: ApprovalStatus | None
    life_cycle: LifeCycle | None
    changed_specification: bool = False
    """Whether it changed what the version runs."""

    @property
    def asked(self) -> tuple[str, str, str, bool]:
        """What was asked for. Of several calls that asked for the same, only the latest can be that of a decision."""
        asked = self.life_cycle or LifeCycle(stage="", status="")
        return self.approval or "", plain(asked.stage), plain(asked.status), self.changed_specification


class Gap(Value):
    """A change of the registry that no event had told when the reconciler found it."""

    since: Instant | None
    until: Instant
    accounted: bool
    told_after_all: bool
    """Whether its event did come."""


class Rollback(Value):
    """A deployment taken back, or to be taken back."""

    effect_id: str
    deployment_id: str
    stage: Stage
    cause: str
    how: Literal["stop", "roll-back"]
    outcome: str = ""
    reason: str = ""
    """Why it ended so."""
