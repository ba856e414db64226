"""What is promised of everything that the reconciler looks at, kept in memory, at the seam and in the local cloud."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from governance.adapters.cloudtrail import CloudTrailHistory
from governance.adapters.codepipeline_history import CodePipelineHistory
from governance.adapters.dynamodb_leases import DynamoDbLeases
from governance.adapters.dynamodb_ledger import DynamoDbLedger
from governance.adapters.dynamodb_records import DynamoDbRecords
from governance.adapters.pacing import Pace
from governance.adapters.relay_function import RelayFunction
from governance.adapters.rows import Table
from governance.adapters.sagemaker_catalogue import SageMakerCatalogue
from governance.adapters.workload_endpoints import WorkloadEndpoints
from governance.domain.environment import Environment
from governance.domain.errors import GroupNotFound, ListingLost, PublishingFailed
from governance.domain.lifecycle import Stage
from governance.domain.registry import RegistryCall
from governance.ports.delivery import Waiting
from governance.ports.inspection import Calls
from governance.services.recording import Recording
from governance.services.synchronisation import Synchronisation
from tests import fakes
from tests.aws.resources import TABLE, client
from tests.builders import ADA, BORN, MARY, TEST, Clock, after, change, described, group_arn, package_arn
from tests.contract.local_backend import make_pipelines, use_local_cloud
from tests.contract.reconciled import CatalogueStandIn, LambdaStandIn, PipelinesStandIn, TrailStandIn
from tests.reconciling import InMemoryCatalogue, InMemoryHistory, InMemoryRecords, InMemoryTrail

ENVIRONMENT = Environment(stage=Stage.TEST, account=TEST, pipeline="steward-deploy-test")
QUICK = Pace(1_000_000, 1_000_000)


def every(page: Callable[[str], Any], items: str) -> list[Any]:
    """All items of a listing, page after page."""
    found: list[Any] = []
    token = ""
    while True:
        listed = page(token)
        found += getattr(listed, items)
        token = listed.token
        if not token:
            return found


def registered(kind: str, request: pytest.FixtureRequest, count: int) -> Any:
    """A catalogue of two groups: one version in the first, so many in the second."""
    arns = [package_arn("alpha", 1), *(package_arn("beta", number) for number in range(1, count + 1))]
    if kind == "in memory":
        registry = fakes.InMemoryRegistry()
        registry.packages = {arn: described(change(0, arn=arn), ADA) for arn in arns}
        return InMemoryCatalogue(registry)
    seam = request.getfixturevalue("seam")
    if kind == "stand-in":
        standin = CatalogueStandIn()
        seam.standins = {"sagemaker": standin}
        for arn in arns:
            standin.packages[arn] = described(change(0, arn=arn), ADA).model_dump(by_alias=True, exclude_none=True)
        return SageMakerCatalogue(client("sagemaker"), QUICK)
    use_local_cloud(request.getfixturevalue("monkeypatch"))
    sagemaker = client("sagemaker")
    for arn in arns:
        group = arn.split("/")[1]
        if arn.endswith("/1"):
            sagemaker.create_model_package_group(ModelPackageGroupName=group)
        sagemaker.create_model_package(ModelPackageGroupName=group, ModelApprovalStatus="PendingManualApproval")
    return SageMakerCatalogue(sagemaker, QUICK)


@pytest.mark.parametrize("kind", ["in memory", "stand-in", "local cloud"])
def test_a_groups_policy_is_read_statement_by_statement(kind, request):
    catalogue = registered(kind, request, 1)
    assert list(catalogue.policy(group_arn("alpha"))) == []
    statement = {"Effect": "Allow", "Principal": {"AWS": TEST}, "Action": "sagemaker:CreateModelPackage"}
    if kind == "in memory":
        catalogue.policies[group_arn("alpha")] = [statement]
    else:
        sagemaker = catalogue.sagemaker
        told = {"Version": "2012-10-17", "Statement": [{**statement, "Sid": "A", "Resource": group_arn("alpha")}]}
        if kind == "stand-in":
            request.getfixturevalue("seam").standins["sagemaker"].policies["alpha"] = told
        else:
            sagemaker.put_model_package_group_policy(ModelPackageGroupName="alpha", ResourcePolicy=json.dumps(told))
    (found,) = catalogue.policy(group_arn("alpha"))
    assert statement.items() <= found.items()


@pytest.mark.parametrize("kind", ["in memory", "stand-in", "local cloud"])
def test_the_registrys_listings_hold_everything_once(kind, request):
    catalogue = registered(kind, request, 60)
    groups = every(catalogue.groups, "arns")
    assert [arn.rsplit("/", 1)[-1] for arn in groups] == ["alpha", "beta"]
    listed = [arn for group in groups for arn in every(lambda token, of=group: catalogue.packages(of, token), "arns")]
    assert len(listed) == len(set(listed)) == 61
    assert every(lambda token: catalogue.packages(None, token), "arns") == []
    gone = listed[-1].rsplit("/", 1)[0] + "/999"
    assert set(catalogue.present([listed[0], listed[-1], gone])) == {listed[0], listed[-1]}
    with pytest.raises(ListingLost):
        catalogue.packages(groups[1], "no token of yours")


@pytest.mark.parametrize("kind", ["stand-in", "local cloud"])
def test_a_group_that_is_gone_is_said_to_be(kind, request):
    catalogue = registered(kind, request, 1)
    account = catalogue.groups().arns[0].rsplit("/", 1)[0]
    with pytest.raises(GroupNotFound):
        catalogue.packages(f"{account}/gamma")


@pytest.mark.parametrize("kind", ["in memory", "stand-in", "local cloud"])
def test_executions_are_listed_and_found_by_id(kind, request):
    history: Any
    if kind == "in memory":
        pipelines = fakes.InMemoryPipelines()
        history = InMemoryHistory(pipelines)
        start = pipelines.start
    else:
        seam = request.getfixturevalue("seam")
        if kind == "stand-in":
            seam.standins = {"codepipeline": PipelinesStandIn()}
        else:
            use_local_cloud(request.getfixturevalue("monkeypatch"))
            make_pipelines()
        history = CodePipelineHistory(client("codepipeline"), QUICK)
        start = history.pipelines.start
    variables = {"DeploymentId": "d", "ModelPackageArn": package_arn()}
    started = {start(ENVIRONMENT, str(number), "bundles/x.zip", variables) for number in range(3)}
    listed = every(lambda token: history.listed(ENVIRONMENT.pipeline, token), "executions")
    assert {one.id for one in listed} == started
    assert history.find(ENVIRONMENT.pipeline, listed[0].id).variables["DeploymentId"] == "d"
    assert history.find(ENVIRONMENT.pipeline, "a0000000-0000-4000-8000-000000000000") is None


@pytest.mark.parametrize("kind", ["in memory", "DynamoDB"])
def test_every_version_on_record_is_listed_and_looked_at(kind, request):
    groups = fakes.InMemoryGroups()
    ledger: Any = fakes.InMemoryLedger(groups)
    leases: Any = fakes.InMemoryLeases()
    records: Any = InMemoryRecords(ledger)
    if kind == "DynamoDB":
        request.getfixturevalue("seam")
        rows = Table(TABLE)
        ledger, leases, records = DynamoDbLedger(rows), DynamoDbLeases(rows), DynamoDbRecords(rows)
    registry = fakes.InMemoryRegistry()
    synchronisation = Synchronisation(registry, Recording(ledger, Clock()))
    arns = [package_arn(version=number) for number in range(1, 13)]
    for arn in arns:
        registry.packages[arn] = described(change(0, arn=arn), ADA)
        synchronisation.observe(change(0, arn=arn), "c")
    place, listed = "", []
    while True:
        page = records.listed(place)
        listed += page.versions
        place = page.place
        if not place:
            break
    assert sorted(listed) == sorted(arns)
    looked = records.look([*arns, package_arn(version=99)])
    assert looked[arns[0]].state.model.arn == arns[0]
    assert (looked[package_arn(version=99)].state, looked[arns[0]].relayed) == (None, 0)
    entries = records.after(arns[0], 1)
    assert [entry.sequence for entry in entries] == list(range(2, looked[arns[0]].sequence + 1))
    effect = looked[arns[0]].state.sealing.effect_id
    assert effect in records.announcing(arns[0], "SealingRequested", effect).entry
    assert records.announcing(arns[0], "DeploymentRequested", effect) is None
    assert leases.holder(Stage.TEST, group_arn()) is None
    leases.acquire(Stage.TEST, group_arn(), Waiting(deployment_id="d", model_package_arn=arns[0], since=BORN))
    leases.acquire(Stage.TEST, group_arn(), Waiting(deployment_id="e", model_package_arn=arns[0], since=BORN))
    assert leases.waits(Stage.TEST, group_arn(), "e")
    assert not leases.waits(Stage.TEST, group_arn(), "d")
    assert leases.next(Stage.TEST, group_arn()).deployment_id == "e"
    assert leases.next(Stage.PRODUCTION, group_arn()) is None
    assert leases.holder(Stage.TEST, group_arn()).deployment_id == "d"
    if kind == "DynamoDB":
        assert records.begun_at() is not None


def test_a_head_that_cannot_be_read_is_named_and_not_raised(seam):
    client("dynamodb").put_item(
        TableName=TABLE,
        Item={"pk": {"S": f"MODEL#{package_arn()}"}, "sk": {"S": "HEAD"}, "state": {"S": '{"facts": "x"}'}},
    )
    assert "cannot be read" in DynamoDbRecords(Table(TABLE)).look([package_arn()])[package_arn()].damage


def recorded(seconds: float, **more: Any) -> dict[str, Any]:
    """CloudTrail's record of an approval."""
    asked = {"modelPackageArn": package_arn(), "modelApprovalStatus": "Approved"}
    return {
        "eventName": "UpdateModelPackage",
        "eventTime": after(seconds).isoformat(),
        "userIdentity": {"arn": MARY.arn},
        "requestParameters": asked,
        **more,
    }


