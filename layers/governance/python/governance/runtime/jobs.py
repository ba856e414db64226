"""Jobs of CodePipeline's Lambda actions: what was asked, and one answer for each."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from aws_lambda_powertools.utilities.data_classes import CodePipelineJobEvent
from pydantic import BaseModel, ValidationError

from governance.domain.errors import GovernanceError, MalformedEvent
from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import Stage
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


class Jobs(Protocol):
    """Where jobs are answered."""

    def succeed(self, job_id: str) -> None:
        """The action has succeeded."""

    def fail(self, job_id: str, message: str) -> None:
        """The action has failed, and why."""


def job_of(event: Mapping[str, Any]) -> Job:
    """Read a job. Raises `MalformedEvent` naming every field that is wrong."""
    told = CodePipelineJobEvent(dict(event))
    try:
        return Job.model_validate({**(told.decoded_user_parameters or {}), "id": told.get_id})
    except ValidationError as wrong:
        raise MalformedEvent(described(wrong)) from wrong


@contextmanager
def answering(jobs: Jobs, job_id: str) -> Iterator[None]:
    """Answer a job with how the block ended.

    What governance refuses fails the action with its reason. Anything else is raised, so that Lambda retries it and
    it ends among the failed events; CodePipeline then times the action out.
    """
    try:
        yield
    except GovernanceError as refused:
        reason = f"{type(refused).__name__}: {refused}"
        logger.warning("job refused", extra={"job": job_id, "reason": reason})
        count("JobsRefused")
        jobs.fail(job_id, reason)
    else:
        count("JobsDone")
        jobs.succeed(job_id)
