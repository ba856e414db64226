"""The part of the attic for keeping what was sealed."""

from datetime import timedelta

from governance import bootstrap
from governance.adapters.clients import busy_client
from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.s3_locks import AT_ONCE, S3Locks
from governance.bootstrap import Clock, utc_now
from governance.domain.keeping import Terms
from governance.services.retention import Retention
from governance.settings import Settings

__all__ = ["retention", "terms_of"]


def retention(settings: Settings | None = None, now: Clock = utc_now) -> Retention:
    """Lock, hold and release sealed objects."""
    settings = settings or Settings.from_env()
    kept = bootstrap.table(settings)
    record = bootstrap.ledger(kept)
    return Retention(
        ledger=record,
        recording=bootstrap.recording(settings, record, now),
        locks=S3Locks(busy_client("s3", AT_ONCE), settings.retention_mode),
        journal=DynamoDbJournal(kept),
        terms=terms_of(settings),
    )


def terms_of(settings: Settings) -> Terms:
    """For how long what was sealed is locked from production, and from retirement, on."""
    return Terms(
        production=timedelta(days=settings.production_retention_days),
        retired=timedelta(days=settings.retired_retention_days),
    )
