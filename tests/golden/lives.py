"""The lives that are frozen of each release: the usual one, its failures, what comes late, and what is odd."""

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, given, seed, settings

from governance.domain.commands import ModelMetricsReported, ModelValidationCompleted
from governance.domain.facts import AnyFact
from governance.domain.lifecycle import Stage
from governance.domain.metrics import Metric
from governance.domain.told_of_deployments import EndpointChange
from tests.builders import (
    ADA,
    KATHERINE,
    PROD,
    TEST,
    after,
    approved,
    call,
    change,
    described,
    group_arn,
    moved,
    package_arn,
    rejected,
    specification,
)
from tests.unit.governance.lives import lives as anything
from tests.world import World, deployed_to_test

TAGS = {
    "steward:use-case-id": "UC-17",
    "steward:owner": "mary.jackson",
    "steward:line-of-business": "retail-credit",
    "steward:project": "pd",
    "steward:risk": "high",
}
REPORTS = {
    "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://dev-bucket/q.json",
                                    "ContentDigest": f"sha256:{'c' * 64}"}},
    "Bias": {"Report": {"ContentType": "application/json", "S3Uri": "s3://dev-bucket/b.json"}},
}  # fmt: skip


def run(world: World, stage: Stage, arn: str | None = None) -> str:
    """Deploy what is requested in a stage; the deployment's id."""
    world.start(stage, arn)
    world.verify(stage, arn=arn)
    world.end(stage, arn=arn)
    deployment = world.deployment(stage, arn)
    world.grouping.serve(arn or package_arn(), stage, "e")
    world.promotion.give_way(arn or package_arn(), stage, deployment.id, "e")
    return str(deployment.id)


def measure(world: World, stage: Stage, account: str, deployment_id: str) -> None:
    """Validation and monitoring of a stage report."""
    now, metrics = world.now(), (Metric(name="auc", value=0.81), Metric(name="latency_p95_ms", value=12.5))
    shared = {"model_package_arn": package_arn(), "stage": stage, "endpoint": "pd", "metrics": metrics}
    validated = ModelValidationCompleted(
        **shared, completed_at=now, deployment_id=deployment_id, validation_set="d" * 64, rows=100
    )
    world.monitoring.record(validated, account, "event-7")
    world.monitoring.record(ModelMetricsReported(**shared, measured_at=now), account, "event-8")


def whole_life(world: World) -> None:
    """Registered in a group with owners, deployed to test and production, measured, replaced by the next version."""
    world.registry.group_tags[group_arn()] = TAGS
    for version in (7, 8):
        arn = world.register(version, ModelMetrics=REPORTS, CustomerMetadataProperties={"steward:project": "own"})
        world.grouping.onboard(arn, "event-6")
        world.seal(arn)
        world.tell(approved(60 + version, arn=arn, ApprovalDescription="looks good"))
        world.now.moment = max(world.now.moment, after(80))
        deployment = run(world, Stage.TEST, arn)
        if version == 7:
            measure(world, Stage.TEST, TEST, deployment)
        at = 200 + 100 * (version - 7)
        world.tell(moved(at, "Test", "Approved", arn=arn), by=KATHERINE)
        world.now.moment = max(world.now.moment, after(at + 1))
        deployment = run(world, Stage.PRODUCTION, arn)
        if version == 7:
            measure(world, Stage.PRODUCTION, PROD, deployment)
            told = EndpointChange(
                endpoint_arn=world.deployment(Stage.PRODUCTION).endpoint_arn, status="IN_SERVICE", at=world.now()
            )
            world.tracking.watch(told, "event-9")
            world.tell(moved(250, "Production", "Approved"), by=KATHERINE)
    world.tell(moved(400, "Production", "Retired"), by=KATHERINE)


def rejected_and_approved_again(world: World) -> None:
    """Approved, rejected before its deployment began, approved again, deployed, and taken back."""
    world.register()
    world.seal()
    world.tell(approved(60, ApprovalDescription="fine"))
    world.tell(rejected(70, ApprovalDescription="not so fine"))
    world.now.moment = after(71)
    world.start(Stage.TEST)
    world.tell(approved(90))
    world.now.moment = after(91)
    run(world, Stage.TEST)
    world.tell(rejected(120))


def failed_and_retried(world: World) -> None:
    """A pipeline that fails, is asked again, is stopped, retried in itself, and met by a second execution."""
    world.register()
    world.seal()
    world.tell(approved(60))
    world.now.moment = after(61)
    world.start(Stage.TEST)
    world.verify(Stage.TEST)
    world.now.moment = after(100)
    world.end(Stage.TEST, "Failed", "Deploy: no capacity")
    world.promotion.give_way(package_arn(), Stage.TEST, world.deployment(Stage.TEST).id, "e")
    world.tell(approved(160))
    world.now.moment = after(161)
    world.start(Stage.TEST)
    world.verify(Stage.TEST)
    world.end(Stage.TEST, "Stopped", "somebody stopped it")
    world.end(Stage.TEST, "InProgress", attempt=2)
    world.end(Stage.TEST, attempt=2)


