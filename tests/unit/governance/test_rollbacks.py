"""What nothing justifies is taken back: stopped on its way, or replaced by the last good version."""

import itertools
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain import upkeep as u
from governance.domain.audit import breaks
from governance.domain.fold import fold
from governance.domain.lifecycle import Stage
from tests.builders import after, approved, group_arn, package_arn, rejected
from tests.unit.governance.deliveries import Deliveries
from tests.unit.governance.test_fold_properties import MANY
from tests.world import World, open_findings

SEVEN, EIGHT, NINE = (package_arn(version=number) for number in (7, 8, 9))
VERSIONS = (SEVEN, EIGHT, NINE)
TEST = Stage.TEST


def born(*versions: str) -> Deliveries:
    """Registered and sealed versions."""
    world = World()
    deliveries = Deliveries(world)
    for arn in versions:
        world.register(int(arn.rsplit("/", 1)[1]))
    deliveries.settle()
    return deliveries


def serving(deliveries: Deliveries, arn: str, at: float) -> None:
    """A version is approved, deployed, and everybody has heard of it."""
    deliveries.world.now.moment = after(at + 1)
    deliveries.world.tell(approved(at, arn=arn))
    deliveries.settle()


def under_way() -> tuple[Deliveries, str]:
    """Version 7 serves, and the execution of version 8's deployment has begun."""
    deliveries = born(SEVEN, EIGHT)
    serving(deliveries, SEVEN, 100)
    deliveries.world.now.moment = after(1060)
    deliveries.world.tell(approved(1000, arn=EIGHT))
    deliveries.hear()
    [execution] = deliveries.running()
    return deliveries, execution


def unjustified(*earlier: str, bad: str = EIGHT, at: float = 1000) -> Deliveries:
    """Earlier versions served; then one was approved, refused at once, and deployed before anybody heard of that."""
    deliveries = born(*earlier)
    for number, arn in enumerate(earlier):
        serving(deliveries, arn, 100 * (number + 1))
    world = deliveries.world
    world.register(int(bad.rsplit("/", 1)[1]))
    world.tell(approved(at, arn=bad))
    world.now.moment = after(at + 60)
    deliveries.settle()
    world.now.moment = after(at + 600)
    world.tell(rejected(at + 5, arn=bad))
    deliveries.collect()
    return deliveries


def rollbacks(world: World, arn: str = EIGHT) -> list[tuple[str, str]]:
    return [(one.how, one.outcome) for one in world.state(arn).rollbacks]


def statuses(world: World) -> dict[str, str]:
    return {arn: str(world.state(arn).deployment_status(TEST)) for arn in sorted(world.ledger.states)}


def announced(world: World, name: str, arn: str) -> list[Any]:
    entries = world.ledger.entries[arn]
    return [event for entry in entries for event in entry.content["events"] if event["detail_type"] == name]


def test_the_last_good_version_serves_again():
    deliveries = unjustified(SEVEN)
    assert deliveries.serves[TEST] == EIGHT
    deliveries.settle()
    assert deliveries.serves[TEST] == SEVEN
    assert statuses(deliveries.world) == {SEVEN: "deployed", EIGHT: "rolled-back"}
    assert rollbacks(deliveries.world) == [("roll-back", "rolled-back")]
    [told] = announced(deliveries.world, "ModelRolledBack", EIGHT)
    assert SEVEN in told["detail"]["reason"]
    group = deliveries.world.groups.get(group_arn())
    assert (group.serving[TEST].version, dict(group.returns)) == (SEVEN, {})
    assert open_findings(deliveries.world, EIGHT) & {"deployment-unjustified", "rollback-impossible"} == set()
    assert breaks(deliveries.world.ledger.entries[EIGHT]) == breaks(deliveries.world.ledger.entries[SEVEN]) == []


def test_of_several_earlier_versions_the_latest_that_may_still_run_returns():
    deliveries = unjustified(SEVEN, NINE)
    deliveries.world.tell(rejected(1500, arn=NINE))
    deliveries.settle()
    assert deliveries.serves[TEST] == SEVEN
    assert statuses(deliveries.world)[SEVEN] == "deployed"


