"""The part of the attic for telling people."""

from governance import bootstrap
from governance.adapters.clients import client
from governance.adapters.dynamodb_use_cases import DynamoDbUseCases
from governance.adapters.sns_notices import SnsNotices
from governance.services.notifying import Notifying
from governance.settings import Settings


def notifying(settings: Settings | None = None) -> Notifying:
    """Tell the ML engineer of approved use cases."""
    settings = settings or Settings.from_env()
    use_cases = DynamoDbUseCases(bootstrap.table(settings), settings.install)
    return Notifying(use_cases, SnsNotices(client("sns"), settings.onboarding_topic))