@pytest.mark.parametrize("kind", ["in memory", "stand-in"])
def test_cloudtrails_calls_come_oldest_first_and_all_of_them(kind, request):
    times = [10, 20, 30, 40, 50, 5000]
    trail: Any = InMemoryTrail([])
    if kind == "stand-in":
        refused = recorded(25, errorCode="AccessDenied")
        seam = request.getfixturevalue("seam")
        seam.standins = {"cloudtrail": TrailStandIn([refused, *map(recorded, times)])}
        trail = CloudTrailHistory(client("cloudtrail"), QUICK, lambda: after(6000))
    else:
        trail.seen = [read for time in times if (read := as_call(recorded(time)))]
    found = trail.calls(after(15), after(100))
    assert [call.event_time for call in found.calls] == [after(second) for second in (20, 30, 40, 50)]
    assert found.complete


def as_call(record: dict[str, Any]) -> Any:
    return RegistryCall.model_validate(record)


def test_what_cloudtrail_no_longer_knows_or_tells_oddly_is_not_complete(seam):
    seam.standins = {
        "cloudtrail": TrailStandIn([recorded(20), recorded(30, requestParameters={"modelPackageArn": "?"})])
    }
    history = CloudTrailHistory(client("cloudtrail"), QUICK, lambda: after(6000))
    assert not history.calls(after(15), after(100)).complete
    assert history.calls(after(15), after(25)).complete
    assert (
        not CloudTrailHistory(client("cloudtrail"), QUICK, lambda: after(0) + timedelta(days=91))
        .calls(after(15), after(25))
        .complete
    )


