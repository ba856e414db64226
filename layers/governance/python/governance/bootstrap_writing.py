"""The part of the attic for writing to the registry."""

import time

from governance import bootstrap
from governance.adapters.clients import client
from governance.adapters.sagemaker_registry import SageMakerRegistryWriter
from governance.bootstrap import Clock, utc_now
from governance.services.writing_back import WritingBack
from governance.settings import Settings

__all__ = ["writing_back"]


def writing_back(settings: Settings | None = None, now: Clock = utc_now) -> WritingBack:
    """Write to the registry. Its updates have tokens, so that the SDK may repeat them."""
    settings = settings or Settings.from_env()
    record = bootstrap.ledger(bootstrap.table(settings))
    registry = SageMakerRegistryWriter(client("sagemaker"))
    return WritingBack(registry, bootstrap.recording(settings, record, now), time.sleep)
