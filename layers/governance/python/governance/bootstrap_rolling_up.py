"""The part of the attic where rolling up is wired: one table, and which environments there are."""

from governance import bootstrap
from governance.adapters.dynamodb_roll_ups import DynamoDbRollUps
from governance.bootstrap import Clock, utc_now
from governance.services.rolling_up import RollingUp
from governance.settings import Settings


def rolling_up(settings: Settings | None = None, now: Clock = utc_now) -> RollingUp:
    """Keep what use cases come to in step with their models."""
    settings = settings or Settings.from_env()
    return RollingUp(DynamoDbRollUps(bootstrap.table(settings)), settings.landscape, now)
