"""Tell the ML engineer that a use case may have model groups: its proof of concept was approved."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap_notifying as bootstrap
from governance.runtime import Shapes, count, logger, metrics, read, tracer
from governance.runtime.shapes import UseCaseApproved

EXPECTED: Shapes = {"UseCaseAdvanced": UseCaseApproved}

notifying = bootstrap.notifying()


@logger.inject_lambda_context(correlation_id_path="detail.correlation_id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Parse, tell. Delivered twice, it may be told twice: the notice carries the event's id both times."""
    about: UseCaseApproved = read(event, EXPECTED).detail
    told = notifying.notify(about.use_case_id, about.event_id)
    logger.info("ML engineer told" if told else "nothing to tell", extra={"use_case": about.use_case_id})
    count("NoticesSent" if told else "NothingNew")
