"""A whole Steward in memory: every use case wired to fakes, with persons who act and events that are delivered."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from governance.domain.authority import EVERYBODY, Authority
from governance.domain.deployment import PipelineChange
from governance.domain.environment import Environment
from governance.domain.identifiers import Person
from governance.domain.lifecycle import Stage
from governance.domain.model_version import ModelVersion
from governance.domain.registry import PackageChange
from governance.services.gatekeeping import Gatekeeping
from governance.services.grouping import Grouping
from governance.services.monitoring import Monitoring
from governance.services.promotion import Promotion
from governance.services.recording import Recording
from governance.services.remembering import Remembering
from governance.services.rolling_back import RollingBack
from governance.services.sealing import Sealing
from governance.services.synchronisation import Synchronisation
from governance.services.tracking import Tracking
from tests import fakes
from tests.builders import ADA, HUB, MARY, PROD, TEST, Clock, after, approved, change, described, package_arn

ENVIRONMENTS = {
    Stage.TEST: Environment(stage=Stage.TEST, account=TEST, pipeline="steward-deploy-test"),
    Stage.PRODUCTION: Environment(stage=Stage.PRODUCTION, account=PROD, pipeline="steward-deploy-prod"),
}


class World:
    """Everything, and short words for what happens in it."""

    def __init__(
        self, now: Callable[[], datetime] | None = None, authority: Authority = EVERYBODY, writer: str = ""
    ) -> None:
        self.now = now or Clock()
        self.groups = fakes.InMemoryGroups()
        self.ledger = fakes.InMemoryLedger(self.groups)
        self.registry = fakes.InMemoryRegistry()
        self.vault = fakes.InMemoryVault({"s3://dev-bucket/model.tar.gz": ("etag-1", b"weights")})
        self.leases, self.bundles, self.pipelines = (
            fakes.InMemoryLeases(),
            fakes.InMemoryBundles(),
            fakes.InMemoryPipelines(),
        )
        self.recording = Recording(self.ledger, self.now, authority, writer)
        self.synchronisation = Synchronisation(self.registry, self.recording)
        self.sealing = Sealing(self.ledger, self.vault, self.recording, self.now)
        self.grouping = Grouping(self.ledger, self.groups, self.registry, self.recording)
        self.promotion = Promotion(
            self.ledger,
            self.recording,
            Remembering(self.groups),
            self.leases,
            self.bundles,
            self.pipelines,
            ENVIRONMENTS,
            "steward",
            "Environment: {}",
        )
        self.rolling_back = RollingBack(
            self.ledger, self.recording, Remembering(self.groups), self.pipelines, ENVIRONMENTS
        )
        self.gatekeeping = Gatekeeping(self.ledger, self.recording, self.bundles, self.vault)
        self.tracking = Tracking(self.recording, self.pipelines, self.ledger)
        self.monitoring = Monitoring(
            self.recording, {stage: frozenset({one.account, HUB}) for stage, one in ENVIRONMENTS.items()}
        )

    def tell(self, told: PackageChange, by: Person = MARY, registered_by: Person = ADA) -> ModelVersion | None:
        """The registry changed, and its event arrives at once."""
        self.registry.packages[told.model_package_arn] = described(told, by, registered_by)
        return self.deliver(told)

    def deliver(self, told: PackageChange) -> ModelVersion | None:
        """An event arrives, whatever the registry says now."""
        return self.synchronisation.observe(told, "event-1")

    def register(self, version: int = 7, **fields: Any) -> str:
        arn = package_arn(version=version)
        self.tell(change(0, arn=arn, **fields), by=ADA)
        return arn

    def state(self, arn: str | None = None) -> ModelVersion:
        found = self.ledger.open(arn or package_arn()).state
        assert found is not None
        return found

    def seal(self, arn: str | None = None) -> ModelVersion | None:
        """The state machine runs."""
        arn = arn or package_arn()
        effect = self.state(arn).sealing.effect_id
        plan = self.sealing.plan(arn, effect)
        results = [self.sealing.copy(order) for order in plan.orders]
        sealed = [one for one in results if hasattr(one, "sha256")]
        refusals = [*plan.refusals, *(one for one in results if not hasattr(one, "sha256"))]
        return self.sealing.end(arn, effect, sealed, refusals, "event-2")

    def deployment(self, stage: Stage, arn: str | None = None) -> Any:
        return self.state(arn).deployment_in(stage)

    def start(self, stage: Stage, arn: str | None = None) -> Any:
        """The announcement of a requested deployment arrives."""
        arn = arn or package_arn()
        self.promotion.start(arn, self.deployment(stage, arn).id, "event-3")
        return self.deployment(stage, arn)

    def verify(self, stage: Stage, execution: str | None = None, arn: str | None = None) -> None:
        """The pipeline's first action runs."""
        deployment = self.deployment(stage, arn)
        self.gatekeeping.verify(
            arn or package_arn(), stage, deployment.id, execution or deployment.execution_id, deployment.bundle_key, "c"
        )

    def end(
        self,
        stage: Stage,
        status: str = "Succeeded",
        reason: str = "",
        arn: str | None = None,
        execution: str = "",
        attempt: int = 1,
    ) -> ModelVersion | None:
        """The pipeline ended, and its event arrives."""
        execution = execution or self.deployment(stage, arn).execution_id
        self.pipelines.end(execution, status, reason)
        pipeline = ENVIRONMENTS[stage].pipeline
        told = PipelineChange(pipeline=pipeline, execution_id=execution, attempt=attempt, at=self.now(), ended=True)
        return self.tracking.follow(told, "event-4")


def deployed_to_test(world: World) -> World:
    """The world with a version approved in development and running in test."""
    world.register()
    world.seal()
    world.tell(approved(60))
    world.now.moment = after(61)
    world.start(Stage.TEST)
    world.verify(Stage.TEST)
    world.end(Stage.TEST)
    return world


def open_findings(world: World, arn: str | None = None) -> set[str]:
    """The codes of what is wrong with a version now."""
    return {finding.code for finding in world.state(arn).findings.values() if finding.is_open}
