"""The pipeline's first action: claim the deployment, and let it through only if everything it rests on still holds."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap
from governance.runtime import answering, job_of, logger, metrics, tracer

gatekeeping = bootstrap.gatekeeping()
jobs = bootstrap.jobs()


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Parse, verify, answer. The execution that holds the claim may ask again; a second execution is refused."""
    job = job_of(event)
    logger.set_correlation_id(job.deployment_id)
    with answering(jobs, job.id):
        gatekeeping.verify(job.passage, job.deployment_id)
