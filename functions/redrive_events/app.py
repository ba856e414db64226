"""Show what ended as a dead letter, and hand it over again. Killed or called twice, no letter and no effect is lost."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import TypeAdapter

from governance import bootstrap_redriving as bootstrap
from governance.domain.letters import Request
from governance.ports.identity import Caller
from governance.runtime import logger, metrics, tracer
from governance.runtime.commands import answered

identity = bootstrap.identity()
redriving = bootstrap.redriving()
shape: TypeAdapter[Request] = TypeAdapter(Request)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Read the request, see who asks, do it while there is time."""

    def act(request: Request, caller: Caller) -> dict[str, Any]:
        return redriving.carry_out(request, caller, lambda: context.get_remaining_time_in_millis() / 1000)

    return answered(event, shape, identity, act)
