"""The table's stream, entry by entry in its order: what failed is tried again before anything after it."""

import logging
from typing import Any, cast

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from aws_lambda_powertools.utilities.batch.base import FailureResponse, SuccessResponse
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from governance.runtime.observability import logger


class HeldBack(Exception):
    """A record that was not tried, because one before it failed."""


class InOrder(BatchProcessor):
    """Powertools' batch processor, except that it stops at the first record that fails.

    The records after it count as failed, though nobody tried them: Lambda brings all of them again, from the first on.
    When even the first fails the call fails, so that Lambda halves the batch until the bad record is alone
    (AWS: "Configuring partial batch response with DynamoDB and Lambda").
    """

    def __init__(self) -> None:
        super().__init__(event_type=EventType.DynamoDBStreams, logger=cast("logging.Logger", logger))

    def _process_record(self, record: dict[str, Any]) -> SuccessResponse | FailureResponse:
        if not self.fail_messages:
            return super()._process_record(record)
        held_back = HeldBack("a record before this one failed")
        return self.failure_handler(DynamoDBRecord(record), (HeldBack, held_back, None))