def test_where_nothing_can_return_a_finding_says_what_to_do():
    deliveries = unjustified()
    deliveries.settle()
    assert rollbacks(deliveries.world) == [("roll-back", "nothing-to-return-to")]
    assert "rollback-impossible" in open_findings(deliveries.world, EIGHT)
    assert deliveries.serves[TEST] == EIGHT


def test_that_finding_stands_for_a_version_that_failed_after_it_was_deployed_and_goes_when_another_serves():
    deliveries = born(EIGHT, SEVEN)
    world = deliveries.world
    world.now.moment = after(1060)
    world.tell(approved(1000, arn=EIGHT))
    deliveries.hear()
    for _ in range(2):
        deliveries.advance("execution-1")
    world.tell(rejected(1005, arn=EIGHT))
    deliveries.advance("execution-1", fails=True)
    deliveries.settle()
    assert rollbacks(world) == [("stop", "nothing-to-return-to")]
    assert "rollback-impossible" in open_findings(world, EIGHT)
    serving(deliveries, SEVEN, 2000)
    assert "rollback-impossible" not in open_findings(world, EIGHT)
    assert statuses(world) == {SEVEN: "deployed", EIGHT: "superseded"}
    assert dict(world.groups.get(group_arn()).returns) == {}


@pytest.mark.parametrize("phase", [0, 1, 2])
def test_what_is_under_way_is_stopped_and_what_it_left_at_the_endpoint_is_replaced(phase):
    deliveries, execution = under_way()
    world = deliveries.world
    for _ in range(phase):
        deliveries.advance(execution)
    world.tell(rejected(1005, arn=EIGHT))
    deliveries.hear()
    assert world.pipelines.executions[execution].status == "Stopping"
    assert world.pipelines.reasons[execution].startswith("taken back by Steward: roll-back-")
    deliveries.settle()
    assert deliveries.serves[TEST] == SEVEN
    assert rollbacks(world) == [("stop", "rolled-back" if phase == 2 else "stopped")]
    assert statuses(world) == {SEVEN: "deployed", EIGHT: "rolled-back"}
    assert "deployment-failed" not in open_findings(world, EIGHT)


def test_a_stop_that_comes_too_late_becomes_a_return():
    deliveries, execution = under_way()
    world = deliveries.world
    deliveries.advance(execution)
    deliveries.advance(execution)
    world.tell(rejected(1005, arn=EIGHT))
    deliveries.advance(execution)
    deliveries.settle()
    assert rollbacks(world) == [("stop", "rolled-back")]
    assert deliveries.serves[TEST] == SEVEN


def test_a_version_that_was_deployed_meanwhile_is_not_replaced_by_an_older_one():
    deliveries = unjustified(SEVEN, bad=EIGHT)
    world = deliveries.world
    world.register(9)
    deliveries.collect()
    waiting, deliveries.waiting = deliveries.waiting, []
    world.seal(NINE)
    world.tell(approved(1700, arn=NINE))
    deliveries.hear()
    deliveries.waiting = [one for one in waiting if one[0] == "roll_back"]
    deliveries.settle()
    assert deliveries.serves[TEST] == NINE
    assert statuses(world) == {SEVEN: "removed", EIGHT: "superseded", NINE: "deployed"}
    assert rollbacks(world) == [("roll-back", "overtaken")]


def test_approved_again_while_it_is_stopped_it_is_deployed_again():
    deliveries = born(EIGHT)
    world = deliveries.world
    world.now.moment = after(1060)
    world.tell(approved(1000, arn=EIGHT))
    deliveries.hear()
    world.tell(rejected(1005, arn=EIGHT))
    deliveries.hear()
    world.tell(approved(1010, arn=EIGHT))
    deliveries.settle()
    assert rollbacks(world) == [("stop", "stopped")]
    assert deliveries.serves[TEST] == EIGHT
    assert statuses(world) == {EIGHT: "deployed"}


