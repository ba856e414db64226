"""Carry the retirement of a use case through: shares, versions, end. Told twice, what is done is found done."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap_retiring as bootstrap
from governance.runtime import Shapes, count, logger, metrics, read, tracer
from governance.runtime.reconciling import seconds_left
from governance.runtime.shapes import AboutRetirement, BegunRetirement

EXPECTED: Shapes = {"UseCaseRetirementBegun": BegunRetirement, "RetirementCompleted": AboutRetirement}

retiring = bootstrap.retiring_use_cases()


@logger.inject_lambda_context(correlation_id_path="detail.correlation_id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Parse, go on with it while there is time; where there is not enough, call itself for what is left."""
    incoming = read(event, EXPECTED)
    about = incoming.detail
    use_case = about.use_case if isinstance(about, AboutRetirement) else about.use_case_id
    place = retiring.go_on(use_case, incoming.correlation_id, seconds_left(context), about.place)
    if place is None:
        count("RetirementsFollowed")
    else:
        bootstrap.called_again(context.function_name).go_on(event, place)
