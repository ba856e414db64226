"""Whoever answers for a model takes a version back in a stage; it serves there again once it is approved anew."""

import pytest

from governance.domain.authority import Authority, Role
from governance.domain.errors import Refused
from governance.domain.lifecycle import ModelStatus, Stage
from tests.builders import HUB, KATHERINE, after, approved, moved, rejected
from tests.unit.governance.deliveries import Deliveries
from tests.unit.governance.recalls import (
    EIGHT,
    NINE,
    OSKAR,
    PRODUCTION,
    SEVEN,
    TEST,
    announced,
    approved_anew,
    ask,
    born,
    person,
    rollbacks,
    serving,
    sound,
    to_production,
    to_test,
)
from tests.world import World, open_findings


def rolled_back(at: float = 1000) -> Deliveries:
    deliveries = serving(SEVEN, EIGHT)
    ask(deliveries.world, "roll-back", at, stage="production")
    deliveries.settle()
    return deliveries


def test_the_last_good_version_serves_again_in_that_stage_alone():
    deliveries = rolled_back()
    world = deliveries.world
    assert deliveries.serves == {TEST: EIGHT, PRODUCTION: SEVEN}
    assert rollbacks(world) == [("production", "roll-back", "rolled-back")]
    assert world.state(EIGHT).deployment_status(PRODUCTION) == "rolled-back"
    bar = world.state(EIGHT).stage(PRODUCTION).bar
    assert (bar.person.id, bar.why) == (world.state(EIGHT).stage(PRODUCTION).bar.person.id, "it discriminates")
    assert [one["stage"] for one in announced(world, "ModelRolledBack")] == ["production"]
    assert "deployment-unjustified" not in open_findings(world, EIGHT)
    sound(world)


def test_the_entry_in_the_audit_chain_names_who_ordered_it_and_why():
    world = rolled_back().world
    [entry] = [one.content for one in world.ledger.entries[EIGHT] if one.content["fact"] == "rollback-ordered"]
    assert (entry["stage"], entry["why"]) == ("production", "it discriminates")
    assert entry["who"] == world.state(EIGHT).stage(PRODUCTION).bar.person.id
    assert entry["new"]["production.rolled_back_by"] == entry["who"]


def test_approved_there_again_it_is_deployed_again():
    deliveries = rolled_back()
    world = deliveries.world
    assert world.state(EIGHT).stage(TEST).status is ModelStatus.PENDING
    world.now.moment = after(2001)
    world.tell(moved(2000, "Test", "Approved", arn=EIGHT), by=KATHERINE)
    deliveries.settle()
    assert deliveries.serves == {TEST: EIGHT, PRODUCTION: EIGHT}
    sound(world)


def test_rolled_back_in_test_it_stays_in_production_and_the_registry_as_it_is():
    writer = "arn:aws:sts::444455556666:assumed-role/steward-write-back"
    deliveries = serving(SEVEN, EIGHT, writer=writer)
    world = deliveries.world
    ask(world, "roll-back", 1000, stage="test")
    deliveries.settle()
    assert deliveries.serves == {TEST: SEVEN, PRODUCTION: EIGHT}
    assert world.state(EIGHT).may_run_in(PRODUCTION)
    assert not world.state(EIGHT).write_backs
    sound(world)


def test_the_registry_is_put_back_to_pending_where_that_blocks_nothing_else():
    writer = "arn:aws:sts::444455556666:assumed-role/steward-write-back"
    deliveries = serving(SEVEN, EIGHT, writer=writer)
    world = deliveries.world
    ask(world, "roll-back", 1000, stage="production")
    [written] = world.state(EIGHT).write_backs
    assert (written.stage, written.field, written.wanted) == (TEST, "ModelLifeCycle", "pending")
    assert "rolled back in production: it discriminates" in written.description


def test_where_nothing_can_return_it_is_refused_unless_it_is_to_be_barred_all_the_same():
    deliveries = serving(EIGHT)
    world = deliveries.world
    with pytest.raises(Refused, match=r"nothing-to-return-to.*no earlier version"):
        ask(world, "roll-back", 1000, stage="production")
    assert not rollbacks(world)
    ask(world, "roll-back", 1100, stage="production", even_if_nothing_returns=True)
    deliveries.settle()
    assert rollbacks(world) == [("production", "roll-back", "nothing-to-return-to")]
    assert not world.state(EIGHT).may_run_in(PRODUCTION)
    assert "rollback-impossible" in open_findings(world, EIGHT)


def test_an_earlier_version_that_may_not_run_any_more_is_named_in_the_refusal():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    world.now.moment = after(901)
    world.tell(rejected(900, arn=SEVEN))
    with pytest.raises(Refused, match="credit-risk-pd/7 may not run there any more"):
        ask(world, "roll-back", 1000, stage="production")


