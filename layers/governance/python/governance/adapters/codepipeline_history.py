"""What CodePipeline remembers of its executions: twelve months of them (AWS: "Quotas in AWS CodePipeline")."""

from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import code_of
from governance.adapters.codepipeline import CodePipelines
from governance.adapters.pacing import Pace
from governance.adapters.sagemaker_catalogue import no_lost_token
from governance.ports.delivery import Execution
from governance.ports.inspection import Executions, Started

PAGE = 100
"""What ListPipelineExecutions gives at most (AWS API)."""

UNKNOWN = frozenset({"PipelineExecutionNotFoundException", "PipelineNotFoundException"})
"""How CodePipeline says that there is no such execution."""


class CodePipelineHistory:
    """`ports.PipelineHistory` on CodePipeline V2. Each call waits for its turn."""

    def __init__(self, codepipeline: Any, pace: Pace) -> None:
        self.codepipeline = codepipeline
        self.pipelines = CodePipelines(codepipeline)
        self.pace = pace

    def listed(self, pipeline: str, token: str = "") -> Executions:
        """One ListPipelineExecutions."""
        self.pace.wait()
        with no_lost_token():
            answer = self.codepipeline.list_pipeline_executions(
                pipelineName=pipeline, maxResults=PAGE, **({"nextToken": token} if token else {})
            )
        executions = tuple(
            Started(id=one["pipelineExecutionId"], started_at=one["startTime"], status=one["status"])
            for one in answer["pipelineExecutionSummaries"]
        )
        return Executions(executions=executions, token=answer.get("nextToken") or "")

    def find(self, pipeline: str, execution_id: str) -> Execution | None:
        """One GetPipelineExecution."""
        self.pace.wait()
        try:
            return self.pipelines.get(pipeline, execution_id)
        except ClientError as refused:
            if code_of(refused) in UNKNOWN:
                return None
            raise
