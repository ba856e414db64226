"""A version that was to be taken back and was approved anew meanwhile runs: it counts as what nobody asked about."""

import pytest

from tests.unit.governance.deliveries import Deliveries
from tests.unit.governance.recalls import EIGHT, OLGA, PRODUCTION, SEVEN, announced, approved_anew, ask, sound


@pytest.fixture
def stayed() -> Deliveries:
    return approved_anew()


@pytest.mark.parametrize("command", ["retire", "quarantine"])
def test_a_dry_run_tells_that_it_runs_in_production(stayed: Deliveries, command: str):
    told = ask(stayed.world, command, 2000, dry_run=True)
    assert {one["stage"] for one in told["reach"]} == {"test", "production"}


def test_it_takes_two_people_to_retire_it(stayed: Deliveries):
    assert not ask(stayed.world, "retire", 2000)["retired"]
    assert stayed.world.state(EIGHT).retirement is None


def test_its_retirement_is_not_completed_while_its_removal_from_production_fails(stayed: Deliveries):
    world = stayed.world
    ask(world, "retire", 2000)
    ask(world, "retire", 2001, who=OLGA, request="request-second")
    stayed.hear()
    while running := stayed.running():
        for execution in running:
            stayed.advance(execution, fails="prod" in world.pipelines.executions[execution].pipeline)
        stayed.hear()
    assert stayed.serves == {PRODUCTION: EIGHT}
    assert announced(world, "RetirementCompleted") == []
    sound(world)


def test_its_quarantine_takes_it_back(stayed: Deliveries):
    ask(stayed.world, "quarantine", 2000)
    stayed.settle()
    assert stayed.serves == dict.fromkeys(stayed.serves, SEVEN)
    assert stayed.world.state(EIGHT).quarantine.safe_at
