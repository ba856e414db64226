"""Of versions that wait for the same environment the one that was asked for last is deployed, and the others say so."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.audit import breaks
from governance.domain.deployment import Deployment
from governance.domain.fold import fold
from governance.domain.keeping import Terms
from governance.domain.lifecycle import Stage
from governance.domain.retaining import due_of
from governance.domain.trying_out import may_stay
from governance.ports.delivery import Waiting
from governance.services.superseding import LOOKED_AT
from tests.builders import KATHERINE, after, approved, group_arn, moved, package_arn, rejected
from tests.unit.governance.deliveries import Deliveries
from tests.unit.governance.recalls import (
    EIGHT,
    NINE,
    PRODUCTION,
    SEVEN,
    TEST,
    announced,
    ask,
    born,
    serving,
    sound,
    to_test,
)
from tests.unit.governance.test_fold_properties import MANY
from tests.unit.governance.test_trials import SHADOW, with_profile
from tests.world import World, open_findings

FIVE, SIX = package_arn(version=5), package_arn(version=6)
A_YEAR = Terms(production=timedelta(days=365), retired=timedelta(days=30))


def approve(deliveries: Deliveries, arn: str, at: float) -> None:
    """A version is approved in development, and nobody has heard of it yet."""
    world = deliveries.world
    world.now.moment = max(world.now.moment, after(at + 1))
    world.tell(approved(at, arn=arn))
    deliveries.collect()


def crowd(*waiting: str) -> tuple[Deliveries, str]:
    """Version 5 is being deployed to test; others were approved one after the other meanwhile, and wait."""
    deliveries = born(FIVE, *waiting)
    approve(deliveries, FIVE, 100)
    deliveries.hear()
    for number, arn in enumerate(waiting):
        approve(deliveries, arn, 200 + 10 * number)
    deliveries.hear()
    [execution] = deliveries.running()
    return deliveries, execution


def latest(world: World, arn: str, stage: Stage = TEST) -> Deployment:
    """The latest deployment of a version to the stage's own environment."""
    return world.state(arn).latest_in(stage)[""]


def statuses(world: World, *versions: str) -> list[str]:
    return [str(world.state(arn).deployment_status(TEST)) for arn in versions]


def deployed(world: World) -> list[str]:
    """The versions of which a pipeline was ever started, in that order."""
    return [one.variables["ModelPackageArn"] for one in world.pipelines.executions.values()]


def assert_nobody_waits(world: World) -> None:
    assert not world.leases.holders
    assert not any(world.leases.queues.values())


def test_of_those_who_wait_only_the_one_asked_for_last_is_deployed():
    deliveries, _ = crowd(SIX, SEVEN, EIGHT)
    deliveries.settle()
    world = deliveries.world
    assert deployed(world) == [FIVE, EIGHT]
    assert statuses(world, FIVE, SIX, SEVEN, EIGHT) == ["superseded", "superseded", "superseded", "deployed"]
    assert_nobody_waits(world)
    sound(world)


def test_what_was_skipped_names_what_superseded_it_on_its_record_and_on_the_bus():
    deliveries, _ = crowd(SIX, SEVEN)
    deliveries.settle()
    world = deliveries.world
    skipped, taken = latest(world, SIX), latest(world, SEVEN)
    assert (skipped.skipped_for.version, skipped.skipped_for.deployment_id) == (SEVEN, taken.id)
    assert SEVEN in skipped.reason and taken.id in skipped.reason
    assert skipped.finished_at is not None and not skipped.execution_id
    [told] = announced(world, "DeploymentSkipped", SIX)
    assert (told["deployment_id"], told["environment"]) == (skipped.id, "test")
    assert (told["superseded_by"], told["superseding_deployment_id"]) == (SEVEN, taken.id)
    assert told["reason"] == skipped.reason
    assert announced(world, "DeploymentFailed", SIX) == []


def test_what_was_skipped_never_served_and_no_rollback_returns_to_it():
    deliveries, _ = crowd(SIX, SEVEN)
    deliveries.settle()
    world = deliveries.world
    group = world.groups.get(group_arn())
    assert [one.version for one in group.servings(TEST)] == [SEVEN, FIVE]
    ask(world, "roll-back", 5000, version=SEVEN, stage="test")
    deliveries.settle()
    assert deliveries.serves[TEST] == FIVE
    assert statuses(world, FIVE, SIX, SEVEN) == ["deployed", "superseded", "rolled-back"]


