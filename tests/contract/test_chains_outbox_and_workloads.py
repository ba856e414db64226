"""What is promised of audit trails, of the relay and of endpoints elsewhere, kept in memory and by the adapters."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from governance.adapters import dynamodb_ledger
from governance.adapters.dynamodb_chains import DynamoDbChains
from governance.adapters.dynamodb_ledger import DynamoDbLedger
from governance.adapters.dynamodb_records import DynamoDbRecords
from governance.adapters.pacing import Pace
from governance.adapters.relay_function import RelayFunction
from governance.adapters.rows import Table
from governance.adapters.workload_endpoints import WorkloadEndpoints
from governance.domain.audit import AuditEntry
from governance.domain.environment import Environment
from governance.domain.errors import AccountUnreadable
from governance.domain.lifecycle import Stage
from governance.ports.inspection import EndpointSeen
from tests import fakes
from tests.aws.cloud import Cloud
from tests.aws.conftest import hub_in_memory
from tests.aws.resources import TABLE, client
from tests.aws.seam import Fault, Seam
from tests.builders import PERSON_KEY, REGION, TEST, Clock, approved, package_arn
from tests.reconciling import InMemoryOutbox, InMemoryRecords, InMemoryWorkloads
from tests.unit.verification.trails import InMemoryChains, Trail, record
from tests.world import World

KINDS = ("in memory", "adapter")
ENVIRONMENT = Environment(stage=Stage.TEST, account=TEST, pipeline="steward-deploy-test")
QUICK = Pace(1_000_000, 1_000_000)
SEVEN = package_arn()


def lived(world: World) -> World:
    """A few facts of two versions, some of them late."""
    world.register(7)
    world.seal()
    world.tell(approved(60))
    world.register(8)
    world.deliver(approved(30))
    return world


def test_the_trails_in_memory_are_those_that_a_scan_reads(seam, monkeypatch):
    monkeypatch.setattr(dynamodb_ledger, "new_person_key", lambda: PERSON_KEY)
    kept = lived(World())
    monkeypatch.setattr(fakes, "InMemoryLedger", lambda _groups: DynamoDbLedger(Table(TABLE)))
    lived(World())
    trail = Trail()
    for version in kept.ledger.entries:
        record(trail, kept, version)
    found = [dict(row) for row in DynamoDbChains(Table(TABLE)).rows() if row["pk"] != "PERSON#KEY"]
    assert sorted(found, key=place) == sorted(map(dict, InMemoryChains(trail).rows()), key=place)


def place(row: dict[str, Any]) -> tuple[str, str]:
    return row["pk"], row["sk"]


class Memory:
    """The outbox of a world in memory."""

    def __init__(self) -> None:
        world = lived(World())
        self.records = InMemoryRecords(world.ledger)
        self.outbox = InMemoryOutbox(self.records)

    def announced(self) -> list[str]:
        return [name for name, _ in self.outbox.announced]


class Adapter:
    """The relay's function, asked over Lambda."""

    def __init__(self, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cloud = cloud
        monkeypatch.setattr(fakes, "InMemoryLedger", lambda _groups: DynamoDbLedger(Table(TABLE)))
        lived(World())
        self.records = DynamoDbRecords(Table(TABLE))
        self.outbox = RelayFunction(client("lambda"), "relay")

    def announced(self) -> list[str]:
        asked, self.cloud.queue = list(self.cloud.queue), type(self.cloud.queue)()
        for delivery in asked:
            with self.cloud.seam.watch():
                self.cloud.fleet.invoke(delivery.function, delivery.event)
        put = [call for call in self.cloud.seam.taken if call.operation == "PutEvents"]
        return [entry["DetailType"] for call in put for entry in call.parameters["Entries"]]


@pytest.fixture(params=KINDS)
def asked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    if request.param == "in memory":
        yield Memory()
    else:
        with hub_in_memory() as cloud:
            yield Adapter(cloud, monkeypatch)


def names(entries: Sequence[AuditEntry]) -> list[str]:
    return [event["detail_type"] for entry in entries for event in entry.content["events"]]


def test_what_was_saved_is_announced_in_order_and_noted(asked):
    entries = asked.records.after(SEVEN, 0)
    asked.outbox.again(f"MODEL#{SEVEN}", entries)
    assert asked.announced() == names(entries) != []
    assert asked.records.look([SEVEN])[SEVEN].relayed == entries[-1].sequence


def test_what_comes_after_a_gap_is_announced_and_not_noted(asked):
    first, *others = asked.records.after(SEVEN, 0)
    asked.outbox.again(f"MODEL#{SEVEN}", others)
    assert asked.announced() == names(others)
    assert asked.records.look([SEVEN])[SEVEN].relayed == 0
    asked.outbox.again(f"MODEL#{SEVEN}", [first])
    assert sorted(asked.announced()) == sorted(names([first, *others]))
    assert asked.records.look([SEVEN])[SEVEN].relayed == first.sequence


def test_asked_for_nothing_it_announces_nothing(asked):
    asked.outbox.again(f"MODEL#{SEVEN}", [])
    assert asked.announced() == []


MODEL = f"arn:aws:sagemaker:{REGION}:{TEST}:model/m"
IMAGE, DATA = "repo/image@sha256:1", "s3://hub/sealed/1/model.tar.gz"


def served(seam: Seam, several: int) -> WorkloadEndpoints:
    """So many endpoints in a workload account."""
    sagemaker = client("sagemaker")
    role = f"arn:aws:iam::{TEST}:role/x"
    model = {"Image": IMAGE, "ModelDataUrl": DATA}
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=role, PrimaryContainer=model)
    variant = {"VariantName": "v", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    for number in range(several):
        sagemaker.create_endpoint(EndpointName=f"steward-{number}-test", EndpointConfigName="c")
    workloads = WorkloadEndpoints(client("sts"), "steward", QUICK, Clock())
    workloads.client = lambda _: sagemaker  # type: ignore[method-assign]
    return workloads


@pytest.fixture(params=KINDS)
def workloads(request: pytest.FixtureRequest) -> Any:
    if request.param == "adapter":
        return served(request.getfixturevalue("seam"), 3)
    arns = [f"arn:aws:sagemaker:{REGION}:{TEST}:endpoint/steward-{number}-test" for number in range(3)]
    seen = [EndpointSeen(arn=arn, status="InService", images=(IMAGE,), model_data=(DATA,)) for arn in arns]
    model = EndpointSeen(arn=MODEL, status="", images=(IMAGE,), model_data=(DATA,))
    return InMemoryWorkloads(dict(zip(arns, seen, strict=True)), models={MODEL: model})


def test_every_endpoint_of_an_account_is_listed_once_and_shows_what_it_loads(workloads):
    found, token = [], ""
    while True:
        page = workloads.listed(ENVIRONMENT, token)
        found += page.endpoints
        if not (token := page.token):
            break
    assert sorted(one.name for one in found) == [f"steward-{number}-test" for number in range(3)]
    seen = workloads.look(ENVIRONMENT, found[0].name)
    assert seen.arn.lower() == found[0].arn.lower()
    assert (seen.status, seen.images, seen.model_data) == ("InService", (IMAGE,), (DATA,))
    assert workloads.look(ENVIRONMENT, "another") is None


def test_a_model_that_jobs_run_shows_what_it_loads_and_one_that_is_gone_is_none(workloads):
    seen = workloads.model(ENVIRONMENT, MODEL)
    assert (seen.arn, seen.status, seen.images, seen.model_data) == (MODEL, "", (IMAGE,), (DATA,))
    assert workloads.model(ENVIRONMENT, f"{MODEL}-of-another-deployment") is None


def test_an_account_that_lets_nobody_look_is_said_to(workloads, request):
    if isinstance(workloads, InMemoryWorkloads):
        workloads.closed.add(TEST)
        with pytest.raises(AccountUnreadable, match=TEST):
            workloads.listed(ENVIRONMENT)
        with pytest.raises(AccountUnreadable, match=TEST):
            workloads.look(ENVIRONMENT, "steward-0-test")
        return
    seam = request.getfixturevalue("seam")
    with seam.watch(Fault.DENIED, 1), pytest.raises(AccountUnreadable, match=TEST):
        workloads.listed(ENVIRONMENT)
    with seam.watch(Fault.DENIED, 1), pytest.raises(AccountUnreadable, match=TEST):
        workloads.look(ENVIRONMENT, "steward-0-test")
