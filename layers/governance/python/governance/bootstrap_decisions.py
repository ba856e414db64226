"""The part of the attic for decisions in which models took part."""

from datetime import timedelta

from governance import bootstrap
from governance.adapters.dynamodb_decisions import DynamoDbDecisions
from governance.adapters.dynamodb_groups import DynamoDbGroups
from governance.adapters.rows import Table
from governance.bootstrap import Clock, utc_now
from governance.services.serving_decisions import ServingDecisions
from governance.settings import Settings


def decisions(settings: Settings | None = None, now: Clock = utc_now) -> ServingDecisions:
    """Record who took part in decisions."""
    settings = settings or Settings.from_env()
    rows = bootstrap.table(settings)
    kept_for = timedelta(days=settings.decision_retention_days)
    return ServingDecisions(DynamoDbGroups(rows), DynamoDbDecisions(rows), settings.producers, kept_for, now)


def decisions_on_record(settings: Settings) -> DynamoDbDecisions:
    """The decisions on record, for whoever asks."""
    return DynamoDbDecisions(Table(settings.governance_table))
