"""A life lived once undisturbed: each delivery with what was there before it, each step with its outcome."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from tests.aws.cloud import Cloud, Delivery
from tests.aws.life import STEPS, Step
from tests.aws.seam import ApiCall


@dataclass(frozen=True)
class Scene:
    """One delivery: in which step, what was there before it, and the calls that it took."""

    step: int
    name: str
    delivery: Delivery
    before: dict[str, Any]
    calls: tuple[ApiCall, ...]

    def __str__(self) -> str:
        about = self.delivery.event.get("detail-type") or self.delivery.event.get("task") or "job or stream"
        return f"{self.name}: {self.delivery.function} ({about})"


@dataclass
class Rehearsal:
    """The scenes of a life, and how things stood after each of its steps."""

    cloud: Cloud
    steps: tuple[Step, ...] = STEPS
    scenes: list[Scene] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    registries: list[dict[str, Any]] = field(default_factory=list)
    """What the registry shows after each step, by package."""
    settled: dict[Hashable, dict[str, Any]] = field(default_factory=dict)
    """How things stood once what follows from a fault was lived, by the present that it left."""
    settling: Hashable = None
    """The scene and the kind of fault that this is kept of: of one at a time, for it is much."""

    def of(self, function: str) -> list[Scene]:
        """The deliveries to one function."""
        return [scene for scene in self.scenes if scene.delivery.function == function]


def rehearse(cloud: Cloud, steps: tuple[Step, ...] = STEPS) -> Rehearsal:
    """Live a life."""
    rehearsal = Rehearsal(cloud, steps)
    for number, (_, step) in enumerate(steps):
        step(cloud)

        def deliver(delivery: Delivery, step: int = number) -> None:
            before = cloud.snapshot()
            calls = cloud.deliver(delivery)
            rehearsal.scenes.append(Scene(step, steps[step][0], delivery, before, tuple(calls)))

        cloud.settle(deliver)
        rehearsal.outcomes.append(cloud.outcome())
        rehearsal.registries.append(dict(cloud.registry.packages))
    return rehearsal
