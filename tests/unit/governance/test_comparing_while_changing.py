"""While another version is on its way to an endpoint, or is taken back, nobody calls that a drift."""

from typing import Any

import pytest

from governance.domain.lifecycle import Stage
from governance.ports.inspection import EndpointSeen
from tests.builders import after, approved, package_arn, rejected, specification
from tests.reconciling import ReconciledWorld
from tests.unit.governance.deliveries import Deliveries

SEVEN, EIGHT = (package_arn(version=number) for number in (7, 8))
TEST = Stage.TEST


class Watched(Deliveries):
    """Deliveries in a world whose reconciler looks at the endpoint after each step."""

    world: ReconciledWorld

    def step(self) -> bool:
        """Deliver the next announcement, or let the pipeline do its next action. Whether there was any."""
        self.collect()
        if self.waiting:
            self.deliver(0)
        elif running := self.running():
            self.advance(running[0])
        else:
            return False
        return True

    def drifted(self) -> list[str]:
        """What a run of the reconciler, which changes nothing, says of the endpoint as it is now."""
        deployment = self.world.deployment(TEST, SEVEN)
        state = self.world.state(self.serves[TEST])
        self.world.workloads.seen[deployment.endpoint_name] = EndpointSeen(
            arn=deployment.endpoint_arn,
            status="InService",
            images=tuple(one.pinned_image for one in state.containers),
            model_data=tuple(one.uri for one in state.sealing.artifacts),
        )
        told = self.world.reconcile(dry_run=True).differences
        return [one.subject for one in told if one.code == "endpoint-drifted"]


def source_of(number: int) -> str:
    return f"s3://dev-bucket/{number}/model.tar.gz"


def of(arn: str) -> dict[str, Any]:
    """What the registry says of a version besides: an artifact of its own."""
    number = int(arn.rpartition("/")[2])
    return {"InferenceSpecification": specification(source_of(number), f"etag-{number}")}


def replaced() -> Watched:
    """Version 7 serves, and version 8, of another artifact, is approved to take its place."""
    deliveries = Watched(ReconciledWorld())
    for number in (7, 8):
        deliveries.world.vault.objects[source_of(number)] = (f"etag-{number}", b"weights of %d" % number)
        deliveries.world.register(number, **of(package_arn(version=number)))
    deliveries.settle()
    for at, arn in ((100, SEVEN), (1000, EIGHT)):
        deliveries.world.now.moment = after(at + 60)
        deliveries.world.tell(approved(at, arn=arn, **of(arn)))
        if arn == SEVEN:
            deliveries.settle()
    return deliveries


def is_left_there(deliveries: Watched) -> bool:
    """Whether version 8 was stopped after it had come to the endpoint, and the one before it has not returned yet."""
    state = deliveries.world.state(EIGHT)
    return state.deployment_status(TEST) == "failed" and any(not one.outcome for one in state.rollbacks)


@pytest.mark.parametrize("rejected_after", [None, *range(9)])
def test_no_step_of_a_deployment_or_of_its_taking_back_is_a_drift(rejected_after):
    deliveries, number, going = replaced(), 0, True
    while going or number <= (rejected_after or 0):
        if number == rejected_after:
            deliveries.world.now.moment = after(1600)
            deliveries.world.tell(rejected(1005, arn=EIGHT, **of(EIGHT)))
        assert deliveries.drifted() == [] or is_left_there(deliveries)
        number, going = number + 1, deliveries.step()
    assert deliveries.drifted() == []
    assert deliveries.deployed(TEST) == [deliveries.serves[TEST]]


def test_what_a_failed_deployment_left_there_is_a_drift():
    deliveries = replaced()
    while not deliveries.running() or deliveries.phases.get(deliveries.running()[0], 0) < 2:
        assert deliveries.step()
    deliveries.advance(deliveries.running()[0], fails=True)
    deliveries.settle()
    assert deliveries.serves[TEST] == EIGHT
    assert deliveries.drifted() == [SEVEN]
