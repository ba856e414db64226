"""What a present leads to does not depend on how it came about: lived again, it ends the same to the last byte."""

from typing import Any

import pytest
from moto.moto_api._internal import mock_random

from tests.aws.cloud import Delivery
from tests.aws.presents import present
from tests.aws.rehearsal import Rehearsal
from tests.aws.seam import Fault
from tests.aws.test_crashes import RETRY_AFTER, befall, points

STEPS_OF_INTEREST = 12
"""How many steps of the life are looked at: until a pipeline has succeeded and the next version had its turn."""


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.THROTTLED, Fault.DENIED])
@pytest.mark.parametrize("function", ["SyncModelVersion", "StartDeployment", "TrackDeployment"])
def test_the_same_present_ends_the_same(lived: Rehearsal, function: str, fault: Fault):
    known: dict[Any, dict[str, Any]] = {}
    again = 0
    for number, scene in enumerate(lived.of(function)):
        if scene.step > STEPS_OF_INTEREST:
            continue
        for at in points(scene, fault):
            cloud = befall(lived, scene, fault, at, RETRY_AFTER)
            found = present(cloud, scene.before)
            mock_random.seed(7)  # S3's version ids are of chance
            cloud.settle()
            outcome = cloud.outcome()
            if found is not None:
                again += (number, found) in known
                assert known.setdefault((number, found), outcome) == outcome, f"{scene}, {fault} call {at}"
    assert again, "no present came about twice"


def test_whatever_is_otherwise_makes_another_present(lived: Rehearsal):
    cloud, scene = lived.cloud, lived.scenes[-1]

    def told(change: Any) -> Any:
        cloud.restore(scene.before)
        change()
        return present(cloud, scene.before)

    def row() -> None:
        cloud.fleet.invoke(first.function, first.event)

    first = scene.delivery
    presents = [
        told(lambda: None),
        told(row),
        told(lambda: cloud.clock.wait(1)),
        told(lambda: cloud.queue.append(Delivery("RelayChanges", {}))),
        told(lambda: cloud.queue.append(Delivery("RelayChanges", {"Records": []}))),
        told(lambda: cloud.on_buses.append({"id": "1"})),
        told(lambda: cloud.streamed.add("another")),
        told(lambda: cloud.pipelines.jobs.update(another="Succeeded")),
        told(lambda: cloud.registry.packages.update(another={})),
    ]
    assert len(set(presents)) == len(presents)
    assert None not in presents
    assert told(lambda: None) == presents[0]


def test_a_state_machine_under_way_is_no_present_that_could_be_told(lived: Rehearsal):
    lived.cloud.restore(lived.scenes[0].before)
    lived.cloud.queue.append(Delivery("CopyArtifacts", {}, lambda _: []))
    assert present(lived.cloud, lived.scenes[0].before) is None