def test_nothing_is_kept_for_longer_because_it_was_skipped_on_its_way_to_production():
    deliveries = serving(SEVEN)
    world = deliveries.world
    for number, arn in enumerate((EIGHT, NINE)):
        world.register(int(arn[-1]))
        deliveries.settle()
        to_test(deliveries, arn, 1000 + 100 * number)
    for number, arn in enumerate((SEVEN, EIGHT, NINE)):
        if arn != SEVEN:
            world.now.moment = after(2001 + number)
            world.tell(moved(2000 + number, "Test", "Approved", arn=arn), by=KATHERINE)
    blocked = world.deployment(PRODUCTION, NINE)
    world.promotion.start(NINE, blocked.id, "c")
    world.promotion.start(EIGHT, world.deployment(PRODUCTION, EIGHT).id, "c")
    deliveries.settle()
    assert [str(world.state(arn).deployment_status(PRODUCTION)) for arn in (EIGHT, NINE)] == ["superseded", "deployed"]
    assert latest(world, EIGHT, PRODUCTION).skipped_for is not None
    assert due_of(world.state(EIGHT), A_YEAR, world.now()) is None
    assert due_of(world.state(NINE), A_YEAR, world.now()).reason == "production"


def test_the_stage_record_says_that_it_never_ran_and_the_gate_that_it_is_not_deployed():
    deliveries, _ = crowd(SIX, SEVEN)
    deliveries.settle()
    world = deliveries.world
    world.now.moment = after(5001)
    world.tell(moved(5000, "Test", "Approved", arn=SIX), by=KATHERINE)
    checks = {check.name: check for check in world.state(SIX).stage(TEST).verdict.checks}
    assert (checks["deployed-and-validated"].passed, checks["deployed-and-validated"].found) == (
        False,
        "not deployed, not validated",
    )


def test_approved_once_more_what_was_skipped_is_deployed():
    deliveries, _ = crowd(SIX, SEVEN)
    deliveries.settle()
    approve(deliveries, SIX, 9000)
    deliveries.settle()
    assert deliveries.serves[TEST] == SIX
    assert statuses(deliveries.world, SIX, SEVEN) == ["deployed", "superseded"]
    assert deployed(deliveries.world) == [FIVE, SEVEN, SIX]


def test_a_later_one_that_may_not_run_when_the_turn_comes_takes_nothing_away():
    deliveries, _ = crowd(SIX, SEVEN, EIGHT)
    deliveries.world.tell(rejected(300, arn=EIGHT))
    deliveries.settle()
    assert deployed(deliveries.world) == [FIVE, SEVEN]
    assert statuses(deliveries.world, SIX, SEVEN, EIGHT) == ["superseded", "deployed", "removed"]


def test_however_many_later_ones_may_not_run_a_turn_looks_at_so_many_and_deploys_where_it_found_none():
    late = [package_arn(version=number) for number in range(10, 10 + LOOKED_AT)]
    deliveries, _ = crowd(SIX, SEVEN, *late)
    for number, arn in enumerate(late):
        deliveries.world.tell(rejected(1000 + number, arn=arn))
    deliveries.settle()
    assert deployed(deliveries.world) == [FIVE, SIX, SEVEN]
    assert_nobody_waits(deliveries.world)


def test_the_reconciler_s_second_telling_brings_nothing_back():
    deliveries, _ = crowd(SIX, SEVEN)
    deliveries.settle()
    world = deliveries.world
    skipped = latest(world, SIX)
    for _ in range(2):
        world.promotion.start(SIX, skipped.id, "c")
        world.promotion.give_way(SIX, TEST, skipped.id, "c")
    deliveries.settle()
    assert latest(world, SIX) == skipped
    assert deployed(world) == [FIVE, SEVEN]
    assert_nobody_waits(world)


