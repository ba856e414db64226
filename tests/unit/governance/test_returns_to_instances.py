"""What was serverless returns by instances where instances serve by now: such an endpoint is never serverless again."""

import pytest

from tests.unit.governance.recalls import EIGHT, NINE, PRODUCTION, SEVEN, ask, born, rollbacks, sound, to_production
from tests.unit.governance.test_rollouts_over_trials import publish
from tests.unit.governance.test_trials import bundle

SERVERLESS = {"instances": None, "serverless": {"memory_mb": 2048, "max_concurrency": 5}}


@pytest.mark.parametrize(
    ("first", "second", "memory", "is_the_same"),
    [(SERVERLESS, {}, "0", False), ({}, SERVERLESS, "0", True), (SERVERLESS, SERVERLESS, "2048", True)],
)
def test_a_version_returns_in_a_form_that_sagemaker_takes(first, second, memory, is_the_same):
    deliveries = born(SEVEN, EIGHT)
    world = deliveries.world
    publish(world, 1, first)
    to_production(deliveries, SEVEN, 100)
    served = world.deployment(PRODUCTION, SEVEN)
    publish(world, 2, second)
    to_production(deliveries, EIGHT, 1000)
    ask(world, "roll-back", 2000, EIGHT, stage="production")
    deliveries.settle()
    back = world.deployment(PRODUCTION, SEVEN)
    assert (back.is_return, back.status, deliveries.serves[PRODUCTION]) == (True, "deployed", SEVEN)
    made = bundle(world, SEVEN)
    assert made["ServerlessMemory"] == memory
    assert (back.bundle_key == served.bundle_key) == is_the_same
    assert made["manifest"]["deployment_profile"] == back.profile
    assert back.profile == (served.profile if is_the_same else world.deployment(PRODUCTION, EIGHT).profile)
    assert rollbacks(world) == [("production", "roll-back", "rolled-back")]
    sound(world)


def test_one_return_after_the_other_asks_in_which_form_the_endpoint_serves_by_then():
    deliveries = born(SEVEN, EIGHT, NINE)
    world = deliveries.world
    publish(world, 1, SERVERLESS)
    for number, arn in enumerate((SEVEN, EIGHT)):
        to_production(deliveries, arn, 100 + 500 * number)
    publish(world, 2, {})
    to_production(deliveries, NINE, 2000)
    ask(world, "roll-back", 3000, NINE, stage="production")
    deliveries.settle()
    assert bundle(world, EIGHT)["ServerlessMemory"] == "0"
    ask(world, "roll-back", 4000, EIGHT, stage="production")
    deliveries.settle()
    assert deliveries.serves[PRODUCTION] == SEVEN
    assert bundle(world, SEVEN)["ServerlessMemory"] == "0", "the endpoint has instances by now"
    sound(world)
