"""Take back what is not justified, step by step as ends are told. Delivered twice, each step is done once."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap
from governance.runtime import Shapes, count, logger, metrics, read, tracer
from governance.runtime.shapes import AboutDeployment, AboutEffect

EXPECTED: Shapes = {
    "RollbackRequested": AboutEffect,
    "DeploymentSucceeded": AboutDeployment,
    "DeploymentFailed": AboutDeployment,
}

rolling_back = bootstrap.rolling_back()


@logger.inject_lambda_context(correlation_id_path="detail.correlation_id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Parse; begin what was requested, or go on with what waited for this end."""
    incoming = read(event, EXPECTED)
    about = incoming.detail
    if isinstance(about, AboutEffect):
        rolling_back.take_back(about.model_package_arn, about.effect_id, incoming.correlation_id)
        count("RollbacksBegun")
    else:
        rolling_back.ended(about.model_package_arn, about.deployment_id, incoming.correlation_id)
        count("EndsSeen")