def test_one_that_is_heard_of_after_a_later_one_was_deployed_does_not_replace_it():
    deliveries = born(SIX, SEVEN)
    approve(deliveries, SIX, 100)
    held, deliveries.waiting = deliveries.waiting, []
    approve(deliveries, SEVEN, 200)
    deliveries.settle()
    deliveries.waiting = held
    deliveries.settle()
    assert deliveries.serves[TEST] == SEVEN
    assert statuses(deliveries.world, SIX, SEVEN) == ["superseded", "deployed"]
    assert latest(deliveries.world, SIX).skipped_for.version == SEVEN


def test_where_the_later_one_that_serves_may_not_stay_the_earlier_one_is_deployed():
    deliveries = born(SIX, SEVEN)
    approve(deliveries, SIX, 100)
    held, deliveries.waiting = deliveries.waiting, []
    approve(deliveries, SEVEN, 200)
    deliveries.settle()
    deliveries.world.tell(rejected(300, arn=SEVEN))
    deliveries.waiting = held
    deliveries.settle()
    assert deliveries.serves[TEST] == SIX


def test_while_something_is_being_taken_back_everybody_has_their_turn():
    """Version 5 may not run, and nothing can return: whatever comes to serve ends that, so nothing is left out."""
    deliveries = born(FIVE, SIX, SEVEN, EIGHT)
    world = deliveries.world
    approve(deliveries, FIVE, 100)
    deliveries.settle()
    ask(world, "quarantine", 200, version=FIVE)
    deliveries.settle()
    assert "rollback-impossible" in open_findings(world, FIVE)
    for number, arn in enumerate((SIX, SEVEN, EIGHT)):
        approve(deliveries, arn, 300 + 10 * number)
        deliveries.hear()
    [execution] = deliveries.running()
    deliveries.advance(execution, fails=True)
    deliveries.settle()
    assert deployed(world) == [FIVE, SIX, SEVEN, EIGHT]
    assert deliveries.serves[TEST] == EIGHT
    assert_nobody_waits(world)


def test_a_return_is_skipped_for_nobody_and_skips_nobody():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    world.register(9)
    deliveries.settle()
    ask(world, "roll-back", 5000, version=EIGHT, stage="production")
    deliveries.hear()
    [back] = [one for one in world.state(SEVEN).deployments.values() if one.is_return]
    assert (back.status, back.skipped_for) == ("deploying", None)
    deliveries.settle()
    assert deliveries.serves[PRODUCTION] == SEVEN


def trial_and_full(first_tried: bool, second_tried: bool) -> Deliveries:
    """Version 7 serves in production and 6 is on its way; 8 and then 9 wait, each to be tried or to serve at once."""
    deliveries = serving(SEVEN)
    world = deliveries.world
    for number, arn in enumerate((SIX, EIGHT, NINE)):
        world.register(int(arn[-1]))
        deliveries.settle()
        to_test(deliveries, arn, 1000 + 100 * number)
    for number, (arn, trial) in enumerate(((SIX, False), (EIGHT, first_tried), (NINE, second_tried))):
        with_profile(world, SHADOW if trial else None, number + 1)
        world.now.moment = after(2001 + 10 * number)
        world.tell(moved(2000 + 10 * number, "Test", "Approved", arn=arn), by=KATHERINE)
        deliveries.hear()
    return deliveries


@pytest.mark.parametrize(
    ("first_tried", "second_tried", "is_skipped"),
    [(False, False, True), (True, True, True), (True, False, True), (False, True, False)],
)
def test_what_is_only_tried_does_not_supersede_what_is_to_serve(first_tried, second_tried, is_skipped):
    deliveries = trial_and_full(first_tried, second_tried)
    deliveries.settle()
    world = deliveries.world
    assert (latest(world, EIGHT, PRODUCTION).skipped_for is not None) is is_skipped
    served = (EIGHT if not first_tried and not is_skipped else SIX) if second_tried else NINE
    assert deliveries.serves[PRODUCTION] == served
    assert deliveries.tries == ({PRODUCTION: NINE} if second_tried else {})
    assert_nobody_waits(world)
    sound(world)