def test_cloudtrail_is_asked_of_no_moment_that_it_cannot_know(seam):
    seam.standins = {"cloudtrail": TrailStandIn([recorded(20)])}
    history = CloudTrailHistory(client("cloudtrail"), QUICK, lambda: after(6000))
    first = datetime.min.replace(tzinfo=UTC)
    with seam.watch() as calls:
        assert history.calls(first, after(-91 * 86_400)) == Calls(calls=(), complete=False)
        found = history.calls(first, after(100))
    assert (len(found.calls), found.complete) == (1, False)
    assert [call.parameters["StartTime"] for call in calls] == [after(6000) - timedelta(days=90)]


def test_endpoints_of_a_workload_account_show_what_they_load(seam):
    sagemaker = client("sagemaker")
    sagemaker.create_model(
        ModelName="m",
        ExecutionRoleArn=f"arn:aws:iam::{TEST}:role/x",
        PrimaryContainer={"Image": "repo/image@sha256:1", "ModelDataUrl": "s3://hub/sealed/1/model.tar.gz"},
    )
    variant = {"VariantName": "v", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="steward-pd-test", EndpointConfigName="c")
    workloads = WorkloadEndpoints(client("sts"), "steward", QUICK, Clock())
    workloads.client = lambda _: sagemaker  # type: ignore[method-assign]
    (listed,) = every(lambda token: workloads.listed(ENVIRONMENT, token), "endpoints")
    assert listed.name == "steward-pd-test"
    seen = workloads.look(ENVIRONMENT, "steward-pd-test")
    assert (seen.images, seen.model_data) == (("repo/image@sha256:1",), ("s3://hub/sealed/1/model.tar.gz",))
    assert workloads.look(ENVIRONMENT, "another") is None


def test_the_relay_is_handed_entries_as_the_stream_brings_them(seam):
    ledger = DynamoDbLedger(Table(TABLE))
    registry = fakes.InMemoryRegistry({package_arn(): described(change(0), ADA)})
    Synchronisation(registry, Recording(ledger, Clock())).observe(change(0), "c")
    entries = DynamoDbRecords(Table(TABLE)).after(package_arn(), 0)
    told: list[Any] = []
    answers: list[Any] = [{"batchItemFailures": []}, {"batchItemFailures": [{"itemIdentifier": "1"}]}]
    seam.standins = {"lambda": LambdaStandIn({"relay": lambda event: told.append(event) or answers.pop(0)})}
    relay = RelayFunction(client("lambda"), "relay")
    relay.again(f"MODEL#{package_arn()}", entries)
    images = [record["dynamodb"]["NewImage"] for record in told[0]["Records"]]
    assert [image["entry"]["S"] for image in images] == [entry.entry for entry in entries]
    with pytest.raises(PublishingFailed):
        relay.again(f"MODEL#{package_arn()}", entries)


def test_a_pace_lets_a_few_through_at_once_and_then_so_many_a_second():
    moment, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        moment[0] += seconds

    pace = Pace(2, 3, lambda: moment[0], sleep)
    for _ in range(7):
        pace.wait()
    assert slept == pytest.approx([0.5] * 4)
