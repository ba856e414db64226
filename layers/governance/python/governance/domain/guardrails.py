"""How a new version takes over from the one that serves, and what of that SageMaker accepts.

AWS API: BlueGreenUpdatePolicy, RollingUpdatePolicy, TrafficRoutingConfig, CapacitySize, AutoRollbackConfig; AWS:
"Deployment guardrails", "Exclusions". A rollout is what an update does: the first version of an endpoint has nothing
to take over from and comes up at once.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from governance.domain.values import Value

Seconds = Annotated[int, Field(strict=True, ge=0, le=3600)]
"""A time to wait, as SageMaker bounds it."""

Place = tuple[str, ...]


class RolloutKind(StrEnum):
    """In how many steps the traffic moves to a new version."""

    ALL_AT_ONCE = "all-at-once"
    CANARY = "canary"
    LINEAR = "linear"
    ROLLING = "rolling"


SMALLEST = {RolloutKind.CANARY: 1, RolloutKind.LINEAR: 10, RolloutKind.ROLLING: 5}
"""Percent of the fleet that a step has at least; a kind that is not named has no steps of a size."""

LARGEST = 50
"""Percent of the fleet that a step has at most."""


class Rollout(Value):
    """How the traffic moves to a new version, in steps of a size, with time to see how each one fares."""

    kind: RolloutKind
    percent: int | None = Field(None, strict=True, ge=1, le=100)
    """Size of the canary, of each step, or of each batch, as a share of the fleet."""
    instances: int | None = Field(None, strict=True, ge=1, le=500)
    """The same, in instances."""
    wait_seconds: Seconds = 0
    """How long the alarms are watched after the canary, and after each step or batch."""
    bake_seconds: Seconds = 0
    """How long after all traffic has moved the old fleet is kept, with the alarms watched."""
    timeout_seconds: int = Field(3600, strict=True, ge=600, le=28_800)
    """After so long an update that is not over is taken back."""

    @property
    def in_steps(self) -> bool:
        """Whether there are steps of a size."""
        return self.kind in SMALLEST

    @property
    def share(self) -> str:
        """The field in which the size is given."""
        return "instances" if self.instances is not None else "percent"

    def waits(self, fleet: int) -> int:
        """For how long it waits in all, in seconds, for a fleet of so many instances."""
        size = self.percent if self.percent is not None else 100 * (self.instances or fleet) / fleet
        steps = -(-100 // size) if self.kind in {RolloutKind.LINEAR, RolloutKind.ROLLING} else 1
        return int(steps) * self.wait_seconds + self.bake_seconds


def refusals(
    rollout: Rollout | None, alarms: Mapping[str, int], fleet: int, inferentia: bool
) -> Iterator[tuple[Place, str]]:
    """What cannot be meant or is not taken: `alarms` with the minutes that each needs, for a fleet of that size."""
    if rollout is None:
        if alarms:
            yield ("rollback_alarms",), "nothing is taken back without a rollout: say how a new version takes over"
        return
    if inferentia:
        yield ("rollout",), "SageMaker has no guardrails for Inf1 instances: leave it out, or take another type"
    yield from of_its_size(rollout, fleet)
    watched = rollout.waits(fleet)
    if watched >= rollout.timeout_seconds:
        said = f"it waits for {watched} seconds in all, so that it would always be taken back: allow more"
        yield ("rollout", "timeout_seconds"), said
    for name, minutes in alarms.items():
        if minutes * 60 > watched:
            said = f"it takes {minutes * 60} seconds to go off and is watched for {watched}: wait or bake for longer"
            yield ("rollback_alarms", name), said


def of_its_size(rollout: Rollout, fleet: int) -> Iterator[tuple[Place, str]]:
    """What is wrong with the size of the steps."""
    if not rollout.in_steps:
        for field in ("percent", "instances"):
            if getattr(rollout, field) is not None:
                yield ("rollout", field), "all at once is one step: leave it out"
        if rollout.wait_seconds:
            yield ("rollout", "wait_seconds"), "all at once is one step: say bake_seconds"
        return
    if rollout.kind is RolloutKind.ROLLING and rollout.bake_seconds:
        yield ("rollout", "bake_seconds"), "no old fleet is kept when it is replaced in batches: say wait_seconds"
    if (rollout.percent is None) == (rollout.instances is None):
        yield ("rollout", rollout.share), "give one of percent and instances"
        return
    if fleet < 2:
        said = f"half of the instances is the largest step, and the fleet may have {fleet}: two at least are needed"
        yield ("rollout", "kind"), said
        return
    size = rollout.percent if rollout.percent is not None else 100 * (rollout.instances or 0) / fleet
    if not SMALLEST[rollout.kind] <= size <= LARGEST:
        share = f"{SMALLEST[rollout.kind]} to {LARGEST} percent of the fleet"
        of = "" if rollout.share == "percent" else f", which may have {fleet} instances"
        yield ("rollout", rollout.share), f"a step of {rollout.kind} has {share}{of}"
