"""The part of the attic where importing is wired: other accounts' registries, the hub's, and the hub's chain."""

from governance import bootstrap
from governance.adapters.clients import client
from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.sagemaker_imports import DevRegistries, SageMakerImportRegistry
from governance.bootstrap import Clock, utc_now
from governance.services.importing import Importing
from governance.services.tally import HubFindings
from governance.settings import Settings


def importing(settings: Settings | None = None, now: Clock = utc_now) -> Importing:
    """Copy what was approved elsewhere into the hub. Raises `ValueError` for settings that name no groups."""
    settings = settings or Settings.from_env()
    rows, sagemaker = bootstrap.table(settings), client("sagemaker")
    journal = DynamoDbJournal(rows)
    return Importing(
        sources=DevRegistries(client("sts"), settings.install),
        registry=SageMakerImportRegistry(sagemaker),
        recording=bootstrap.recording(settings, bootstrap.ledger(rows), now),
        journal=journal,
        hub=HubFindings(journal, f"HUB#{settings.install}", now),
        terms=settings.importing(sagemaker.meta.region_name),
    )
