"""Put on the record how deployments, rollouts, endpoints and alarms fare. Told twice, it adds nothing."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap
from governance.domain.model_version import ModelVersion
from governance.runtime import Incoming, Shapes, logger, metrics, read, report, tracer
from governance.runtime.shapes import AlarmDetail, EndpointDetail, PipelineDetail, RolloutDetail

EXPECTED: Shapes = {
    "CodePipeline Pipeline Execution State Change": PipelineDetail,
    "SageMaker Endpoint Deployment State Change": RolloutDetail,
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
    learned = tracked(incoming)
    report(incoming.detail_type, learned)


def tracked(incoming: Incoming) -> ModelVersion | None:
    """Follow what the event is about."""
    detail, told_by = incoming.detail, incoming.correlation_id
    match detail:
        case PipelineDetail():
            return tracking.follow(detail.change(incoming.time), told_by)
        case AlarmDetail():
            return tracking.hear(detail.change(incoming.resources, incoming.time), told_by)
        case RolloutDetail():
            return tracking.roll_out(detail.change(incoming.time), told_by)
        case _:
            return tracking.watch(detail.change(incoming.time), told_by)
