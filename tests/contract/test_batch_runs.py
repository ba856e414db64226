"""Runs of a state machine in a workload account: started once, followed, stopped, cleared away, and refused clearly."""

import json

import pytest
from botocore.exceptions import ClientError

from governance.adapters.batch_runs import BatchRuns
from governance.adapters.clients import client
from governance.domain.environment import Environment
from governance.domain.errors import ValidationImpossible
from governance.domain.lifecycle import Stage
from governance.ports.validation import BatchRun
from tests.aws import standins
from tests.aws.seam import Seam
from tests.builders import TEST

ENVIRONMENT = Environment(stage=Stage.TEST, account=TEST, pipeline="steward-deploy-test")
BUCKET = "portfolio-test"
OUTPUT = f"s3://{BUCKET}/batch-output/scores"
RUN = BatchRun(
    machine=f"arn:aws:states:eu-west-1:{TEST}:stateMachine:steward-pd-test",
    name="steward-validation-1",
    given=f"s3://{BUCKET}/batch-input/steward-validation-1/rows.csv",
    answers=f"{OUTPUT}/steward-validation-1/rows.csv.out",
)


def where(uri: str) -> dict[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}


def get(uri: str) -> str:
    return str(client("s3").get_object(**where(uri))["Body"].read().decode())


def put(uri: str, text: str) -> None:
    client("s3").put_object(**where(uri), Body=text.encode())


@pytest.fixture
def machines(seam: Seam) -> standins.Machines:
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    made = standins.Machines(get, put, OUTPUT)
    seam.standins = {"stepfunctions": made}
    return made


@pytest.fixture
def runs(machines: standins.Machines) -> BatchRuns:
    return BatchRuns(client("sts"), "steward")


def test_a_run_is_made_once_with_the_rights_of_the_workload_account(seam: Seam, runs: BatchRuns, machines):
    with seam.watch() as calls:
        runs.start(ENVIRONMENT, RUN, "1,30\n")
        runs.start(ENVIRONMENT, RUN, "1,30\n")
    assert calls[0].parameters["RoleArn"] == f"arn:aws:iam::{TEST}:role/steward-validation"
    assert len({one.access_key for one in calls if one.operation == "StartExecution"} - {calls[0].access_key}) >= 1
    (run,) = machines.kept.values()
    assert json.loads(run["input"]) == {"input": RUN.given}
    assert get(RUN.given) == "1,30\n"
    machines.succeed()
    runs.start(ENVIRONMENT, RUN, "1,30\n")
    assert runs.look(ENVIRONMENT, RUN).status == "succeeded"


def test_what_a_run_answered_is_read_and_all_of_it_taken_away(runs: BatchRuns, machines):
    runs.start(ENVIRONMENT, RUN, "1,30\n2,40\n")
    assert runs.look(ENVIRONMENT, RUN).status == "running"
    machines.succeed()
    assert runs.answers(ENVIRONMENT, RUN, 2).values == (0.5, 1.0)
    with pytest.raises(ValidationImpossible, match="2 answers to 3 rows"):
        runs.answers(ENVIRONMENT, RUN, 3)
    runs.clear(ENVIRONMENT, RUN)
    runs.clear(ENVIRONMENT, RUN)
    assert "Contents" not in client("s3").list_objects_v2(Bucket=BUCKET)
    with pytest.raises(ValidationImpossible, match="NoSuchKey"):
        runs.answers(ENVIRONMENT, RUN, 2)


@pytest.mark.parametrize("model", ["", "steward-credit-risk-pd-test-1"])
def test_a_run_that_is_over_says_which_model_it_ran_if_anybody_told(runs: BatchRuns, machines, model):
    machines.model = model
    runs.start(ENVIRONMENT, RUN, "1\n")
    assert runs.look(ENVIRONMENT, RUN).model == ""
    machines.succeed()
    assert runs.look(ENVIRONMENT, RUN).model == model


def test_a_failed_run_says_why_in_sagemakers_words(runs: BatchRuns, machines):
    runs.start(ENVIRONMENT, RUN, "1\n")
    machines.fail("AlgorithmError: See job logs for more information")
    told = runs.look(ENVIRONMENT, RUN)
    assert (told.status, told.reason) == ("failed", "AlgorithmError: See job logs for more information")


def test_a_run_that_is_stopped_says_why(runs: BatchRuns, machines):
    runs.start(ENVIRONMENT, RUN, "1\n")
    runs.stop(ENVIRONMENT, RUN, "too long")
    assert runs.look(ENVIRONMENT, RUN).reason == "Steward.TooLong: too long"


class Nowhere(standins.StandIn):
    """Step Functions without a machine, or out of breath."""

    def __init__(self, code: str) -> None:
        self.code = code

    def StartExecution(self, **_: str) -> dict[str, str]:  # noqa: N802 - the name is AWS's
        raise standins.Refused(self.code, "no")

    DescribeExecution = StartExecution


def test_a_machine_that_is_not_there_is_a_failed_validation_that_leaves_nothing(seam: Seam, runs: BatchRuns):
    seam.standins = {"stepfunctions": Nowhere("StateMachineDoesNotExist")}
    with pytest.raises(ValidationImpossible, match="StateMachineDoesNotExist"):
        runs.start(ENVIRONMENT, RUN, "1\n")
    assert "Contents" not in client("s3").list_objects_v2(Bucket=BUCKET)
    seam.standins = {"stepfunctions": Nowhere("ExecutionDoesNotExist")}
    with pytest.raises(ValidationImpossible, match="ExecutionDoesNotExist"):
        runs.look(ENVIRONMENT, RUN)


def test_what_may_pass_is_tried_again(seam: Seam, runs: BatchRuns):
    seam.standins = {"stepfunctions": Nowhere("ThrottlingException")}
    with pytest.raises(ClientError):
        runs.start(ENVIRONMENT, RUN, "1\n")
    with pytest.raises(ClientError):
        runs.look(ENVIRONMENT, RUN)


def test_a_bucket_that_is_not_there_is_a_failed_validation(runs: BatchRuns):
    elsewhere = RUN.model_copy(update={"given": "s3://nowhere-at-all/batch-input/rows.csv"})
    with pytest.raises(ValidationImpossible, match="NoSuchBucket"):
        runs.start(ENVIRONMENT, elsewhere, "1\n")
