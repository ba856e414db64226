"""Note what went by unseen, on schedule: evidence that grew old, findings nobody answered, emergencies that end."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap_evidence as bootstrap
from governance.runtime import logger, metrics, report, tracer
from governance.runtime.reconciling import seconds_left

deadlines = bootstrap.deadlines()


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Note what is due while there is time, report each version; what is left is due at the next run."""
    done = deadlines.pass_by(context.aws_request_id, seconds_left(context), lambda state: report("deadlines", state))
    return {"done": done}
