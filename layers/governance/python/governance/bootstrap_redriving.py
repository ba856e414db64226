"""The part of the attic for dead letters."""

from governance import bootstrap
from governance.adapters.clients import client, waiting_client
from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.s3_letters import S3Letters
from governance.adapters.sqs_letters import SqsLetters
from governance.adapters.targets import AwsCourier
from governance.bootstrap_people import identity
from governance.services.redriving import Redriving
from governance.settings import Settings

__all__ = ["identity", "redriving"]

AWAITED = 120
"""For how many seconds a target is waited for: longer than any function works that is told by an event."""


def redriving(settings: Settings | None = None) -> Redriving:
    """Look after dead letters."""
    settings = settings or Settings.from_env()
    kept = bootstrap.table(settings)
    sqs = client("sqs")
    return Redriving(
        boxes={
            "undelivered": SqsLetters(sqs, settings.undelivered_queue_url, "undelivered"),
            "failed": SqsLetters(sqs, settings.failed_queue_url, "failed"),
            "stream": S3Letters(client("s3"), settings.stream_failure_bucket),
        },
        courier=AwsCourier(waiting_client("lambda", AWAITED), client("stepfunctions"), client("events")),
        journal=DynamoDbJournal(kept),
        rows=bootstrap.rows_of(kept),
        install=settings.install,
    )
