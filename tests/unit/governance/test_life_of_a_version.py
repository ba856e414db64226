"""The life of a model version, as the issue of record tells it: registered, sealed, approved, deployed, replaced."""

from itertools import permutations

import pytest

from governance.domain.lifecycle import DeploymentStatus, ModelStatus, Stage
from governance.ports.delivery import Waiting
from tests.builders import (
    ADA,
    KATHERINE,
    MARY,
    after,
    approved,
    call,
    change,
    described,
    group_arn,
    moved,
    on_record,
    package_arn,
    rejected,
)
from tests.world import ENVIRONMENTS, deployed_to_test, open_findings


def test_a_registered_version_is_pending_and_its_sealing_is_requested(world):
    world.register()
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    assert world.ledger.events(package_arn()) == ["ModelVersionRegistered", "SealingRequested"]


def test_a_version_is_deployed_to_test_once_it_is_sealed_and_then_approved(world):
    world.register()
    world.seal()
    assert world.deployment(Stage.TEST) is None
    world.tell(approved(60))
    assert world.deployment(Stage.TEST).status is DeploymentStatus.QUEUED


def test_a_version_is_deployed_to_test_once_it_is_approved_and_then_sealed(world):
    world.register()
    world.tell(approved(60))
    assert world.deployment(Stage.TEST) is None
    world.now.moment = after(62)
    world.seal()
    assert world.deployment(Stage.TEST).status is DeploymentStatus.QUEUED


def test_the_whole_line_from_registration_to_production(world):
    deployed_to_test(world)
    world.tell(moved(120, "Test", "Approved"), by=KATHERINE)
    world.now.moment = after(121)
    world.start(Stage.PRODUCTION)
    world.verify(Stage.PRODUCTION)
    world.end(Stage.PRODUCTION)
    state = world.state()
    assert state.stage(Stage.TEST).status is ModelStatus.APPROVED
    assert state.stage(Stage.TEST).decided_by == on_record(KATHERINE)
    assert state.deployment_status(Stage.PRODUCTION) is DeploymentStatus.DEPLOYED
    assert state.stage(Stage.PRODUCTION).status is ModelStatus.PENDING
    assert len(world.pipelines.executions) == 2


def test_a_rejected_version_is_not_deployed(world):
    world.register()
    world.seal()
    world.tell(rejected(60))
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.REJECTED
    assert world.state().deployments == {}
    assert "ModelStageRejected" in world.ledger.events(package_arn())


def test_the_same_change_told_again_is_one_read_and_changes_nothing(world):
    world.register()
    world.tell(approved(60))
    before = world.state()
    world.ledger.calls.clear()
    world.registry.calls.clear()
    assert world.deliver(approved(60)) is None
    assert (world.ledger.calls, world.registry.calls) == (["open"], [])
    assert world.state() == before


def test_a_new_event_costs_three_calls_whatever_the_history(world):
    world.register()
    for at in range(10, 400, 10):
        world.ledger.calls.clear()
        world.registry.calls.clear()
        world.now.moment = after(at)
        world.tell(approved(at) if at % 20 else rejected(at))
        assert world.ledger.calls + world.registry.calls == ["open", "save", "describe"]


def test_a_metadata_update_that_still_says_approved_decides_and_starts_nothing(world):
    deployed_to_test(world)
    records, executions = world.state().stages, dict(world.pipelines.executions)
    world.tell(change(200, "Approved", UpdatedModelPackageFields=["CustomerMetadataProperties"]), by=ADA)
    assert world.state().stages == records
    assert world.pipelines.executions == executions


def test_an_author_cannot_approve_their_own_version(world):
    world.register()
    world.seal()
    world.tell(approved(60), by=ADA)
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    assert "gate-refused" in open_findings(world)
    assert world.state().deployments == {}


def test_an_approval_by_an_unknown_person_counts_only_once_cloudtrail_told_who_it_was(world):
    world.register()
    world.seal()
    world.registry.packages[package_arn()] = world.registry.packages[package_arn()].model_copy(
        update={"last_modified_time": after(90)}
    )
    world.deliver(approved(60))
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    assert "approver-unknown" in open_findings(world)
    world.synchronisation.identify(call(60, by=MARY, modelApprovalStatus="Approved"), "event-5")
    assert world.state().stage(Stage.DEVELOPMENT).decided_by == on_record(MARY)
    assert "approver-unknown" not in open_findings(world)


