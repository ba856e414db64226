"""A stage may have several environments, and pre-production where it is set up: each is deployed to by itself."""

from typing import Any

import pytest
from pydantic import ValidationError

from governance.domain.environment import Environment, Landscape
from governance.domain.errors import Refused
from governance.domain.facts import GroupObserved
from governance.domain.lifecycle import DeploymentStatus, ModelStatus, Stage
from governance.domain.record import stage_record
from governance.domain.use_case import Profile
from tests.builders import KATHERINE, after, approved, group_arn, moved
from tests.unit.governance.deliveries import Deliveries
from tests.unit.governance.recalls import (
    EIGHT,
    PRODUCTION,
    SEVEN,
    TEST,
    ask,
    born,
    rollbacks,
    sound,
    to_production,
    to_test,
)
from tests.world import World, open_findings

PRE = Stage.PRE_PRODUCTION
EU, INS = "production-eu", "insurance"


def at(stage: Stage, account: str, name: str = "", *lines: str) -> Environment:
    pipeline = f"steward-deploy-{name or stage}"
    return Environment(stage=stage, account=account, pipeline=pipeline, name=name, lines_of_business=lines)


OWN = (at(TEST, "555566667777"), at(PRODUCTION, "777788889999"))
TWO = Landscape(environments=(*OWN, at(PRODUCTION, "888899990000", EU)))
MAP = Landscape(environments=(*OWN, at(PRODUCTION, "888899990000", "production-insurance", INS)))
PREPARED = Landscape(environments=(*OWN, at(PRE, "666677778888")))


def in_production(*versions: str, landscape: Landscape = TWO) -> Deliveries:
    deliveries = born(*versions, landscape=landscape)
    for number, arn in enumerate(versions):
        to_production(deliveries, arn, 100 * (number + 1))
    return deliveries


def deployments(world: World, arn: str, stage: Stage = PRODUCTION) -> dict[str, str]:
    return {place: str(one.status) for place, one in world.state(arn).latest_in(stage).items()}


def quiet(world: World) -> None:
    """Nothing is wrong with any record, and nothing holds a turn."""
    sound(world)
    assert not world.leases.holders


def of(world: World, arn: str, line: str) -> None:
    """The group's tags say whose it is."""

    def told(page: Any, now: Any) -> list[Any]:
        return [
            GroupObserved(
                model=page.state.model, effective_at=now, recorded_at=now, group=Profile(line_of_business=line)
            )
        ]

    world.recording.learn(arn, told, "c")


def test_a_version_goes_to_every_environment_of_a_stage_each_with_its_endpoint_lease_and_memory():
    deliveries = in_production(SEVEN, EIGHT)
    world = deliveries.world
    assert deliveries.serves == {"test": EIGHT, "production": EIGHT, EU: EIGHT}
    assert deployments(world, EIGHT) == {"": "deployed", EU: "deployed"}
    assert deployments(world, SEVEN) == {"": "superseded", EU: "superseded"}
    endpoints = {place: one.endpoint_arn for place, one in world.state(EIGHT).latest_in(PRODUCTION).items()}
    assert endpoints[""].endswith(":777788889999:endpoint/steward-credit-risk-pd-production")
    assert endpoints[EU].endswith(":888899990000:endpoint/steward-credit-risk-pd-production-eu")
    group = world.groups.get(group_arn())
    assert {place: one.version for place, one in group.serving_in(PRODUCTION).items()} == {
        "production": EIGHT,
        EU: EIGHT,
    }
    quiet(world)


