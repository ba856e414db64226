"""How SageMaker puts a version in the place of another: step by step, watched by alarms, and taken back by itself.

AWS: "Events that Amazon SageMaker AI sends to Amazon EventBridge", endpoint deployment state change; "Deployment
guardrails". No event says that guardrails took an update back. It is seen by what is left: the new fleet had traffic,
and then the endpoint is in service with the configuration of before, or the deploying action has failed.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from governance.domain.fact import Fact
from governance.domain.lifecycle import Stage
from governance.domain.values import Instant, Value, iso

IN_SERVICE = "IN_SERVICE"
"""The status that an endpoint's event tells when it serves."""


class Phase(StrEnum):
    """What happens to the fleet that comes (AWS API: ProductionVariantStatus)."""

    CREATING = "creating"
    UPDATING = "updating"
    DELETING = "deleting"
    ACTIVATING_TRAFFIC = "activating-traffic"
    BAKING = "baking"


WITH_TRAFFIC = frozenset({Phase.ACTIVATING_TRAFFIC, Phase.BAKING})
"""Phases in which callers get answers of the version that comes."""


class RolloutChange(Value):
    """What an event told of a fleet that comes to an endpoint."""

    endpoint_arn: str
    leaves: str
    """Configuration that serves until then."""
    arrives: str
    """Configuration that comes."""
    phase: Phase
    words: str
    at: Instant


class RolloutObserved(Fact):
    """SageMaker told how far it is with putting the version in the place of what serves."""

    kind: Literal["rollout-observed"] = "rollout-observed"
    deployment_id: str
    stage: Stage
    endpoint_arn: str
    leaves: str
    arrives: str
    phase: Phase
    words: str = ""
    """In SageMaker's words."""
    environment: str = ""
    """Name of the environment that the endpoint is in; empty for the stage's own."""
    rank: ClassVar[int] = 7
    told: ClassVar[tuple[str, ...]] = ("endpoint_arn", "leaves", "arrives", "phase", "words")


class RollingOut(Value):
    """How far it is."""

    leaves: str
    arrives: str
    phase: Phase
    words: str = ""
    since: Instant
    had_traffic: bool = False
    alarms: Mapping[str, str] = Field(default_factory=dict)
    """The alarms that were on while it had traffic, each with its reason."""
    taken_back_at: Instant | None = None
    """When it was known that SageMaker had taken it back."""

    @property
    def in_words(self) -> str:
        """As people read it: how far it is, or that it was taken back and what was on."""
        if self.taken_back_at is None:
            return f"{self.phase} since {iso(self.since)}: {self.words}" if self.words else self.phase.value
        return f"taken back by SageMaker's guardrails ({iso(self.taken_back_at)}): {self.cause}"

    @property
    def cause(self) -> str:
        """What it was taken back for, as far as anybody told."""
        on = "; ".join(
            f"{name} was on: {why}" if why else f"{name} was on" for name, why in sorted(self.alarms.items())
        )
        return on or f"no alarm is known to have been on; the last that was told of it is {self.phase}: {self.words}"

    def with_alarms(self, on: Mapping[str, str]) -> "RollingOut":
        """The same with alarms that are on, if callers get its answers and it has not been taken back."""
        if not self.had_traffic or self.taken_back_at:
            return self
        return self.model_copy(update={"alarms": {**self.alarms, **on}})

    def taken_back(self, at: Instant) -> "RollingOut":
        """Taken back, if it ever had traffic: what never had is no guardrail's. The first that was told stands."""
        if not self.had_traffic or self.taken_back_at:
            return self
        return self.model_copy(update={"taken_back_at": at})


def followed(known: RollingOut | None, fact: RolloutObserved, on: Mapping[str, str]) -> RollingOut:
    """How far it is after one more event, with the alarms that are on. Another configuration is another attempt."""
    told = fact.model_dump(include={"leaves", "arrives", "phase", "words"})
    if known is None or known.arrives != fact.arrives:
        known = RollingOut(**told, since=fact.effective_at)
    had_traffic = known.had_traffic or fact.phase in WITH_TRAFFIC
    changed = known.model_copy(update={**told, "since": fact.effective_at, "had_traffic": had_traffic})
    return changed.with_alarms(on)
