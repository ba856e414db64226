"""What is retired is removed from wherever it serves, and nothing brings it back."""

from itertools import permutations

import pytest

from governance.domain.errors import Refused, ValidationImpossible
from governance.domain.fold import fold
from governance.domain.keeping import Terms
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.retaining import dues
from governance.domain.retirement import RetirementCompleted, VersionRetired
from governance.domain.roll_up import contribution
from governance.ports.identity import Caller
from governance.services.judging import Judging
from governance.services.validation import Validation
from tests.builders import KATHERINE, after, approved, group_arn, moved
from tests.unit.governance.recalls import (
    EIGHT,
    NINE,
    OLGA,
    OSKAR,
    PRODUCTION,
    SEVEN,
    SHAPE,
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
from tests.unit.governance.test_trials import tried
from tests.world import A_DAY, World, open_findings


def retired(world: World, at: float, version: str = EIGHT, **more: object) -> dict:
    """Two people want it, as they must where it serves in production."""
    ask(world, "retire", at, version, OSKAR, **more)
    return ask(world, "retire", at + 1, version, OLGA, request=f"second-{int(at):08d}", **more)


def removals(world: World, arn: str = EIGHT) -> list[tuple[str, str]]:
    every = world.state(arn).deployments.values()
    return sorted((one.place, one.status.value) for one in every if one.removes)


def test_what_serves_is_removed_from_every_environment_through_the_pipelines():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    told = retired(world, 1000, successor=SEVEN)
    assert (told["changed"], told["retired"], told["gone_at"]) == (True, True, "")
    assert open_findings(world, EIGHT) & {"deployment-unjustified", "rollback-impossible"} == set()
    deliveries.settle()
    assert deliveries.serves == {}, "nothing takes its place"
    state = world.state(EIGHT)
    assert {one.status for one in state.stages.values()} == {ModelStatus.RETIRED}
    assert [state.deployment_status(stage) for stage in (TEST, PRODUCTION)] == ["removed", "removed"]
    assert removals(world) == [("production", "removed"), ("test", "removed")]
    assert rollbacks(world) == []
    assert state.retirement.completed_at
    group = world.groups.get(group_arn())
    assert group.serving == {}
    assert world.leases.holders == {}
    assert {one["stage"] for one in announced(world, "ModelRetired")} == {"development", "test", "production"}
    assert {one["environment"] for one in announced(world, "EndpointRemoved")} == {"test", "production"}
    assert len(announced(world, "RetirementCompleted")) == 1
    assert announced(world, "DeploymentFailed") == []
    sound(world)


def test_nobody_alone_retires_what_runs_in_production():
    world = serving(SEVEN, EIGHT).world
    told = ask(world, "retire", 1000)
    assert (told["changed"], told["retired"], told["proposed_by"] != "") == (True, False, True)
    again = ask(world, "retire", 1010, request="another-request")
    assert (again["changed"], again["retired"]) == (False, False)
    assert world.state(EIGHT).may_run(world.deployment(PRODUCTION, EIGHT))
    other = ask(world, "retire", 1020, who=OLGA, successor=SEVEN)
    assert not other["retired"], "who names another successor wants something else"
    assert ask(world, "retire", 1030, successor=SEVEN)["retired"]
    known = world.state(EIGHT).retirement
    assert known.person.id != known.proposed_by.id
    sound(world)


def test_what_runs_in_test_alone_one_person_retires():
    deliveries = born(SEVEN)
    to_test(deliveries, SEVEN, 100)
    assert ask(deliveries.world, "retire", 1000, SEVEN)["retired"]
    deliveries.settle()
    assert deliveries.serves == {}
    assert deliveries.world.state(SEVEN).retirement.completed_at


def test_a_version_that_another_replaced_is_retired_and_nothing_is_removed():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    assert ask(world, "retire", 1000, SEVEN)["retired"]
    deliveries.settle()
    assert deliveries.serves == {TEST: EIGHT, PRODUCTION: EIGHT}
    assert removals(world, SEVEN) == []
    assert world.state(SEVEN).retirement.completed_at
    sound(world)


def test_no_rollback_returns_to_what_is_retired():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    ask(world, "retire", 1000, SEVEN)
    deliveries.settle()
    with pytest.raises(Refused, match="nothing-to-return-to"):
        ask(world, "roll-back", 1100, EIGHT, stage="test")


def test_what_is_under_way_is_stopped_and_what_served_before_goes_on():
    deliveries = born(SEVEN, EIGHT)
    world = deliveries.world
    to_test(deliveries, SEVEN, 100)
    set_out(deliveries, EIGHT, 2000, actions=2)
    assert ask(world, "retire", 2100)["retired"]
    deliveries.settle()
    assert deliveries.serves == {TEST: SEVEN}
    assert [how for _, how, _ in rollbacks(world)] == ["stop"]
    assert removals(world) == []
    assert world.state(EIGHT).retirement.completed_at
    sound(world)


def test_what_came_to_the_endpoint_too_late_to_be_stopped_is_removed_where_nothing_can_return():
    deliveries = born(EIGHT)
    world = deliveries.world
    set_out(deliveries, EIGHT, 100, actions=2)
    ask(world, "retire", 1000)
    deliveries.settle()
    assert deliveries.serves == {}
    assert [outcome for *_, outcome in rollbacks(world)] == ["nothing-to-return-to"]
    assert removals(world) == [("test", "removed")]
    assert "rollback-impossible" not in open_findings(world, EIGHT)
    assert world.state(EIGHT).retirement.completed_at
    sound(world)


def test_what_waits_for_its_turn_is_cancelled():
    deliveries = born(SEVEN, EIGHT)
    world = deliveries.world
    world.now.moment = after(101)
    world.tell(approved(100, arn=SEVEN))
    deliveries.hear()
    world.tell(approved(110, arn=EIGHT))
    deliveries.hear()
    told = ask(world, "retire", 1000)
    assert [one["does"] for one in told["reach"]] == ["cancel"]
    assert "retired before its turn" in world.deployment(TEST, EIGHT).reason
    deliveries.settle()
    assert deliveries.serves == {TEST: SEVEN}
    sound(world)


def test_a_dry_run_tells_what_would_be_removed_where_and_changes_nothing():
    world = serving(SEVEN, EIGHT).world
    before = world.ledger.states[EIGHT]
    told = ask(world, "retire", 1000, dry_run=True)
    assert world.ledger.states[EIGHT] == before
    assert (told["would_change"], told["changed"]) == (True, False)
    assert {(one["stage"], one["does"]) for one in told["reach"]} == {("test", "remove"), ("production", "remove")}


def test_retired_twice_is_retired_once():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    retired(world, 1000)
    deliveries.settle()
    entries = len(world.ledger.entries[EIGHT])
    assert not ask(world, "retire", 1100)["changed"]
    assert not ask(world, "retire", 1001, who=OLGA, request="second-00001000")["changed"]
    with pytest.raises(Refused, match="nothing succeeds it"):
        ask(world, "retire", 1200, successor=SEVEN)
    assert len(world.ledger.entries[EIGHT]) == entries


def test_whatever_the_registry_says_afterwards_it_stays_retired_and_that_is_a_finding():
    world = born(EIGHT).world
    ask(world, "retire", 1000)
    world.now.moment = after(2000)
    world.tell(approved(1900, arn=EIGHT))
    world.tell(moved(1950, "Test", "Approved", arn=EIGHT), by=KATHERINE)
    state = world.state(EIGHT)
    assert {one.status for one in state.stages.values()} == {ModelStatus.RETIRED}
    assert "illegal-move" in open_findings(world, EIGHT)
    assert not any(one.status in {"queued", "deploying"} for one in state.deployments.values())
    sound(world)


@pytest.mark.parametrize("command", ["approve", "sign-off", "break-glass"])
def test_nobody_gives_their_word_for_what_is_retired(command: str):
    world = born(EIGHT).world
    ask(world, "retire", 1000)
    told = {"command": command, "function": "arn:decide", "request_id": "request-word", "stage": "development"}
    order = SHAPE.validate_python({**told, "version": EIGHT, "why": "it is needed"})
    with pytest.raises(Refused, match="retired"):
        Judging(world.ledger, world.recording).carry_out(order, Caller(person=OLGA, at=after(1001)))


def test_a_removal_that_fails_is_a_finding_and_retiring_it_once_more_tries_again():
    deliveries = born(EIGHT)
    world = deliveries.world
    to_test(deliveries, EIGHT, 100)
    ask(world, "retire", 1000)
    deliveries.hear()
    [execution] = deliveries.running()
    deliveries.advance(execution)
    deliveries.advance(execution, fails=True)
    deliveries.settle()
    assert "removal-failed" in open_findings(world, EIGHT)
    assert world.state(EIGHT).retirement.completed_at is None
    assert world.leases.holders == {}
    world.now.moment = after(2000)
    assert ask(world, "retire", 2000)["changed"]
    deliveries.settle()
    assert deliveries.serves == {}
    assert "removal-failed" not in open_findings(world, EIGHT)
    assert world.state(EIGHT).retirement.completed_at
    assert len(announced(world, "RemovalFailed")) == 1
    sound(world)


def test_another_version_takes_the_empty_place_and_what_comes_after_is_taken_back_to_it():
    deliveries = serving(SEVEN)
    world = deliveries.world
    retired(world, 1000, SEVEN)
    deliveries.settle()
    assert deliveries.serves == {}
    for number in (8, 9):
        world.register(number)
        deliveries.settle()
        to_test(deliveries, SEVEN.replace("/7", f"/{number}"), 1000 * number)
    ask(world, "roll-back", 20000, SEVEN.replace("/7", "/9"), stage="test")
    deliveries.settle()
    assert deliveries.serves == {TEST: EIGHT}
    assert world.groups.get(group_arn()).serving[TEST].version == EIGHT


def test_a_quarantined_version_is_retired_too_and_so_leaves_where_nothing_could_return():
    deliveries = serving(EIGHT)
    world = deliveries.world
    ask(world, "quarantine", 1000)
    deliveries.settle()
    assert "rollback-impossible" in open_findings(world, EIGHT)
    retired(world, 2000)
    deliveries.settle()
    assert deliveries.serves == {}
    assert world.state(EIGHT).retirement.completed_at
    assert world.state(EIGHT).quarantine.safe_at
    sound(world)


def test_the_same_facts_in_any_order_retire_it_the_same():
    deliveries = born(EIGHT)
    to_test(deliveries, EIGHT, 100)
    ask(deliveries.world, "retire", 1000)
    deliveries.settle()
    facts = list(deliveries.world.ledger.facts(EIGHT))
    head, last = facts[:-5], facts[-5:]
    expected = fold(facts)
    assert all(fold([*order, *head]) == expected for order in permutations(last))
    assert {VersionRetired, RetirementCompleted} <= {type(one) for one in facts}


def test_the_artifacts_are_locked_from_the_retirement_on_and_for_longer_where_that_was_ordered():
    deliveries = born(EIGHT)
    world = deliveries.world
    ask(world, "retire", 1000, keep_days=4000)
    state = world.state(EIGHT)
    terms = Terms(production=10 * A_DAY, retired=3650 * A_DAY)
    [due] = dues(state, terms)
    assert (due.reason, due.cause) == ("retired", state.retirement.fingerprint)
    assert due.until == state.retirement.at.replace(microsecond=0) + 4000 * A_DAY


def test_what_served_in_production_stays_locked_for_that_though_it_was_removed():
    deliveries = serving(EIGHT)
    retired(deliveries.world, 1000)
    deliveries.settle()
    reasons = [one.reason for one in dues(deliveries.world.state(EIGHT), Terms(production=A_DAY, retired=A_DAY))]
    assert sorted(reasons) == ["production", "retired"]


def test_the_group_forgets_what_was_removed_in_whatever_order_it_is_told():
    deliveries = serving(EIGHT)
    world = deliveries.world
    retired(world, 1000)
    deliveries.settle()
    state = world.state(EIGHT)
    removal = next(one for one in state.deployments.values() if one.removes and one.stage is Stage.TEST)
    served = world.promotion.memory
    before = world.groups.get(group_arn())
    served.ended(state, removal, None)
    assert world.groups.get(group_arn()) == before
    late = deliveries.world.groups.get(group_arn()).earlier["test"][-1]
    assert before.serves("test", late) == before, "a word that comes late brings nothing back"


def test_whoever_hears_everything_twice_and_late_removes_it_once():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    retired(world, 1000)
    deliveries.collect()
    for _ in range(400):
        if deliveries.waiting:
            deliveries.deliver(len(deliveries.waiting) - 1, again=deliveries.told.get("twice", 0) % 2 == 0)
            deliveries.told["twice"] = deliveries.told.get("twice", 0) + 1
        elif running := deliveries.running():
            deliveries.advance(running[-1])
        else:
            break
    assert removals(world) == [("production", "removed"), ("test", "removed")]
    assert deliveries.serves == {}
    sound(world)


class Gone:
    """Endpoints and machines, of which a test says whether they are there."""

    there = True

    def exists(self, environment: object, name: str) -> bool:
        return self.there


@pytest.mark.parametrize("late", [False, True])
def test_a_removal_is_validated_by_looking_until_what_was_there_is_gone(late: bool):
    deliveries = born(EIGHT)
    world = deliveries.world
    to_test(deliveries, EIGHT, 100)
    ask(world, "retire", 1000)
    deliveries.hear()
    removal = next(one for one in world.state(EIGHT).deployments.values() if one.removes)
    endpoints = Gone()
    nothing = None
    validation = Validation(world.ledger, nothing, nothing, endpoints, nothing, nothing, world.environments, world.now)  # type: ignore[arg-type]
    asked = (EIGHT, TEST, removal.id, "job-1")
    assert validation.validate(*asked).run == "removal"
    if late:
        world.now.wait(3601)
        with pytest.raises(ValidationImpossible, match="still there"):
            validation.validate(*asked, "removal")
        return
    endpoints.there = False
    assert validation.validate(*asked, "removal") is None
    validation.tidy(EIGHT, removal.id, "removal")


def test_what_was_tried_beside_what_is_removed_is_announced_as_gone_and_the_roll_up_hears_it():
    deliveries = tried()
    world = deliveries.world
    world.register(9)
    deliveries.settle()
    to_test(deliveries, NINE, 2000)
    before, told = contribution(world.state(EIGHT)), len(world.ledger.entries[EIGHT])
    retired(world, 3000, SEVEN)
    deliveries.settle()
    after_it = contribution(world.state(EIGHT))
    assert before != after_it, "it serves no longer, so its risk and troubles count no longer"
    events = [event for entry in world.ledger.entries[EIGHT][told:] for event in entry.content["events"]]
    (gone,) = [one["detail"] for one in events if one["detail_type"] == "EndpointRemoved"]
    deployment = world.deployment(PRODUCTION, EIGHT)
    assert (gone["removes"], gone["removed_with"]) == (deployment.id, SEVEN)
    assert (gone["deployment_id"], gone["stage"]) == (deployment.id, "production")
    known = world.groups.kept[group_arn()]
    deliveries.hear()
    world.grouping.swept(EIGHT, deployment.id, "c")
    world.promotion.give_way(EIGHT, PRODUCTION, deployment.id, "c")
    assert world.groups.kept[group_arn()] == known, "nothing serves there, and nothing is tried, whoever hears it again"


def test_what_a_removal_of_its_own_took_away_is_announced_once_for_all_of_it():
    deliveries = serving(SEVEN, EIGHT)
    retired(deliveries.world, 1000)
    deliveries.settle()
    gone = announced(deliveries.world, "EndpointRemoved")
    assert [one["removed_with"] for one in gone] == ["", ""]
    assert {one["deployment_id"] != one["removes"] for one in gone} == {True}