def test_where_one_environment_fails_the_stage_says_so_and_the_finding_names_it():
    deliveries = born(EIGHT, landscape=TWO)
    world = deliveries.world
    to_test(deliveries, EIGHT, 100)
    world.now.moment = after(151)
    world.tell(moved(150, "Test", "Approved", arn=EIGHT), by=KATHERINE)
    deliveries.hear()
    for execution in deliveries.running():
        if world.pipelines.executions[execution].pipeline.endswith(EU):
            deliveries.advance(execution, fails=True)
    deliveries.settle()
    state = world.state(EIGHT)
    assert deployments(world, EIGHT) == {"": "deployed", EU: "failed"}
    assert state.deployment_status(PRODUCTION) is DeploymentStatus.FAILED
    [failed] = [one for one in state.findings.values() if one.code == "deployment-failed"]
    assert "production (production-eu)" in failed.detail
    record = stage_record(state, PRODUCTION)
    assert record["deployment_status"] == "failed"
    assert '"production": {' in record["environments"]
    assert '"production-eu": {' in record["environments"]
    world.now.moment = after(501)
    world.tell(moved(500, "Test", "Approved", arn=EIGHT), by=KATHERINE)
    deliveries.settle()
    assert deployments(world, EIGHT) == {"": "deployed", EU: "deployed"}, (
        "approved once more, what failed is tried again"
    )
    assert "deployment-failed" not in open_findings(world, EIGHT)
    quiet(world)


def test_a_group_goes_to_the_environments_of_its_line_of_business_and_others_to_those_for_everybody():
    deliveries = born(SEVEN, EIGHT, landscape=MAP)
    of(deliveries.world, EIGHT, INS)
    for number, arn in enumerate((SEVEN, EIGHT)):
        to_production(deliveries, arn, 100 * (number + 1))
    world = deliveries.world
    assert deployments(world, SEVEN) == {"": "deployed"}
    assert deployments(world, EIGHT) == {"production-insurance": "deployed"}
    assert world.groups.get(group_arn()).last_in(PRODUCTION).version == EIGHT
    quiet(world)


def test_what_a_package_says_of_itself_does_not_choose_the_account():
    state = in_production(EIGHT, landscape=MAP).world.state(EIGHT)
    assert state.model_copy(update={"properties": {"steward:line-of-business": INS}}).profile.line_of_business == INS
    assert list(state.latest_in(PRODUCTION)) == [""]


def test_an_environment_set_up_later_is_reached_by_approving_once_more_and_by_nothing_else():
    deliveries = in_production(SEVEN, EIGHT, landscape=Landscape(environments=OWN))
    moved_on = with_landscape(deliveries, TWO)
    moved_on.world.deliver(approved(100, arn=SEVEN))
    of(moved_on.world, SEVEN, "retail")
    of(moved_on.world, EIGHT, "retail")
    moved_on.settle()
    assert deployments(moved_on.world, SEVEN) == {"": "superseded"}
    assert deployments(moved_on.world, EIGHT) == {"": "deployed"}
    moved_on.world.now.moment = after(601)
    moved_on.world.tell(moved(600, "Test", "Approved", arn=EIGHT), by=KATHERINE)
    moved_on.settle()
    assert deployments(moved_on.world, EIGHT) == {"": "deployed", EU: "deployed"}
    quiet(moved_on.world)


def with_landscape(deliveries: Deliveries, landscape: Landscape) -> Deliveries:
    """The same records, after the installation was deployed with other environments."""
    world = deliveries.world
    for part in (world.recording, *(getattr(world, name).recording for name in PARTS)):
        object.__setattr__(part, "landscape", landscape)
    world.environments.clear()
    world.environments.update(landscape.by_name)
    return deliveries


PARTS = ("synchronisation", "sealing", "grouping", "promotion", "rolling_back", "gatekeeping", "tracking", "monitoring")


def test_a_deployment_that_waits_for_an_environment_that_is_no_more_ends_with_that_reason():
    deliveries = born(EIGHT, landscape=TWO)
    to_test(deliveries, EIGHT, 100)
    deliveries.world.now.moment = after(151)
    deliveries.world.tell(moved(150, "Test", "Approved", arn=EIGHT), by=KATHERINE)
    with_landscape(deliveries, Landscape(environments=OWN)).settle()
    world = deliveries.world
    assert deployments(world, EIGHT) == {"": "deployed", EU: "removed"}
    assert world.state(EIGHT).latest_in(PRODUCTION)[EU].reason == "there is no environment production-eu any more"
    quiet(world)


