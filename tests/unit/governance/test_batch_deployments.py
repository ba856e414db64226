"""A model without an endpoint goes the same way as every other, and the record says what it is."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from governance.domain.batch_plans import RunsAs
from governance.domain.bundle import CONFIGURATION, MANIFEST, TEMPLATE, contents
from governance.domain.deployment import Deployment
from governance.domain.environment import LONGEST_ENDPOINT_NAME, Environment, model_name
from governance.domain.errors import ValidationImpossible
from governance.domain.lifecycle import Stage
from governance.domain.past import Past
from governance.domain.projection import undertakings
from governance.domain.record import stage_record
from governance.domain.told_of_deployments import AlarmChange
from governance.ports.inspection import EndpointSeen
from governance.ports.validation import Answers, BatchRun, Progress, Rows
from governance.runtime.shapes import AlarmDetail
from governance.services.comparing_deployments import drift
from governance.services.validating_batch import LONGEST, TIMES, Underway, ValidatingBatch
from tests.builders import TEST as TEST_ACCOUNT
from tests.builders import after, package_arn
from tests.reconciling import ReconciledWorld
from tests.unit.governance.deployment_profiles.test_setting import Desk, requested
from tests.world import World

OUTPUT = "s3://scores/batch-output/pd"
JOB = "00000000-0000-4000-8000-000000000001"
ROWS = Rows(header="income,age", features=("1,30", "2,40"), truth=(0.0, 1.0))


def jobs(**told: Any) -> dict[str, Any]:
    return {"title": "Jobs", "stages": {"test": {"batch": {"output": OUTPUT, **told}}}}


def deploying(**told: Any) -> World:
    """A group whose versions run as jobs in test, and a version on its way there."""
    world = World()
    Desk(world).set(jobs(**told))
    requested(world)
    world.start(Stage.TEST)
    return world


def test_it_is_known_as_batch_from_its_request_on_and_by_its_machine_and_model_once_it_runs():
    deployment = deploying().deployment(Stage.TEST)
    assert deployment.runs_as is RunsAs.BATCH
    name = "steward-credit-risk-pd-test"
    assert deployment.endpoint_name == name
    assert deployment.endpoint_arn == f"arn:aws:states:eu-west-1:{TEST_ACCOUNT}:stateMachine:{name}"
    assert deployment.model_arn.startswith(f"arn:aws:sagemaker:eu-west-1:{TEST_ACCOUNT}:model/{name}-")


def test_its_bundle_is_the_batch_stack_with_the_versions_containers_and_says_so_in_its_manifest():
    world = deploying()
    deployment = world.deployment(Stage.TEST)
    files = contents(world.bundles.get(deployment.bundle_key))
    template = files[TEMPLATE].decode()
    assert template.startswith("Machine:")
    assert "/sealed/" in template
    told = json.loads(files[CONFIGURATION])["Parameters"]
    assert (told["OutputUri"], told["SplitType"]) == (OUTPUT, "Line")
    assert deployment.model_arn.endswith(f"/{told['ModelName']}")
    assert not {"EndpointName", "Rollout", "ApiAuth", "ServingModelPackageArn"} & set(told)
    assert json.loads(files[MANIFEST])["runs_as"] == "batch"


def test_the_last_gate_lets_it_through():
    deploying().verify(Stage.TEST)


def test_the_record_and_the_rows_say_what_it_is_and_those_of_an_endpoint_say_what_they_always_said():
    state = deploying().state()
    assert stage_record(state, Stage.TEST)["deployment_runs_as"] == "batch"
    ((_, row),) = [one for one in undertakings(state, Past()) if one[0].startswith("DEPLOYMENT#")]
    assert row["runs_as"] == "batch"
    world = World()
    requested(world)
    world.start(Stage.TEST)
    plain = world.state()
    assert "deployment_runs_as" not in stage_record(plain, Stage.TEST)
    ((_, row),) = [one for one in undertakings(plain, Past()) if one[0].startswith("DEPLOYMENT#")]
    assert not {"runs_as", "model_arn"} & set(row)


def test_each_deployment_has_a_model_of_another_name_that_sagemaker_takes():
    long = "x" * 63
    names = {model_name("steward", group, "test", one) for group in ("Pd", long) for one in ("deploy-1", "deploy-2")}
    assert len(names) == 4
    assert all(len(name) <= LONGEST_ENDPOINT_NAME and name == name.lower() for name in names)


def test_a_model_that_somebody_deleted_or_changed_is_told_as_a_model():
    state = deploying().state()
    deployment = state.deployment_in(Stage.TEST)
    assert deployment is not None
    assert drift(state, deployment, None).startswith("there is no model steward-credit-risk-pd-test-")
    (sealed,) = state.sealing.artifacts
    as_it_was = EndpointSeen(arn=deployment.model_arn, status="", model_data=(sealed.uri,))
    assert drift(state, deployment, as_it_was) == ""
    strange = as_it_was.model_copy(update={"model_data": ("s3://elsewhere/model.tar.gz",)})
    assert "which is not what was sealed" in drift(state, deployment, strange)


def test_a_failed_job_is_heard_of_as_an_alarm_of_the_version_that_runs():
    world = deploying()
    machine = world.deployment(Stage.TEST).endpoint_arn
    dimensions = {"StateMachineArn": machine}
    metric = {"metricStat": {"metric": {"namespace": "AWS/States", "dimensions": dimensions}}}
    told = {
        "alarmName": "steward-credit-risk-pd-test-batch-failures",
        "state": {"value": "ALARM", "reason": "one failed"},
    }
    detail = AlarmDetail.model_validate({**told, "configuration": {"metrics": [metric]}})
    resource = f"arn:aws:cloudwatch:eu-west-1:{TEST_ACCOUNT}:alarm:{told['alarmName']}"
    change = detail.change([resource], after(2000))
    assert isinstance(change, AlarmChange)
    assert change.endpoints == (machine,)
    world.now.moment = after(2001)
    world.tracking.hear(change, "event")
    (finding,) = [one for one in world.state().findings.values() if one.code == "endpoint-alarm"]
    assert "failed job" in finding.remedy


@dataclass
class Runner:
    """`ports.BatchRunner`, whose runs stand still until a test moves them."""

    progress: Progress
    started: list[tuple[BatchRun, str]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    cleared: list[BatchRun] = field(default_factory=list)

    def start(self, environment: Environment, run: BatchRun, content: str) -> None:
        self.started.append((run, content))

    def look(self, environment: Environment, run: BatchRun) -> Progress:
        return self.progress

    def stop(self, environment: Environment, run: BatchRun, why: str) -> None:
        self.stopped.append(why)
        self.progress = self.progress.model_copy(update={"status": "failed", "reason": why})

    def answers(self, environment: Environment, run: BatchRun, expected: int) -> Answers:
        return Answers(values=(0.1,) * expected, latencies_ms=())

    def clear(self, environment: Environment, run: BatchRun) -> None:
        self.cleared.append(run)


def measuring(
    status: str = "running", reason: str = "", late: bool = False
) -> tuple[ValidatingBatch, Runner, Deployment]:
    """What measures a deployed version by a job, the machine that it asks, and the deployment."""
    world = deploying()
    began = world.now() - (LONGEST * 2 if late else LONGEST / 2)
    runner = Runner(Progress.model_validate({"status": status, "began_at": began, "reason": reason}))
    batch = ValidatingBatch(world.profiles, runner, world.environments, "steward", world.now)
    return batch, runner, world.deployment(Stage.TEST)


def test_the_same_job_of_the_pipeline_is_the_same_run_and_gets_the_rows_without_the_truth():
    batch, runner, deployment = measuring()
    first, again = (batch.ask(package_arn(), deployment, ROWS, JOB, "") for _ in range(2))
    assert isinstance(first, Underway)
    assert first == again
    (run, content), (same, _) = runner.started
    assert run == same
    assert content == "1,30\n2,40\n"
    assert run.given == f"s3://scores/batch-input/{run.name}/rows.csv"
    assert run.answers == f"{OUTPUT}/{run.name}/rows.csv.out"
    other = batch.ask(package_arn(), deployment, ROWS, JOB.replace("1", "2"), "")
    assert other != first


def test_a_run_that_goes_on_is_come_back_to_and_one_that_is_over_gives_its_answers():
    batch, _, deployment = measuring()
    assert batch.ask(package_arn(), deployment, ROWS, JOB, "run-1") == Underway(run="run-1")
    batch, runner, deployment = measuring("succeeded")
    answers = batch.ask(package_arn(), deployment, ROWS, JOB, "run-1")
    assert isinstance(answers, Answers)
    assert answers.values == (0.1, 0.1)
    batch.tidy(package_arn(), deployment, "run-1")
    assert [one.name for one in runner.cleared] == ["run-1"]


def test_a_run_of_the_model_before_is_repeated_until_it_is_the_one_that_was_deployed():
    batch, runner, deployment = measuring("succeeded")
    runner.progress = runner.progress.model_copy(update={"model": "steward-credit-risk-pd-test-before"})
    again = batch.ask(package_arn(), deployment, ROWS, JOB, "run-1")
    assert again == Underway(run="run-1-again-1")
    assert batch.ask(package_arn(), deployment, ROWS, JOB, "run-1") == again, "told again, it is the same run"
    assert {run.name for run, _ in runner.started} == {"run-1-again-1"}
    assert runner.started[0][1] == "1,30\n2,40\n"
    assert {run.name for run in runner.cleared} == {"run-1"}
    runner.progress = runner.progress.model_copy(update={"model": deployment.model_arn.rpartition("/")[2]})
    answers = batch.ask(package_arn(), deployment, ROWS, JOB, again.run)
    assert isinstance(answers, Answers)


def test_a_machine_that_goes_on_running_the_model_before_is_a_failed_validation():
    batch, runner, deployment = measuring("succeeded")
    runner.progress = runner.progress.model_copy(update={"model": "another"})
    run = "run-1"
    for number in range(TIMES):
        following = batch.ask(package_arn(), deployment, ROWS, JOB, run)
        assert following == Underway(run=f"run-1-again-{number + 1}")
        run = following.run
    with pytest.raises(ValidationImpossible, match="ran another 4 times in the place of steward-credit-risk-pd-test"):
        batch.ask(package_arn(), deployment, ROWS, JOB, run)
    assert not any(run.name.endswith("again-4") for run, _ in runner.started)


def test_a_run_that_failed_is_a_failed_validation_with_sagemakers_reason():
    batch, _, deployment = measuring("failed", "AlgorithmError: See job logs")
    with pytest.raises(ValidationImpossible, match="AlgorithmError: See job logs"):
        batch.ask(package_arn(), deployment, ROWS, JOB, "run-1")


def test_a_run_that_takes_too_long_is_stopped_once_and_says_so_whoever_asks():
    batch, runner, deployment = measuring(late=True)
    for _ in range(2):
        with pytest.raises(ValidationImpossible, match="it was stopped, after more than 60 minutes"):
            batch.ask(package_arn(), deployment, ROWS, JOB, "run-1")
    assert len(runner.stopped) == 1


def reconciled() -> tuple[ReconciledWorld, Deployment]:
    """A version that runs as jobs, and a reconciler that finds its model as it was made."""
    world = ReconciledWorld()
    Desk(world).set(jobs())
    requested(world)
    deployment: Deployment = world.start(Stage.TEST)
    world.pipelines.end(deployment.execution_id, "Succeeded", "")
    world.now.wait(3600)
    world.reconcile()
    (sealed,) = world.state().sealing.artifacts
    as_made = EndpointSeen(arn=deployment.model_arn, status="", model_data=(sealed.uri,))
    world.workloads.models[deployment.model_arn] = as_made
    world.reconcile()
    return world, deployment


def open_codes(world: World) -> set[str]:
    return {one.code for one in world.state().findings.values() if one.is_open}


def test_the_reconciler_looks_at_the_model_and_asks_for_no_endpoint():
    world, _ = reconciled()
    assert world.deployment(Stage.TEST).status == "deployed"
    assert not {"endpoint-deleted", "endpoint-drifted"} & open_codes(world)


def test_a_model_that_was_deleted_by_hand_is_said_until_it_is_there_again():
    world, deployment = reconciled()
    kept = world.workloads.models.pop(deployment.model_arn)
    world.reconcile()
    assert {"endpoint-deleted", "endpoint-drifted"} <= open_codes(world)
    (deleted,) = [one for one in world.state().findings.values() if one.code == "endpoint-deleted"]
    assert "somebody deleted the model steward-credit-risk-pd-test-" in deleted.detail
    world.workloads.models[deployment.model_arn] = kept
    world.reconcile()
    assert not {"endpoint-deleted", "endpoint-drifted"} & open_codes(world)
