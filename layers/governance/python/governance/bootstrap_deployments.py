"""The part of the attic where deployments are wired, to begin them and to take them back.

Only `bootstrap.promotion` and `bootstrap.rolling_back` come here.
"""

from governance import bootstrap
from governance.adapters.clients import client
from governance.adapters.codepipeline import CodePipelines
from governance.adapters.dynamodb_groups import DynamoDbGroups
from governance.bootstrap import Clock
from governance.services.promotion import Promotion
from governance.services.remembering import Remembering
from governance.services.rolling_back import RollingBack
from governance.services.tracking import Tracking
from governance.settings import Settings


def promotion(settings: Settings, now: Clock) -> Promotion:
    """Begin deployments, in their turn."""
    from governance.adapters.dynamodb_leases import DynamoDbLeases
    from governance.adapters.endpoint_template import endpoint_template
    from governance.adapters.s3_stores import S3Bundles

    rows = bootstrap.table(settings)
    kept = bootstrap.ledger(rows)
    return Promotion(
        ledger=kept,
        recording=bootstrap.recording(settings, kept, now),
        memory=Remembering(DynamoDbGroups(rows)),
        leases=DynamoDbLeases(rows),
        bundles=S3Bundles(client("s3"), settings.pipeline_bucket),
        pipelines=CodePipelines(client("codepipeline")),
        environments=settings.by_stage,
        install=settings.install,
        template=endpoint_template(),
    )


def rolling_back(settings: Settings, now: Clock) -> RollingBack:
    """Take deployments back."""
    rows = bootstrap.table(settings)
    kept = bootstrap.ledger(rows)
    return RollingBack(
        ledger=kept,
        recording=bootstrap.recording(settings, kept, now),
        memory=Remembering(DynamoDbGroups(rows)),
        pipelines=CodePipelines(client("codepipeline")),
        environments=settings.by_stage,
    )


def tracking(settings: Settings, now: Clock) -> Tracking:
    """Follow deployments, and flag what runs past governance."""
    from governance.adapters.dynamodb_journal import DynamoDbJournal
    from governance.services.tally import HubFindings

    rows = bootstrap.table(settings)
    kept = bootstrap.ledger(rows)
    hub = HubFindings(DynamoDbJournal(rows), f"HUB#{settings.install}", now)
    return Tracking(bootstrap.recording(settings, kept, now), CodePipelines(client("codepipeline")), kept, hub)