def test_roll_back_takes_back_all_environments_of_a_stage():
    deliveries = in_production(SEVEN, EIGHT)
    world = deliveries.world
    told = ask(world, "roll-back", 1000, stage="production")
    assert {one["environment"]: one["account"] for one in told["reach"]} == {
        "production": "777788889999",
        EU: "888899990000",
    }
    assert world.state(EIGHT).stage(TEST).status is ModelStatus.PENDING
    deliveries.settle()
    assert deliveries.serves == {"test": EIGHT, "production": SEVEN, EU: SEVEN}
    assert deployments(world, EIGHT) == {"": "rolled-back", EU: "rolled-back"}
    assert rollbacks(world) == [("production", "roll-back", "rolled-back")] * 2
    quiet(world)


def test_roll_back_of_one_environment_leaves_the_others_and_their_approval_as_they_are():
    deliveries = in_production(SEVEN, EIGHT)
    world = deliveries.world
    told = ask(world, "roll-back", 1000, stage="production", environment=EU)
    assert [one["environment"] for one in told["reach"]] == [EU]
    deliveries.settle()
    assert deliveries.serves == {"test": EIGHT, "production": EIGHT, EU: SEVEN}
    assert world.state(EIGHT).stage(TEST).status is ModelStatus.APPROVED
    assert deployments(world, EIGHT) == {"": "deployed", EU: "rolled-back"}
    assert "deployment-unjustified" not in open_findings(world, EIGHT)
    with pytest.raises(Refused) as refused:
        ask(world, "roll-back", 1100, stage="production", environment="nowhere")
    assert refused.value.code == "nothing-serves"
    world.now.moment = after(1501)
    world.tell(moved(1500, "Test", "Approved", arn=EIGHT), by=KATHERINE)
    deliveries.settle()
    assert deliveries.serves == {"test": EIGHT, "production": EIGHT, EU: EIGHT}, "it is approved anew"
    quiet(world)


def test_a_quarantine_takes_back_in_every_environment_and_is_safe_only_when_all_are():
    deliveries = in_production(SEVEN, EIGHT)
    world = deliveries.world
    ask(world, "quarantine", 1000)
    deliveries.hear()
    eu = next(key for key in deliveries.running() if world.pipelines.executions[key].pipeline.endswith(EU))
    for _ in range(12):
        deliveries.hear()
        for execution in [one for one in deliveries.running() if one != eu]:
            deliveries.advance(execution)
    assert deliveries.serves == {"test": SEVEN, "production": SEVEN, EU: EIGHT}
    assert world.state(EIGHT).quarantine.safe_at is None
    deliveries.settle()
    assert deliveries.serves[EU] == SEVEN
    assert world.state(EIGHT).quarantine.safe_at is not None
    quiet(world)


def test_a_quarantine_that_cannot_reach_an_account_says_so_and_is_not_safe():
    deliveries = in_production(SEVEN, EIGHT)
    with_landscape(deliveries, Landscape(environments=OWN))
    world = deliveries.world
    ask(world, "quarantine", 1000)
    deliveries.settle()
    assert deliveries.serves == {"test": SEVEN, "production": SEVEN, EU: EIGHT}
    [left] = [one for one in world.state(EIGHT).findings.values() if one.code == "rollback-impossible"]
    assert "production (production-eu)" in left.detail
    assert "there is no environment production-eu any more" in left.detail
    assert world.state(EIGHT).quarantine.safe_at is None
    quiet(world)


