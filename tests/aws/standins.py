"""Stand-ins for the services that moto does not play well enough: the registry, CodePipeline, endpoints.

Each answers a botocore operation as AWS does, as far as Steward asks. botocore has checked the request by then.
The contract tests run the adapters against these and against the local cloud's registry and pipelines alike.
"""

# ruff: noqa: N802, N803 - the names are AWS's

import io
import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.builders import HUB, WRITER

IMPORTER = f"arn:aws:sts::{HUB}:assumed-role/steward-import-model-version/steward-import-model-version"
"""The role that registers copies, as the registry knows it."""

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
        self.code = code


class StandIn:
    """Answers operations by methods of the same name."""

    def answer(self, operation: str, parameters: Mapping[str, Any]) -> Answer:
        """What botocore takes for the service's answer."""
        metadata = {"ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}}}
        try:
            return Http(200), {**getattr(self, operation)(**parameters), **metadata}
        except Refused as error:
            return refused(error.code, str(error))


def refused(code: str, message: str) -> Answer:
    """What botocore takes for the service's refusal."""
    metadata = {"ResponseMetadata": {"HTTPStatusCode": 400, "HTTPHeaders": {}}}
    return Http(400), {"Error": {"Code": code, "Message": message}, **metadata}


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
        self.elsewhere: dict[str, dict[str, Any]] = {}
        """Packages of other accounts' registries."""

    def DescribeModelPackage(self, ModelPackageName: str) -> dict[str, Any]:
        found = self.packages.get(ModelPackageName) or self.elsewhere.get(ModelPackageName)
        if found is None:
            raise Refused("ValidationException", f"ModelPackage {ModelPackageName} does not exist.")
        return deepcopy(found)

    def ListModelPackages(self, ModelPackageGroupName: str, MaxResults: int, **_: Any) -> dict[str, Any]:
        """The newest of a group first: as many as fit."""
        if ModelPackageGroupName in self.gone:
            raise Refused("ValidationException", f"ModelPackageGroup {ModelPackageGroupName} does not exist.")
        prefix = ModelPackageGroupName.replace(":model-package-group/", ":model-package/") + "/"
        mine = sorted(
            (one for one in self.packages if one.startswith(prefix)),
            key=lambda one: int(one.removeprefix(prefix)),
            reverse=True,
        )
        shown = [{"ModelPackageArn": one, "ModelPackageStatus": "Completed"} for one in mine[:MaxResults]]
        told = [{**one, "CreationTime": self.packages[one["ModelPackageArn"]]["CreationTime"]} for one in shown]
        return {"ModelPackageSummaryList": told}

    def CreateModelPackage(self, ModelPackageGroupName: str, ClientToken: str = "", **fields: Any) -> dict[str, Any]:
        """The next version of a group, once for each token. The caller is the role that imports."""
        if ModelPackageGroupName in self.gone:
            raise Refused("ValidationException", f"ModelPackageGroup {ModelPackageGroupName} does not exist.")
        made = self.tokens.get(ClientToken)
        if made is not None:
            if made["asked"] != fields:
                raise Refused("ConflictException", "The ClientToken was used before with different parameters.")
            return {"ModelPackageArn": made["arn"]}
        prefix = ModelPackageGroupName.replace(":model-package-group/", ":model-package/") + "/"
        arn = prefix + str(1 + sum(one.startswith(prefix) for one in self.packages))
        at = self.now().replace(microsecond=0).isoformat()
        by = {"IamIdentity": {"Arn": IMPORTER, "PrincipalId": "AROAEXAMPLE:import"}}
        times = {"CreationTime": at, "LastModifiedTime": at, "ModelPackageStatus": "Completed"}
        told = {**{key: one for key, one in fields.items() if key != "SkipModelValidation"}, "ModelPackageArn": arn}
        self.packages[arn] = {**told, **times, "CreatedBy": by}
        self.changed.append(deepcopy({**told, **times}))
        if ClientToken:
            self.tokens[ClientToken] = {"asked": fields, "arn": arn}
        return {"ModelPackageArn": arn}

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

    def DescribeModelPackageGroup(self, ModelPackageGroupName: str) -> dict[str, Any]:
        if ModelPackageGroupName not in self.tags:
            raise Refused("ValidationException", f"ModelPackageGroup {ModelPackageGroupName} does not exist.")
        return {"ModelPackageGroupArn": ModelPackageGroupName, "ModelPackageGroupDescription": "As it was made."}

    def AddTags(self, ResourceArn: str, Tags: list[dict[str, str]]) -> dict[str, Any]:
        kept = self.tags.get(ResourceArn, {})
        self.tags[ResourceArn] = {**kept, **{one["Key"]: one["Value"] for one in Tags}}
        return {"Tags": Tags}

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
        came = self.executions[filter["pipelineExecutionId"]].get("deployed")
        reason = self.reasons.get(filter["pipelineExecutionId"])
        result = {"executionResult": {"errorDetails": {"code": "JobFailed", "message": reason}}}
        failed = {"actionName": "Validate" if came else "Deploy", "status": "Failed", "output": result}
        there = [{"actionName": "Deploy", "status": "Succeeded"}] if came else []
        return {"actionExecutionDetails": [*([failed] if reason else []), *there]}

    def PutJobSuccessResult(self, jobId: str, continuationToken: str = "") -> dict[str, Any]:
        return self.answered(jobId, f"Continues: {continuationToken}" if continuationToken else "Succeeded")

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


SCIKIT = ("141502667606", "sagemaker-scikit-learn")
"""AWS's own repository of the image that most versions here run."""


class Repositories(StandIn):
    """ECR: repositories of many accounts, each with images by digest and their tags."""

    def __init__(self) -> None:
        self.images: dict[tuple[str, str], dict[str, str]] = {SCIKIT: {f"sha256:{'4d' * 32}": "1.4-2"}}
        self.failure = "ImageNotFound"

    def BatchGetImage(self, registryId: str, repositoryName: str, imageIds: list[dict[str, str]]) -> dict[str, Any]:
        kept = self.images.get((registryId, repositoryName))
        if kept is None:
            told = f"The repository with name '{repositoryName}' does not exist in the registry with id '{registryId}'"
            raise Refused("RepositoryNotFoundException", told)
        (asked,) = imageIds
        for digest, tag in kept.items():
            if asked in ({"imageDigest": digest}, {"imageTag": tag}):
                return {"images": [{"imageId": {"imageDigest": digest, **asked}, "imageManifest": "{}"}]}
        reason = "Requested image not found"
        return {"images": [], "failures": [{"imageId": asked, "failureCode": self.failure, "failureReason": reason}]}


class Executions(StandIn):
    """Step Functions, asked whether an execution of the copy state machine runs."""

    def __init__(self, status: Mapping[str, str] | None = None) -> None:
        self.status = dict(status or {})

    def DescribeExecution(self, executionArn: str) -> dict[str, Any]:
        if executionArn not in self.status:
            raise Refused("ExecutionDoesNotExist", f"Execution Does Not Exist: '{executionArn}'")
        return {"executionArn": executionArn, "status": self.status[executionArn]}


class Machines(StandIn):
    """Step Functions with a machine that makes transform jobs: each run answers rows with half of their first feature.

    A run succeeds when a test says so; `put` and `get` are where its files lie.
    """

    def __init__(self, get: Callable[[str], str], put: Callable[[str, str], None], output: str) -> None:
        self.get, self.put, self.output = get, put, output
        self.kept: dict[str, dict[str, Any]] = {}
        self.model = ""
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def StartExecution(self, stateMachineArn: str, name: str, input: str) -> dict[str, Any]:
        known = self.kept.get(name)
        if known and (known["status"] != "RUNNING" or known["input"] != input):
            raise Refused("ExecutionAlreadyExists", f"Execution Already Exists: '{name}'")
        began = {"status": "RUNNING", "machine": stateMachineArn, "startDate": self.now()}
        self.kept[name] = known or {**began, "input": input}
        return {"executionArn": f"{stateMachineArn.replace(':stateMachine:', ':execution:')}:{name}"}

    def DescribeExecution(self, executionArn: str) -> dict[str, Any]:
        name = executionArn.rpartition(":")[2]
        if name not in self.kept:
            raise Refused("ExecutionDoesNotExist", f"Execution Does Not Exist: '{executionArn}'")
        told = {key: value for key, value in self.kept[name].items() if key not in {"input", "machine"}}
        return {"executionArn": executionArn, "name": name, **told}

    def StopExecution(self, executionArn: str, error: str, cause: str) -> dict[str, Any]:
        self.kept[executionArn.rpartition(":")[2]] |= {"status": "ABORTED", "error": error, "cause": cause}
        return {}

    def succeed(self) -> None:
        """Every run that goes on has scored its file."""
        for name, run in self.kept.items():
            if run["status"] == "RUNNING":
                given = json.loads(run["input"])["input"]
                answers = [str(float(row.split(",")[0]) / 2) for row in self.get(given).splitlines()]
                self.put(f"{self.output}/{name}/{given.rpartition('/')[2]}.out", "\n".join(answers) + "\n")
                told = {"TransformJobStatus": "Completed", "ModelName": self.model} if self.model else {}
                run |= {"status": "SUCCEEDED", "output": json.dumps(told)}

    def fail(self, reason: str) -> None:
        """SageMaker could not run their jobs."""
        for run in self.kept.values():
            if run["status"] == "RUNNING":
                cause = json.dumps({"TransformJobStatus": "Failed", "FailureReason": reason})
                run |= {"status": "FAILED", "error": "States.TaskFailed", "cause": cause}


class Callers(StandIn):
    """STS, which finds that whoever signed is one person, and every signature right."""

    def __init__(self, arn: str) -> None:
        self.arn = arn

    def GetCallerIdentity(self) -> dict[str, Any]:
        return {"Account": self.arn.split(":")[4], "Arn": self.arn, "UserId": "AROAEXAMPLE:session"}

    def AssumeRole(self, RoleArn: str, RoleSessionName: str) -> dict[str, Any]:
        keys = {"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "secret", "SessionToken": "token"}
        return {"Credentials": {**keys, "Expiration": datetime(2100, 1, 1, tzinfo=UTC)}}


class Topic(StandIn):
    """SNS: what was told, by the announcement that it follows from. Told again it is the same."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def Publish(self, TopicArn: str, Subject: str, Message: str, MessageAttributes: Any) -> dict[str, Any]:
        self.kept[MessageAttributes["event_id"]["StringValue"]] = f"{Subject}\n{Message}"
        return {"MessageId": "00000000-0000-4000-8000-000000000001"}
