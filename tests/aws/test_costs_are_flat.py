"""An event costs the same however much there is already: facts of a version, versions of a group, groups."""

import pytest
from botocore.session import Session

from governance.domain.registry import PackageChange
from tests.aws import life
from tests.aws.capacity import present, read_units, write_units
from tests.aws.cloud import Cloud
from tests.aws.conftest import hub_in_memory
from tests.aws.functions import FUNCTIONS, environment_of
from tests.aws.seam import ApiCall
from tests.builders import after, approved, change, package_arn, rejected

NEW = ["BatchGetItem", "DescribeModelPackage", "TransactWriteItems"]


HISTORIES = {1, 10, 11, 100, 101, 1_000, 1_001}
"""Which event of a version is measured: of decisions, the odd ones approve and the even ones reject."""


def told(cloud: Cloud, what: PackageChange, at: float) -> list[ApiCall]:
    """The calls that a change of the registry costs; what follows from it is left alone."""
    life.tell(cloud, what, at)
    (delivery,) = cloud.queue
    cloud.queue.clear()
    with cloud.seam.watch() as calls:
        cloud.fleet.invoke(delivery.function, delivery.event)
    return calls


def operations(calls: list[ApiCall]) -> list[str]:
    return [call.operation for call in calls]


def decision(number: int) -> PackageChange:
    """Approved and rejected in turn."""
    return approved(number * 10) if number % 2 else rejected(number * 10)


A_KILOBYTE_MORE = 2
"""Write units of one more kilobyte of one item: its counters, 1,000 instead of 10, may have digits enough to begin it.

A fact that the head remembered would be kilobytes by then.
"""

KINDS = {"changes that decide nothing": lambda number: life.noted(number * 10), "decisions": decision}


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_costs_the_same_calls_and_the_same_capacity_however_many_facts_there_are(aws: Cloud, kind: str):
    units: dict[int, tuple[int, int]] = {}
    told(aws, change(0), 0)
    for number in range(1, max(HISTORIES) + 1):
        what, before = KINDS[kind](number), present() if number in HISTORIES else {}
        calls = told(aws, what, number * 10)
        if number in HISTORIES:
            assert operations(calls) == NEW
            units[number] = read_units(calls, before), write_units(calls)
            assert operations(told(aws, what, number * 10)) == ["BatchGetItem"], "told again"
    for few, many in ((10, 100), (10, 1_000), (11, 101), (11, 1_001)):
        assert units[many][0] == units[few][0], units
        assert units[many][1] - units[few][1] in {0, A_KILOBYTE_MORE}, units


@pytest.mark.parametrize("many", ["versions of one group", "groups of one version"])
def test_a_new_event_costs_three_calls_however_many_versions_and_groups_there_are(aws: Cloud, many: str):
    costs = {}
    for number in range(1, 101):
        apart = {"version": number} if many.startswith("versions") else {"group": f"group-{number}"}
        born = {"arn": package_arn(**apart), "CreationTime": after(number * 10).isoformat()}
        costs[number] = operations(told(aws, change(number * 10, **born), number * 10))
    assert costs[1] == costs[10] == costs[100] == NEW


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_function_makes_no_call_at_its_cold_start(aws: Cloud, function: str):
    with environment_of(function), aws.seam.watch() as calls:
        aws.fleet.started(function)
    assert calls == []


def test_a_function_makes_one_client_of_dynamodb_for_all_its_rows(aws: Cloud, monkeypatch):
    """PynamoDB would make one for each kind of row, at a tenth of a second each."""
    made: list[str] = []
    create = Session.create_client

    def counted(session, service, *args, **options):
        made.append(service)
        return create(session, service, *args, **options)

    monkeypatch.setattr(Session, "create_client", counted)

    def deliver(delivery):
        made.clear()
        aws.fleet.kill(delivery.function)
        aws.deliver(delivery)
        assert made.count("dynamodb") <= 1, delivery.function

    for _, step in life.STEPS:
        step(aws)
        aws.settle(deliver)


def dearest_turn(length: int) -> int:
    """Version 7 fails while so many wait behind it: the calls of the delivery that has all but the last give way."""
    with hub_in_memory() as cloud:
        life.tell(cloud, change(0), 0, life.ADA)
        life.tell(cloud, approved(60), 60)
        cloud.settle()
        for number in range(length):
            arn, born = package_arn(version=20 + number), {"CreationTime": after(100 + number).isoformat()}
            life.tell(cloud, change(100 + number, arn=arn, **born), 100 + number, life.ADA)
            life.tell(cloud, approved(200 + number, arn=arn, **born), 200 + number)
            cloud.settle()
        life.turned(cloud, life.SEVEN, "test", "FAILED", 1200, "no capacity")
        counted = []
        cloud.settle(lambda one: counted.append((one.function, len(cloud.deliver(one)))))
        assert len(cloud.pipelines.executions) == 2
        return max(calls for function, calls in counted if function == "StartDeployment")


def test_each_of_many_that_give_way_costs_the_same():
    two, three, eight, nine = (dearest_turn(length) for length in (2, 3, 8, 9))
    assert three - two == nine - eight
