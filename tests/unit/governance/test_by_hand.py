"""What somebody does past Steward ends in a record that says so, a finding with the way out, and no lease left."""

from datetime import timedelta

import pytest

from governance.domain.findings import Finding
from governance.domain.told_of_deployments import EndpointChange, PipelineChange
from tests.builders import after, approved, group_arn, package_arn
from tests.reconciling import ReconciledWorld
from tests.unit.governance.deliveries import Deliveries
from tests.unit.governance.recalls import EIGHT, SEVEN, TEST, ask, born, rollbacks, serving, set_out, sound, to_test
from tests.world import ENVIRONMENTS, World


def finding(world: World, code: str, arn: str = EIGHT) -> Finding:
    return next(one for one in world.state(arn).findings.values() if one.code == code)


def codes(world: World, arn: str = EIGHT) -> set[str]:
    return {one.code for one in world.state(arn).findings.values()}


def under_way(phase: int) -> tuple[Deliveries, str]:
    """Version 7 serves in test, and version 8 is on its way there."""
    deliveries = born(SEVEN, EIGHT)
    to_test(deliveries, SEVEN, 100)
    return deliveries, set_out(deliveries, EIGHT, 1000, phase)


def stopped(deliveries: Deliveries, execution: str) -> None:
    """Somebody stops the pipeline, and says why."""
    world = deliveries.world
    world.pipelines.end(execution, "Stopped", "")
    told = {"pipeline": ENVIRONMENTS[TEST].pipeline, "execution_id": execution, "attempt": 1, "ended": True}
    world.tracking.follow(PipelineChange(**told, at=world.now(), comments="we are in the middle of an audit"), "event")
    deliveries.settle()


@pytest.mark.parametrize("phase", [0, 1, 2])
def test_a_pipeline_that_somebody_stopped_says_so_and_gives_its_turn_to_the_next(phase):
    deliveries, execution = under_way(phase)
    world = deliveries.world
    nine = package_arn(version=9)
    world.register(9)
    deliveries.collect()
    world.seal(nine)
    world.tell(approved(1010, arn=nine))
    deliveries.hear()
    stopped(deliveries, execution)
    assert world.deployment(TEST, EIGHT).status == "failed"
    assert "we are in the middle of an audit" in world.deployment(TEST, EIGHT).reason
    assert deliveries.serves[TEST] == nine
    assert not world.leases.holders
    sound(world)


def test_its_finding_says_how_to_go_on_and_going_on_so_works():
    deliveries, execution = under_way(0)
    world = deliveries.world
    stopped(deliveries, execution)
    assert "approve the version in development again" in finding(world, "deployment-failed").remedy
    to_test(deliveries, EIGHT, 2000)
    assert deliveries.serves[TEST] == EIGHT


def test_one_that_was_stopped_after_it_had_deployed_is_rolled_back_by_its_name():
    deliveries, execution = under_way(2)
    world = deliveries.world
    stopped(deliveries, execution)
    assert deliveries.serves[TEST] == EIGHT
    ask(world, "roll-back", 2000, stage="test")
    deliveries.settle()
    assert deliveries.serves[TEST] == SEVEN
    assert rollbacks(world) == [("test", "roll-back", "rolled-back")]


def deleted(world: World, arn: str = EIGHT, status: str = "DELETED") -> None:
    """Somebody deletes the endpoint of test."""
    endpoint = world.deployment(TEST, arn).endpoint_arn
    world.now.wait(1)
    world.tracking.watch(EndpointChange(endpoint_arn=endpoint, status=status, at=world.now()), "event")


@pytest.mark.parametrize("status", ["DELETING", "DELETED"])
def test_an_endpoint_that_somebody_deleted_is_a_finding_at_once_and_approving_again_makes_it_anew(status):
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    world.now.moment = after(900)
    deleted(world, status=status)
    assert "then approve the version in development again" in finding(world, "endpoint-deleted").remedy
    first = world.deployment(TEST, EIGHT).id
    to_test(deliveries, EIGHT, 1000)
    assert world.deployment(TEST, EIGHT).id != first
    world.tracking.watch(
        EndpointChange(endpoint_arn=world.deployment(TEST, EIGHT).endpoint_arn, status="IN_SERVICE", at=world.now()),
        "event",
    )
    assert "endpoint-deleted" not in codes(world)
    sound(world)


def test_an_approval_from_before_the_endpoint_was_deleted_does_not_make_it_anew():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    world.now.moment = after(900)
    deleted(world)
    first = world.deployment(TEST, EIGHT).id
    world.tell(approved(800, arn=EIGHT))
    deliveries.settle()
    assert world.deployment(TEST, EIGHT).id == first


def test_an_endpoint_that_is_there_is_deployed_no_second_time_by_approving_again():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    first = world.deployment(TEST, EIGHT).id
    to_test(deliveries, EIGHT, 1000)
    assert world.deployment(TEST, EIGHT).id == first


