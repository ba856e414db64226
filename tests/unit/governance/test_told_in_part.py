"""Of several things that are told at once, what is known already keeps nothing else from the record."""

import pytest

from tests.builders import MARY, approved, call, change, described, package_arn
from tests.reconciling import ReconciledWorld
from tests.world import open_findings


@pytest.fixture
def world() -> ReconciledWorld:
    return ReconciledWorld()


def test_a_lost_approval_is_found_although_cloudtrails_calls_before_it_are_on_record(world):
    world.register()
    for second in (1, 2):
        world.tell(approved(second, ApprovalDescription=f"for the {second}. time"))
        world.synchronisation.identify(call(second, MARY, modelApprovalStatus="Approved"), "call")
    world.seal()
    world.registry.packages[package_arn()] = described(approved(3, ApprovalDescription="at last"), MARY)
    world.trail.seen += [call(second, MARY, modelApprovalStatus="Approved") for second in (1, 2, 3)]
    world.now.wait(3600)
    assert "missed-event" in {one.code for one in world.reconcile().differences}
    assert world.state().description == "at last"
    assert "missed-event" in open_findings(world)
    assert "missed-event" not in {one.code for one in world.reconcile().differences}


def test_what_is_known_is_not_put_on_record_again(world):
    world.register()
    known = world.ledger.facts(package_arn())
    world.tell(change(5, CustomerMetadataProperties={"noted": "yes"}))
    (noted,) = [one for one in world.ledger.facts(package_arn()) if one not in known]
    assert world.recording.learn(package_arn(), lambda page, now: [noted], "again") is None
