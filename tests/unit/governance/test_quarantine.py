"""What is quarantined runs nowhere and is approved nowhere, until somebody else releases it and it is approved anew."""

import pytest

from governance.domain.errors import Refused
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.told_of_deployments import PipelineChange
from tests.builders import KATHERINE, after, approved, group_arn, moved
from tests.unit.governance.recalls import (
    EIGHT,
    OLGA,
    OSKAR,
    PRODUCTION,
    SEVEN,
    TEST,
    announced,
    ask,
    born,
    rollbacks,
    serving,
    set_out,
    sound,
    to_test,
)
from tests.world import open_findings


def test_every_stage_where_it_runs_is_rolled_back_and_the_time_to_safe_is_on_record():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    ask(world, "quarantine", 1000)
    assert open_findings(world, EIGHT) >= {"quarantined", "deployment-unjustified"}
    assert world.state(EIGHT).quarantine.safe_at is None
    world.now.wait(600)
    deliveries.settle()
    assert deliveries.serves == {TEST: SEVEN, PRODUCTION: SEVEN}
    assert rollbacks(world) == [("test", "roll-back", "rolled-back"), ("production", "roll-back", "rolled-back")]
    known = world.state(EIGHT).quarantine
    last = max(one.effective_at for one in world.ledger.facts(EIGHT) if one.kind == "rollback-finished")
    assert known.safe_at == last
    assert known.seconds_to_safe == (last - after(1000)).total_seconds() >= 600
    [told] = announced(world, "QuarantineCompleted")
    assert told["seconds_to_safe"] == known.seconds_to_safe
    assert [one["ordered_by"] for one in announced(world, "ModelQuarantined")] == [known.person.id]
    assert "deployment-unjustified" not in open_findings(world, EIGHT)
    sound(world)


def test_a_dry_run_tells_the_blast_radius_and_changes_nothing():
    world = serving(SEVEN, EIGHT).world
    before = world.ledger.states[EIGHT]
    told = ask(world, "quarantine", 1000, dry_run=True)
    assert world.ledger.states[EIGHT] == before
    assert (told["would_change"], told["changed"], told["quarantined"]) == (True, False, False)
    reach = {one["stage"]: (one["account"], one["does"], one["returns"]) for one in told["reach"]}
    assert reach == {
        "test": ("555566667777", "roll-back", SEVEN),
        "production": ("777788889999", "roll-back", SEVEN),
    }
    assert all(one["endpoint_name"] for one in told["reach"])
    assert told["model_group"] == "credit-risk-pd"


def test_one_that_runs_nowhere_is_safe_at_once():
    world = born(EIGHT).world
    told = ask(world, "quarantine", 1000)
    assert (told["changed"], told["quarantined"], told["seconds_to_safe"]) == (True, True, pytest.approx(0, abs=1))
    assert told["reach"] == []


def test_what_waits_for_its_turn_is_cancelled_in_the_same_transaction():
    deliveries = born(SEVEN, EIGHT)
    world = deliveries.world
    world.now.moment = after(101)
    world.tell(approved(100, arn=SEVEN))
    deliveries.hear()
    world.tell(approved(110, arn=EIGHT))
    deliveries.hear()
    assert world.state(EIGHT).deployment_status(TEST) == "queued"
    told = ask(world, "quarantine", 1000)
    assert [one["does"] for one in told["reach"]] == ["cancel"]
    assert world.state(EIGHT).deployment_status(TEST) == "removed"
    assert "quarantined" in world.deployment(TEST, EIGHT).reason
    deliveries.settle()
    assert deliveries.serves == {TEST: SEVEN}
    assert world.leases.holder(TEST, group_arn()) is None
    sound(world)


@pytest.mark.parametrize("phase", [0, 1, 2])
def test_what_is_under_way_is_stopped_wherever_its_pipeline_is(phase):
    deliveries = born(SEVEN, EIGHT)
    world = deliveries.world
    to_test(deliveries, SEVEN, 100)
    set_out(deliveries, EIGHT, 1000, phase)
    ask(world, "quarantine", 1100)
    deliveries.settle()
    assert deliveries.serves[TEST] == SEVEN
    assert [how for _, how, _ in rollbacks(world)] == ["stop"]
    assert world.state(EIGHT).quarantine.safe_at
    sound(world)


