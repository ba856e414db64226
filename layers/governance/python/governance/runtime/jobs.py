"""Jobs of CodePipeline's Lambda actions: what was asked, and one answer for each."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from aws_lambda_powertools.utilities.data_classes import CodePipelineJobEvent
from pydantic import BaseModel, ValidationError

from governance.domain.environment import EnvironmentName
from governance.domain.errors import GovernanceError, MalformedEvent
from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import Stage
from governance.domain.told_of_deployments import Passage
from governance.runtime.events import described
from governance.runtime.observability import count, logger


class Job(BaseModel):
    """What our pipelines tell their Lambda actions in `UserParameters`."""

    id: str
    execution_id: str
    deployment_id: str
    model_package_arn: ModelPackageArn
    bundle_key: str
    stage: Stage
    environment: EnvironmentName = ""
    continuation: str = ""
    """What an earlier call asked to be called again with; empty for the first call of an action."""
    artifact_key: str = ""
    """Where the pipeline keeps what it hands to the action; empty where it hands over nothing."""

    @property
    def passage(self) -> Passage:
        """What the execution wants to be let through with."""
        return Passage(
            version=self.model_package_arn,
            stage=self.stage,
            environment="" if self.environment == self.stage else self.environment,
            deployment_id=self.deployment_id,
            execution_id=self.execution_id,
            bundle_key=self.bundle_key,
            artifact_key=self.artifact_key,
        )


class Jobs(Protocol):
    """Where jobs are answered."""

    def succeed(self, job_id: str) -> None:
        """The action has succeeded."""

    def come_back(self, job_id: str, continuation: str) -> None:
        """The action goes on, and its function is to be called again with this."""

    def fail(self, job_id: str, message: str) -> None:
        """The action has failed, and why."""


@dataclass(slots=True)
class Answer:
    """How a job is answered when its block has ended well: as done, or as one to come back to."""

    continuation: str = ""


def job_of(event: Mapping[str, Any]) -> Job:
    """Read a job. Raises `MalformedEvent` naming every field that is wrong."""
    told = CodePipelineJobEvent(dict(event))
    try:
        handed_over = [artifact.location.s3_location.key for artifact in told.data.input_artifacts]
        about = {"id": told.get_id, "artifact_key": next(iter(handed_over), "")}
        about |= {"continuation": told.data.continuation_token or ""}
        return Job.model_validate({**(told.decoded_user_parameters or {}), **about})
    except ValidationError as wrong:
        raise MalformedEvent(described(wrong)) from wrong


@contextmanager
def answering(jobs: Jobs, job_id: str) -> Iterator[Answer]:
    """Answer a job with how the block ended.

    What governance refuses fails the action with its reason. Anything else is raised, so that Lambda retries it and
    it ends among the failed events; CodePipeline then times the action out.
    """
    answer = Answer()
    try:
        yield answer
    except GovernanceError as refused:
        reason = f"{type(refused).__name__}: {refused}"
        logger.warning("job refused", extra={"job": job_id, "reason": reason})
        count("JobsRefused")
        jobs.fail(job_id, reason)
        answer.continuation = ""
    else:
        if answer.continuation:
            jobs.come_back(job_id, answer.continuation)
            return
        count("JobsDone")
        jobs.succeed(job_id)
