"""The part of the attic where the reconciler is wired: it looks at everything, and so needs more than any other.

Only `bootstrap.reconciliation` comes here, so that no other function pays for it at its cold start.
"""

from datetime import timedelta
from typing import Any

from governance import bootstrap
from governance.adapters.clients import client
from governance.adapters.cloudtrail import CloudTrailHistory
from governance.adapters.codepipeline import CodePipelines
from governance.adapters.codepipeline_history import CodePipelineHistory
from governance.adapters.dynamodb_groups import DynamoDbGroups
from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.dynamodb_leases import DynamoDbLeases
from governance.adapters.dynamodb_records import DynamoDbRecords
from governance.adapters.dynamodb_roll_ups import DynamoDbRollUps
from governance.adapters.dynamodb_use_cases import DynamoDbUseCases
from governance.adapters.pacing import Pace, patient_client
from governance.adapters.relay_function import RelayFunction
from governance.adapters.rows import Table
from governance.adapters.sagemaker_catalogue import SageMakerCatalogue
from governance.adapters.workload_endpoints import WorkloadEndpoints
from governance.bootstrap import Clock
from governance.bootstrap_retention import terms_of
from governance.services.announcing_again import AnnouncingAgain
from governance.services.announcing_use_cases import AnnouncingUseCases
from governance.services.comparing_deployments import ComparingDeployments
from governance.services.comparing_groups import ComparingGroups
from governance.services.comparing_packages import ComparingPackages
from governance.services.comparing_roll_ups import ComparingRollUps
from governance.services.reconciliation import Reconciliation
from governance.services.rolling_up import RollingUp
from governance.services.synchronisation import Synchronisation
from governance.services.taking_in import TakingIn
from governance.services.taking_up import TakingUp
from governance.services.tally import HubFindings
from governance.services.tracking import Tracking
from governance.settings import Settings


def wired(settings: Settings, now: Clock) -> Reconciliation:
    """The reconciler, with everything that it looks at."""
    rows = bootstrap.table(settings)
    kept, looked = bootstrap.ledger(rows), looking(settings, rows, now)
    records, environments = looked["records"], settings.by_name
    tracking = Tracking(bootstrap.recording(settings, kept, now), looked["pipelines"], kept)
    use_cases, groups = DynamoDbUseCases(rows, settings.install), DynamoDbGroups(rows)
    turns, terms = DynamoDbLeases(rows), terms_of(settings)
    announcing = AnnouncingAgain(records, looked["outbox"], turns, environments, terms, now)
    return Reconciliation(
        catalogue=looked["catalogue"],
        records=records,
        history=looked["history"],
        workloads=looked["workloads"],
        packages=ComparingPackages(
            looked["catalogue"],
            records,
            bootstrap.recording(settings, kept, now),
            Synchronisation(looked["catalogue"], bootstrap.recording(settings, kept, now)),
            bootstrap.grouping(settings, now),
            looked["trail"],
            now,
        ),
        deployments=ComparingDeployments(
            records,
            tracking,
            looked["history"],
            looked["workloads"],
            kept,
            announcing,
            environments,
            now,
            timedelta(seconds=settings.stuck_after_seconds),
        ),
        announcing=announcing,
        belonging=ComparingGroups(use_cases, groups, looked["catalogue"], TakingIn(use_cases, groups, now)),
        of_use_cases=AnnouncingUseCases(use_cases, looked["outbox"], now),
        roll_ups=comparing_roll_ups(settings, rows, now),
        taking_up=TakingUp(records),
        journal=looked["journal"],
        hub=HubFindings(looked["journal"], f"HUB#{settings.install}", now),
        environments=environments,
        now=now,
    )


def comparing_roll_ups(settings: Settings, rows: Table, now: Clock) -> ComparingRollUps:
    """What use cases come to, and what it is compared with."""
    rolling_up = RollingUp(DynamoDbRollUps(rows), settings.landscape, now)
    return ComparingRollUps(rolling_up, DynamoDbUseCases(rows, settings.install), DynamoDbGroups(rows))


def looking(settings: Settings, rows: Table, now: Clock) -> dict[str, Any]:
    """What the reconciler looks with: each at a rate that leaves room for those who work.

    The registry's own limits are not published; ten calls a second are far below what consoles do. CloudTrail's is two.
    """
    codepipeline = patient_client("codepipeline")
    return {
        "catalogue": SageMakerCatalogue(patient_client("sagemaker"), Pace(10, 20)),
        "records": DynamoDbRecords(rows),
        "pipelines": CodePipelines(codepipeline),
        "history": CodePipelineHistory(codepipeline, Pace(5, 10)),
        "workloads": WorkloadEndpoints(client("sts"), settings.install, Pace(10, 20), now),
        "trail": CloudTrailHistory(patient_client("cloudtrail"), Pace(2, 2), now),
        "outbox": RelayFunction(client("lambda"), settings.relay_function),
        "journal": DynamoDbJournal(rows),
    }
