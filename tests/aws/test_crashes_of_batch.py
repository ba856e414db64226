"""Whatever befalls who measures a model by a transform job, at whichever call, told again it is done once."""

import json
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from governance.domain.values import sha256_of
from tests.aws.cloud import Cloud, Delivery
from tests.aws.decisions import signed
from tests.aws.functions import ENVIRONMENT
from tests.aws.life import SEVEN, job, tell, turned
from tests.aws.officers import ROLES
from tests.aws.recalls import begun
from tests.aws.rehearsal import Rehearsal
from tests.aws.resources import FAILURES, client
from tests.aws.seam import Fault
from tests.aws.standins import Machines
from tests.aws.test_crashes import FAULTS, assert_scenes_healed
from tests.builders import after, approved, group_arn

OUTPUT = f"s3://{FAILURES}/batch-output/scores"
JOBS = {"title": "scored over night", "stages": {"test": {"batch": {"output": OUTPUT}}}}
JOB = "00000000-0000-4000-8000-000000002640"
RUN = f"steward-validation-{sha256_of(JOB)[:24]}"


def where(uri: str) -> dict[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}


def get(uri: str) -> str:
    return str(client("s3").get_object(**where(uri))["Body"].read().decode())


def put(uri: str, text: str) -> None:
    client("s3").put_object(**where(uri), Body=text.encode())


def profile(cloud: Cloud) -> None:
    """An officer lets the group's versions run as jobs in test."""
    cloud.clock.moment = after(41 * 60)
    delivery = Delivery("Decide", signed(cloud, "set-deployment-profile", 41, document=JOBS, group=group_arn()))
    cloud.clock.wait(5)
    cloud.queue.append(delivery)


def sent(cloud: Cloud) -> None:
    """The version is approved; from here on roles are assumed, and state machines are there."""
    machines = Machines(get, put, OUTPUT)
    machines.now = lambda: cloud.clock.moment
    cloud.others.append(machines)
    kept = {name: one for name, one in cloud.seam.standins.items() if name != "sts"}
    cloud.seam.standins = {**kept, "stepfunctions": machines}
    tell(cloud, approved(2520), 2520)


def asked_again(cloud: Cloud, at: float, succeeds: bool = False) -> None:
    """The pipeline asks after the run."""
    if succeeds:
        (machines,) = cloud.others
        machines.succeed()
    job(cloud, "ValidateDeployment", SEVEN, "test", at, token=RUN)


STEPS = (
    ("version 7 is registered", begun),
    ("an officer says that versions run as jobs", profile),
    ("it is approved", sent),
    ("its pipeline asks whether it may", lambda c: job(c, "VerifyDeployment", SEVEN, "test", 2580)),
    ("it is to be measured", lambda c: job(c, "ValidateDeployment", SEVEN, "test", 2640)),
    ("the job runs", lambda c: asked_again(c, 2670)),
    ("the job is done", lambda c: asked_again(c, 2700, succeeds=True)),
    ("its pipeline succeeds", lambda c: turned(c, SEVEN, "test", "SUCCEEDED", 2760)),
)
ACTING = {"StartDeployment", "VerifyDeployment", "ValidateDeployment"}


@pytest.fixture(scope="module", autouse=True)
def with_officers() -> Iterator[None]:
    """Every function is told who owns, validates and governs."""
    with patch.dict(ENVIRONMENT, {name: {**told, **ROLES} for name, told in ENVIRONMENT.items()}):
        yield


def test_it_runs_as_batch_was_measured_and_nothing_is_left_of_that(lived: Rehearsal):
    items = [json.loads(one) for one in lived.outcomes[-1]["items"]]
    (record,) = [one for one in items if one["sk"]["S"] == "STAGE#test"]
    assert record["deployment_status"]["S"] == "deployed"
    assert record["deployment_runs_as"]["S"] == "batch"
    assert "accuracy" in record["model_validation_metrics"]["S"]
    jobs = lived.cloud.pipelines.jobs
    assert jobs[JOB] == jobs[JOB.replace("2640", "2670")] == f"Continues: {RUN}"
    assert jobs[JOB.replace("2640", "2700")] == "Succeeded"
    assert lived.outcomes[-2]["abandoned"] == []
    assert len(lived.outcomes[4]["abandoned"]) == 1, "the rows, while the job runs"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_about_a_job_is_healed(lived: Rehearsal, fault: Fault):
    scenes = [one for one in lived.scenes if one.step >= 2 and one.delivery.function in ACTING]
    assert {one.delivery.function for one in scenes} == ACTING
    assert_scenes_healed(lived, scenes, fault, pause=0)
