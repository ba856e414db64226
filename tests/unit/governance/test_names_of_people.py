"""Whoever is on the record by an id has their name beside it, whichever way they came to be there."""

from governance.domain.people import Names
from tests.builders import ADA, MARY, approved, call, change, group_arn, on_record, package_arn
from tests.world import World


def names(world: World) -> Names:
    return world.ledger.open(package_arn()).names


def test_who_answers_for_the_group_is_named_although_nobody_else_mentions_them():
    world = World()
    world.register()
    world.registry.group_tags[group_arn()] = {"steward:owner": "grace.hopper"}
    world.grouping.onboard(package_arn(), "c")
    assert names(world).shown(world.state().profile.owner) == "grace.hopper"


def test_whom_cloudtrail_alone_knows_is_named():
    world = World()
    world.register()
    world.tell(approved(60), by=ADA)
    world.registry.packages.clear()
    world.deliver(change(90, "Rejected", UpdatedModelPackageFields=["ModelApprovalStatus"]))
    world.synchronisation.identify(call(90, by=MARY, modelApprovalStatus="Rejected"), "c")
    assert names(world).shown(on_record(MARY).id) == MARY.id


def test_the_same_call_told_again_adds_nothing():
    world = World()
    world.register()
    world.tell(approved(60))
    before = world.state()
    world.synchronisation.identify(call(60, by=MARY, modelApprovalStatus="Approved"), "c")
    assert world.state() == before
