"""Start deployments in their turn, when requested and when one has ended. Delivered twice, each is started once."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap
from governance.runtime import Shapes, count, logger, metrics, read, report, tracer
from governance.runtime.shapes import AboutDeployment

BEGINS = frozenset({"DeploymentRequested", "RemovalRequested"})
DEPLOYED = ("DeploymentSucceeded", "DeploymentFailed", "DeploymentSkipped", "ModelRolledBack")
ENDS = (*DEPLOYED, "EndpointRemoved", "RemovalFailed")
EXPECTED: Shapes = dict.fromkeys((*BEGINS, *ENDS), AboutDeployment)

promotion = bootstrap.promotion()


@logger.inject_lambda_context(correlation_id_path="detail.correlation_id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Parse; start what was requested, or give the turn of what ended to the next."""
    incoming = read(event, EXPECTED)
    about: AboutDeployment = incoming.detail
    if incoming.detail_type in BEGINS:
        report("deployment", promotion.start(about.model_package_arn, about.deployment_id, incoming.correlation_id))
    else:
        promotion.give_way(about.model_package_arn, about.stage, about.deployment_id, incoming.correlation_id)
        count("TurnsGiven")
