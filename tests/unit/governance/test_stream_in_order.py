"""The outbox is read in order: no later entry overtakes one that failed."""

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from governance.runtime.outbox import InOrder


def records(*numbers):
    return [{"eventID": str(number), "dynamodb": {"SequenceNumber": str(number)}} for number in numbers]


def read(processor, numbers, failing=()):
    """Which records were tried, and which Lambda is told to bring again."""
    tried = []

    def handle(record):
        number = int(record.dynamodb.sequence_number)
        tried.append(number)
        if number in failing:
            raise ValueError(f"record {number} is bad")

    with processor(records(*numbers), handle):
        processor.process()
    return tried, [int(failure["itemIdentifier"]) for failure in processor.response()["batchItemFailures"]]


def test_nothing_is_tried_after_a_record_that_failed():
    assert read(InOrder(), [1, 2, 3, 4], failing={2, 4}) == ([1, 2], [2, 3, 4])


def test_the_next_batch_begins_anew():
    processor = InOrder()
    read(processor, [1, 2, 3], failing={2})
    assert read(processor, [2, 3]) == ([2, 3], [])


def test_the_call_fails_when_its_first_record_does_so_that_the_batch_is_halved():
    with pytest.raises(BatchProcessingError, match="record 1 is bad"):
        read(InOrder(), [1, 2, 3], failing={1})
