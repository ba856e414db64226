"""Carry out what people decide about a record. Refusals are answers; a request that comes again is the same deed."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import TypeAdapter

from governance import bootstrap_people as bootstrap
from governance.domain.orders import AnyOrder
from governance.runtime import logger, metrics, tracer
from governance.runtime.commands import answered

identity = bootstrap.identity()
deciding = bootstrap.deciding()
shape: TypeAdapter[AnyOrder] = TypeAdapter(AnyOrder)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Read the command, see who gives it, do it."""
    return answered(event, shape, identity, deciding.carry_out)
