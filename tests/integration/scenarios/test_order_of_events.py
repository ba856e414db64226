"""Deployments begin when a version is approved and sealed, in whichever order, one at a time, never as the latest."""

import itertools
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import Item, unique
from tests.integration.scenarios.driver import Driver
from tests.integration.scenarios.record import wait_for
from tests.integration.scenarios.subscriber import Subscriber

ENDED = {"deployed", "superseded"}
SIZES = {"policy": 3, "ram": 2}


@pytest.fixture(scope="module")
def group(driver: Driver) -> str:
    return driver.group(unique("orderly"), model=models.formula())


def test_a_version_approved_the_moment_it_is_registered_is_deployed_once_sealed(driver: Driver, group: str) -> None:
    model = models.formula(11)
    arn = driver.register(group, model)
    driver.approve(arn, "at once")
    record = driver.wait_deployed(arn)
    assert driver.serves("test", record, model)
    assert driver.stage(arn, "development")["model_audit_user"] == "mary.jackson"
    assert "registered-with-decision" not in driver.findings(arn)
    assert len(driver.deployments(arn)) == 1


@contextmanager
def unsealed(driver: Driver, subscriber: Subscriber) -> Iterator[Callable[[str], None]]:
    """The rule that starts the copies is switched off; what is given starts what it missed of a version."""
    events, machine = driver.client("events", "hub"), driver.outputs["CopyArtifactsMachine"]
    where = {"EventBusName": driver.outputs["GovernanceBus"]}
    (rule,) = events.list_rule_names_by_target(TargetArn=machine, **where)["RuleNames"]

    def begin(arn: str) -> None:
        missed = wait_for(
            "the request to seal is announced",
            lambda: [
                event
                for event in subscriber.listen()
                if event["detail-type"] == "SealingRequested" and event["detail"].get("model_package_arn") == arn
            ],
            bool,
        )
        driver.client("stepfunctions", "hub").start_execution(stateMachineArn=machine, input=json.dumps(missed[0]))

    events.disable_rule(Name=rule, **where)
    try:
        yield begin
    finally:
        events.enable_rule(Name=rule, **where)


def test_a_version_approved_while_its_sealing_is_held_up_is_deployed_as_soon_as_it_is_sealed(
    driver: Driver, group: str, subscriber: Subscriber
) -> None:
    with unsealed(driver, subscriber) as begin:
        arn = driver.register(group, models.formula(12))
        driver.approve(arn)
        driver.wait_stage(arn, "development", model_status="approved")
        assert not driver.head(arn)["sealed"]
        assert driver.deployments(arn) == []
        begin(arn)
    driver.wait_deployed(arn)
    actions = driver.actions(arn)
    assert actions.index("verdict-given") < actions.index("artifacts-sealed") < actions.index("deployment-requested")


def test_a_version_sealed_before_it_is_approved_is_deployed_on_the_approval(driver: Driver, group: str) -> None:
    model = models.formula(13)
    arn = driver.register(group, model)
    driver.wait_sealed(arn)
    assert driver.deployments(arn) == []
    driver.approve(arn)
    assert driver.serves("test", driver.wait_deployed(arn), model)


def test_the_approved_version_is_deployed_while_a_later_one_waits(driver: Driver) -> None:
    group = driver.group(unique("not-the-latest"), model=models.formula())
    first, second = models.formula(14), models.formula(15)
    one, two = driver.register(group, first), driver.register(group, second)
    driver.wait_sealed(two)
    driver.approve(one)
    assert driver.serves("test", driver.wait_deployed(one), first)
    assert driver.deployments(two) == []
    assert driver.stage(two, "development")["model_status"] == "pending"


def test_a_rejected_version_is_never_deployed_and_its_rejection_blocks_every_stage(driver: Driver, group: str) -> None:
    arn = driver.register(group, models.formula(16))
    driver.approve(arn, "too many defaults", status="Rejected")
    record = driver.wait_stage(arn, "development", model_status="rejected")
    assert record["model_audit_user"] == "mary.jackson"
    assert record["approval_description"] == "too many defaults"
    driver.decide(arn, "Test")
    driver.wait_finding(arn, "fields-disagree")
    driver.settled([arn], quiet=1)
    assert driver.deployments(arn) == []


@pytest.fixture(scope="module")
def crowd(driver: Driver) -> dict[str, list[str]]:
    """Five versions in two groups, all approved at the same time from many threads."""
    sizes = {driver.group(unique("crowd"), share, model=models.formula()): size for share, size in SIZES.items()}
    arns = {
        group: [driver.register(group, models.formula(20 + number)) for number in range(size)]
        for group, size in sizes.items()
    }
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(driver.approve, [arn for versions in arns.values() for arn in versions]))
    return arns


def status_of(driver: Driver, arns: list[str]) -> dict[str, Item]:
    return {arn: driver.stage(arn, "test") for arn in arns}


def asked(driver: Driver, arn: str) -> tuple[str, str]:
    """When the deployment of a version was asked for: of one moment, by its id."""
    (run,) = driver.deployments(arn)
    return run["requested_at"], run["deployment_id"]


def begun(driver: Driver, arns: list[str]) -> dict[str, Item]:
    """The deployments for which a pipeline was started, by version."""
    runs = {arn: driver.deployments(arn)[0] for arn in arns}
    return {arn: run for arn, run in runs.items() if run["execution_id"]}


