"""Put on the record how deployments, endpoints and alarms fare. An event only says when to ask; twice adds nothing."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap
from governance.domain.deployment import EndpointChange
from governance.runtime import Shapes, logger, metrics, read, report, tracer
from governance.runtime.shapes import AlarmDetail, EndpointDetail, PipelineDetail

EXPECTED: Shapes = {
    "CodePipeline Pipeline Execution State Change": PipelineDetail,
    "SageMaker Endpoint State Change": EndpointDetail,
    "CloudWatch Alarm State Change": AlarmDetail,
}

tracking = bootstrap.tracking()


@logger.inject_lambda_context(correlation_id_path="id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Parse, follow, report."""
    incoming = read(event, EXPECTED)
    detail = incoming.detail
    if isinstance(detail, PipelineDetail):
        report(incoming.detail_type, tracking.follow(detail.change(incoming.time), incoming.correlation_id))
    elif isinstance(detail, AlarmDetail):
        alarm = detail.change(incoming.resources, incoming.time)
        report(incoming.detail_type, tracking.hear(alarm, incoming.correlation_id))
    else:
        endpoint = EndpointChange(endpoint_arn=detail.endpoint_arn, status=detail.endpoint_status, at=incoming.time)
        report(incoming.detail_type, tracking.watch(endpoint, incoming.correlation_id))
