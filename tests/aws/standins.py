"""Stand-ins for the services that moto does not play well enough: the registry, CodePipeline, endpoints.

Each answers a botocore operation as AWS does, as far as Steward asks. botocore has checked the request by then.
The contract tests run the adapters against these and against the local cloud's registry and pipelines alike.
"""

# ruff: noqa: N802, N803 - the names are AWS's

import io
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.builders import WRITER

LONGEST = 1024
"""Characters of an approval description (AWS API: UpdateModelPackage)."""


class Http(NamedTuple):
    """As much of an HTTP answer as botocore looks at."""

    status_code: int


Answer = tuple[Http, dict[str, Any]]


class Refused(Exception):
    """An error of AWS's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = {"Error": {"Code": code, "Message": message}}


class StandIn:
    """Answers operations by methods of the same name."""

    def answer(self, operation: str, parameters: Mapping[str, Any]) -> Answer:
        """What botocore takes for the service's answer."""
        metadata = {"ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}}}
        try:
            return Http(200), {**getattr(self, operation)(**parameters), **metadata}
        except Refused as refused:
            return Http(400), {**refused.answer, "ResponseMetadata": {"HTTPStatusCode": 400, "HTTPHeaders": {}}}


class Registry(StandIn):
    """SageMaker Model Registry: packages as Describe shows them, and the tags of groups."""

    def __init__(self) -> None:
        self.packages: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self.changed: list[dict[str, Any]] = []
        """Details of the events of what was updated, until somebody sends them."""
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.gone: set[str] = set()
        """Groups that were deleted."""

    def DescribeModelPackage(self, ModelPackageName: str) -> dict[str, Any]:
        if ModelPackageName not in self.packages:
            raise Refused("ValidationException", f"ModelPackage {ModelPackageName} does not exist.")
        return deepcopy(self.packages[ModelPackageName])

    def UpdateModelPackage(self, ModelPackageArn: str, ClientToken: str = "", **fields: Any) -> dict[str, Any]:
        """What is sent is replaced and the rest stays, once for each token. The caller is the role that writes."""
        if ModelPackageArn not in self.packages:
            raise Refused("ValidationException", f"ModelPackage {ModelPackageArn} does not exist.")
        if len(fields.get("ApprovalDescription", "")) > LONGEST:
            raise Refused("ValidationException", "ApprovalDescription must have length less than or equal to 1024")
        if ClientToken in self.tokens:
            if self.tokens[ClientToken] != fields:
                raise Refused("ConflictException", "The ClientToken was used before with different parameters.")
            return {"ModelPackageArn": ModelPackageArn}
        by = {"IamIdentity": {"Arn": f"{WRITER}/steward-write-back", "PrincipalId": "AROAEXAMPLE:write-back"}}
        at = self.now().replace(microsecond=0).isoformat()
        shown = {**self.packages[ModelPackageArn], **fields, "LastModifiedTime": at, "LastModifiedBy": by}
        self.packages[ModelPackageArn] = shown
        if ClientToken:
            self.tokens[ClientToken] = fields
        told = {key: value for key, value in shown.items() if key not in {"CreatedBy", "LastModifiedBy"}}
        self.changed.append({**deepcopy(told), "UpdatedModelPackageFields": sorted(fields)})
        return {"ModelPackageArn": ModelPackageArn}

    def ListTags(self, ResourceArn: str, **_: Any) -> dict[str, Any]:
        if ResourceArn in self.gone:
            raise Refused("ValidationException", f"ModelPackageGroup {ResourceArn} does not exist.")
        return {"Tags": [{"Key": key, "Value": value} for key, value in self.tags.get(ResourceArn, {}).items()]}


class Pipelines(StandIn):
    """CodePipeline: executions that stand still until a test moves them, and jobs that are answered once.

    `forgetful` forgets tokens at once: for how long CodePipeline remembers them is not documented.
    """

    def __init__(self) -> None:
        self.executions: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, str] = {}
        self.jobs: dict[str, str] = {}
        self.reasons: dict[str, str] = {}
        self.forgetful = False

    def StartPipelineExecution(
        self,
        name: str,
        clientRequestToken: str,
        variables: Any,
        sourceRevisions: Any,
    ) -> dict[str, Any]:
        if clientRequestToken not in self.tokens or self.forgetful:
            number = len(self.executions) + 1
            told = {one["name"]: one["value"] for one in variables}
            bundle = sourceRevisions[0]["revisionValue"]
            key = f"execution-{number}"
            self.executions[key] = {"pipeline": name, "status": "InProgress", "variables": told, "bundle": bundle}
            self.tokens[clientRequestToken] = key
        return {"pipelineExecutionId": self.tokens[clientRequestToken]}

    def GetPipelineExecution(self, pipelineName: str, pipelineExecutionId: str) -> dict[str, Any]:
        found = self.executions[pipelineExecutionId]
        variables = [{"name": name, "resolvedValue": value} for name, value in found["variables"].items()]
        told = {"pipelineName": pipelineName, "pipelineExecutionId": pipelineExecutionId, "status": found["status"]}
        return {"pipelineExecution": {**told, "variables": variables}}

    def StopPipelineExecution(
        self, pipelineName: str, pipelineExecutionId: str, abandon: bool, reason: str
    ) -> dict[str, Any]:
        found = self.executions[pipelineExecutionId]
        if found["status"] == "Stopping" and not abandon:
            raise Refused("DuplicatedStopRequestException", "The pipeline execution is already in a Stopping state.")
        if found["status"] != "InProgress":
            raise Refused("PipelineExecutionNotStoppableException", "The execution is no longer in progress.")
        found |= {"status": "Stopping", "stopped": reason}
        return {"pipelineExecutionId": pipelineExecutionId}

    def ListActionExecutions(self, pipelineName: str, filter: Any) -> dict[str, Any]:
        if self.executions[filter["pipelineExecutionId"]].get("deployed"):
            return {"actionExecutionDetails": [{"actionName": "Deploy", "status": "Succeeded"}]}
        reason = self.reasons.get(filter["pipelineExecutionId"])
        result = {"executionResult": {"errorDetails": {"code": "JobFailed", "message": reason}}}
        failed = {"actionName": "Deploy", "status": "Failed", "output": result}
        return {"actionExecutionDetails": [failed] if reason else []}

    def PutJobSuccessResult(self, jobId: str) -> dict[str, Any]:
        return self.answered(jobId, "Succeeded")

    def PutJobFailureResult(self, jobId: str, failureDetails: Any) -> dict[str, Any]:
        return self.answered(jobId, f"Failed: {failureDetails['message']}")

    def answered(self, job: str, outcome: str) -> dict[str, Any]:
        """A job takes one answer (CodePipeline API: InvalidJobStateException)."""
        if job in self.jobs:
            raise Refused("InvalidJobStateException", f"The job {job} is not in progress.")
        self.jobs[job] = outcome
        return {}


class Runtime(StandIn):
    """SageMaker runtime: an endpoint that answers every row with half of its first feature."""

    def InvokeEndpoint(self, EndpointName: str, Body: bytes, **_: Any) -> dict[str, Any]:
        rows = Body.decode().splitlines()[1:]
        answers = "\n".join(str(float(row.split(",")[0]) / 2) for row in rows)
        return {"Body": io.BytesIO(answers.encode()), "ContentType": "text/csv"}


class Callers(StandIn):
    """STS, which finds that whoever signed is one person, and every signature right."""

    def __init__(self, arn: str) -> None:
        self.arn = arn

    def GetCallerIdentity(self) -> dict[str, Any]:
        return {"Account": self.arn.split(":")[4], "Arn": self.arn, "UserId": "AROAEXAMPLE:session"}
