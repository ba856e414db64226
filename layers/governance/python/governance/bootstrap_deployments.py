"""The part of the attic where deployments are wired: to begin them, let them through, follow them and take them back.

Only the functions of the same names in `bootstrap` come here, and the `steward` command for `queues`.
"""

from typing import TYPE_CHECKING

from governance import bootstrap
from governance.adapters.clients import client
from governance.adapters.codepipeline import CodePipelines
from governance.adapters.dynamodb_groups import DynamoDbGroups
from governance.adapters.dynamodb_policies import DynamoDbPolicies
from governance.adapters.dynamodb_profiles import DynamoDbProfiles
from governance.bootstrap import Clock
from governance.services.gatekeeping import Gatekeeping
from governance.services.promotion import Promotion
from governance.services.remembering import Remembering
from governance.services.rolling_back import RollingBack
from governance.services.tracking import Tracking
from governance.settings import Settings

if TYPE_CHECKING:
    from governance.services.queues import Queues


def promotion(settings: Settings, now: Clock) -> Promotion:
    """Begin deployments, in their turn."""
    from governance.adapters.dynamodb_leases import DynamoDbLeases
    from governance.adapters.s3_stores import S3Bundles
    from governance.adapters.stack_templates import stack_templates

    rows = bootstrap.table(settings)
    kept = bootstrap.ledger(rows)
    return Promotion(
        ledger=kept,
        recording=bootstrap.recording(settings, kept, now),
        memory=Remembering(DynamoDbGroups(rows)),
        leases=DynamoDbLeases(rows),
        profiles=DynamoDbProfiles(rows, settings.install),
        bundles=S3Bundles(client("s3"), settings.pipeline_bucket),
        pipelines=CodePipelines(client("codepipeline")),
        environments=settings.by_name,
        install=settings.install,
        templates=stack_templates(),
    )


def gatekeeping(settings: Settings, now: Clock) -> Gatekeeping:
    """Let through what was approved and sealed, and can be loaded."""
    from governance.adapters.s3_stores import S3Bundles
    from governance.adapters.stack_templates import stack_templates
    from governance.adapters.workload_stacks import WorkloadStacks
    from governance.bootstrap_images import looking_up_images

    rows = bootstrap.table(settings)
    kept = bootstrap.ledger(rows)
    return Gatekeeping(
        ledger=kept,
        recording=bootstrap.recording(settings, kept, now),
        bundles=S3Bundles(client("s3"), settings.pipeline_bucket),
        vault=bootstrap.vault(settings, now),
        images=looking_up_images(settings, "verify-deployment"),
        profiles=DynamoDbProfiles(rows, settings.install),
        policies=DynamoDbPolicies(rows, settings.install),
        install=settings.install,
        templates=stack_templates(),
        bucket=settings.artifact_bucket,
        stacks=WorkloadStacks(client("sts"), settings.install),
        environments=settings.by_name,
    )


def rolling_back(settings: Settings, now: Clock) -> RollingBack:
    """Take deployments back."""
    rows = bootstrap.table(settings)
    kept = bootstrap.ledger(rows)
    return RollingBack(
        ledger=kept,
        recording=bootstrap.recording(settings, kept, now),
        memory=Remembering(DynamoDbGroups(rows)),
        profiles=DynamoDbProfiles(rows, settings.install),
        pipelines=CodePipelines(client("codepipeline")),
        environments=settings.by_name,
    )


def tracking(settings: Settings, now: Clock) -> Tracking:
    """Follow deployments, and flag what runs past governance."""
    from governance.adapters.dynamodb_journal import DynamoDbJournal
    from governance.services.tally import HubFindings

    rows = bootstrap.table(settings)
    kept = bootstrap.ledger(rows)
    hub = HubFindings(DynamoDbJournal(rows), f"HUB#{settings.install}", now)
    return Tracking(
        bootstrap.recording(settings, kept, now),
        CodePipelines(client("codepipeline")),
        kept,
        hub,
        settings.roll_back_on_alarm == "on",
    )


def queues(settings: Settings) -> "Queues":
    """What is deployed of groups, and what waits: in the table that the settings name."""
    from governance.adapters.dynamodb_leases import DynamoDbLeases
    from governance.adapters.rows import Table
    from governance.services.queues import Queues

    return Queues(bootstrap.inventory(settings), DynamoDbLeases(Table(settings.governance_table)))
