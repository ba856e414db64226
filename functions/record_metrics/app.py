"""Put measurements on the record that other systems report. Reported twice, they are recorded once."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap
from governance.domain.commands import MEASURING
from governance.runtime import logger, metrics, read, report, tracer

monitoring = bootstrap.monitoring()


@logger.inject_lambda_context(correlation_id_path="id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Parse, record, report."""
    incoming = read(event, MEASURING)
    report(incoming.detail_type, monitoring.record(incoming.detail, incoming.account, incoming.correlation_id))
