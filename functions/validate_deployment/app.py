"""The pipeline's last action: put the group's held-out rows to the endpoint, and report what its answers are worth."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap
from governance.runtime import answering, job_of, logger, metrics, tracer

validation = bootstrap.validation()
jobs = bootstrap.jobs()


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Parse, validate, answer. Done twice, it reports twice, and the later report stands."""
    job = job_of(event)
    logger.set_correlation_id(job.deployment_id)
    with answering(jobs, job.id):
        reported = validation.validate(job.model_package_arn, job.stage, job.deployment_id)
        logger.info("validated", extra={"model": job.model_package_arn, "rows": reported.rows})