def test_with_a_pre_production_a_version_passes_through_it():
    deliveries = born(EIGHT, landscape=PREPARED)
    world = deliveries.world
    to_production(deliveries, EIGHT, 100)
    assert deliveries.serves == {"test": EIGHT, "pre-production": EIGHT}
    assert PRODUCTION not in world.state(EIGHT).stages
    world.now.moment = after(301)
    world.tell(moved(300, "PreProduction", "Approved", arn=EIGHT), by=KATHERINE)
    deliveries.settle()
    assert deliveries.serves == {"test": EIGHT, "pre-production": EIGHT, "production": EIGHT}
    assert world.state(EIGHT).deployment_in(PRODUCTION).basis is PRE
    assert world.state(EIGHT).deployment_in(PRE).basis is TEST
    quiet(world)


def test_without_one_what_is_approved_for_pre_production_is_deployed_nowhere():
    deliveries = in_production(EIGHT, landscape=Landscape(environments=OWN))
    world = deliveries.world
    world.now.moment = after(301)
    world.tell(moved(300, "PreProduction", "Approved", arn=EIGHT), by=KATHERINE)
    deliveries.settle()
    assert deployments(world, EIGHT, PRE) == {}
    assert deployments(world, EIGHT) == {"": "deployed"}


def test_a_version_that_is_in_production_already_is_not_sent_through_a_pre_production_set_up_later():
    deliveries = in_production(EIGHT, landscape=Landscape(environments=OWN))
    with_landscape(deliveries, PREPARED)
    of(deliveries.world, EIGHT, "retail")
    deliveries.settle()
    assert deployments(deliveries.world, EIGHT, PRE) == {}
    assert deployments(deliveries.world, EIGHT) == {"": "deployed"}
    assert "deployment-unjustified" not in open_findings(deliveries.world, EIGHT)


def test_taking_back_from_production_voids_the_approval_in_pre_production():
    deliveries = born(SEVEN, EIGHT, landscape=PREPARED)
    world = deliveries.world
    for number, arn in enumerate((SEVEN, EIGHT)):
        to_production(deliveries, arn, 300 * (number + 1))
        world.now.moment = after(300 * (number + 1) + 101)
        world.tell(moved(300 * (number + 1) + 100, "PreProduction", "Approved", arn=arn), by=KATHERINE)
        deliveries.settle()
    ask(world, "roll-back", 1000, stage="production")
    deliveries.settle()
    assert deliveries.serves == {"test": EIGHT, "pre-production": EIGHT, "production": SEVEN}
    assert world.state(EIGHT).stage(PRE).status is ModelStatus.PENDING
    assert world.state(EIGHT).stage(TEST).status is ModelStatus.APPROVED
    quiet(world)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ((*OWN, at(PRODUCTION, "888899990000")), "two environments go by production"),
        ((*OWN, at(PRODUCTION, "888899990000", "test")), "test is the name of another stage"),
        ((at(Stage.DEVELOPMENT, "888899990000", "dev-eu"),), "nothing is deployed to development"),
    ],
    ids=["twice", "another-stage", "development"],
)
def test_environments_that_could_not_be_told_apart_are_refused(wrong: tuple[Environment, ...], said: str):
    with pytest.raises(ValidationError, match=said):
        Landscape(environments=wrong)


def test_one_that_came_in_the_second_of_the_order_is_taken_back_there_alone():
    deliveries = in_production(SEVEN)
    world = deliveries.world
    world.register(8)
    deliveries.settle()
    to_test(deliveries, EIGHT, 1000)
    world.now.moment = after(1050.2)
    of(world, EIGHT, "retail")  # so that what follows is asked for at a fraction of that second
    world.tell(moved(1050, "Test", "Approved", arn=EIGHT), by=KATHERINE)
    deliveries.settle()
    ask(world, "roll-back", 1050, stage="production", environment=EU, request="request-1")
    deliveries.settle()
    assert deliveries.serves == {"test": EIGHT, "production": EIGHT, EU: SEVEN}
    assert deployments(world, EIGHT) == {"": "deployed", EU: "rolled-back"}
    again = ask(world, "roll-back", 1050, stage="production", environment=EU, request="request-1")
    assert not again["changed"]
    quiet(world)
