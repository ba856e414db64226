"""A version whose registration nobody told of is first seen in mid-life: only what is strict holds then."""

import pytest

from governance.domain.lifecycle import ModelStatus, Stage
from tests.builders import ADA, KATHERINE, MARY, call, change, described, on_record, package_arn
from tests.reconciling import ReconciledWorld
from tests.world import open_findings


@pytest.fixture
def world() -> ReconciledWorld:
    return ReconciledWorld()


@pytest.mark.parametrize("fields", [{}, {"UpdatedModelPackageFields": ["CustomerMetadataProperties"]}])
def test_a_rejection_holds_although_its_event_and_that_of_the_registration_were_lost(world, fields):
    told = change(120, "Rejected", **fields)
    world.registry.packages[package_arn()] = described(told, KATHERINE)
    world.deliver(told)
    known = world.state().stage(Stage.DEVELOPMENT)
    assert (known.status, known.decided_by) == (ModelStatus.REJECTED, None)
    world.synchronisation.identify(call(60, MARY, modelApprovalStatus="Rejected"), "call-1")
    known = world.state().stage(Stage.DEVELOPMENT)
    assert (known.status, known.decided_by) == (ModelStatus.REJECTED, on_record(MARY))


def test_an_approval_does_not_hold_because_it_is_seen(world):
    cycle = {"Stage": "Test", "StageStatus": "Approved", "StageDescription": ""}
    noted = change(120, "Approved", ModelLifeCycle=cycle, UpdatedModelPackageFields=["CustomerMetadataProperties"])
    world.tell(noted)
    assert {known.status for known in world.state().stages.values()} == {ModelStatus.PENDING}
    assert "out-of-band-approval" in open_findings(world)


def test_what_was_registered_as_rejected_is_pending_like_all_that_is_new(world):
    world.registry.packages[package_arn()] = described(change(0, "Rejected"), ADA)
    world.now.wait(3600)
    world.reconcile()
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
