"""Keep what was sealed for as long as the record asks: lock it for longer, hold it, release it.

Whatever the event, what is done follows from the record as it is by then. Delivered twice, it finds that done.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap_retention as bootstrap
from governance.runtime import Shapes, logger, metrics, read, report, tracer
from governance.runtime.shapes import AboutVersion

EXPECTED: Shapes = dict.fromkeys(
    ("ArtifactsSealed", "DeploymentSucceeded", "ModelRetired", "LegalHoldPlaced", "LegalHoldLifted"), AboutVersion
)

retention = bootstrap.retention()


@logger.inject_lambda_context(correlation_id_path="detail.correlation_id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Parse, keep."""
    incoming = read(event, EXPECTED)
    about: AboutVersion = incoming.detail
    report("retention", retention.keep(about.model_package_arn, incoming.correlation_id))
