"""Runs of the state machines that make transform jobs, in workload accounts, by the role kept for validating.

SageMaker writes the answers to a file beside the others of its job, under the name of what was given and `.out`
(AWS API: TransformOutput, `S3OutputPath`).
"""

import json
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import client, code_of, message_of
from governance.adapters.sagemaker_endpoints import numbers
from governance.domain.environment import Environment
from governance.domain.errors import ValidationImpossible
from governance.ports.validation import Answers, BatchRun, Progress

LONGEST_REASON = 1000
"""Characters of a reason that are told on."""

STATUS = {"RUNNING": "running", "PENDING_REDRIVE": "running", "SUCCEEDED": "succeeded"}
"""Statuses of an execution (Step Functions API: DescribeExecution); whatever else there is, it failed."""


class BatchRuns:
    """`ports.BatchRunner` on Step Functions and S3, through `<install>-validation` of the workload account."""

    def __init__(self, sts: Any, install: str, partition: str = "aws") -> None:
        self.sts = sts
        self.install = install
        self.partition = partition

    def start(self, environment: Environment, run: BatchRun, content: str) -> None:
        """PutObject and StartExecution. A name that was used already is the same run (StartExecution is by name)."""
        held = self.held(environment)
        try:
            client("s3", **held).put_object(**place_of(run.given), Body=content.encode(), ContentType="text/csv")
        except ClientError as refused:
            raise unreachable(run.given, refused) from refused
        try:
            given = json.dumps({"input": run.given})
            client("stepfunctions", **held).start_execution(stateMachineArn=run.machine, name=run.name, input=given)
        except ClientError as refused:
            if code_of(refused) == "ExecutionAlreadyExists":
                return
            if isinstance(why_not := impossible(run, refused), ValidationImpossible):
                self.clear(environment, run)
            raise why_not from refused

    def look(self, environment: Environment, run: BatchRun) -> Progress:
        """One DescribeExecution; the job's own reason is in the cause, its model in the output."""
        try:
            told = client("stepfunctions", **self.held(environment)).describe_execution(executionArn=execution_of(run))
        except ClientError as refused:
            raise impossible(run, refused) from refused
        reason = why(told.get("error") or told["status"], told.get("cause") or "")
        status = STATUS.get(told["status"], "failed")
        began = {"began_at": told["startDate"], "model": model_of(told.get("output") or "")}
        return Progress.model_validate({**began, "status": status, "reason": reason if status == "failed" else ""})

    def stop(self, environment: Environment, run: BatchRun, why: str) -> None:
        """One StopExecution: Step Functions stops the job that it waits for."""
        states = client("stepfunctions", **self.held(environment))
        states.stop_execution(executionArn=execution_of(run), error="Steward.TooLong", cause=why)

    def answers(self, environment: Environment, run: BatchRun, expected: int) -> Answers:
        """One GetObject."""
        try:
            told = client("s3", **self.held(environment)).get_object(**place_of(run.answers))
        except ClientError as refused:
            raise unreachable(run.answers, refused) from refused
        text = told["Body"].read().decode(errors="replace")
        return Answers(values=tuple(numbers(text, run.name, expected)), latencies_ms=())

    def clear(self, environment: Environment, run: BatchRun) -> None:
        """Two DeleteObject, which say nothing of what is not there."""
        s3 = client("s3", **self.held(environment))
        for uri in (run.given, run.answers):
            s3.delete_object(**place_of(uri))

    def exists(self, environment: Environment, machine: str) -> bool:
        """One DescribeStateMachine. One that is being deleted takes no runs, and is gone when its last has ended."""
        states = client("stepfunctions", **self.held(environment))
        try:
            return bool(states.describe_state_machine(stateMachineArn=machine)["status"] == "ACTIVE")
        except ClientError as refused:
            if code_of(refused) == "StateMachineDoesNotExist":
                return False
            raise

    def held(self, environment: Environment) -> dict[str, str]:
        """The rights of the validation role in the environment's account."""
        role = f"arn:{self.partition}:iam::{environment.account}:role/{self.install}-validation"
        held = self.sts.assume_role(RoleArn=role, RoleSessionName="steward-validation")["Credentials"]
        return {
            "aws_access_key_id": held["AccessKeyId"],
            "aws_secret_access_key": held["SecretAccessKey"],
            "aws_session_token": held["SessionToken"],
        }


def place_of(uri: str) -> dict[str, str]:
    """Bucket and key of an object."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}


def execution_of(run: BatchRun) -> str:
    """The ARN of a run (Step Functions API: DescribeExecution)."""
    return f"{run.machine.replace(':stateMachine:', ':execution:', 1)}:{run.name}"


def model_of(output: str) -> str:
    """The model that a run's job ran (SageMaker API: DescribeTransformJob); empty where the output does not say."""
    try:
        told = json.loads(output)
    except ValueError:
        return ""
    return str(told.get("ModelName") or "") if isinstance(told, dict) else ""


def why(error: str, cause: str) -> str:
    """Why a run failed: SageMaker's own reason where the cause is its job, else what Step Functions says."""
    try:
        told = json.loads(cause)
    except ValueError:
        told = None
    reason = told.get("FailureReason") if isinstance(told, dict) else ""
    return str(reason or f"{error}: {cause}".removesuffix(": "))[:LONGEST_REASON]


def unreachable(uri: str, refused: ClientError) -> Exception:
    """A bucket that is not there or lets nobody in is a validation that cannot be; anything else is tried again.

    Without the right to list a bucket, what is not in it is forbidden (S3 API: GetObject).
    """
    if code_of(refused) in {"NoSuchBucket", "NoSuchKey", "AccessDenied"}:
        return ValidationImpossible(f"{uri}: {code_of(refused)}: {message_of(refused)}")
    return refused


def impossible(run: BatchRun, refused: ClientError) -> Exception:
    """A machine or a run that is not there is a validation that cannot be; anything else is tried again."""
    if code_of(refused) in {"StateMachineDoesNotExist", "StateMachineDeleting", "ExecutionDoesNotExist"}:
        return ValidationImpossible(f"{run.machine}: {code_of(refused)}: {message_of(refused)}")
    return refused