@pytest.mark.parametrize("stage", ["test", "production"])
def test_where_it_does_not_serve_it_is_refused(stage):
    with pytest.raises(Refused, match=r"nothing-serves"):
        ask(born(EIGHT).world, "roll-back", 1000, stage=stage)
    deliveries = serving(EIGHT, SEVEN)
    with pytest.raises(Refused, match=r"nothing-serves.*superseded"):
        ask(deliveries.world, "roll-back", 1000, stage=stage)


def test_what_waits_for_its_turn_is_not_rolled_back():
    deliveries = born(SEVEN, EIGHT)
    world = deliveries.world
    world.now.moment = after(101)
    world.tell(approved(100, arn=SEVEN))
    world.tell(approved(110, arn=EIGHT))
    deliveries.hear()
    with pytest.raises(Refused, match="queued; reject it"):
        ask(world, "roll-back", 1000, stage="test")


def test_while_one_is_under_way_another_is_refused_and_the_same_request_is_done_already():
    world = serving(SEVEN, EIGHT).world
    assert ask(world, "roll-back", 1000, stage="production", request="request-1")["changed"]
    assert not ask(world, "roll-back", 1000, stage="production", request="request-1")["changed"]
    with pytest.raises(Refused, match="under-way"):
        ask(world, "roll-back", 1100, stage="production")


def test_asked_twice_it_does_not_take_back_what_came_in_its_place():
    deliveries = rolled_back()
    with pytest.raises(Refused, match=r"nothing-serves.*rolled-back"):
        ask(deliveries.world, "roll-back", 3000, stage="production")
    assert not ask(deliveries.world, "roll-back", 1000, stage="production")["changed"]
    assert deliveries.serves[PRODUCTION] == SEVEN


def test_what_is_under_way_is_stopped_and_what_served_stays():
    deliveries = serving(SEVEN)
    world = deliveries.world
    world.register(8)
    deliveries.settle()
    world.now.moment = after(1001)
    world.tell(approved(1000, arn=EIGHT))
    deliveries.hear()
    told = ask(world, "roll-back", 1100, stage="test")
    assert [one["does"] for one in told["reach"]] == ["stop"]
    deliveries.settle()
    assert deliveries.serves[TEST] == SEVEN
    assert rollbacks(world) == [("test", "stop", "stopped")]


def test_a_dry_run_tells_what_would_return_and_changes_nothing():
    world = serving(SEVEN, EIGHT).world
    told = ask(world, "roll-back", 1000, stage="production", dry_run=True)
    assert told["would_change"]
    assert [(one["stage"], one["returns"]) for one in told["reach"]] == [("production", SEVEN)]
    assert not rollbacks(world)


def test_approved_anew_while_it_is_taken_back_it_stays():
    world = approved_anew().world
    assert [outcome for *_, outcome in rollbacks(world)] == ["overtaken"]
    sound(world)


def test_a_version_that_was_rolled_back_is_not_the_one_that_returns_later():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    ask(world, "roll-back", 1000, stage="production")
    deliveries.settle()
    world.register(9)
    deliveries.settle()
    to_production(deliveries, NINE, 2000)
    ask(world, "roll-back", 3000, version=NINE, stage="production")
    deliveries.settle()
    assert deliveries.serves[PRODUCTION] == SEVEN


AUTHORITY = Authority(
    hub=HUB, holders={Role.OWNER: ("steward-model-owner",), Role.OFFICER: ("steward-officer",), Role.VALIDATOR: ()}
)


@pytest.mark.parametrize(
    ("command", "role", "may"),
    [
        ("roll-back", "model-owner", True),
        ("roll-back", "officer", True),
        ("roll-back", "data-scientist", False),
        ("quarantine", "officer", True),
        ("quarantine", "model-owner", False),
    ],
)
def test_only_who_has_the_role_takes_back(command, role, may):
    world: World = serving(SEVEN, EIGHT, authority=AUTHORITY).world
    more = {"stage": Stage.PRODUCTION} if command == "roll-back" else {}
    if may:
        assert ask(world, command, 1000, who=person("somebody", role), **more)["changed"]
        return
    with pytest.raises(Refused, match="not-entitled"):
        ask(world, command, 1000, who=person("somebody", role), **more)


def test_of_a_version_that_nobody_knows_nothing_is_taken_back():
    with pytest.raises(Refused, match="unknown-version"):
        ask(born(EIGHT).world, "quarantine", 1000, version=SEVEN, who=OSKAR)


def test_the_test_stage_is_left_by_a_roll_back_that_is_followed_by_another_version():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    ask(world, "roll-back", 1000, stage="test")
    deliveries.settle()
    to_test(deliveries, EIGHT, 2000)
    assert deliveries.serves[TEST] == EIGHT
