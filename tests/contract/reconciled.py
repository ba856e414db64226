"""Stand-ins at botocore's seam for what only the reconciler asks: listings, CloudTrail, and the relay."""

# ruff: noqa: N802, N803 - the names are AWS's

import io
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from tests.aws.standins import Pipelines, Refused, Registry, StandIn
from tests.builders import group_arn


def cut(items: Sequence[Any], token: str | None, size: int) -> tuple[list[Any], dict[str, str]]:
    """A page of a listing, and its token where there is more."""
    if token and not token.isdigit():
        raise Refused("ValidationException", "Invalid pagination token.")
    start = int(token or 0)
    more = {"NextToken": str(start + size)} if start + size < len(items) else {}
    return list(items[start : start + size]), more


def made_at(package: dict[str, Any]) -> datetime:
    """When a package was registered."""
    told = package["CreationTime"]
    return told if isinstance(told, datetime) else datetime.fromisoformat(told)


class CatalogueStandIn(Registry):
    """SageMaker Model Registry with its listings, and the policies of groups."""

    def __init__(self) -> None:
        super().__init__()
        self.policies: dict[str, dict[str, Any]] = {}

    def ListModelPackageGroups(self, MaxResults: int = 10, NextToken: str | None = None, **_: Any) -> dict[str, Any]:
        names = sorted({arn.split("/")[1] for arn in self.packages if arn.count("/") == 2})
        chosen, more = cut([{"ModelPackageGroupArn": group_arn(name)} for name in names], NextToken, MaxResults)
        return {"ModelPackageGroupSummaryList": chosen, **more}

    def ListModelPackages(
        self,
        MaxResults: int = 10,
        NextToken: str | None = None,
        ModelPackageGroupName: str = "",
        CreationTimeAfter: datetime | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        group = ModelPackageGroupName.rsplit("/", 1)[-1]
        mine = sorted(arn for arn in self.packages if (arn.split("/")[1] if arn.count("/") == 2 else "") == group)
        if group and not mine:
            raise Refused("ValidationException", f"ModelPackageGroup {ModelPackageGroupName} does not exist.")
        if CreationTimeAfter:
            mine = [arn for arn in mine if made_at(self.packages[arn]) > CreationTimeAfter]
        chosen, more = cut([{"ModelPackageArn": arn} for arn in mine], NextToken, MaxResults)
        return {"ModelPackageSummaryList": chosen, **more}

    def GetModelPackageGroupPolicy(self, ModelPackageGroupName: str) -> dict[str, Any]:
        policy = self.policies.get(ModelPackageGroupName)
        if policy is None:
            raise Refused("ValidationException", f"Cannot find resource policy for: {group_arn(ModelPackageGroupName)}")
        return {"ResourcePolicy": json.dumps(policy)}

    def BatchDescribeModelPackage(self, ModelPackageArnList: list[str]) -> dict[str, Any]:
        found = {arn: {"ModelPackageArn": arn} for arn in ModelPackageArnList if arn in self.packages}
        return {"ModelPackageSummaries": found}


class PipelinesStandIn(Pipelines):
    """CodePipeline with its list of executions, newest first."""

    started: datetime = datetime(2026, 10, 12, 9, 14, 3)

    def ListPipelineExecutions(
        self, pipelineName: str, maxResults: int = 100, nextToken: str | None = None
    ) -> dict[str, Any]:
        mine = [key for key, run in reversed(self.executions.items()) if run["pipeline"] == pipelineName]
        told = [
            {"pipelineExecutionId": key, "status": self.executions[key]["status"], "startTime": self.started}
            for key in mine
        ]
        chosen, more = cut(told, nextToken, maxResults)
        return {"pipelineExecutionSummaries": chosen, **({"nextToken": more["NextToken"]} if more else {})}

    def GetPipelineExecution(self, pipelineName: str, pipelineExecutionId: str) -> dict[str, Any]:
        if pipelineExecutionId not in self.executions:
            raise Refused("PipelineExecutionNotFoundException", "no such execution")
        return super().GetPipelineExecution(pipelineName, pipelineExecutionId)


class TrailStandIn(StandIn):
    """CloudTrail's event history: records newest first, in pages of so many."""

    def __init__(self, records: list[dict[str, Any]], size: int = 2) -> None:
        self.records = records
        self.size = size

    def LookupEvents(
        self, StartTime: datetime, EndTime: datetime, LookupAttributes: Any, NextToken: str | None = None
    ) -> dict[str, Any]:
        def within(record: dict[str, Any]) -> bool:
            at = datetime.fromisoformat(record["eventTime"])
            return StartTime <= at <= EndTime and record["eventName"] == LookupAttributes[0]["AttributeValue"]

        mine = sorted(filter(within, self.records), key=lambda record: record["eventTime"], reverse=True)
        chosen, more = cut([{"CloudTrailEvent": json.dumps(record)} for record in mine], NextToken, self.size)
        return {"Events": chosen, **more}


class LambdaStandIn(StandIn):
    """Lambda: functions as Python functions, by name."""

    def __init__(self, functions: dict[str, Callable[[Any], Any]]) -> None:
        self.functions = functions
        self.later: list[tuple[str, Any]] = []

    def Invoke(self, FunctionName: str, Payload: bytes, InvocationType: str = "RequestResponse") -> dict[str, Any]:
        told = json.loads(Payload)
        if InvocationType == "Event":
            self.later.append((FunctionName, told))
            return {"StatusCode": 202, "Payload": io.BytesIO(b"")}
        answer = self.functions[FunctionName](told)
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answer).encode())}
