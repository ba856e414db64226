"""Announcements are delivered to the functions that act on them, and pipelines run: in whatever order a test wants."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from governance.domain.environment import Environment
from governance.domain.errors import ClaimHeld, DeploymentRefused
from governance.domain.lifecycle import DeploymentStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.told_of_deployments import PipelineChange
from tests.world import World

REMOVALS = ("EndpointRemoved", "RemovalFailed")
ENDS = ("DeploymentSucceeded", "DeploymentFailed")


@dataclass
class Deliveries:
    """A world in which what was announced waits to be delivered, and pipelines to go on."""

    world: World
    waiting: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """Who is told, of what, and what it says."""
    told: dict[str, int] = field(default_factory=dict)
    phases: dict[str, int] = field(default_factory=dict)
    """How far executions have come: 0 before Verify, 1 before Deploy, 2 before Validate."""
    serves: dict[str, str] = field(default_factory=dict)
    """The version that really is at the endpoint of an environment; a stage's own goes by the stage's name."""
    tries: dict[str, str] = field(default_factory=dict)
    """The version that is tried beside it, if one is."""

    def collect(self) -> None:
        """Put what was announced since in front of everybody who listens."""
        for arn, entries in self.world.ledger.entries.items():
            known = self.told.get(arn, 0)
            for entry in entries[known:]:
                for event in entry.content["events"]:
                    for listener, names in LISTENERS.items():
                        if event["detail_type"] in names:
                            self.waiting.append((listener, event["detail_type"], event["detail"]))
            self.told[arn] = len(entries)

    def deliver(self, index: int, again: bool = False) -> None:
        """Deliver one of the announcements that wait, perhaps not for the last time."""
        listener, name, detail = self.waiting[index]
        if not again:
            del self.waiting[index]
        ACTS[listener](self.world, name, detail)
        self.collect()

    def hear(self) -> None:
        """Deliver everything that was announced, while no pipeline goes on."""
        self.collect()
        while self.waiting:
            self.deliver(0)

    def running(self) -> list[str]:
        """Executions that have not ended."""
        return [key for key, one in self.world.pipelines.executions.items() if one.status in {"InProgress", "Stopping"}]

    def advance(self, execution: str, fails: bool = False) -> None:
        """Let an execution do its next action, or stop before it."""
        one, phase = self.world.pipelines.executions[execution], self.phases.get(execution, 0)
        place, arn = self.place_of(one.pipeline), one.variables["ModelPackageArn"]
        if one.status == "Stopping":
            return self.end(execution, "Stopped", "stopped")
        if fails:
            return self.end(execution, "Failed", ("Verify", "Deploy", "Validate")[phase] + ": no luck")
        if phase == 0 and (refused := self.refused(one.variables, place, arn, execution)):
            return self.end(execution, "Failed", f"Verify: {refused}")
        if phase == 1:
            beside = self.world.state(arn).deployment(one.variables["DeploymentId"]).beside
            self.tries = {key: tried for key, tried in self.tries.items() if key != place.called}
            self.tries |= {place.called: arn} if beside else {}
            self.serves[place.called] = beside.version if beside else arn
            if self.world.state(arn).deployment(one.variables["DeploymentId"]).removes:
                del self.serves[place.called]
            self.world.pipelines.deployed.add(execution)
        if phase == 2:
            return self.end(execution, "Succeeded", "")
        self.phases[execution] = phase + 1
        return self.collect()

    def place_of(self, pipeline: str) -> Environment:
        """The environment that a pipeline deploys to."""
        return next(one for one in self.world.environments.values() if one.pipeline == pipeline)

    def refused(self, told: Any, place: Environment, arn: str, execution: str) -> str:
        """Ask the pipeline's first action: why it refuses, or empty text."""
        try:
            self.world.knock(arn, place.stage, told["DeploymentId"], execution, told["BundleKey"], place.told)
        except (DeploymentRefused, ClaimHeld) as refused:
            return str(refused)
        return ""

    def end(self, execution: str, status: str, reason: str) -> None:
        """An execution ends, and its event arrives."""
        self.world.pipelines.end(execution, status, reason)
        pipeline = self.world.pipelines.executions[execution].pipeline
        told = PipelineChange(pipeline=pipeline, execution_id=execution, attempt=1, at=self.world.now(), ended=True)
        self.world.tracking.follow(told, "event-4")
        self.collect()

    def settle(self) -> None:
        """Deliver and run everything until nothing waits and nothing runs."""
        for _ in range(200):
            self.hear()
            running = self.running()
            if not running:
                return
            self.advance(running[0])
        raise AssertionError("this life never comes to rest")

    def deployed(self, stage: Stage) -> list[str]:
        """The versions that are on record as serving in a stage."""
        return [arn for arn in self.world.ledger.states if status(self.world.state(arn), stage) == "deployed"]


def status(state: ModelVersion, stage: Stage) -> DeploymentStatus:
    return state.deployment_status(stage)


def sealed(world: World, _name: str, detail: dict[str, Any]) -> None:
    if world.state(detail["model_package_arn"]).sealing.effect_id == detail["effect_id"]:
        world.seal(detail["model_package_arn"])


def started(world: World, name: str, detail: dict[str, Any]) -> None:
    arn, deployment = detail["model_package_arn"], detail["deployment_id"]
    if name in {"DeploymentRequested", "RemovalRequested"}:
        world.promotion.start(arn, deployment, "c")
    else:
        world.promotion.give_way(arn, Stage(detail["stage"]), deployment, "c")


def grouped(world: World, name: str, detail: dict[str, Any]) -> None:
    if name == "EndpointRemoved":
        return world.grouping.swept(detail["model_package_arn"], detail["deployment_id"], "c")
    return world.grouping.serve(detail["model_package_arn"], Stage(detail["stage"]), "c")


def taken_back(world: World, name: str, detail: dict[str, Any]) -> None:
    if name == "RollbackRequested":
        world.rolling_back.take_back(detail["model_package_arn"], detail["effect_id"], "c")
    else:
        world.rolling_back.ended(detail["model_package_arn"], detail["deployment_id"], "c")


LISTENERS: dict[str, frozenset[str]] = {
    "copy_artifacts": frozenset({"SealingRequested"}),
    "start_deployment": frozenset(
        {"DeploymentRequested", "RemovalRequested", *ENDS, "DeploymentSkipped", *REMOVALS, "ModelRolledBack"}
    ),
    "sync_model_group": frozenset({"DeploymentSucceeded", "EndpointRemoved"}),
    "roll_back": frozenset({"RollbackRequested", *ENDS}),
}
ACTS: dict[str, Callable[[World, str, dict[str, Any]], None]] = {
    "copy_artifacts": sealed,
    "start_deployment": started,
    "sync_model_group": grouped,
    "roll_back": taken_back,
}
