"""What gave way to a later deployment stays so, whatever is told of it and whenever; nothing of its turn is left."""

from itertools import permutations

import pytest

from governance.domain.deployment_facts import (
    DeploymentClaimed,
    DeploymentFinished,
    DeploymentRequested,
    DeploymentSkipped,
    DeploymentStarted,
    DeploymentSuperseded,
    DeploymentWithdrawn,
)
from governance.domain.errors import ClaimHeld, DeploymentRefused
from governance.domain.fold import fold
from governance.ports.delivery import Waiting
from tests.builders import after, approved, group_arn, observed
from tests.reconciling import ReconciledWorld
from tests.unit.governance.lives import common
from tests.unit.governance.recalls import SEVEN, TEST
from tests.unit.governance.test_giving_way import SIX, crowd, latest


def test_an_execution_that_was_begun_just_then_is_refused_and_changes_nothing():
    """Somebody started its pipeline before the later one was asked for, and had no time to say so."""
    deliveries, _ = crowd(SIX, SEVEN)
    deliveries.settle()
    world = deliveries.world
    skipped = latest(world, SIX)
    bundle_key = next(iter(world.bundles.kept))
    with pytest.raises(DeploymentRefused, match="the deployment is superseded"):
        world.knock(SIX, TEST, skipped.id, "execution-stray", bundle_key)
    after_that = latest(world, SIX)
    assert (after_that.status, after_that.skipped_for) == (skipped.status, skipped.skipped_for)
    assert after_that.claimed_by == "execution-stray"
    with pytest.raises(ClaimHeld):
        world.knock(SIX, TEST, skipped.id, "execution-other", bundle_key)


RUN = {"execution_id": "execution-stray", "deployment_id": "deploy-1"}
BEGUN = (
    DeploymentStarted(**common(30), **RUN),
    DeploymentClaimed(**common(30), **RUN),
    DeploymentFinished(**common(40), **RUN, outcome="failed", reason="Verify: refused"),
    DeploymentWithdrawn(**common(40), deployment_id="deploy-1", reason="gone"),
    DeploymentSuperseded(**common(40), deployment_id="deploy-1", by=SEVEN),
)


@pytest.mark.parametrize("late", BEGUN, ids=lambda fact: fact.kind)
@pytest.mark.parametrize("at", [20, 30, 40])
def test_whatever_else_is_told_of_it_and_whenever_it_stays_skipped(late, at):
    asked = DeploymentRequested(**common(10), deployment_id="deploy-1", stage=TEST, cause="c", sealing="s")
    skipped = DeploymentSkipped(**common(at), deployment_id="deploy-1", by=SEVEN, by_deployment="deploy-2")
    for history in permutations((observed(0), asked, skipped, late)):
        known = fold(history).deployments["deploy-1"]
        assert (str(known.status), known.skipped_for.deployment_id) == ("superseded", "deploy-2")
        assert not known.has_served


def test_where_whoever_let_it_give_way_died_before_the_lease_was_free_the_reconciler_says_so_again():
    world = ReconciledWorld()
    for number, arn in ((6, SIX), (7, SEVEN)):
        world.register(number)
        world.seal(arn)
        world.tell(approved(50 + number, arn=arn))
    world.now.moment = after(70)
    holding, world.leases.release = world.leases.release, lambda *_: None
    asked = world.deployment(TEST, SEVEN)
    since = Waiting(deployment_id=asked.id, model_package_arn=SEVEN, since=asked.requested_at)
    world.leases.queues[TEST, group_arn()] = [since]
    world.start(TEST, SIX)
    world.leases.release = holding
    assert (latest(world, SIX).status, world.leases.holder(TEST, group_arn()).model_package_arn) == ("superseded", SIX)
    world.relay()
    world.now.wait(3600)
    world.reconcile()
    assert ("DeploymentSkipped", SIX) in world.outbox.announced
    assert ("DeploymentRequested", SIX) not in world.outbox.announced
