"""Compare registry, record, pipelines and endpoints, on schedule and on demand. Killed or called twice, it goes on."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap
from governance.runtime import logger, metrics, tracer
from governance.runtime.reconciling import asked, seconds_left, told
from governance.settings import Settings

reconciliation = bootstrap.reconciliation()
grace = Settings.from_env().reconcile_grace_seconds


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Read what is asked for, work while there is time, report; on schedule, ask for another call if it is not done."""
    request = asked(event, grace)
    report = reconciliation.work(request.order, seconds_left(context), request.cursor, request.resume)
    if request.unattended and not report.done:
        bootstrap.itself_again(context.function_name).go_on(report.cursor.order)
    return told(report)
