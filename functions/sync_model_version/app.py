"""Record what the registry did: versions registered, changed and decided on. Delivered twice, it is recorded once."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap
from governance.domain.registry import PackageChange, RegistryCall
from governance.runtime import Shapes, logger, metrics, read, report, tracer

EXPECTED: Shapes = {
    "SageMaker Model Package State Change": PackageChange,
    "AWS API Call via CloudTrail": RegistryCall,
}

synchronisation = bootstrap.synchronisation()


@logger.inject_lambda_context(correlation_id_path="id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Parse, learn, report."""
    incoming = read(event, EXPECTED)
    act = synchronisation.observe if isinstance(incoming.detail, PackageChange) else synchronisation.identify
    report(incoming.detail_type, act(incoming.detail, incoming.correlation_id))