def test_cloudtrail_may_tell_before_the_registry_does(world):
    world.register()
    world.synchronisation.identify(call(60, by=MARY, modelApprovalStatus="Approved"), "event-5")
    world.registry.packages[package_arn()] = world.registry.packages[package_arn()].model_copy(
        update={"last_modified_time": after(90)}
    )
    world.deliver(approved(60))
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.APPROVED


def test_production_is_not_reached_while_test_is_not_approved(world):
    world.register()
    world.seal()
    world.tell(moved(60, "Test", "Approved", approval="PendingManualApproval"), by=KATHERINE)
    assert world.state().deployments == {}
    assert {"gate-refused", "fields-disagree"} <= open_findings(world)


@pytest.mark.parametrize("moment", [60, 61, 75])
@pytest.mark.parametrize("order", list(permutations(range(5))))
def test_two_approvals_in_quick_succession_count_in_whatever_order_they_are_told(world, order, moment):
    """Development and test are approved at once or soon after; the registry knows only the last person."""
    world.register()
    world.seal()
    in_development, in_test = approved(60), moved(moment, "Test", "Approved")
    world.registry.packages[package_arn()] = described(in_test, by=KATHERINE)
    world.now.moment = after(80)
    deliveries = [
        lambda: world.deliver(in_development),
        lambda: world.deliver(in_test),
        lambda: world.synchronisation.identify(call(60, by=MARY, modelApprovalStatus="Approved"), "e"),
        lambda: world.synchronisation.identify(
            call(moment, by=KATHERINE, modelLifeCycle={"stage": "Test", "stageStatus": "Approved"}), "e"
        ),
        lambda: world.deliver(in_development),
    ]
    for index in order:
        deliveries[index]()
    state = world.state()
    assert [state.stage(stage).status for stage in (Stage.DEVELOPMENT, Stage.TEST)] == [ModelStatus.APPROVED] * 2
    assert state.stage(Stage.DEVELOPMENT).decided_by == on_record(MARY)
    assert state.stage(Stage.TEST).decided_by == on_record(KATHERINE)
    assert not {"gate-refused", "approver-unknown"} & open_findings(world)


def test_withdrawing_the_approval_withdraws_a_deployment_that_has_not_begun(world):
    world.register()
    world.seal()
    world.tell(approved(60))
    world.tell(rejected(70))
    world.now.moment = after(71)
    world.start(Stage.TEST)
    assert world.pipelines.executions == {}
    assert world.deployment(Stage.TEST).status is DeploymentStatus.REMOVED


def test_a_deployment_requested_twice_is_started_once(world):
    world.register()
    world.seal()
    world.tell(approved(60))
    world.start(Stage.TEST)
    world.start(Stage.TEST)
    assert len(world.pipelines.executions) == 1


def test_an_execution_that_its_pipeline_told_of_first_gets_its_whereabouts_on_redelivery(world):
    """Whoever started it died before saying so; the pipeline's event came, and then the request again."""
    world.register()
    world.seal()
    world.tell(approved(60))
    world.now.moment = after(61)
    deployment = world.deployment(Stage.TEST)
    told = {"DeploymentId": deployment.id, "ModelPackageArn": package_arn(), "BundleKey": "bundles/b.zip"}
    execution = world.pipelines.start(ENVIRONMENTS[Stage.TEST], deployment.id, "bundles/b.zip", told)
    world.end(Stage.TEST, "InProgress", execution=execution)
    assert world.deployment(Stage.TEST).execution_id == execution
    assert world.start(Stage.TEST).endpoint_arn
    assert len(world.pipelines.executions) == 1


