"""An event costs the same however much there is already: facts of a version, versions of a group, groups."""

import pytest
from botocore.session import Session

from tests.aws import life
from tests.aws.cloud import Cloud
from tests.aws.functions import FUNCTIONS, environment_of
from tests.builders import after, approved, change, package_arn, rejected

NEW = ["BatchGetItem", "DescribeModelPackage", "TransactWriteItems"]


def told(cloud: Cloud, what: object, at: float) -> list[str]:
    """The calls that a change of the registry costs; what follows from it is left alone."""
    life.tell(cloud, what, at)
    (delivery,) = cloud.queue
    cloud.queue.clear()
    calls = cloud.deliver(delivery)
    cloud.queue.clear()
    return [call.operation for call in calls]


def test_a_new_event_costs_three_calls_however_many_facts_there_are(aws: Cloud):
    costs = {}
    for number in range(101):
        at = number * 10
        decided = approved(at) if number % 2 else rejected(at)
        costs[number] = told(aws, decided if number else change(0), at)
    assert costs[1] == costs[10] == costs[100] == NEW


def test_a_duplicate_costs_one_call_however_many_facts_there_are(aws: Cloud):
    for number in range(101):
        at = number * 10
        decided = approved(at) if number % 2 else rejected(at)
        told(aws, decided if number else change(0), at)
        if number in {1, 10, 100}:
            assert told(aws, decided, at) == ["BatchGetItem"]


@pytest.mark.parametrize("many", ["versions of one group", "groups of one version"])
def test_a_new_event_costs_three_calls_however_many_versions_and_groups_there_are(aws: Cloud, many: str):
    costs = {}
    for number in range(1, 101):
        apart = {"version": number} if many.startswith("versions") else {"group": f"group-{number}"}
        born = {"arn": package_arn(**apart), "CreationTime": after(number * 10).isoformat()}
        costs[number] = told(aws, change(number * 10, **born), number * 10)
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