def told_late(world: World) -> None:
    """Everything is told backwards, and CloudTrail is first."""
    told = [
        change(0),
        change(30, "PendingManualApproval", UpdatedModelPackageFields=["CustomerMetadataProperties"]),
        approved(60),
        rejected(70),
        approved(80),
        moved(90, "Test", "Approved"),
    ]
    world.registry.packages[package_arn()] = described(told[-1], KATHERINE, ADA)
    world.deliver(told[1])
    world.synchronisation.identify(call(80, modelApprovalStatus="Approved"), "event-5")
    for one in reversed(told):
        world.now.wait(5)
        world.deliver(one)
    asked = {"stage": "Test", "stageStatus": "Approved"}
    world.synchronisation.identify(call(90, by=KATHERINE, modelLifeCycle=asked), "event-5")
    world.synchronisation.identify(call(60, modelApprovalStatus="Approved"), "event-5")
    world.now.moment = after(120)
    world.seal()


def within_one_second(world: World) -> None:
    """Three changes of one second, of which a Describe settles what holds."""
    world.register()
    world.seal()
    last = change(60, "Rejected", UpdatedModelPackageFields=["ModelApprovalStatus"])
    world.registry.packages[package_arn()] = described(last)
    world.now.moment = after(61)
    for one in (approved(60), moved(60, "Test", "Approved"), last):
        world.deliver(one)
    world.tell(approved(75), by=ADA)


def born_approved(world: World) -> None:
    """Registered with a decision in it, by tag only, in a group for which nobody answers, then moved oddly."""
    untagged = specification(ImageDigest="")
    world.registry.group_tags[group_arn()] = {"steward:owner": "nobody"}
    world.tell(change(0, "Approved", InferenceSpecification=untagged), by=ADA)
    world.seal()
    for at, stage, status in ((20, "Mars", "Approved"), (30, "Test", "Wobbly"), (40, "Production", "Retired"),
                              (50, "Production", "Approved"), (60, "Test", "Rejected")):  # fmt: skip
        world.tell(moved(at, stage, status, InferenceSpecification=untagged), by=KATHERINE)


def changed_and_lost(world: World) -> None:
    """Its specification is changed after approval, then the package goes, and another takes its name."""
    deployed_to_test(world)
    other = specification(url="s3://dev-bucket/other.tar.gz", etag="etag-2")
    world.tell(
        change(200, "Approved", InferenceSpecification=other, UpdatedModelPackageFields=["InferenceSpecification"]),
        by=ADA,
    )
    world.now.moment = after(201)
    world.seal()
    world.tell(approved(220, InferenceSpecification=other))
    world.registry.packages.clear()
    world.now.moment = after(260)
    world.deliver(rejected(250, InferenceSpecification=other))
    reborn = {"CreationTime": after(900).isoformat()}
    world.registry.packages[package_arn()] = described(change(900, **reborn))
    world.now.moment = after(901)
    world.deliver(change(900, **reborn))


def not_to_be_deployed(world: World) -> None:
    """A prefix that cannot be sealed, a package that failed, a report of an account that may not report."""
    prefix = specification(url="s3://dev-bucket/folder/")
    world.tell(change(0, InferenceSpecification=prefix), by=ADA)
    world.seal()
    told = ModelMetricsReported(
        model_package_arn=package_arn(), stage=Stage.TEST, endpoint="pd", measured_at=world.now(),
        metrics=(Metric(name="auc", value=0.5),),
    )  # fmt: skip
    world.monitoring.record(told, "999900001111", "event-7")
    impossible = ModelValidationCompleted(
        model_package_arn=package_arn(), stage=Stage.TEST, completed_at=world.now(), not_possible="no rows"
    )
    world.monitoring.record(impossible, TEST, "event-7")
    world.tell(change(50, ModelPackageStatus="Failed", InferenceSpecification=prefix), by=ADA)


def random_lives(count: int) -> list[list[AnyFact]]:
    """Lives of every kind of fact in any combination, the same each time for one version of hypothesis."""
    found: list[list[AnyFact]] = []

    @seed(17)
    @settings(max_examples=400, database=None, suppress_health_check=list(HealthCheck), deadline=None)
    @given(anything(most=22, least=12))
    def collect(facts: list[Any]) -> None:
        found.append(facts)

    collect()
    found.sort(key=lambda facts: (len({fact.kind for fact in facts}), len(facts)), reverse=True)
    return found[:count]


LIVES: Mapping[str, Callable[[World], None]] = {
    "whole-life": whole_life,
    "rejected-and-approved-again": rejected_and_approved_again,
    "failed-and-retried": failed_and_retried,
    "told-late": told_late,
    "within-one-second": within_one_second,
    "born-approved": born_approved,
    "changed-and-lost": changed_and_lost,
    "not-to-be-deployed": not_to_be_deployed,
}
"""By the name of the file that keeps it."""
