"""What is to be locked, held or released and was not, since no event reached anybody, is found and done."""

import pytest

from governance.domain.keeping import Lock
from governance.domain.upkeep import (
    LegalHoldLifted,
    LegalHoldPlaced,
    RetentionRequested,
    VersionAdopted,
    VersionBackfilled,
)
from tests.builders import KATHERINE, after
from tests.reconciling import ReconciledWorld
from tests.unit.governance.test_retention import SEVEN, TERMS, Kept


class Forgetful(ReconciledWorld, Kept):
    """A world in which nobody is told of anything but by the reconciler."""

    def __init__(self) -> None:
        super().__init__(terms=TERMS)

    def stalled(self, **order: object) -> list[str]:
        """What of it a run finds an hour later."""
        self.relay()
        self.now.wait(3600)
        return [one.code for one in self.reconcile(**order).differences if one.code in STALLED]


STALLED = {"retention-stalled", "hold-stalled"}


def test_a_version_that_went_to_production_unnoticed_is_locked_after_a_run():
    world = Forgetful()
    world.in_production()
    assert world.stalled() == ["retention-stalled"]
    assert ("DeploymentSucceeded", SEVEN) in world.outbox.announced
    world.keep()
    assert world.lock().until == world.state().retained_until
    assert not world.stalled()


def test_a_version_that_was_retired_unnoticed_is_locked_after_a_run():
    world = Forgetful()
    world.in_production()
    world.keep()
    world.retire(20 * 86400)
    assert world.stalled() == ["retention-stalled"]
    assert ("ModelRetired", SEVEN) in world.outbox.announced
    world.keep()
    assert not world.stalled()


def test_an_intent_that_nobody_carried_out_is_found_though_nothing_more_is_due():
    world = Forgetful()
    world.in_production()
    world.recording.learn(SEVEN, world.retention.intent, "e")
    assert [one for one in world.state().keepings if not one.outcome]
    assert world.stalled() == ["retention-stalled"]
    assert ("DeploymentSucceeded", SEVEN) in world.outbox.announced


@pytest.mark.parametrize("kind", [LegalHoldPlaced, LegalHoldLifted])
def test_an_order_that_nobody_followed_is_announced_again(kind):
    world = Forgetful()
    world.sealed()
    if kind is LegalHoldLifted:
        world.order(LegalHoldPlaced, 90)
        world.keep()
    world.order(kind, 100)
    assert world.stalled() == ["hold-stalled"]
    assert (kind.__name__, SEVEN) in world.outbox.announced
    world.keep()
    assert world.lock().held == (kind is LegalHoldPlaced)
    assert not world.stalled()


def test_what_is_sealed_unnoticed_under_a_hold_is_held_after_a_run():
    world = Forgetful()
    world.register()
    world.order(LegalHoldPlaced, 100)
    world.keep()
    world.now.moment = after(200)
    world.seal()
    (stored,) = world.state().sealed_objects
    world.locks.kept[stored] = Lock(until=None)
    assert world.stalled() == ["hold-stalled"]
    world.keep()
    assert world.lock().held


def test_what_is_on_its_way_is_left_to_its_event():
    world = Forgetful()
    world.in_production()
    world.order(LegalHoldPlaced, 400)
    assert not world.stalled(grace_seconds=7200)


def test_a_dry_run_says_so_and_announces_nothing():
    world = Forgetful()
    world.in_production()
    assert world.stalled(dry_run=True) == ["retention-stalled"]
    assert not world.outbox.announced


def test_what_failed_is_a_finding_and_not_tried_in_every_run():
    world = Forgetful()
    world.in_production()
    world.order(LegalHoldPlaced, 400)
    world.locks.kept.clear()
    world.keep()
    assert not world.stalled()


def test_what_was_due_and_is_over_is_left_alone():
    world = Forgetful()
    world.in_production()
    world.now.moment = after(100 * 86400)
    assert not world.stalled()
    assert not any(isinstance(one, RetentionRequested) for one in world.ledger.facts(SEVEN))


def test_a_hold_from_before_the_adoption_is_found_once_something_is_sealed():
    world = Forgetful()
    world.register()
    told = {"effective_at": after(0), "recorded_at": after(1)}
    world.recording.learn(SEVEN, lambda page, _: [VersionBackfilled(model=page.state.model, **told)], "e")
    world.order(LegalHoldPlaced, 100)
    adopted = {"effective_at": after(200), "recorded_at": after(200), "person": KATHERINE, "why": "ours"}
    world.recording.learn(SEVEN, lambda page, _: [VersionAdopted(model=page.state.model, **adopted)], "e")
    assert not world.stalled()
    world.seal()
    assert world.stalled() == ["hold-stalled"]
    assert ("ArtifactsSealed", SEVEN) in world.outbox.announced
