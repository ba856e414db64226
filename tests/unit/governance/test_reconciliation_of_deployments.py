from typing import Any

import pytest

from governance.domain.lifecycle import Stage
from governance.ports.inspection import EndpointSeen
from tests.builders import PROD, TEST, approved, group_arn, package_arn
from tests.reconciling import ReconciledWorld
from tests.world import ENVIRONMENTS

ENDPOINT = "steward-credit-risk-pd-test"


@pytest.fixture
def world() -> ReconciledWorld:
    return ReconciledWorld()


def facts(world: ReconciledWorld) -> int:
    return sum(map(len, world.ledger.known.values()))


def under_way(world: ReconciledWorld) -> Any:
    """A version whose deployment to test has been started."""
    world.register()
    world.seal()
    world.tell(approved(60))
    return world.start(Stage.TEST)


def test_an_end_of_a_pipeline_that_no_event_told_is_put_on_record(world):
    deployment = under_way(world)
    world.pipelines.end(deployment.execution_id, "Failed", "Deploy: no capacity")
    world.now.wait(3600)
    world.reconcile()
    ended = world.deployment(Stage.TEST)
    assert (ended.status, "no capacity" in ended.reason) == ("failed", True)
    known = facts(world)
    world.reconcile()
    assert facts(world) == known


def test_a_deployment_whose_execution_nobody_knows_is_said_until_it_is_there(world):
    deployment = under_way(world)
    world.history.forgotten.add(deployment.execution_id)
    world.now.wait(3600)
    world.reconcile()
    finding = next(one for one in world.state().findings.values() if one.code == "deployment-without-execution")
    assert finding.is_open
    world.history.forgotten.clear()
    world.reconcile()
    assert finding.id not in world.state().findings


def test_an_execution_that_no_record_knows_is_said_until_it_is_gone(world):
    world.pipelines.start(ENVIRONMENTS[Stage.TEST], "by hand", "k", {"DeploymentId": "none", "ModelPackageArn": "none"})
    world.now.wait(3600)
    world.reconcile()
    assert world.codes() == {"execution-without-record"}
    world.reconcile()
    assert world.codes() == {"execution-without-record"}
    world.history.forgotten.add("execution-1")
    world.reconcile()
    assert world.codes() == set()


def test_intents_that_led_to_nothing_are_announced_again(world):
    world.register()
    world.relay()
    world.now.wait(3600)
    world.reconcile()
    assert ("SealingRequested", package_arn()) in world.outbox.announced
    world.seal()
    world.tell(approved(60))
    world.relay()
    world.now.wait(3600)
    world.reconcile()
    assert ("DeploymentRequested", package_arn()) in world.outbox.announced


def test_a_deployment_that_waits_its_turn_is_let_wait(world):
    under_way(world)
    waiting = package_arn(version=8)
    world.register(8)
    world.seal(waiting)
    world.tell(approved(60, arn=waiting))
    world.start(Stage.TEST, waiting)
    world.relay()
    world.now.wait(3600)
    world.reconcile()
    assert ("DeploymentRequested", waiting) not in world.outbox.announced


def test_the_end_of_a_deployment_that_still_holds_its_turn_is_announced_again(world):
    under_way(world)
    world.verify(Stage.TEST)
    world.end(Stage.TEST)
    world.relay()
    world.now.wait(3600)
    world.reconcile()
    assert ("DeploymentSucceeded", package_arn()) in world.outbox.announced


def test_what_was_saved_and_never_announced_is_announced_once_more_and_then_left(world):
    world.register()
    world.now.wait(3600)
    assert "announcement-overdue" in world.reconcile().counts
    assert ("ModelVersionRegistered", package_arn()) in world.outbox.announced
    assert world.records.relayed[package_arn()] > 0


def serving(world: ReconciledWorld) -> EndpointSeen:
    """A version that serves in test, at an endpoint that runs what was sealed."""
    under_way(world)
    world.verify(Stage.TEST)
    world.end(Stage.TEST)
    state = world.state()
    endpoint = EndpointSeen(
        arn=world.deployment(Stage.TEST).endpoint_arn,
        status="InService",
        images=tuple(one.pinned_image for one in state.containers),
        model_data=tuple(one.uri for one in state.sealing.artifacts),
    )
    world.workloads.seen[ENDPOINT] = endpoint
    world.now.wait(3600)
    return endpoint


def test_an_endpoint_that_runs_what_was_sealed_is_no_finding(world):
    serving(world)
    world.reconcile()
    assert world.state().stage(Stage.TEST).endpoint_status == "IN_SERVICE"
    assert world.state().stage(Stage.TEST).endpoint_difference == ""
    assert world.codes() == set()


@pytest.mark.parametrize(
    "now",
    [
        None,
        {"model_data": ("s3://elsewhere/model.tar.gz",)},
        {"images": ("evil:latest",)},
        {"tried_images": ("evil:latest",)},
    ],
)
def test_an_endpoint_that_is_not_what_its_record_says_has_drifted(world, now):
    endpoint = serving(world)
    if now is None:
        world.workloads.seen.clear()
    else:
        world.workloads.seen[ENDPOINT] = endpoint.model_copy(update=now)
    assert "endpoint-drifted" in {one.code for one in world.reconcile().differences}
    finding = next(one for one in world.state().findings.values() if one.code == "endpoint-drifted")
    assert finding.severity == "critical"
    world.workloads.seen[ENDPOINT] = endpoint
    world.reconcile()
    assert finding.id not in world.state().findings


def test_an_endpoint_that_no_record_names_is_ungoverned_until_it_is_gone(world):
    arn = f"arn:aws:sagemaker:eu-west-1:{PROD}:endpoint/shadow-it"
    world.workloads.seen["shadow-it"] = EndpointSeen(arn=arn, status="InService")
    world.now.wait(3600)
    world.reconcile()
    assert world.codes() == {"ungoverned-endpoint"}
    entries = len(world.journal.entries["HUB#steward"])
    world.reconcile()
    assert len(world.journal.entries["HUB#steward"]) == entries + 1  # what the run found, and nothing opened anew
    world.workloads.closed = {PROD, TEST}
    world.reconcile()
    assert world.codes() == {"ungoverned-endpoint", "account-unreadable"}
    world.workloads.closed.clear()
    world.workloads.seen.clear()
    world.reconcile()
    assert world.codes() == set()


def test_changed_tags_of_a_group_reach_its_versions(world):
    world.register()
    world.now.wait(3600)
    world.registry.group_tags[group_arn()] = {"steward:owner": "grace.hopper", "steward:use-case-id": "uc-1"}
    world.reconcile()
    assert world.state().profile.use_case_id == "uc-1"
    assert world.state().group.owner.startswith("person-")
    known = facts(world)
    world.reconcile()
    assert facts(world) == known