def test_an_execution_that_is_being_started_just_then_is_stopped_at_verify_and_leaves_no_lease():
    deliveries = born(EIGHT)
    world = deliveries.world
    world.now.moment = after(101)
    world.tell(approved(100, arn=EIGHT))
    deployment = world.deployment(TEST, EIGHT)
    started = {}

    def quarantined_meanwhile(*told):
        started["execution"] = start(*told)
        ask(world, "quarantine", 1000)
        return started["execution"]

    start, world.pipelines.start = world.pipelines.start, quarantined_meanwhile
    world.promotion.start(EIGHT, deployment.id, "c")
    world.pipelines.start = start
    deliveries.settle()
    assert deliveries.serves == {}
    assert world.pipelines.executions[started["execution"]].status in {"Failed", "Stopped"}
    assert world.state(EIGHT).quarantine.safe_at
    assert not world.leases.holders
    sound(world)


def test_it_is_not_safe_as_long_as_nothing_can_return_and_is_when_another_serves():
    deliveries = serving(EIGHT)
    world = deliveries.world
    told = ask(world, "quarantine", 1000)
    assert all("no earlier version" in one["why_none"] for one in told["reach"])
    deliveries.settle()
    assert {outcome for *_, outcome in rollbacks(world)} == {"nothing-to-return-to"}
    assert "rollback-impossible" in open_findings(world, EIGHT)
    assert world.state(EIGHT).quarantine.safe_at is None
    world.register(9)
    nine = EIGHT.replace("/8", "/9")
    deliveries.settle()
    world.now.moment = after(2001)
    world.tell(approved(2000, arn=nine))
    deliveries.settle()
    world.tell(moved(2050, "Test", "Approved", arn=nine), by=KATHERINE)
    deliveries.settle()
    assert deliveries.serves == {TEST: nine, PRODUCTION: nine}
    assert world.state(EIGHT).quarantine.safe_at
    assert len(announced(world, "QuarantineCompleted")) == 1
    sound(world)


def test_an_approval_meanwhile_is_refused_with_what_to_do():
    world = born(EIGHT).world
    ask(world, "quarantine", 1000)
    world.now.moment = after(1101)
    state = world.tell(approved(1100, arn=EIGHT))
    development = state.stage(Stage.DEVELOPMENT)
    assert development.status is ModelStatus.PENDING
    [check] = [one for one in development.refused.checks if not one.passed]
    assert check.name == "not-in-quarantine"
    assert "release" in check.remedy
    assert not state.deployments


def test_an_approval_that_came_before_the_order_and_is_told_after_it_does_not_count():
    world = born(EIGHT).world
    ask(world, "quarantine", 1000)
    state = world.tell(approved(900, arn=EIGHT))
    assert state.stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    assert not state.deployments
    sound(world)


def test_an_order_that_was_signed_before_an_approval_and_arrives_after_it_takes_it_back():
    deliveries = born(EIGHT)
    world = deliveries.world
    world.now.moment = after(1101)
    world.tell(approved(1100, arn=EIGHT))
    deliveries.settle()
    assert deliveries.serves == {TEST: EIGHT}
    ask(world, "quarantine", 1050)
    assert world.state(EIGHT).stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    assert rollbacks(world) == [("test", "roll-back", "")]
    sound(world)


def test_released_it_is_blocked_no_more_and_needs_every_approval_anew():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    ask(world, "quarantine", 1000)
    deliveries.settle()
    ask(world, "release", 2000, who=OLGA)
    deliveries.settle()
    state = world.state(EIGHT)
    assert not state.is_quarantined
    assert deliveries.serves == {TEST: SEVEN, PRODUCTION: SEVEN}
    assert {known.status for known in state.stages.values()} == {ModelStatus.PENDING}
    assert "quarantined" not in open_findings(world, EIGHT)
    [told] = announced(world, "ModelReleased")
    assert told["released_by"] == state.quarantine.released_by.id
    to_test(deliveries, EIGHT, 3000)
    assert deliveries.serves == {TEST: EIGHT, PRODUCTION: SEVEN}
    sound(world)