def test_an_execution_that_runs_is_not_withdrawn_under_its_lease(world):
    """Whoever started it died before saying so, its pipeline's event came, and then the version was rejected."""
    world.register()
    world.seal()
    world.tell(approved(60))
    world.now.moment = after(61)
    deployment = world.deployment(Stage.TEST)
    waiting = Waiting(deployment_id=deployment.id, model_package_arn=package_arn(), since=deployment.requested_at)
    world.leases.acquire(Stage.TEST, group_arn(), waiting)
    told = {"DeploymentId": deployment.id, "ModelPackageArn": package_arn()}
    execution = world.pipelines.start(ENVIRONMENTS[Stage.TEST], deployment.id, "bundles/b.zip", told)
    world.end(Stage.TEST, "InProgress", execution=execution)
    world.tell(rejected(70))
    world.start(Stage.TEST)
    assert world.deployment(Stage.TEST).status is DeploymentStatus.DEPLOYING
    assert world.leases.holder(Stage.TEST, group_arn()).deployment_id == deployment.id
    assert len(world.pipelines.executions) == 1


def test_a_failed_pipeline_is_on_record_with_its_reason_and_approving_again_deploys_again(world):
    world.register()
    world.seal()
    world.tell(approved(60))
    world.start(Stage.TEST)
    world.verify(Stage.TEST)
    world.now.moment = after(100)
    world.end(Stage.TEST, "Failed", "Deploy: no capacity")
    assert world.deployment(Stage.TEST).status is DeploymentStatus.FAILED
    assert world.deployment(Stage.TEST).reason == "Deploy: no capacity"
    assert "deployment-failed" in open_findings(world)
    world.promotion.give_way(package_arn(), Stage.TEST, world.deployment(Stage.TEST).id, "e")
    world.tell(approved(160))
    world.now.moment = after(161)
    world.start(Stage.TEST)
    world.verify(Stage.TEST)
    world.end(Stage.TEST)
    assert world.deployment(Stage.TEST).status is DeploymentStatus.DEPLOYED
    assert "deployment-failed" not in open_findings(world)
    assert len(world.pipelines.executions) == 2


def test_a_stage_retried_in_the_pipeline_opens_the_deployment_again(world):
    world.register()
    world.seal()
    world.tell(approved(60))
    world.start(Stage.TEST)
    world.verify(Stage.TEST)
    world.end(Stage.TEST, "Stopped")
    world.end(Stage.TEST, "InProgress", attempt=2)
    assert world.deployment(Stage.TEST).status is DeploymentStatus.DEPLOYING
    world.end(Stage.TEST, attempt=2)
    assert world.deployment(Stage.TEST).status is DeploymentStatus.DEPLOYED


def test_two_versions_of_a_group_take_turns_and_the_later_supersedes_the_earlier(world):
    first, second = world.register(1), world.register(2)
    for arn in (first, second):
        world.seal(arn)
        world.tell(approved(60, arn=arn))
    world.now.moment = after(61)
    world.start(Stage.TEST, first)
    world.start(Stage.TEST, second)
    assert world.deployment(Stage.TEST, second).status is DeploymentStatus.QUEUED
    world.verify(Stage.TEST, arn=first)
    world.end(Stage.TEST, arn=first)
    done = world.deployment(Stage.TEST, first).id
    world.grouping.serve(first, Stage.TEST, "e")
    world.promotion.give_way(first, Stage.TEST, done, "e")
    assert world.deployment(Stage.TEST, second).status is DeploymentStatus.DEPLOYING
    world.verify(Stage.TEST, arn=second)
    world.end(Stage.TEST, arn=second)
    world.grouping.serve(second, Stage.TEST, "e")
    assert world.deployment(Stage.TEST, first).status is DeploymentStatus.SUPERSEDED


def test_who_decided_in_one_stage_is_not_credited_with_the_same_decision_in_another(world):
    """Approvals of two stages within a second, by persons whom only CloudTrail knows."""
    deployed_to_test(world)
    later = moved(301, "Production", "Approved")
    world.registry.packages[package_arn()] = described(later, KATHERINE, ADA)
    world.deliver(moved(300, "Test", "Approved"))
    asked = {"stage": "Production", "stageStatus": "Approved"}
    world.synchronisation.identify(call(301, KATHERINE, modelLifeCycle=asked), "event-5")
    assert world.state().stage(Stage.TEST).decision.person is None
    assert world.state().stage(Stage.TEST).status is ModelStatus.PENDING
