"""The part of the attic for evidence."""

from datetime import timedelta

from governance import bootstrap
from governance.adapters.clients import client
from governance.adapters.dynamodb_calendar import DynamoDbCalendar
from governance.adapters.s3_evidence import S3EvidenceVault
from governance.adapters.sagemaker_registry import SageMakerRegistry
from governance.bootstrap import Clock, utc_now
from governance.services.attaching_evidence import AttachingEvidence
from governance.services.collecting_evidence import CollectingEvidence
from governance.services.deadlines import Deadlines
from governance.settings import Settings

__all__ = ["attaching", "collecting", "deadlines"]


def collecting(settings: Settings | None = None, now: Clock = utc_now) -> CollectingEvidence:
    """Fetch, keep and read evidence. It is locked for as long as what goes to production, for it may have to."""
    settings = settings or Settings.from_env()
    record = bootstrap.ledger(bootstrap.table(settings))
    vault = S3EvidenceVault(
        client("s3"),
        bucket=settings.artifact_bucket,
        kms_key=settings.artifact_key_arn,
        mode=settings.retention_mode,
        retention=timedelta(days=settings.production_retention_days),
        now=now,
    )
    registry = SageMakerRegistry(client("sagemaker"))
    return CollectingEvidence(record, bootstrap.recording(settings, record, now), vault, registry)


def attaching(settings: Settings | None = None, now: Clock = utc_now) -> AttachingEvidence:
    """Take evidence that others attach."""
    settings = settings or Settings.from_env()
    record = bootstrap.ledger(bootstrap.table(settings))
    return AttachingEvidence(bootstrap.recording(settings, record, now), settings.attachers)


def deadlines(settings: Settings | None = None, now: Clock = utc_now) -> Deadlines:
    """Note what went by unseen."""
    settings = settings or Settings.from_env()
    kept = bootstrap.table(settings)
    return Deadlines(DynamoDbCalendar(kept), bootstrap.recording(settings, bootstrap.ledger(kept), now))
