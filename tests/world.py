"""A whole Steward in memory: every use case wired to fakes, with persons who act and events that are delivered."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from governance.domain.artifacts import Refusal, SealedArtifact
from governance.domain.authority import EVERYBODY, Authority
from governance.domain.bundle import Templates
from governance.domain.copying import Limits
from governance.domain.environment import SIMPLE, Environment, Landscape
from governance.domain.identifiers import Person
from governance.domain.lifecycle import Stage
from governance.domain.model_version import ModelVersion
from governance.domain.registry import PackageChange
from governance.domain.told_of_deployments import Passage, PipelineChange
from governance.services.claiming_sealings import ClaimingSealings
from governance.services.gatekeeping import Gatekeeping
from governance.services.grouping import Grouping
from governance.services.looking_up_images import LookingUpImages
from governance.services.monitoring import Monitoring
from governance.services.promotion import Promotion
from governance.services.recording import Recording
from governance.services.remembering import Remembering
from governance.services.rolling_back import RollingBack
from governance.services.sealing import Sealing
from governance.services.sealing_in_pieces import SealingInPieces
from governance.services.synchronisation import Synchronisation
from governance.services.taking_in import TakingIn
from governance.services.tracking import Tracking
from tests import fakes
from tests.builders import ADA, DEV, HUB, MARY, PROD, TEST, Clock, after, approved, change, described, package_arn
from tests.fakes_of_copying import InMemoryExecutions, InMemoryPapers, InMemoryPieces, in_pieces
from tests.fakes_of_images import InMemoryImages
from tests.fakes_of_policies import InMemoryPolicies
from tests.fakes_of_profiles import InMemoryProfiles
from tests.fakes_of_use_cases import InMemoryUseCases

ENVIRONMENTS = {
    Stage.TEST: Environment(stage=Stage.TEST, account=TEST, pipeline="steward-deploy-test"),
    Stage.PRODUCTION: Environment(stage=Stage.PRODUCTION, account=PROD, pipeline="steward-deploy-prod"),
}


A_DAY = timedelta(days=1)

TEMPLATE = Templates(
    endpoint="PrimaryContainer: {}\nDimensions: []\nContainers: [{}]",
    batch="Machine:\nPrimaryContainer: {}",
    removed="Nothing: {}",
)
"""As much of the stacks' templates as a bundle needs."""


def looking_up(images: InMemoryImages) -> LookingUpImages:
    """Who looks images up, of whom the registries of four accounts are."""
    return LookingUpImages(images, frozenset({HUB, TEST, PROD, DEV}), f"arn:aws:iam::{HUB}:role/steward-copy-artifacts")


class World:
    """Everything, and short words for what happens in it."""

    def __init__(
        self,
        now: Callable[[], datetime] | None = None,
        authority: Authority = EVERYBODY,
        writer: str = "",
        landscape: Landscape = SIMPLE,
    ) -> None:
        self.now = now or Clock()
        self.environments = landscape.by_name or {stage.value: one for stage, one in ENVIRONMENTS.items()}
        self.groups = fakes.InMemoryGroups()
        self.ledger = fakes.InMemoryLedger(self.groups)
        self.registry = fakes.InMemoryRegistry()
        self.vault = fakes.InMemoryVault({"s3://dev-bucket/model.tar.gz": ("etag-1", b"weights")})
        self.leases, self.bundles = fakes.InMemoryLeases(), fakes.InMemoryBundles()
        self.pipelines = fakes.InMemoryPipelines()
        self.profiles = InMemoryProfiles(self.groups)
        self.shelf = InMemoryPolicies(self.groups)
        self.recording = Recording(self.ledger, self.now, authority, writer, landscape)
        self.synchronisation = Synchronisation(self.registry, self.recording)
        self.images = InMemoryImages()
        papers = InMemoryPapers()
        claims = ClaimingSealings(papers, InMemoryExecutions(), self.now)
        self.sealing = Sealing(self.ledger, self.vault, self.recording, looking_up(self.images), claims, self.now)
        self.in_pieces = SealingInPieces(
            InMemoryPieces(self.vault), papers, Limits(), lambda: self.now() + A_DAY, "hub-artifacts"
        )
        self.use_cases = InMemoryUseCases(self.groups)
        self.taking_in = TakingIn(self.use_cases, self.groups, self.now)
        self.grouping = Grouping(self.ledger, self.groups, self.registry, self.recording, self.taking_in)
        remembering = Remembering(self.groups)
        whereto = self.leases, self.profiles, self.bundles, self.pipelines, self.environments
        self.promotion = Promotion(self.ledger, self.recording, remembering, *whereto, "steward", TEMPLATE)
        where = self.profiles, self.pipelines, self.environments
        self.rolling_back = RollingBack(self.ledger, self.recording, remembering, *where)
        self.stacks = fakes.InMemoryStacks()
        kept = self.ledger, self.recording, self.bundles, self.vault
        images = looking_up(self.images)
        self.gatekeeping = Gatekeeping(
            *(*kept, images, self.profiles, self.shelf, "steward", TEMPLATE),
            *("hub-artifacts", self.stacks, self.environments),
        )
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
        plan = self.sealing.plan(arn, effect, f"arn:aws:states:eu-west-1:{HUB}:execution:steward-copy-artifacts:run")
        results = [self.sealing.copy(order) for order in plan.orders]
        sealed = [one for one in results if isinstance(one, SealedArtifact)]
        refusals = [*plan.refusals, *(one for one in results if isinstance(one, Refusal))]
        left = [order for order, one in zip(plan.orders, results, strict=True) if one is None]
        if left and not refusals:
            sealed, refusals = in_pieces(self.in_pieces, f"{effect}/run", left, sealed)
        return self.sealing.end(arn, effect, sealed, refusals, "event-2", plan.images)

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
        execution = execution or deployment.execution_id
        self.knock(arn or package_arn(), stage, deployment.id, execution, deployment.bundle_key)

    def knock(
        self, arn: str, stage: Stage, deployment_id: str, execution: str, bundle_key: str, environment: str = ""
    ) -> None:
        """An execution has its own copy of a bundle, and wants to be let through with it."""
        copy = f"steward-deploy-{stage}/Bundle/{execution}"
        if bundle_key in self.bundles.kept:
            self.bundles.kept.setdefault(copy, self.bundles.kept[bundle_key])
        wanted = Passage(
            version=arn,
            stage=stage,
            environment=environment,
            deployment_id=deployment_id,
            execution_id=execution,
            bundle_key=bundle_key,
            artifact_key=copy,
        )
        self.gatekeeping.verify(wanted, "c")

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
