"""The part of the attic where the retirement of use cases is wired."""

from governance import bootstrap
from governance.adapters.clients import client
from governance.adapters.dynamodb_groups import DynamoDbGroups
from governance.adapters.dynamodb_use_cases import DynamoDbMembers, DynamoDbUseCases
from governance.adapters.group_shares import GroupShares
from governance.adapters.relay_function import SameAgain
from governance.bootstrap import Clock, utc_now
from governance.services.retiring_use_cases import RetiringUseCases
from governance.settings import Settings


def retiring_use_cases(settings: Settings | None = None, now: Clock = utc_now) -> RetiringUseCases:
    """Retire what belongs to retired use cases."""
    settings = settings or Settings.from_env()
    rows = bootstrap.table(settings)
    kept = bootstrap.ledger(rows)
    return RetiringUseCases(
        use_cases=DynamoDbUseCases(rows, settings.install),
        members=DynamoDbMembers(rows, client("sagemaker")),
        groups=DynamoDbGroups(rows),
        shares=GroupShares(client("sagemaker"), client("ram")),
        ledger=kept,
        recording=bootstrap.recording(settings, kept, now),
    )


def called_again(function: str) -> SameAgain:
    """How a function that has no time left goes on: it is called once more, and told from where on."""
    return SameAgain(client("lambda"), function)
