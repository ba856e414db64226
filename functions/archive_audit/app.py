"""Archive what was recorded: each new audit entry and fact as one locked object, whatever becomes of the table."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap
from governance.runtime import count, logger, metrics, tracer
from governance.runtime.images import kept

archiving = bootstrap.archiving()
processor = BatchProcessor(event_type=EventType.DynamoDBStreams)


def keep(record: DynamoDBRecord) -> None:
    """Archive one item. One that fails holds back nobody: in the archive no object waits for another."""
    count("Archived" if archiving.keep(kept(record)) else "AlreadyArchived")


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Archive item by item, and name those that failed."""
    return process_partial_response(event=event, record_handler=keep, processor=processor, context=context)
