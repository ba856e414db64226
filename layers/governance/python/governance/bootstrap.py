"""The attic: settings and adapters become use cases here, and nowhere else is an adapter constructed.

Each function of this module wires one use case and imports only the adapters it needs, so that a Lambda function
does not pay at its cold start for what it does not use.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from governance.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from governance.adapters.codepipeline import CodePipelineJobs
    from governance.adapters.dynamodb_ledger import DynamoDbLedger
    from governance.adapters.dynamodb_rows import DynamoDbRows
    from governance.adapters.folder_archive import FolderArchive
    from governance.adapters.relay_function import ItselfAgain
    from governance.adapters.rows import Table
    from governance.adapters.s3_archive import S3Archive
    from governance.adapters.s3_vault import S3Vault
    from governance.services.anchoring import Anchoring
    from governance.services.archiving import Archiving
    from governance.services.gatekeeping import Gatekeeping
    from governance.services.grouping import Grouping
    from governance.services.inventory import Inventory
    from governance.services.monitoring import Monitoring
    from governance.services.promotion import Promotion
    from governance.services.rebuilding import Rebuilding
    from governance.services.reconciliation import Reconciliation
    from governance.services.recording import Recording
    from governance.services.relaying import Relaying
    from governance.services.restoration import Restoration
    from governance.services.rolling_back import RollingBack
    from governance.services.spreading import Spreading
    from governance.services.synchronisation import Synchronisation
    from governance.services.tracking import Tracking
    from governance.services.validation import Validation
    from governance.services.verification import Verification


def utc_now() -> datetime:
    """Steward's clock."""
    return datetime.now(UTC)


Clock = Callable[[], datetime]


def table(settings: Settings) -> "Table":
    """The governance table. One for everything that a function keeps in it, so that all share a client."""
    from governance.adapters.rows import Table

    return Table(settings.governance_table)


def ledger(rows: "Table") -> "DynamoDbLedger":
    """The record, in the governance table."""
    from governance.adapters.dynamodb_ledger import DynamoDbLedger

    return DynamoDbLedger(rows)


def recording(settings: Settings, kept: "DynamoDbLedger", now: Clock = utc_now) -> "Recording":
    """How everything learned gets on the record, and by whose word it is judged there."""
    from governance.services.recording import Recording

    return Recording(kept, now, settings.authority, settings.registry_writer, settings.landscape)


def vault(settings: Settings, now: Clock = utc_now) -> "S3Vault":
    """Where artifacts are sealed."""
    from governance.adapters.clients import client
    from governance.adapters.s3_vault import S3Vault

    return S3Vault(
        client("s3"),
        bucket=settings.artifact_bucket,
        kms_key=settings.artifact_key_arn,
        mode=settings.retention_mode,
        retention=settings.retention,
        now=now,
        single=settings.copying.single,
    )


def synchronisation(settings: Settings | None = None, now: Clock = utc_now) -> "Synchronisation":
    """Learn from the registry."""
    from governance.adapters.clients import client
    from governance.adapters.sagemaker_registry import SageMakerRegistry
    from governance.services.synchronisation import Synchronisation

    settings = settings or Settings.from_env()
    kept = ledger(table(settings))
    return Synchronisation(SageMakerRegistry(client("sagemaker")), recording(settings, kept, now))


def grouping(settings: Settings | None = None, now: Clock = utc_now, rows: "Table | None" = None) -> "Grouping":
    """Keep groups in step."""
    from governance.adapters.clients import client
    from governance.adapters.dynamodb_groups import DynamoDbGroups
    from governance.adapters.dynamodb_use_cases import DynamoDbUseCases
    from governance.adapters.sagemaker_registry import SageMakerRegistry
    from governance.services.grouping import Grouping
    from governance.services.taking_in import TakingIn

    settings = settings or Settings.from_env()
    rows = rows or table(settings)
    kept, groups = ledger(rows), DynamoDbGroups(rows)
    taking_in = TakingIn(DynamoDbUseCases(rows, settings.install), groups, now)
    return Grouping(kept, groups, SageMakerRegistry(client("sagemaker")), recording(settings, kept, now), taking_in)


