"""The part of the attic where versions are compared with one another: for the `steward` command."""

from governance import bootstrap
from governance.adapters.dynamodb_groups import DynamoDbGroups
from governance.bootstrap import Clock, utc_now
from governance.domain.environment import Landscape
from governance.services.comparing_versions import Comparing
from governance.settings import Settings


def comparing(settings: Settings, landscape: Landscape, now: Clock = utc_now) -> Comparing:
    """In what two versions differ, where versions go by the environments that the hub was told of."""
    return Comparing(bootstrap.inventory(settings), DynamoDbGroups(bootstrap.table(settings)), now, landscape)
