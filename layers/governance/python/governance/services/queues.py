"""What is deployed of a model group: who has the turn in each stage, who waits since when, and how the others ended."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from governance.domain.identifiers import ModelGroupArn, ModelPackageArn, group_name_of
from governance.domain.lifecycle import FOLLOWING, ORDER, Stage
from governance.domain.values import Value, iso
from governance.ports.delivery import Waiting
from governance.ports.inspection import Turns
from governance.services.inventory import Inventory

Told = dict[str, Any]
"""What is told to who asked: plain JSON values."""


class GroupDeployments(Value):
    """The deployments of a group in one environment."""

    stage: Stage
    environment: str
    """Its name; that of a stage's own is the stage's."""
    under_way: Mapping[str, Any] | None
    """Whose turn it is, and since when they have wanted it; None where it is nobody's."""
    queue: tuple[Mapping[str, Any], ...]
    """Who waits, with their position and since when."""
    deployments: tuple[Mapping[str, Any], ...]
    """All there were, the latest first, each with why it ended as it did."""


@dataclass(frozen=True, slots=True)
class Queues:
    """Answer what is deployed, and what waits."""

    inventory: Inventory
    turns: Turns

    def of(self, group: ModelGroupArn) -> Iterator[GroupDeployments]:
        """The deployments of a group, stage by stage and there by environment. Reads every version of the group."""
        name = group_name_of(group)
        versions = [one.model_package_arn for one in self.inventory.list(group=name)]
        every = [one for arn in versions for one in self.deployments(arn)]
        own = [(stage.value, stage) for stage in FOLLOWING.values()]
        places = dict([*own, *((place_of(one), Stage(one["stage"])) for one in every)])
        for place, stage in sorted(places.items(), key=lambda one: (ORDER.index(one[1]), one[0] != one[1], one[0])):
            holder, waiting = self.turns.holder(place, group), self.turns.queue(place, group)
            others = [one for one in waiting if holder is None or one.deployment_id != holder.deployment_id]
            yield GroupDeployments(
                stage=stage,
                environment=place,
                under_way=wanted(holder) if holder else None,
                queue=tuple({"position": number, **wanted(one)} for number, one in enumerate(others, start=1)),
                deployments=tuple(sorted((one for one in every if place_of(one) == place), key=when, reverse=True)),
            )

    def deployments(self, version: ModelPackageArn) -> Iterator[Told]:
        """Every deployment of a version."""
        for one in self.inventory.show(version).deployments:
            yield {**one, "model_package_arn": version}


def wanted(turn: Waiting) -> Told:
    """Who wants a turn, and since when."""
    return {**turn.model_dump(mode="json", exclude={"since"}), "since": iso(turn.since)}


def place_of(deployment: Mapping[str, Any]) -> str:
    """The environment that a deployment is to."""
    return str(deployment.get("environment") or deployment["stage"])


def when(deployment: Mapping[str, Any]) -> str:
    """By what deployments are ordered."""
    return str(deployment["requested_at"])