def about_groups(settings: Settings | None = None, now: Clock = utc_now) -> "tuple[Grouping, Spreading]":
    """Keep groups in step, and let them know of their use cases: on one table."""
    from governance.adapters.dynamodb_groups import DynamoDbGroups
    from governance.adapters.dynamodb_use_cases import DynamoDbUseCases
    from governance.services.spreading import Spreading

    settings = settings or Settings.from_env()
    rows = table(settings)
    spreading = Spreading(DynamoDbUseCases(rows, settings.install), DynamoDbGroups(rows))
    return grouping(settings, now, rows), spreading


def promotion(settings: Settings | None = None, now: Clock = utc_now) -> "Promotion":
    """Start deployments."""
    from governance.bootstrap_deployments import promotion as wired

    return wired(settings or Settings.from_env(), now)


def gatekeeping(settings: Settings | None = None, now: Clock = utc_now) -> "Gatekeeping":
    """The pipeline's last gate."""
    from governance.bootstrap_deployments import gatekeeping as wired

    return wired(settings or Settings.from_env(), now)


def tracking(settings: Settings | None = None, now: Clock = utc_now) -> "Tracking":
    """Follow deployments."""
    from governance.bootstrap_deployments import tracking as wired

    return wired(settings or Settings.from_env(), now)


def rolling_back(settings: Settings | None = None, now: Clock = utc_now) -> "RollingBack":
    """Take deployments back."""
    from governance.bootstrap_deployments import rolling_back as wired

    return wired(settings or Settings.from_env(), now)


def validation(settings: Settings | None = None, now: Clock = utc_now) -> "Validation":
    """Validate deployed versions."""
    from governance.adapters.batch_runs import BatchRuns
    from governance.adapters.clients import client
    from governance.adapters.dynamodb_profiles import DynamoDbProfiles
    from governance.adapters.eventbridge import IntakeBus
    from governance.adapters.s3_stores import S3ValidationSets
    from governance.adapters.sagemaker_endpoints import SageMakerEndpoints
    from governance.adapters.sagemaker_registry import SageMakerRegistry
    from governance.services.validating_batch import ValidatingBatch
    from governance.services.validation import Validation

    settings = settings or Settings.from_env()
    rows = table(settings)
    return Validation(
        ledger=ledger(rows),
        registry=SageMakerRegistry(client("sagemaker")),
        sets=S3ValidationSets(client("s3")),
        endpoints=SageMakerEndpoints(client("sts"), settings.install),
        batch=ValidatingBatch(
            profiles=DynamoDbProfiles(rows, settings.install),
            runner=BatchRuns(client("sts"), settings.install),
            environments=settings.by_name,
            install=settings.install,
            now=now,
        ),
        intake=IntakeBus(client("events"), settings.intake_bus),
        environments=settings.by_name,
        now=now,
    )


def monitoring(settings: Settings | None = None, now: Clock = utc_now) -> "Monitoring":
    """Record measurements."""
    from governance.services.monitoring import Monitoring

    settings = settings or Settings.from_env()
    kept = ledger(table(settings))
    return Monitoring(recording(settings, kept, now), settings.producers)


def relaying(settings: Settings | None = None) -> "Relaying":
    """Announce what was saved."""
    from governance.adapters.clients import client
    from governance.adapters.dynamodb_acknowledgements import DynamoDbAcknowledgements
    from governance.adapters.eventbridge import GovernanceBus
    from governance.services.relaying import Relaying

    settings = settings or Settings.from_env()
    return Relaying(GovernanceBus(client("events"), settings.governance_bus), DynamoDbAcknowledgements(table(settings)))


def archive(settings: Settings, now: Clock = utc_now) -> "S3Archive":
    """Where the record is kept a second time."""
    from governance.adapters.clients import client
    from governance.adapters.s3_archive import S3Archive

    return S3Archive(
        client("s3"),
        bucket=settings.audit_bucket,
        kms_key=settings.audit_key_arn,
        mode=settings.audit_retention_mode,
        retention=timedelta(days=settings.audit_retention_days),
        now=now,
    )