def told_in(order: tuple[int, ...]) -> dict[str, Any]:
    """The return has succeeded: its end is told to everybody in some order, each twice, and then whatever follows."""
    deliveries = unjustified(SEVEN)
    world = deliveries.world
    deliveries.hear()
    [execution] = deliveries.running()
    for _ in range(3):
        deliveries.advance(execution)
    ends = list(deliveries.waiting)
    assert sorted(one[0] for one in ends) == ["roll_back", "start_deployment", "sync_model_group"]
    for again in (True, False):
        for index in order:
            deliveries.waiting.insert(0, ends[index])
            deliveries.deliver(0)
            if again:
                deliveries.collect()
    deliveries.settle()
    group = world.groups.get(group_arn())
    return {
        "statuses": statuses(world),
        "rollbacks": rollbacks(world),
        "serving": group.serving[TEST].version,
        "earlier": [one.version for one in group.servings(TEST)],
        "returns": dict(group.returns),
        "announced": {arn: sorted(Counter(world.ledger.events(arn)).items()) for arn in (SEVEN, EIGHT)},
    }


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_every_order_of_the_end_s_deliveries_ends_the_same(order):
    ended = told_in(order)
    assert ended["statuses"] == {SEVEN: "deployed", EIGHT: "rolled-back"}
    assert ended == told_in((0, 1, 2))


MOMENTS = st.integers(min_value=1, max_value=40).map(lambda minute: minute * 60.0)


@MANY
@given(st.data())
def test_whatever_is_learned_late_no_two_versions_are_believed_to_serve_and_what_may_not_run_is_taken_back(data):
    deliveries = born(*VERSIONS)
    world = deliveries.world
    world.now.moment = after(3000)
    for _ in range(data.draw(st.integers(min_value=1, max_value=25))):
        disturb(deliveries, data)
    deliveries.settle()
    check(deliveries)


def disturb(deliveries: Deliveries, data: st.DataObject) -> None:
    """Something happens: a decision is told, however late; an announcement is delivered; a pipeline goes on."""
    world, running = deliveries.world, deliveries.running()
    deliveries.collect()
    ways = ["decide"] + ["deliver"] * 3 * bool(deliveries.waiting) + ["advance"] * 2 * bool(running)
    way = data.draw(st.sampled_from(ways))
    if way == "deliver":
        index = data.draw(st.integers(min_value=0, max_value=len(deliveries.waiting) - 1))
        deliveries.deliver(index, again=data.draw(st.booleans()))
    elif way == "advance":
        deliveries.advance(data.draw(st.sampled_from(running)), fails=data.draw(st.integers(0, 4)) == 0)
    else:
        decision = data.draw(st.sampled_from([approved, approved, rejected]))
        world.tell(decision(data.draw(MOMENTS), arn=data.draw(st.sampled_from(VERSIONS))))
        world.now.wait(data.draw(st.sampled_from([0, 60])))
    world.now.wait(1)


def check(deliveries: Deliveries) -> None:
    """How everything has to stand once nothing waits and nothing runs."""
    world = deliveries.world
    assert len(deliveries.deployed(TEST)) <= 1
    for arn in VERSIONS:
        state, facts = world.state(arn), world.ledger.facts(arn)
        assert state == fold(facts)
        assert breaks(world.ledger.entries[arn]) == []
        requested = Counter(fact.effect_id for fact in facts if isinstance(fact, u.RollbackRequested))
        finished = Counter(fact.effect_id for fact in facts if isinstance(fact, u.RollbackFinished))
        assert requested == finished and set(requested.values()) <= {1}
        assert all(one.outcome for one in state.rollbacks)
    there = deliveries.serves.get(TEST)
    if there is None:
        return
    state, findings = world.state(there), open_findings(world, there)
    known = state.may_run_in(TEST) or findings & {"rollback-impossible", "deployment-unjustified"}
    assert known or state.deployment_status(TEST) in {"failed", "rolled-back", "superseded"}
