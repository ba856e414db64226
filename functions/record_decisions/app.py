"""Record which versions took part in a decision of a use case, and where what they captured lies."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap_decisions as bootstrap
from governance.domain.served_decisions import DecisionServed
from governance.runtime import Shapes, count, logger, metrics, read, tracer

EXPECTED: Shapes = {"DecisionServed": DecisionServed}

decisions = bootstrap.decisions()


@logger.inject_lambda_context(correlation_id_path="id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Parse, record. Told twice, it is one and the same item."""
    incoming = read(event, EXPECTED)
    part = decisions.record(incoming.detail, incoming.account)
    logger.info("decision recorded", extra={"use_case": part.use_case, "model": part.model_package_arn})
    count("DecisionsRecorded")
