"""Of versions whose turns are asked for at once, in whichever order the calls reach AWS, the last asked for serves."""

from typing import Any

import pytest

from governance.domain.identifiers import group_arn_of
from tests.aws import life
from tests.aws.cloud import Cloud, Delivery
from tests.aws.rehearsal import Rehearsal
from tests.aws.resources import table_items
from tests.aws.test_at_once import at_once
from tests.builders import ADA, after, approved, change, package_arn

SEVEN, EIGHT, NINE = (package_arn(version=number) for number in (7, 8, 9))
BORN = {arn: {"CreationTime": after(10 * number).isoformat()} for number, arn in enumerate((SEVEN, EIGHT, NINE))}
SEEDS = range(6)


def registered(cloud: Cloud) -> None:
    """Three versions, of which nobody has decided anything."""
    for number, arn in enumerate(BORN):
        life.tell(cloud, change(10 * number, arn=arn, **BORN[arn]), 10 * number, ADA)


STEPS = (("three versions are registered", registered),)


@pytest.fixture
def three(lived: Rehearsal, beginning: dict[str, Any]) -> Cloud:
    """A hub in which three versions are sealed, and wait to be approved."""
    lived.cloud.restore(beginning)
    return lived.cloud


@pytest.fixture(scope="module")
def beginning(lived: Rehearsal) -> dict[str, Any]:
    """That hub, to come back to."""
    return lived.cloud.snapshot()


def held_back(cloud: Cloud) -> list[Delivery]:
    """Everything is delivered but what gives turns: that is still on its way."""
    held: list[Delivery] = []

    def deliver(one: Delivery) -> None:
        if one.function == "StartDeployment":
            held.append(one)
        else:
            cloud.deliver(one)

    cloud.settle(deliver)
    return held


def played_out(cloud: Cloud) -> list[str]:
    """Pipelines run, one action after the other, until nothing is under way; returns what was let through, in order."""
    through: list[str] = []
    for at in range(5000, 9000, 100):
        cloud.settle()
        running = [one for one in cloud.pipelines.executions.values() if one["status"] == "InProgress"]
        if not running:
            return through
        arn = running[0]["variables"]["ModelPackageArn"]
        assert len(running) == 1, "two versions of a group at once"
        life.job(cloud, "VerifyDeployment", arn, "test", at)
        cloud.settle()
        life.turned(cloud, arn, "test", "SUCCEEDED", at + 50)
        through.append(arn)
    raise AssertionError("this never comes to rest")


def of_kind(begins: str) -> list[dict[str, Any]]:
    """The rows of a kind."""
    rows = ({name: next(iter(value.values())) for name, value in item.items()} for item in table_items())
    return [row for row in rows if row["sk"].startswith(begins)]


def assert_the_last_serves(through: list[str]) -> None:
    rows = {row["model_package_arn"]: row for row in of_kind("STAGE#test")}
    assert {arn: row["deployment_status"] for arn, row in rows.items()} == {
        SEVEN: "superseded",
        EIGHT: "superseded",
        NINE: "deployed",
    }
    assert through[-1] == NINE
    assert not [row for row in of_kind("") if row["pk"] == f"LEASE#test#{group_arn_of(NINE)}"]
    for arn in {SEVEN, EIGHT} - set(through):
        assert any(other in rows[arn]["deployment_reason"] for other in (EIGHT, NINE))


@pytest.mark.parametrize("seed", SEEDS)
def test_of_three_that_are_requested_at_once_the_last_serves(three: Cloud, seed: int):
    cloud = three
    for number, arn in enumerate(BORN):
        life.tell(cloud, approved(900 + 10 * number, arn=arn, **BORN[arn]), 900 + 10 * number)
    held = held_back(cloud)
    assert len(held) == 3
    at_once(cloud, held, f"requested {seed}")
    assert_the_last_serves(played_out(cloud))


@pytest.mark.parametrize("seed", SEEDS)
def test_of_two_that_are_requested_while_the_turn_of_another_ends_the_last_serves(three: Cloud, seed: int):
    cloud = three
    life.tell(cloud, approved(900, arn=SEVEN, **BORN[SEVEN]), 900)
    cloud.settle()
    for number, arn in enumerate((EIGHT, NINE), start=1):
        life.tell(cloud, approved(900 + 10 * number, arn=arn, **BORN[arn]), 900 + 10 * number)
    life.job(cloud, "VerifyDeployment", SEVEN, "test", 1000)
    held = held_back(cloud)
    life.turned(cloud, SEVEN, "test", "SUCCEEDED", 1050)
    held += held_back(cloud)
    assert len(held) == 3
    at_once(cloud, held, f"ended {seed}")
    assert_the_last_serves([SEVEN, *played_out(cloud)])
