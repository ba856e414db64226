"""Versions that take over step by step, to the end or back to the one before; the record says how and why."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from chaos.weather import raging
from tests.integration.scenarios import models
from tests.integration.scenarios.access import Item, unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, short, told
from tests.integration.scenarios.record import wait_for
from tests.integration.scenarios.subscriber import Subscriber

pytestmark = pytest.mark.cloud

WHY = ("--why", "as decided")
FIRST, SECOND, THIRD = (models.formula(number) for number in (141, 142, 143))
WATCHED = """\
title: Half of the traffic first, taken back when too many are refused
stages:
  test:
    instances: {{count: 2}}
    rollout: {{kind: {kind}, percent: 50, wait_seconds: {wait}}}
    rollback_alarms:
      business:
        namespace: LoanDesk
        metric: RefusedShare
        dimensions: {{Group: {group}}}
        trips: above
        threshold: 0.4
"""
STEPS = """\
title: A quarter of the traffic after the other
stages:
  test:
    instances: {count: 4}
    rollout: {kind: linear, percent: 25, wait_seconds: 1, bake_seconds: 2}
"""


LATE = {"seed": 1, "events": {"delay": 1, "seconds": 86_400, "sources": ["aws.sagemaker", "aws.codepipeline"]}}
"""What SageMaker and CodePipeline tell is held back: of the alarm it is told before of what follows from it."""


@dataclass(frozen=True)
class Tripped:
    """What became of it: the version that serves, the one that was taken back, and how both stand."""

    kind: str
    group: str
    first: str
    second: str
    before: Item
    endpoint: str


def set_profile(steward: Steward, group: str, text: str, folder: Path) -> str:
    file = folder / "profile.yaml"
    file.write_text(text)
    return str(told(steward("officer", "profile", "set", group, str(file), *WHY, "--json"))["profile"])


def told_of(driver: Driver, arn: str, kind: str, word: str) -> None:
    """Wait until the record has a fact of a kind with a word."""
    wait_for(
        f"{kind} {word} of {arn}",
        lambda: [one["content"] for one in driver.items(arn, "FACT#") if one["kind"] == kind],
        lambda found: any(word in one for one in found),
    )


def described(driver: Driver, endpoint: str) -> Item:
    return dict(driver.client("sagemaker", "test").describe_endpoint(EndpointName=endpoint))


@pytest.fixture(scope="module", params=["canary", "rolling"])
def tripped(
    driver: Driver, steward: Steward, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Tripped:
    """A version serves; the next one gets half of the traffic, and the desk sees too many refusals."""
    kind, name = str(request.param), unique(request.param)
    group = driver.group(name, model=models.formula())
    profile = WATCHED.format(group=name, kind=kind, wait=1700)  # a rolling one waits twice, within its hour
    assert set_profile(steward, name, profile, tmp_path_factory.mktemp(kind)) == "profile@1"
    first, second = driver.register(group, FIRST), driver.register(group, SECOND)
    for arn in (first, second):
        driver.wait_sealed(arn)
    driver.approve(first)
    record = driver.wait_deployed(first)
    endpoint, before = record["endpoint_name"], described(driver, record["endpoint_name"])
    driver.approve(second)
    for model in (SECOND, FIRST):
        wait_for(f"{model.name} has its share of the traffic", lambda: driver.serves("test", record, model), bool)  # noqa: B023
    told_of(driver, second, "rollout-observed", "baking")
    with raging(driver.cloud["endpoint_url"], LATE):
        driver.client("cloudwatch", "test").put_metric_data(
            Namespace="LoanDesk",
            MetricData=[{"MetricName": "RefusedShare", "Dimensions": [{"Name": "Group", "Value": name}], "Value": 0.9}],
        )
        told_of(driver, second, "alarm-observed", '"state":"ALARM"')
    driver.wait_failed(second)
    return Tripped(kind, group, first, second, before, endpoint)


def test_the_endpoint_is_in_service_as_it_was_before(driver: Driver, tripped: Tripped) -> None:
    now = described(driver, tripped.endpoint)
    assert (now["EndpointStatus"], now["EndpointConfigName"]) == ("InService", tripped.before["EndpointConfigName"])
    assert f"{tripped.endpoint}-business" in now["FailureReason"]
    policies = {"canary": "BlueGreenUpdatePolicy", "rolling": "RollingUpdatePolicy"}
    assert set(now["LastDeploymentConfig"]) == {policies[tripped.kind], "AutoRollbackConfiguration"}
    stack = driver.client("cloudformation", "test").describe_stacks(StackName=tripped.endpoint)["Stacks"][0]
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"


def test_the_record_says_that_the_deployment_failed_and_why(driver: Driver, tripped: Tripped) -> None:
    (deployment,) = driver.deployments(tripped.second)
    assert (deployment["status"], deployment["profile"]) == ("failed", "profile@1")
    assert deployment["reason"].startswith("Deploy:")
    assert f"{tripped.endpoint}-business" in deployment["reason"]
    finding = driver.wait_finding(tripped.second, "deployment-failed")
    assert f"{tripped.endpoint}-business" in finding["detail"]
    execution = driver.client("codepipeline", "auditor").get_pipeline_execution(
        pipelineName=driver.outputs["TestPipeline"], pipelineExecutionId=deployment["execution_id"]
    )["pipelineExecution"]
    assert execution["status"] == "Failed"


def test_everybody_on_the_governance_bus_hears_that_guardrails_took_it_back(
    driver: Driver, tripped: Tripped, subscriber: Subscriber
) -> None:
    def heard(name: str) -> list[Item]:
        told = [one["detail"] for one in subscriber.listen() if one["detail-type"] == name]
        return [one for one in told if one["model_package_arn"] == tripped.second]

    (event,) = wait_for("it is announced", lambda: heard("GuardrailTripped"), bool)
    assert (event["stage"], event["environment"], event["alarms"]) == ("test", "test", [f"{tripped.endpoint}-business"])
    (failed,) = wait_for("and the end of its deployment", lambda: heard("DeploymentFailed"), bool)
    assert event["sequence"] <= failed["sequence"], "guardrails are told of when the pipeline has ended at the latest"
    wait_for(
        "alarm and phases are on record, in whatever order they were told",
        lambda: {one["content"].get("phase", one["content"]["kind"]) for one in facts(driver, tripped.second)},
        lambda told_: {"alarm-observed", "activating-traffic", "baking"} <= told_,
    )


def test_the_stage_record_says_what_it_was_taken_back_for(driver: Driver, tripped: Tripped, steward: Steward) -> None:
    said = driver.stage(tripped.second, "test")["deployment_rollout"]
    assert said.startswith("taken back by SageMaker's guardrails")
    assert f"{tripped.endpoint}-business was on" in said
    assert "taken back" in steward("auditor", "show", tripped.second).output
    assert "deployment_rollout" not in driver.stage(tripped.first, "test")


def facts(driver: Driver, arn: str) -> list[Item]:
    return [{**one, "content": json.loads(one["content"])} for one in driver.items(arn, "FACT#")]


def test_the_version_before_serves_and_the_group_knows(driver: Driver, tripped: Tripped) -> None:
    record = driver.stage(tripped.first, "test")
    assert record["deployment_status"] == "deployed"
    assert all(driver.serves("test", record, FIRST) for _ in range(8))
    driver.wait_remembered(tripped.first)


def test_the_next_version_takes_over_by_the_profile_of_its_own_request(
    driver: Driver, steward: Steward, tripped: Tripped, tmp_path: Path
) -> None:
    name = tripped.group.rpartition("/")[2]
    assert set_profile(steward, name, "title: All at once\n", tmp_path) == "profile@2"
    arn = driver.register(tripped.group, THIRD)
    driver.wait_sealed(arn)
    driver.approve(arn)
    assert driver.serves("test", driver.wait_deployed(arn), THIRD)
    driver.wait_stage(tripped.first, "test", deployment_status="superseded")
    (deployment,) = driver.deployments(arn)
    assert deployment["profile"] == "profile@2"
    verified = steward("auditor", "verify", "--no-archive")
    assert verified.exit_code == 0, verified.output


def test_a_version_takes_over_step_by_step_and_the_record_has_each_step_that_was_told(
    driver: Driver, steward: Steward, tmp_path: Path
) -> None:
    name = unique("linear")
    group = driver.group(name, model=models.formula())
    set_profile(steward, name, STEPS, tmp_path)
    first, second = driver.register(group, FIRST), driver.register(group, SECOND)
    for arn in (first, second):
        driver.wait_sealed(arn)
    driver.approve(first)
    driver.wait_deployed(first)
    assert rollout(driver, first) == [], "it has nothing to take over from"
    driver.approve(second)
    assert driver.serves("test", driver.wait_deployed(second), SECOND)
    told_ = wait_for("every step is on record", lambda: rollout(driver, second), lambda all_: len(all_) == 9)
    shares = [words for phase, words in told_ if phase == "activating-traffic"]
    assert shares == [f"Activating traffic on {share}% of the capacity." for share in (25, 50, 75, 100)]
    baked = sorted(words for phase, words in told_ if phase == "baking")
    assert baked == [f"Baking for {seconds} seconds with traffic enabled." for seconds in (1, 1, 1, 1, 2)]
    driver.wait_stage(first, "test", deployment_status="superseded")
    driver.settled([first, second])
    assert "deployment_rollout" not in driver.stage(second, "test"), "it is under way no more"
    assert driver.findings(second) == {}
    rebuilt = steward("auditor", "rebuild", short(second), "--check")
    assert rebuilt.exit_code == 0, rebuilt.output


def rollout(driver: Driver, arn: str) -> list[tuple[str, str]]:
    """What SageMaker told of rolling a version out, in the order in which it happened."""
    told_ = [one["content"] for one in facts(driver, arn) if one["content"]["kind"] == "rollout-observed"]
    return [(one["phase"], one["words"]) for one in told_]
