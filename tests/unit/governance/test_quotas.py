"""A quota that is used up is on the record with AWS's words and the way out, and keeps nobody else waiting."""

import pytest

from governance.domain.errors import QuotaUsedUp
from governance.domain.told_of_deployments import PipelineChange
from tests.builders import after, approved, package_arn
from tests.unit.governance.recalls import EIGHT, SEVEN, TEST, announced, ask, rollbacks, serving, sound, to_test
from tests.unit.governance.test_by_hand import codes, finding, under_way

FULL = "ConcurrentPipelineExecutionsLimitExceededException: 50 executions are running"
QUOTAS = [
    "Deploy: Endpoint (AWS::SageMaker::Endpoint): ResourceLimitExceeded: The account-level service limit "
    "'ml.m5.large for endpoint usage' is 4 Instances",
    "Deploy: LimitExceededException: Limit for the number of stacks has been exceeded",
]


@pytest.mark.parametrize("reason", QUOTAS)
def test_a_quota_that_stops_a_deployment_is_its_reason_and_the_way_out_is_told(reason):
    deliveries, execution = under_way(1)
    world = deliveries.world
    deliveries.end(execution, "Failed", reason)
    deliveries.settle()
    found = finding(world, "deployment-failed")
    assert reason in found.detail
    assert found.remedy.startswith("free what nobody needs in the account, or have the quota raised")
    assert "approve the version in development again" in found.remedy
    assert not world.leases.holders
    to_test(deliveries, EIGHT, 2000)
    assert deliveries.serves[TEST] == EIGHT
    assert "deployment-failed" not in codes(world)


def test_another_failure_says_nothing_of_quotas():
    deliveries, execution = under_way(1)
    deliveries.end(execution, "Failed", "Deploy: the weights are lost")
    assert finding(deliveries.world, "deployment-failed").remedy.startswith("put it right")


def test_a_pipeline_that_takes_no_more_executions_is_a_finding_and_gives_the_turn_to_the_next():
    deliveries = serving(SEVEN)
    world, nine = deliveries.world, package_arn(version=9)
    world.register(8)
    world.register(9)
    deliveries.settle()
    world.pipelines.full = FULL
    world.now.moment = after(1001)
    world.tell(approved(1000, arn=EIGHT))
    deliveries.settle()
    deployment = world.deployment(TEST, EIGHT)
    assert (deployment.status, deployment.execution_id) == ("removed", "")
    assert FULL in deployment.reason
    assert "was not begun" in finding(world, "deployment-failed").detail
    assert "quota" in finding(world, "deployment-failed").remedy
    assert [one["deployment_id"] for one in announced(world, "DeploymentFailed")] == [deployment.id]
    assert not world.leases.holders
    world.pipelines.full = ""
    to_test(deliveries, nine, 1100)
    assert deliveries.serves[TEST] == nine
    to_test(deliveries, EIGHT, 1200)
    assert deliveries.serves[TEST] == EIGHT
    assert "deployment-failed" not in codes(world)
    sound(world)


def test_a_return_that_a_quota_keeps_back_ends_its_rollback_with_that_reason_and_works_when_asked_again():
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    world.pipelines.full = FULL
    ask(world, "roll-back", 1000, stage="test")
    deliveries.settle()
    assert rollbacks(world) == [("test", "roll-back", "nothing-to-return-to")]
    assert FULL in finding(world, "rollback-impossible").detail
    world.pipelines.full = ""
    ask(world, "roll-back", 2000, stage="test")
    deliveries.settle()
    assert deliveries.serves[TEST] == SEVEN
    sound(world)


class Died(Exception):
    """The function ends between two calls."""


def started_by_who_died(world, monkeypatch) -> tuple[str, str]:
    """An execution was started, whoever did it died before it was on record, and the pipelines take no more."""
    world.register(8)
    world.seal(EIGHT)
    world.now.moment = after(1001)
    world.tell(approved(1000, arn=EIGHT))
    deployment = world.deployment(TEST, EIGHT)
    start = world.pipelines.start

    def dies(*told):
        start(*told)
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(world.pipelines, "start", dies)
        with pytest.raises(Died):
            world.promotion.start(EIGHT, deployment.id, "c")
    world.pipelines.tokens.clear()
    world.pipelines.full = FULL
    return deployment.id, next(reversed(world.pipelines.executions))


def has_begun(world, execution: str) -> None:
    """The pipeline's own event arrives: the execution has begun."""
    pipeline = world.pipelines.executions[execution].pipeline
    told = PipelineChange(pipeline=pipeline, execution_id=execution, attempt=1, at=world.now(), ended=False)
    world.tracking.follow(told, "event-4")


def came_there(deliveries, execution: str) -> None:
    """It goes on, holds the lease until it has ended, and serves."""
    world = deliveries.world
    deployment = world.deployment(TEST, EIGHT)
    assert (deployment.status, deployment.execution_id) == ("deploying", execution)
    assert deployment.endpoint_arn
    assert [waiting.deployment_id for waiting in world.leases.holders.values()] == [deployment.id]
    deliveries.settle()
    assert deliveries.serves[TEST] == EIGHT
    assert deliveries.deployed(TEST) == [EIGHT]
    assert not world.leases.holders
    sound(world)


def test_an_execution_that_is_on_record_by_now_goes_on_though_no_pipeline_takes_another(monkeypatch):
    deliveries = serving(SEVEN)
    world = deliveries.world
    deployment, execution = started_by_who_died(world, monkeypatch)
    has_begun(world, execution)
    world.promotion.start(EIGHT, deployment, "c")
    came_there(deliveries, execution)


def test_an_execution_that_is_told_of_while_no_pipeline_takes_another_goes_on(monkeypatch):
    deliveries = serving(SEVEN)
    world = deliveries.world
    deployment, execution = started_by_who_died(world, monkeypatch)

    def told_of_meanwhile(*_):
        has_begun(world, execution)
        raise QuotaUsedUp(FULL)

    monkeypatch.setattr(world.pipelines, "start", told_of_meanwhile)
    world.promotion.start(EIGHT, deployment, "c")
    came_there(deliveries, execution)


@pytest.mark.parametrize("is_told_of", [True, False])
def test_an_execution_that_is_told_of_after_its_turn_was_given_away_changes_nothing(monkeypatch, is_told_of):
    deliveries = serving(SEVEN)
    world = deliveries.world
    deployment, execution = started_by_who_died(world, monkeypatch)
    world.promotion.start(EIGHT, deployment, "c")
    assert world.deployment(TEST, EIGHT).by_quota
    assert not world.leases.holders
    if is_told_of:
        has_begun(world, execution)
    deliveries.settle()
    assert deliveries.serves[TEST] == SEVEN
    assert "its turn given to the next" in world.deployment(TEST, EIGHT).reason
    assert "deployment-failed" in codes(world)
    world.pipelines.full = ""
    to_test(deliveries, EIGHT, 2000)
    assert deliveries.serves[TEST] == EIGHT
    sound(world)