@pytest.mark.parametrize("stuck", ["ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED"])
def test_a_stack_that_is_stuck_is_a_finding_with_the_way_out_and_leaves_no_lease(stuck):
    deliveries, execution = under_way(1)
    world = deliveries.world
    reason = f"Deploy: Stack steward-credit-risk-pd-test is in {stuck} state and can not be updated."
    deliveries.end(execution, "Failed", reason)
    deliveries.settle()
    found = finding(world, "stack-stuck")
    assert found.severity == "critical"
    assert stuck in found.detail
    assert "approve the version in development again" in found.remedy
    assert not world.leases.holders
    to_test(deliveries, EIGHT, 2000)
    assert "stack-stuck" not in codes(world)


def stack_is(world: World, status: str) -> None:
    place = ENVIRONMENTS[TEST]
    world.stacks.statuses[place.account, "steward-credit-risk-pd-test"] = status


def test_nothing_is_deployed_into_a_stack_that_would_be_deleted_with_what_serves():
    deliveries = serving(SEVEN)
    world = deliveries.world
    world.register(8)
    deliveries.settle()
    stack_is(world, "UPDATE_ROLLBACK_FAILED")
    to_test(deliveries, EIGHT, 1000)
    assert deliveries.serves[TEST] == SEVEN
    assert "would delete it with the endpoint that may serve still" in world.deployment(TEST, EIGHT).reason
    found = finding(world, "stack-stuck")
    assert "continue its rollback" in found.remedy
    assert not world.leases.holders
    stack_is(world, "UPDATE_ROLLBACK_COMPLETE")
    to_test(deliveries, EIGHT, 2000)
    assert deliveries.serves[TEST] == EIGHT
    assert "stack-stuck" not in codes(world)
    sound(world)


@pytest.mark.parametrize("status", ["", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "UPDATE_COMPLETE"])
def test_a_stack_in_which_nothing_serves_is_replaced_and_any_other_updated(status):
    deliveries = born(EIGHT)
    stack_is(deliveries.world, status)
    to_test(deliveries, EIGHT, 1000)
    assert deliveries.serves[TEST] == EIGHT


def test_an_account_that_does_not_let_the_hub_look_at_its_stacks_is_deployed_to_as_before():
    deliveries = born(EIGHT)
    deliveries.world.stacks.closed.add(ENVIRONMENTS[TEST].account)
    to_test(deliveries, EIGHT, 1000)
    assert deliveries.serves[TEST] == EIGHT


@pytest.mark.parametrize("order", ["roll-back", "quarantine"])
def test_what_a_stuck_stack_kept_from_being_taken_back_is_taken_back_once_it_is_asked_for_again(order):
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    ask(world, order, 1000, **({"stage": "test"} if order == "roll-back" else {}))
    for _ in range(4):
        deliveries.hear()
        for execution in deliveries.running():
            deliveries.end(execution, "Failed", "Deploy: Stack is in UPDATE_ROLLBACK_FAILED state")
    deliveries.settle()
    assert {outcome for *_, outcome in rollbacks(world)} == {"nothing-to-return-to"}
    assert "UPDATE_ROLLBACK_FAILED" in finding(world, "rollback-impossible").detail
    assert "stack-stuck" in codes(world, SEVEN)
    ask(world, "roll-back", 2000, stage="test")
    deliveries.settle()
    assert deliveries.serves[TEST] == SEVEN
    assert "rollback-impossible" not in codes(world) or order == "quarantine"
    sound(world)


def test_a_pipeline_that_does_not_end_is_found_and_announced_once():
    world = ReconciledWorld()
    world.register()
    world.seal()
    world.tell(approved(60))
    world.now.moment = after(61)
    deployment = world.start(TEST)
    world.now.wait(timedelta(hours=5).total_seconds())
    assert "deployment-stuck" not in world.reconcile().counts
    world.now.wait(timedelta(hours=2).total_seconds())
    assert world.reconcile().counts["deployment-stuck"] == 1
    assert "stop it in CodePipeline" in finding(world, "deployment-stuck", package_arn()).remedy
    entries = world.ledger.entries[package_arn()]
    opened = [one["detail"] for entry in entries for one in entry.content["events"]]
    assert [one["code"] for one in opened if one.get("code") == "deployment-stuck"] == ["deployment-stuck"]
    assert "deployment-stuck" not in world.reconcile().counts
    world.pipelines.end(deployment.execution_id, "Stopped", "")
    world.reconcile()
    assert "deployment-stuck" not in codes(world, package_arn())
    assert world.leases.holder(TEST, group_arn()) is not None, "its end is announced, and gives the turn on"


def test_a_dry_run_only_tells_of_a_pipeline_that_does_not_end():
    world = ReconciledWorld()
    world.register()
    world.seal()
    world.tell(approved(60))
    world.now.moment = after(61)
    world.start(TEST)
    world.now.wait(timedelta(hours=7).total_seconds())
    assert world.reconcile(dry_run=True).counts["deployment-stuck"] == 1
    assert "deployment-stuck" not in codes(world, package_arn())
