"""The pipelines in CodePipeline, and the jobs that its Lambda actions have to answer."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import code_of, message_of
from governance.domain.environment import Environment
from governance.domain.errors import QuotaUsedUp
from governance.ports.delivery import Execution

SOURCE_ACTION = "Bundle"
"""The action of our pipelines that fetches the bundle."""

DEPLOY_ACTION = "Deploy"
"""The action of our pipelines that changes the endpoint."""

ENDED_ALREADY = frozenset({"PipelineExecutionNotStoppableException", "DuplicatedStopRequestException"})
"""How CodePipeline says that an execution has ended, or is stopping (CodePipeline API: StopPipelineExecution)."""

USED_UP = frozenset({"ConcurrentPipelineExecutionsLimitExceededException", "LimitExceededException"})
"""How CodePipeline says that a quota is used up (CodePipeline API: StartPipelineExecution)."""

LONGEST_REASON = 200
"""What StopPipelineExecution takes (CodePipeline API)."""

LONGEST_MESSAGE = 5000
"""What PutJobFailureResult takes (CodePipeline API: FailureDetails)."""


class CodePipelines:
    """`ports.Pipelines` on CodePipeline V2."""

    def __init__(self, codepipeline: Any) -> None:
        self.codepipeline = codepipeline

    def start(self, environment: Environment, token: str, bundle_key: str, variables: Mapping[str, str]) -> str:
        """One StartPipelineExecution, with the bundle as the source's object key."""
        source = {"actionName": SOURCE_ACTION, "revisionType": "S3_OBJECT_KEY", "revisionValue": bundle_key}
        try:
            answer = self.codepipeline.start_pipeline_execution(
                name=environment.pipeline,
                clientRequestToken=token,
                variables=[{"name": name, "value": value} for name, value in variables.items()],
                sourceRevisions=[source],
            )
        except ClientError as refused:
            if code_of(refused) in USED_UP:
                raise QuotaUsedUp(f"{code_of(refused)}: {message_of(refused)}") from refused
            raise
        return str(answer["pipelineExecutionId"])

    def get(self, pipeline: str, execution_id: str) -> Execution:
        """One GetPipelineExecution."""
        answer = self.codepipeline.get_pipeline_execution(pipelineName=pipeline, pipelineExecutionId=execution_id)
        told = answer["pipelineExecution"]
        variables = {variable["name"]: variable["resolvedValue"] for variable in told.get("variables", [])}
        return Execution(id=execution_id, pipeline=pipeline, status=told["status"], variables=variables)

    def stop(self, pipeline: str, execution_id: str, why: str) -> None:
        """One StopPipelineExecution that waits for running actions: an abandoned one would go on by itself."""
        try:
            self.codepipeline.stop_pipeline_execution(
                pipelineName=pipeline, pipelineExecutionId=execution_id, abandon=False, reason=why[:LONGEST_REASON]
            )
        except ClientError as refused:
            if code_of(refused) not in ENDED_ALREADY:
                raise

    def has_deployed(self, pipeline: str, execution_id: str) -> bool:
        """ListActionExecutions: whether any attempt at the deploying action has another end than failure."""
        return any(
            action["actionName"] == DEPLOY_ACTION and action.get("status") != "Failed"
            for action in self.actions(pipeline, execution_id)
        )

    def failure(self, pipeline: str, execution_id: str) -> str:
        """ListActionExecutions: the name of each failed action, and what it said."""
        failed = [one for one in self.actions(pipeline, execution_id) if one.get("status") == "Failed"]
        return "; ".join(f"{action['actionName']}: {words_of(action)}" for action in failed)

    def actions(self, pipeline: str, execution_id: str) -> Iterator[Mapping[str, Any]]:
        """Every attempt at an action of an execution, the latest first, page by page."""
        pages = self.codepipeline.get_paginator("list_action_executions").paginate(
            pipelineName=pipeline, filter={"pipelineExecutionId": execution_id}
        )
        for page in pages:
            yield from page["actionExecutionDetails"]


def words_of(action: Mapping[str, Any]) -> str:
    """What a failed action said: its error's message, else its summary, else that it said nothing."""
    result = action.get("output", {}).get("executionResult", {})
    said = result.get("errorDetails", {}).get("message") or result.get("externalExecutionSummary")
    return str(said or "failed without a reason")


class CodePipelineJobs:
    """Answers to the jobs that CodePipeline gives to Lambda actions.

    Each job takes one answer; whoever answers again, because nobody knew that the first had arrived, changes nothing.
    """

    def __init__(self, codepipeline: Any) -> None:
        self.codepipeline = codepipeline

    def succeed(self, job_id: str) -> None:
        """The action has succeeded; the pipeline goes on."""
        with once():
            self.codepipeline.put_job_success_result(jobId=job_id)

    def come_back(self, job_id: str, continuation: str) -> None:
        """The action goes on: CodePipeline calls its function again, with this in another job of the action."""
        with once():
            self.codepipeline.put_job_success_result(jobId=job_id, continuationToken=continuation)

    def fail(self, job_id: str, message: str) -> None:
        """The action has failed, and this is why; the execution fails."""
        with once():
            self.codepipeline.put_job_failure_result(
                jobId=job_id, failureDetails={"type": "JobFailed", "message": message[:LONGEST_MESSAGE]}
            )


@contextmanager
def once() -> Iterator[None]:
    """Let a job be that has its answer already (CodePipeline API: InvalidJobStateException)."""
    try:
        yield
    except ClientError as refused:
        if code_of(refused) != "InvalidJobStateException":
            raise
