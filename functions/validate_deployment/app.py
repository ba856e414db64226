"""The pipeline's last action: have what was deployed answer held-out rows, and report what the answers are worth."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap
from governance.runtime import answering, job_of, logger, metrics, tracer
from governance.services.validating_batch import Underway

validation = bootstrap.validation()
jobs = bootstrap.jobs()


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Parse, validate, answer. Done twice, it reports twice, and the later report stands.

    A transform job is come back to until it is over. What it was given is taken away once the pipeline has its answer:
    whoever is told again before that finds it there. Of a removal it sees that what was there is gone.
    """
    job = job_of(event)
    logger.set_correlation_id(job.deployment_id)
    told = (job.model_package_arn, job.stage, job.deployment_id, job.id, job.continuation)
    with answering(jobs, job.id) as answer:
        reported = validation.validate(*told)
        if isinstance(reported, Underway):
            answer.continuation = reported.run
        elif reported is None:
            logger.info("gone", extra={"model": job.model_package_arn})
        else:
            logger.info("validated", extra={"model": job.model_package_arn, "rows": reported.rows})
    if job.continuation and not answer.continuation:
        validation.tidy(job.model_package_arn, job.deployment_id, job.continuation)