def test_the_full_rollout_of_a_trial_has_its_turn_though_another_was_asked_for_later():
    deliveries = trial_and_full(True, True)
    deliveries.settle()
    world = deliveries.world
    [running] = [one for one in world.state(SIX).deployments.values() if one.stage is PRODUCTION]
    world.leases.acquire(PRODUCTION, group_arn(), held_by(running, SIX))
    world.now.moment = after(3001)
    world.tell(moved(3000, "Production", "Approved", arn=NINE), by=KATHERINE)
    with_profile(world, None, 9)
    world.now.moment = after(3101)
    world.tell(moved(3100, "Test", "Pending", arn=EIGHT), by=KATHERINE)
    world.tell(moved(3110, "Test", "Approved", arn=EIGHT), by=KATHERINE)
    deliveries.hear()
    full = latest(world, NINE, PRODUCTION)
    assert (full.status, bool(full.completes)) == ("queued", True)
    world.promotion.give_way(SIX, PRODUCTION, running.id, "c")
    assert latest(world, NINE, PRODUCTION).status == "deploying"
    deliveries.settle()
    assert deliveries.serves[PRODUCTION] == EIGHT


def held_by(deployment: Deployment, arn: str) -> Waiting:
    return Waiting(deployment_id=deployment.id, model_package_arn=arn, since=deployment.requested_at)


VERSIONS = (SIX, SEVEN, EIGHT, NINE)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_in_whatever_order_the_requests_arrive_the_one_asked_for_last_serves(order):
    deliveries = born(SIX, SEVEN, EIGHT)
    for number, arn in enumerate((SIX, SEVEN, EIGHT)):
        approve(deliveries, arn, 200 + 10 * number)
    asked = list(deliveries.waiting)
    assert [name for _, name, _ in asked] == ["DeploymentRequested"] * 3
    deliveries.waiting = [asked[number] for number in order]
    deliveries.settle()
    assert deliveries.serves[TEST] == EIGHT
    assert_nobody_waits(deliveries.world)


@MANY
@given(st.data())
def test_at_rest_what_was_asked_for_last_serves_and_whatever_was_skipped_says_for_what(data):
    """Versions are approved and sealed in any order, heard of in any order and twice, rejected, and pipelines fail."""
    world = World()
    deliveries = Deliveries(world)
    for arn in VERSIONS:
        world.register(int(arn.rsplit("/", 1)[1]))
    deliveries.collect()
    world.now.moment = after(3000)
    for _ in range(data.draw(st.integers(min_value=4, max_value=30))):
        disturb(deliveries, data)
    deliveries.settle()
    states = [world.state(arn) for arn in VERSIONS]
    every = {one.id: (state, one) for state in states for one in state.deployments.values()}
    here = [(state, one) for state, one in every.values() if one.has_served and not one.is_return]
    assert_nobody_waits(world)
    for state in states:
        assert state == fold(world.ledger.facts(state.model.arn))
        assert breaks(world.ledger.entries[state.model.arn]) == []
    for state, one in every.values():
        if one.skipped_for is None:
            continue
        other, by = every[one.skipped_for.deployment_id]
        assert other.model.arn == one.skipped_for.version != state.model.arn
        assert (by.requested_at, by.id) > (one.requested_at, one.id)
        assert one.skipped_for.version in one.reason
        assert one.id not in {run.variables["DeploymentId"] for run in world.pipelines.executions.values()}
    returned = any(one.is_return for _, one in every.values())
    standing = [(one.requested_at, one.id, one.status) for state, one in here if may_stay(state, one)]
    if standing and not returned:
        assert max(standing)[2] == "deployed"


def disturb(deliveries: Deliveries, data: st.DataObject) -> None:
    """A decision is told, something announced is delivered, or a pipeline goes on."""
    world, running = deliveries.world, deliveries.running()
    deliveries.collect()
    ways = ["decide"] * 2 + ["deliver"] * 3 * bool(deliveries.waiting) + ["advance"] * bool(running)
    way = data.draw(st.sampled_from(ways))
    if way == "deliver":
        index = data.draw(st.integers(min_value=0, max_value=len(deliveries.waiting) - 1))
        deliveries.deliver(index, again=data.draw(st.booleans()))
    elif way == "advance":
        deliveries.advance(data.draw(st.sampled_from(running)), fails=data.draw(st.integers(0, 5)) == 0)
    else:
        decision = data.draw(st.sampled_from([approved, approved, approved, rejected]))
        at = data.draw(st.integers(min_value=1, max_value=20)) * 60.0
        world.tell(decision(at, arn=data.draw(st.sampled_from(VERSIONS))))
    world.now.wait(1)
