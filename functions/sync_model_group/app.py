"""Keep a model group in step: its tags when a version is registered, what serves when one is deployed or removed.

How its use case stands it is told whenever that changes. Evidence may measure a version too: what it tells of the one
in production is what others are compared with.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap
from governance.domain.lifecycle import Stage
from governance.runtime import Shapes, count, logger, metrics, read, tracer
from governance.runtime.shapes import AboutDeployment, AboutEffect, AboutStage, AboutUseCase, AboutVersion

EXPECTED: Shapes = {
    "ModelVersionRegistered": AboutVersion,
    "DeploymentSucceeded": AboutStage,
    "EndpointRemoved": AboutDeployment,
    "MetricsRecorded": AboutStage,
    "EvidenceCollected": AboutEffect,
    "UseCaseChanged": AboutUseCase,
    "UseCaseAssessed": AboutUseCase,
    "UseCaseAdvanced": AboutUseCase,
    "UseCaseRejected": AboutUseCase,
    "UseCaseRetirementBegun": AboutUseCase,
}

grouping, spreading = bootstrap.about_groups()


@logger.inject_lambda_context(correlation_id_path="detail.correlation_id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Parse, follow. Delivered twice, it finds the group as it left it."""
    incoming = read(event, EXPECTED)
    detail = incoming.detail
    if isinstance(detail, AboutUseCase):
        spreading.spread(detail.use_case_id)
    elif isinstance(detail, AboutDeployment):
        grouping.swept(detail.model_package_arn, detail.deployment_id, incoming.correlation_id)
    elif isinstance(detail, AboutStage):
        grouping.serve(detail.model_package_arn, detail.stage, incoming.correlation_id)
    elif isinstance(detail, AboutEffect):
        grouping.serve(detail.model_package_arn, Stage.PRODUCTION, incoming.correlation_id)
    else:
        grouping.onboard(detail.model_package_arn, incoming.correlation_id)
    count("GroupsKept")
