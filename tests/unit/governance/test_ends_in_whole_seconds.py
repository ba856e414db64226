"""CodePipeline tells the second of an end and no more: what serves, and what has ended, is right all the same."""

from typing import Any

import pytest

from governance.domain.told_of_deployments import PipelineChange
from tests.builders import after, approved, change
from tests.unit.governance.recalls import EIGHT, NINE, SEVEN, TEST, announced, ask, born, set_out, sound, to_test
from tests.unit.governance.test_lives_within_seconds import Seconds
from tests.world import ENVIRONMENTS, World


def comes_there(world: World, arn: str) -> PipelineChange:
    """A version is approved and deployed to test in the second that it is; the event of its end is on its way."""
    world.tell(approved(100, arn=arn))
    return runs(world, arn)


def runs(world: World, arn: str) -> PipelineChange:
    """Its pipeline runs; the event of its end is on its way."""
    deployment = world.start(TEST, arn)
    world.verify(TEST, arn=arn)
    world.pipelines.end(deployment.execution_id, "Succeeded")
    told: dict[str, Any] = {"pipeline": ENVIRONMENTS[TEST].pipeline, "execution_id": deployment.execution_id}
    return PipelineChange(**told, attempt=1, ended=True, at=after(100))


def ended(world: World, arn: str, told: PipelineChange) -> None:
    """It is told of its end, and everybody hears of it."""
    world.tracking.follow(told, "event")
    world.promotion.give_way(arn, TEST, world.deployment(TEST, arn).id, "c")
    world.grouping.serve(arn, TEST, "c")


def both_there() -> World:
    """Versions 7 and 8 are sealed; 7 came to test within a second, and its end was told at once."""
    world = born(SEVEN, EIGHT).world
    world.now.moment = after(100.1)
    ended(world, SEVEN, comes_there(world, SEVEN))
    return world


def statuses(world: World) -> list[str]:
    return [str(world.deployment(TEST, arn).status) for arn in (SEVEN, EIGHT)]


@pytest.mark.parametrize("known", ["nothing more", "a later second"])
def test_of_two_that_came_within_a_second_the_last_serves(known):
    world = both_there()
    told = comes_there(world, EIGHT)
    if known == "a later second":
        world.now.moment = after(101.2)
        world.tell(change(101, "Approved", arn=EIGHT, UpdatedModelPackageFields=["CustomerMetadataProperties"]))
    ended(world, EIGHT, told)
    assert statuses(world) == ["superseded", "deployed"]
    sound(world)


def test_one_that_was_asked_for_within_the_second_of_its_end_ends_after_it_began():
    world = born(SEVEN).world
    world.register(8)
    world.now.moment = after(100.1)
    world.tell(approved(100, arn=SEVEN))
    world.tell(approved(100, arn=EIGHT))
    world.seal(EIGHT)  # so that it is asked for at a fraction
    first = runs(world, SEVEN)
    assert world.start(TEST, EIGHT).status == "queued"
    ended(world, SEVEN, first)
    ended(world, EIGHT, runs(world, EIGHT))
    assert statuses(world) == ["superseded", "deployed"]
    sound(world)


def test_an_end_that_is_told_again_opens_nothing():
    world = born(SEVEN, EIGHT).world
    world.now.moment = after(100.1)
    first = comes_there(world, SEVEN)
    ended(world, SEVEN, first)
    ended(world, EIGHT, comes_there(world, EIGHT))
    facts = len(world.ledger.facts(SEVEN))
    world.tracking.follow(first, "event")
    world.now.moment = after(105)
    world.tell(change(104, "Approved", arn=SEVEN, UpdatedModelPackageFields=["CustomerMetadataProperties"]))
    world.tracking.follow(first, "event")
    assert statuses(world) == ["superseded", "deployed"]
    assert len(world.ledger.facts(SEVEN)) == facts + 1
    assert len(announced(world, "DeploymentSucceeded", SEVEN)) == 1
    sound(world)


def test_what_came_in_the_second_in_which_another_was_to_return_stays():
    life = Seconds(**vars(born(SEVEN, EIGHT, NINE)))
    to_test(life, SEVEN, 100)
    life.advance(set_out(life, EIGHT, 1000, 2), fails=True)  # it was left at the endpoint
    life.settle()
    coming = set_out(life, NINE, 2000, 2)
    life.world.now.moment = after(2010.1)
    ask(life.world, "roll-back", 2010, EIGHT, stage="test")
    life.hear()
    assert life.world.leases.queues, "version 7 waits for its turn to return"
    life.advance(coming)
    life.settle()
    assert life.serves[TEST] == NINE
    assert life.deployed(TEST) == [NINE]
    sound(life.world)
