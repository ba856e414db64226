"""Write to the registry what was intended, unless somebody acted meanwhile. Told twice, it is written once."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap_writing as bootstrap
from governance.runtime import Shapes, logger, metrics, read, report, tracer
from governance.runtime.shapes import AboutEffect

EXPECTED: Shapes = {"WriteBackRequested": AboutEffect}

writing_back = bootstrap.writing_back()


@logger.inject_lambda_context(correlation_id_path="detail.correlation_id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Parse, write."""
    incoming = read(event, EXPECTED)
    about: AboutEffect = incoming.detail
    learned = writing_back.write(about.model_package_arn, about.effect_id, incoming.correlation_id)
    report("write-back", learned)
