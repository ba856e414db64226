"""People see what is deployed of a group, what waits in which place, and how the others ended."""

from collections.abc import Iterator

import pytest

from tests.aws.cloud import Cloud
from tests.aws.conftest import hub_in_memory
from tests.aws.life import EIGHT, NINE, NINTH, SEVEN, tell
from tests.aws.recalls import STEPS
from tests.builders import approved
from tests.unit.cli.conftest import answer, stand

GROUP = EIGHT.split("/")[1]


@pytest.fixture(scope="module")
def hub() -> Iterator[Cloud]:
    """Version 7 served in test, version 8 is on its way there, and version 9 waits."""
    with hub_in_memory() as made:
        for _, step in [*STEPS[:6], STEPS[11], (None, lambda c: tell(c, approved(1560, arn=NINE, **NINTH), 1560))]:
            step(made)
            made.settle()
        stand()
        yield made


def test_the_queue_is_shown_with_places_and_since_when(steward):
    told, production = answer(steward("deployments", GROUP, "--json"))
    assert told["under_way"]["model_package_arn"] == EIGHT
    assert [(one["position"], one["model_package_arn"]) for one in told["queue"]] == [(1, NINE)]
    assert told["queue"][0]["since"] > told["under_way"]["since"]
    assert (production["queue"], production["deployments"]) == ([], [])
    shown = steward("deployments", GROUP).stdout
    assert f"{GROUP}/9" in shown
    assert "now" in shown
    assert "ever deployed to production" in shown


def test_each_deployment_is_told_with_its_end(steward):
    told, _ = answer(steward("deployments", GROUP, "--json"))
    statuses = {one["model_package_arn"]: one["status"] for one in told["deployments"]}
    assert statuses == {SEVEN: "deployed", EIGHT: "deploying", NINE: "queued"}


def test_of_a_group_that_nobody_knows_nothing_is_told(steward):
    assert "Nothing of it was ever deployed" in steward("deployments", "nobody").stdout
