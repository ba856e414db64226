"""Seal artifacts: the tasks of the state machine, each safe to repeat; their answers never grow with an artifact."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap_sealing as bootstrap
from governance.runtime import logger, metrics, tracer
from governance.runtime.sealing_tasks import asked, told

sealing = bootstrap.sealing_tasks()


@logger.inject_lambda_context(correlation_id_path="correlation_id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Read the task, do it, answer."""
    return told(sealing.do(asked(event)))
