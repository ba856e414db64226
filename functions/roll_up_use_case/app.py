"""Keep what a use case comes to by its models in step. Events say where to look; told twice, nothing changes."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap_rolling_up as bootstrap
from governance.runtime import Shapes, count, logger, metrics, read, tracer
from governance.runtime.shapes import AboutGroup, AboutUseCase, AboutVersion

OF_VERSIONS = (
    "ModelStageApproved",
    "ModelStageRejected",
    "ModelStageReopened",
    "ModelRetired",
    "ModelRiskChanged",
    "ModelQuarantined",
    "ModelReleased",
    "DeploymentRequested",
    "DeploymentSucceeded",
    "DeploymentFailed",
    "ModelRolledBack",
    "ModelSuperseded",
    "EndpointRemoved",
    "FindingOpened",
    "FindingClosed",
)
OF_USE_CASES = ("UseCaseAdvanced", "UseCaseAssessed", "UseCaseChanged", "UseCaseRejected", "UseCaseRetirementBegun")
EXPECTED: Shapes = {
    **dict.fromkeys(OF_VERSIONS, AboutVersion),
    **dict.fromkeys(("ModelGroupAttached", "ModelGroupDetached"), AboutGroup),
    **dict.fromkeys(OF_USE_CASES, AboutUseCase),
}

rolling_up = bootstrap.rolling_up()


@logger.inject_lambda_context(correlation_id_path="detail.correlation_id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Parse, follow the version, or count the group or the use case anew."""
    incoming = read(event, EXPECTED)
    about = incoming.detail
    if isinstance(about, AboutVersion):
        rolling_up.follow(about.model_package_arn, incoming.correlation_id)
    elif isinstance(about, AboutGroup):
        rolling_up.count(about.use_case_id, incoming.correlation_id, about.model_group_arn)
    else:
        rolling_up.count(about.use_case_id, incoming.correlation_id)
    count("RolledUp")