def test_who_ordered_it_cannot_release_it():
    world = born(EIGHT).world
    ask(world, "quarantine", 1000)
    with pytest.raises(Refused, match="four-eyes"):
        ask(world, "release", 2000, who=OSKAR)
    assert world.state(EIGHT).is_quarantined


def test_nobody_releases_what_is_not_quarantined_or_was_after_they_signed():
    world = born(EIGHT).world
    with pytest.raises(Refused, match="not-quarantined"):
        ask(world, "release", 900, who=OLGA)
    ask(world, "quarantine", 1000)
    with pytest.raises(Refused, match="overtaken"):
        ask(world, "release", 1000, who=OLGA)


def test_the_same_request_again_and_another_officer_s_change_nothing():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    assert ask(world, "quarantine", 1000)["changed"]
    facts = len(world.ledger.facts(EIGHT))
    assert not ask(world, "quarantine", 1000)["changed"]
    assert not ask(world, "quarantine", 1010, who=OLGA)["changed"]
    assert len(world.ledger.facts(EIGHT)) == facts


def test_quarantined_again_after_its_release_it_is_taken_back_again():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    ask(world, "quarantine", 1000)
    deliveries.settle()
    ask(world, "release", 2000, who=OLGA)
    with pytest.raises(Refused, match="overtaken"):
        ask(world, "quarantine", 1500)
    to_test(deliveries, EIGHT, 3000)
    ask(world, "quarantine", 4000, who=OLGA)
    deliveries.settle()
    assert deliveries.serves == {TEST: SEVEN, PRODUCTION: SEVEN}
    assert len(announced(world, "QuarantineCompleted")) == 2
    sound(world)


def test_a_quarantined_version_is_never_the_one_that_returns():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    ask(world, "quarantine", 1000, version=SEVEN)
    assert world.state(SEVEN).quarantine.safe_at
    ask(world, "quarantine", 1100)
    deliveries.settle()
    assert {outcome for *_, outcome in rollbacks(world)} == {"nothing-to-return-to"}


def test_a_version_that_failed_after_it_came_to_the_endpoint_is_taken_back_too():
    deliveries = born(SEVEN, EIGHT)
    world = deliveries.world
    to_test(deliveries, SEVEN, 100)
    execution = set_out(deliveries, EIGHT, 1000, actions=2)
    deliveries.advance(execution, fails=True)
    deliveries.settle()
    assert deliveries.serves == {TEST: EIGHT}
    told = ask(world, "quarantine", 2000)
    assert [(one["deployment_status"], one["does"]) for one in told["reach"]] == [("failed", "roll-back")]
    deliveries.settle()
    assert deliveries.serves == {TEST: SEVEN}
    assert world.state(EIGHT).quarantine.safe_at


def test_a_pipeline_that_somebody_retries_meanwhile_makes_it_unsafe_until_it_is_stopped():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    ask(world, "quarantine", 1000)
    deliveries.settle()
    deployment = world.deployment(TEST, EIGHT)
    execution = world.pipelines.executions[deployment.execution_id]
    world.pipelines.executions[deployment.execution_id] = execution.model_copy(update={"status": "InProgress"})
    told = {"pipeline": execution.pipeline, "execution_id": execution.id, "attempt": 2, "ended": False}
    world.tracking.follow(PipelineChange(**told, at=world.now()), "event")
    assert world.state(EIGHT).quarantine.safe_at is None
    deliveries.phases[execution.id] = 0
    deliveries.hear()
    assert world.pipelines.executions[execution.id].status == "Stopping"


def test_the_registry_is_put_back_to_pending_with_the_reason():
    writer = "arn:aws:sts::444455556666:assumed-role/steward-write-back"
    deliveries = born(EIGHT, writer=writer)
    world = deliveries.world
    to_test(deliveries, EIGHT, 100)
    ask(world, "quarantine", 1000)
    [written] = world.state(EIGHT).write_backs
    assert (written.purpose, written.wanted, written.field) == ("revert", "pending", "ModelApprovalStatus")
    assert "quarantined: it discriminates" in written.description
    assert "steward release" in written.description