def test_of_many_versions_approved_at_once_the_one_that_was_asked_for_last_is_deployed(
    driver: Driver, crowd: dict[str, list[str]]
) -> None:
    for group, arns in crowd.items():

        def standing(arns: list[str] = arns) -> list[str]:
            return [record.get("deployment_status", "none") for record in status_of(driver, arns).values()]

        wait_for(
            f"every version of {group} was deployed or skipped",
            standing,
            lambda seen: set(seen) <= ENDED and seen.count("deployed") == 1,
            120,
            lambda seen: "failed" in seen,
        )
        assert all(len(driver.deployments(arn)) == 1 for arn in arns)
        (serving,) = [arn for arn, one in status_of(driver, arns).items() if one["deployment_status"] == "deployed"]
        assert serving == max(arns, key=lambda arn: asked(driver, arn))


def test_the_pipeline_ran_for_one_version_of_a_group_at_a_time(driver: Driver, crowd: dict[str, list[str]]) -> None:
    codepipeline = driver.client("codepipeline", "auditor")
    known = {execution["pipelineExecutionId"]: execution for execution in driver.executions()}
    for arns in crowd.values():
        runs = list(begun(driver, arns).values())
        spans = sorted(
            (known[run["execution_id"]]["startTime"], known[run["execution_id"]]["lastUpdateTime"]) for run in runs
        )
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans)), spans
        for run in runs:
            execution = codepipeline.get_pipeline_execution(
                pipelineName=driver.outputs["TestPipeline"], pipelineExecutionId=run["execution_id"]
            )["pipelineExecution"]
            assert execution["status"] == "Succeeded"


def test_the_version_deployed_last_is_the_one_that_serves(driver: Driver, crowd: dict[str, list[str]]) -> None:
    for arns in crowd.values():
        records, runs = status_of(driver, arns), begun(driver, arns)
        (serving,) = [arn for arn, record in records.items() if record["deployment_status"] == "deployed"]
        assert serving == max(runs, key=lambda arn: runs[arn]["finished_at"])
        assert driver.serves("test", records[serving], driver.models[serving])


def test_every_other_version_says_which_one_took_its_place(driver: Driver, crowd: dict[str, list[str]]) -> None:
    for arns in crowd.values():
        superseded = [
            record for record in status_of(driver, arns).values() if record["deployment_status"] == "superseded"
        ]
        assert len(superseded) == len(arns) - 1
        assert all(any(arn in record["deployment_reason"] for arn in arns) for record in superseded)


def test_whatever_was_skipped_gave_way_to_one_that_was_asked_for_later(
    driver: Driver, crowd: dict[str, list[str]]
) -> None:
    for arns in crowd.values():
        for arn in set(arns) - set(begun(driver, arns)):
            (run,) = driver.deployments(arn)
            (by,) = [other for other in arns if f"{other} " in run["reason"]]
            assert asked(driver, by) > asked(driver, arn)


def test_the_lease_is_free_and_nobody_waits_once_all_is_done(driver: Driver, crowd: dict[str, list[str]]) -> None:
    table = driver.outputs["GovernanceTable"]
    for group in crowd:
        query = {"TableName": table, "KeyConditionExpression": "pk = :pk", "ConsistentRead": True}
        values = {":pk": {"S": f"LEASE#test#{group}"}}
        wait_for(
            "no lease is left",
            lambda query=query, values=values: driver.client("dynamodb", "auditor").query(
                ExpressionAttributeValues=values, **query
            )["Items"],
            lambda items: not items,
        )


def test_decisions_by_life_cycle_in_any_words_lead_to_production(driver: Driver) -> None:
    group = driver.group(unique("life-cycle"), model=models.formula())
    model = models.formula(17)
    arn = driver.register(group, model)
    driver.decide(arn, "Development", "Approved", who="model-owner")
    driver.wait_deployed(arn)
    assert driver.stage(arn, "development")["model_audit_user"] == "mary.jackson"
    driver.approve(arn)
    driver.decide(arn, "qa", "approved")
    assert driver.serves("prod", driver.wait_deployed(arn, "production"), model)
    driver.wait_second(arn)  # what was rejected in the second in which it was asked for was never justified
    driver.decide(arn, "Staging", "Rejected", who="second-officer")
    record = driver.wait_stage(arn, "test", model_status="rejected")
    assert record["model_audit_user"] == "annie.easley"
    driver.wait_finding(arn, "deployment-unjustified")


def test_a_version_approved_for_both_environments_before_anything_runs_is_deployed_to_both(driver: Driver) -> None:
    """The policy in force advises to wait for the validation in test; it does not enforce it."""
    model = models.formula(18)
    arn = driver.register(driver.group(unique("impatient"), model=models.formula()), model)
    driver.approve(arn)
    driver.decide(arn, "Test")
    assert driver.serves("prod", driver.wait_deployed(arn, "production"), model)
    assert driver.serves("test", driver.wait_deployed(arn, "test"), model)
    assert driver.stage(arn, "development")["model_audit_user"] == "mary.jackson"
    assert driver.stage(arn, "test")["model_audit_user"] == "katherine.johnson"
    driver.settled([arn], quiet=1)
    assert [run["status"] for run in driver.deployments(arn)] == ["deployed", "deployed"]


def test_an_approval_taken_back_before_the_sealing_ends_deploys_nothing(
    driver: Driver, group: str, subscriber: Subscriber
) -> None:
    with unsealed(driver, subscriber) as begin:
        arn = driver.register(group, models.formula(19))
        driver.approve(arn)
        driver.wait_stage(arn, "development", model_status="approved")
        driver.approve(arn, "on second thoughts", status="PendingManualApproval")
        driver.wait_stage(arn, "development", model_status="pending", approval_description="on second thoughts")
        begin(arn)
    driver.wait_sealed(arn)
    driver.settled([arn], quiet=1.5)
    assert driver.stage(arn, "development")["model_status"] == "pending"
    assert driver.deployments(arn) == []
