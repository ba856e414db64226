"""Turns are neither lost nor given to two at once, in whatever order the calls of those who ask reach DynamoDB."""

import random
from dataclasses import dataclass, field
from functools import partial

import pytest

from governance.adapters.dynamodb_leases import DynamoDbLeases
from governance.adapters.rows import Table
from governance.domain.lifecycle import Stage
from governance.ports.delivery import Waiting
from tests.aws.resources import TABLE, table_items
from tests.aws.seam import Seam
from tests.aws.turns import Turns
from tests.builders import after, group_arn, package_arn

HERE = (Stage.TEST, group_arn())
DRAWS = range(12)


def waiting(number: int) -> Waiting:
    return Waiting(deployment_id=f"deploy-{number}", model_package_arn=package_arn(), since=after(number))


@dataclass
class Record:
    """What the records of versions say: which deployments were started, which of them ended, and who deploys now."""

    started: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    deploying: set[str] = field(default_factory=set)


def deploys(asking: Waiting, record: Record) -> None:
    """Ask for a turn, deploy if it is given, and give way, by the record as `promotion` does."""
    leases = DynamoDbLeases(Table(TABLE))
    following: Waiting | None = asking
    while following is not None:
        name, since = following.deployment_id, following.since
        if leases.acquire(*HERE, following):
            if name not in record.started:
                record.started.add(name)
                record.deploying.add(name)
                assert record.deploying == {name}, "two deploy at once"
                leases.leave(*HERE, name, since)
                record.deploying.remove(name)
                record.ended.add(name)
            if name in record.ended:
                leases.release(*HERE, name, since)
            else:
                leases.leave(*HERE, name, since)
        before, following = following, leases.next(*HERE)
        if following == before:
            return


@pytest.mark.parametrize("draw", DRAWS)
def test_everybody_who_asks_at_once_has_a_turn_alone_and_nobody_is_left_in_the_queue(seam: Seam, draw: int):
    everybody, record = [waiting(number) for number in range(5)], Record()
    with seam.watch():
        ended = Turns(seam, random.Random(draw)).run([partial(deploys, one, record) for one in everybody])
    assert [process.error for process in ended] == [None] * 5
    assert record.ended == {one.deployment_id for one in everybody}
    assert [item["sk"] for item in table_items() if item["pk"]["S"].startswith("LEASE#")] == []


@pytest.mark.parametrize("length", [1, 30])
def test_leaving_the_queue_and_giving_up_a_turn_cost_the_same_however_many_wait(seam: Seam, length: int):
    leases, asking = DynamoDbLeases(Table(TABLE)), [waiting(number) for number in range(length + 2)]
    for one in asking:
        leases.acquire(*HERE, one)
    with seam.watch() as calls:
        leases.leave(*HERE, asking[-1].deployment_id, asking[-1].since)
        leases.release(*HERE, asking[0].deployment_id, asking[0].since)
    assert [call.operation for call in calls] == ["DeleteItem"] * 3
    assert [one.deployment_id for one in leases.queue(*HERE)] == [one.deployment_id for one in asking[1:-1]]
