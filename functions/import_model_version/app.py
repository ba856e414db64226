"""Import what was approved in a dev account's registry into the hub's. Told twice, it is imported once."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap_importing as bootstrap
from governance.domain.registry import PackageChange
from governance.runtime import Shapes, logger, metrics, read, report, tracer

EXPECTED: Shapes = {"SageMaker Model Package State Change": PackageChange}

importing = bootstrap.importing()


@logger.inject_lambda_context(correlation_id_path="id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Parse, import, report."""
    incoming = read(event, EXPECTED)
    report("importing", importing.take(incoming.detail, incoming.account, incoming.correlation_id))
