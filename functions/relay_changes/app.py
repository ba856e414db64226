"""Announce what was saved: the events of each new audit entry, at least once, with the same id each time."""

from typing import Any

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap
from governance.domain.audit import AuditEntry
from governance.runtime import count, logger, metrics, tracer
from governance.runtime.outbox import InOrder
from governance.runtime.shapes import audit_entry

relaying = bootstrap.relaying()
processor = InOrder()


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Announce entry by entry, note how far that went, and name those that failed.

    One that fails holds back its shard, so that no later entry overtakes it.
    """
    announced: list[AuditEntry] = []

    def relay(record: DynamoDBRecord) -> None:
        entry = audit_entry(record)
        count("Announced", relaying.relay(entry))
        announced.append(entry)

    answer = process_partial_response(event=event, record_handler=relay, processor=processor, context=context)
    relaying.acknowledge(announced)
    return answer
