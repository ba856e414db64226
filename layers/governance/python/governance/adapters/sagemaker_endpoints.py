"""Endpoints in workload accounts, asked with the rights of the role that each account keeps for it."""

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import client, code_of, message_of
from governance.domain.environment import Environment
from governance.domain.errors import ValidationImpossible
from governance.ports.validation import Answers

ROWS_PER_REQUEST = 50
"""Rows put to an endpoint at once: far below InvokeEndpoint's 6 MB for any table of features."""


class SageMakerEndpoints:
    """`ports.EndpointInvoker` on SageMaker runtime, through `<install>-validation` of the workload account."""

    def __init__(self, sts: Any, install: str, partition: str = "aws") -> None:
        self.sts = sts
        self.install = install
        self.partition = partition

    def ask(self, environment: Environment, endpoint: str, rows: Sequence[str], variant: str = "") -> Answers:
        """Put rows to it, the header first in each request, and read one number a line."""
        runtime = self.runtime(environment)
        header, features = rows[0], rows[1:]
        values: list[float] = []
        latencies: list[float] = []
        for start in range(0, len(features), ROWS_PER_REQUEST):
            batch = features[start : start + ROWS_PER_REQUEST]
            began = time.perf_counter()
            values += self.invoke(runtime, endpoint, "\n".join([header, *batch]) + "\n", len(batch), variant)
            latencies.append((time.perf_counter() - began) * 1000)
        return Answers(values=tuple(values), latencies_ms=tuple(latencies))

    def exists(self, environment: Environment, endpoint: str) -> bool:
        """One DescribeEndpoint."""
        try:
            self.runtime(environment, "sagemaker").describe_endpoint(EndpointName=endpoint)
        except ClientError as refused:
            if "not find" in message_of(refused):
                return False
            raise
        return True

    def runtime(self, environment: Environment, service: str = "sagemaker-runtime") -> Any:
        """A client with the rights of the validation role in the environment's account."""
        role = f"arn:{self.partition}:iam::{environment.account}:role/{self.install}-validation"
        held = self.sts.assume_role(RoleArn=role, RoleSessionName="steward-validation")["Credentials"]
        return client(
            service,
            aws_access_key_id=held["AccessKeyId"],
            aws_secret_access_key=held["SecretAccessKey"],
            aws_session_token=held["SessionToken"],
        )

    def invoke(self, runtime: Any, endpoint: str, body: str, expected: int, variant: str = "") -> list[float]:
        """One InvokeEndpoint. Raises `ValidationImpossible` unless it gives one finite number for each row."""
        try:
            answer = runtime.invoke_endpoint(
                EndpointName=endpoint,
                ContentType="text/csv",
                Accept="text/csv",
                Body=body.encode(),
                **({"TargetVariant": variant} if variant else {}),
            )
        except runtime.exceptions.ModelError as failed:
            raise ValidationImpossible(f"{endpoint} failed: {without_words(failed.response)}") from failed
        except runtime.exceptions.ModelNotReadyException as failed:
            raise ValidationImpossible(f"{endpoint} is not ready: {message_of(failed)}") from failed
        except ClientError as refused:
            if code_of(refused) in {"ValidationError", "ValidationException"}:
                raise ValidationImpossible(f"{endpoint}: {message_of(refused)}") from refused
            raise
        return numbers(answer["Body"].read().decode(errors="replace"), endpoint, expected)


def without_words(failure: Mapping[str, Any]) -> str:
    """How a model failed, and where it says why. Its own words may repeat the row it was asked about."""
    status, log = failure.get("OriginalStatusCode", "no status"), failure.get("LogStreamArn", "its account")
    return f"the model answered {status}; its log is in {log}"


def numbers(text: str, endpoint: str, expected: int) -> list[float]:
    """The numbers of an answer in CSV, whether one a line or all in one. Raises `ValidationImpossible`."""
    cells = [cell for cell in text.replace("\n", ",").split(",") if cell.strip()]
    try:
        values = [float(cell) for cell in cells]
    except ValueError as bad:
        raise ValidationImpossible(f"{endpoint} answered something that is not a number") from bad
    if not all(math.isfinite(value) for value in values):
        raise ValidationImpossible(f"{endpoint} answered a number that is not finite")
    if len(values) != expected:
        raise ValidationImpossible(f"{endpoint} gave {len(values)} answers to {expected} rows")
    return values