def archiving(settings: Settings | None = None, now: Clock = utc_now) -> "Archiving":
    """Archive what was recorded."""
    from governance.services.archiving import Archiving

    settings = settings or Settings.from_env()
    return Archiving(archive(settings, now), now)


def anchoring(settings: Settings | None = None, now: Clock = utc_now) -> "Anchoring":
    """Anchor the archive's days."""
    from governance.services.anchoring import Anchoring

    settings = settings or Settings.from_env()
    return Anchoring(archive(settings, now), now)


def verification(settings: Settings | None = None, now: Clock = utc_now, name: str = "") -> "Verification":
    """Verify the audit trail of the governance table, or of the one named, with its archive where one is set."""
    from governance.adapters.dynamodb_chains import DynamoDbChains
    from governance.adapters.rows import Table
    from governance.services.verification import Verification

    settings = settings or Settings.from_env()
    kept = archive(settings, now) if settings.audit_bucket else None
    return Verification(DynamoDbChains(Table(name or settings.governance_table)), kept, now)


def archive_in_folder(folder: "Path") -> "FolderArchive":
    """A downloaded copy of the archive."""
    from governance.adapters.folder_archive import FolderArchive

    return FolderArchive(folder)


def verification_of_folder(folder: "Path", now: Clock = utc_now) -> "Verification":
    """Verify a downloaded copy of the archive, by itself and without AWS."""
    from governance.services.verification import Verification

    return Verification(None, archive_in_folder(folder), now)


def restoration(settings: Settings | None = None, now: Clock = utc_now) -> "Restoration":
    """Drills of recovery, with the rights of whoever runs them: no function has them."""
    import time

    from governance.adapters.clients import client
    from governance.adapters.dynamodb_chains import DynamoDbChains
    from governance.adapters.dynamodb_recovery import DynamoDbBackups, DynamoDbFreshTable
    from governance.adapters.rows import Table
    from governance.services.restoration import Opened, Restoration

    told = settings or Settings.from_env()
    dynamodb = client("dynamodb")

    def opened(name: str) -> Opened:
        fresh, chains = DynamoDbFreshTable(dynamodb, name), DynamoDbChains(Table(name))
        return Opened(fresh, chains, rebuilding(told, now, name))

    kept = archive(told, now) if told.audit_bucket else None
    return Restoration(DynamoDbBackups(dynamodb, told.governance_table), kept, opened, now, time.sleep)


def jobs() -> "CodePipelineJobs":
    """Answer CodePipeline's jobs."""
    from governance.adapters.clients import client
    from governance.adapters.codepipeline import CodePipelineJobs

    return CodePipelineJobs(client("codepipeline"))


def reconciliation(settings: Settings | None = None, now: Clock = utc_now) -> "Reconciliation":
    """Compare everything with the record."""
    from governance.bootstrap_reconciliation import wired

    return wired(settings or Settings.from_env(), now)


def itself_again(function: str) -> "ItselfAgain":
    """How a run that has no time left goes on: the function of this name is called once more."""
    from governance.adapters.clients import client
    from governance.adapters.relay_function import ItselfAgain

    return ItselfAgain(client("lambda"), function)


def rows_of(kept: "Table") -> "DynamoDbRows":
    """The table as it lies there."""
    from governance.adapters.dynamodb_rows import DynamoDbRows

    return DynamoDbRows(kept)


def inventory(settings: Settings | None = None, name: str = "") -> "Inventory":
    """What is on record, in the governance table or in the one named: one that was restored."""
    from governance.adapters.rows import Table
    from governance.services.inventory import Inventory

    found = rows_of(Table(name or (settings or Settings.from_env()).governance_table))
    return Inventory(found, found)


def rebuilding(settings: Settings | None = None, now: Clock = utc_now, name: str = "") -> "Rebuilding":
    """Compare records with their facts and correct them, in the governance table or in the one named."""
    from governance.adapters.rows import Table
    from governance.services.rebuilding import Rebuilding

    return Rebuilding(rows_of(Table(name or (settings or Settings.from_env()).governance_table)), now)
