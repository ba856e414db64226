"""Endpoints of workload accounts, looked at with the rights of the role that each account keeps for that alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import code_of, message_of
from governance.adapters.pacing import Pace, patient_client
from governance.adapters.sagemaker_catalogue import no_lost_token
from governance.domain.environment import Environment
from governance.domain.errors import AccountUnreadable
from governance.domain.trials import TRIAL
from governance.ports.inspection import EndpointNamed, Endpoints, EndpointSeen

PAGE = 100
"""What ListEndpoints gives at most (AWS API)."""

RENEWED = timedelta(minutes=5)
"""How long before its end a session is replaced."""

DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
"""How AWS says that one may not."""


class WorkloadEndpoints:
    """`ports.Workloads` on SageMaker, through `<install>-reconciliation` of each workload account."""

    def __init__(self, sts: Any, install: str, pace: Pace, now: Callable[[], datetime], partition: str = "aws") -> None:
        self.sts = sts
        self.install = install
        self.pace = pace
        self.now = now
        self.partition = partition
        self.held: dict[str, tuple[Any, datetime]] = {}

    def listed(self, environment: Environment, token: str = "") -> Endpoints:
        """One ListEndpoints."""
        with readable(environment), no_lost_token():
            sagemaker = self.client(environment)
            self.pace.wait()
            answer = sagemaker.list_endpoints(
                SortBy="Name", SortOrder="Ascending", MaxResults=PAGE, **({"NextToken": token} if token else {})
            )
        endpoints = tuple(
            EndpointNamed(name=one["EndpointName"], arn=one["EndpointArn"], changed_at=one["LastModifiedTime"])
            for one in answer["Endpoints"]
        )
        return Endpoints(endpoints=endpoints, token=answer.get("NextToken") or "")

    def look(self, environment: Environment, endpoint: str) -> EndpointSeen | None:
        """DescribeEndpoint, DescribeEndpointConfig, and DescribeModel for each variant: three calls for one of ours."""
        with readable(environment):
            sagemaker = self.client(environment)
            self.pace.wait()
            try:
                told = sagemaker.describe_endpoint(EndpointName=endpoint)
            except ClientError as refused:
                if "not find" in message_of(refused):
                    return None
                raise
            variants = self.variants(sagemaker, told.get("EndpointConfigName", ""))
        containers = [one for name, found in variants if name != TRIAL for one in found]
        tried = [one for name, found in variants if name == TRIAL for one in found]
        return EndpointSeen(
            arn=told["EndpointArn"],
            status=told["EndpointStatus"],
            images=tuple(str(one.get("Image") or "") for one in containers),
            model_data=tuple(model_data(one) for one in containers),
            tried_images=tuple(str(one.get("Image") or "") for one in tried) if tried else None,
            tried_model_data=tuple(model_data(one) for one in tried),
        )

    def model(self, environment: Environment, arn: str) -> EndpointSeen | None:
        """One DescribeModel."""
        with readable(environment):
            sagemaker = self.client(environment)
            self.pace.wait()
            try:
                told = sagemaker.describe_model(ModelName=arn.rpartition("/")[2])
            except ClientError as refused:
                if "not find" in message_of(refused):
                    return None
                raise
        containers = told.get("Containers") or [told["PrimaryContainer"]]
        images = tuple(str(one.get("Image") or "") for one in containers)
        return EndpointSeen(arn=arn, status="", images=images, model_data=tuple(map(model_data, containers)))

    def variants(self, sagemaker: Any, configuration: str) -> list[tuple[str, list[dict[str, Any]]]]:
        """What every variant of a configuration runs, shadows included, by its name.

        Nothing for a configuration that was deleted while its endpoint serves.
        """
        if not configuration:
            return []
        try:
            self.pace.wait()
            told = sagemaker.describe_endpoint_config(EndpointConfigName=configuration)
            found: list[tuple[str, list[dict[str, Any]]]] = []
            for variant in (*told["ProductionVariants"], *told.get("ShadowProductionVariants", ())):
                self.pace.wait()
                model = sagemaker.describe_model(ModelName=variant["ModelName"])
                found.append((variant["VariantName"], model.get("Containers") or [model["PrimaryContainer"]]))
        except ClientError as refused:
            if "not find" in message_of(refused):
                return []
            raise
        return found

    def client(self, environment: Environment) -> Any:
        """A client with the rights of the role in the environment's account, kept as long as it lasts."""
        known = self.held.get(environment.account)
        if known and known[1] - RENEWED > self.now():
            return known[0]
        role = f"arn:{self.partition}:iam::{environment.account}:role/{self.install}-reconciliation"
        held = self.sts.assume_role(RoleArn=role, RoleSessionName="steward-reconciliation")["Credentials"]
        made = patient_client(
            "sagemaker",
            aws_access_key_id=held["AccessKeyId"],
            aws_secret_access_key=held["SecretAccessKey"],
            aws_session_token=held["SessionToken"],
        )
        self.held[environment.account] = (made, held["Expiration"])
        return made


def model_data(container: dict[str, Any]) -> str:
    """Where a container gets its model data from, whichever way it says so."""
    source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
    return str(container.get("ModelDataUrl") or source.get("S3Uri") or "")


@contextmanager
def readable(environment: Environment) -> Iterator[None]:
    """Translate a refusal: an account that lets nobody look is a finding and harms no other."""
    try:
        yield
    except ClientError as refused:
        if code_of(refused) in DENIED:
            raise AccountUnreadable(f"{environment.account}: {code_of(refused)}") from refused
        raise
