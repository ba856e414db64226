"""The part of the attic for what is looked at before anything is done: drafts of policies, and what is bad."""

from governance import bootstrap
from governance.adapters.dynamodb_groups import DynamoDbGroups
from governance.adapters.dynamodb_policies import DynamoDbPolicies
from governance.adapters.dynamodb_roll_ups import DynamoDbSummaries
from governance.adapters.dynamodb_use_cases import DynamoDbUseCases
from governance.adapters.rows import Table
from governance.bootstrap import Clock, utc_now
from governance.domain.environment import Landscape
from governance.services.blast_radius import BlastRadius
from governance.services.models_of_use_cases import ModelsOfUseCases
from governance.services.trying_policies import TryingPolicies
from governance.services.trying_use_case_policies import TryingUseCasePolicies
from governance.settings import Settings


def trying_policies(settings: Settings, landscape: Landscape, now: Clock = utc_now) -> TryingPolicies:
    """What a draft of a policy would change, where versions go by the environments that the hub was told of."""
    table = Table(settings.governance_table)
    rows = bootstrap.rows_of(table)
    policies = DynamoDbPolicies(table, settings.install)
    return TryingPolicies(rows, rows, DynamoDbGroups(table), policies, now, landscape)


def trying_use_case_policies(settings: Settings, landscape: Landscape, now: Clock = utc_now) -> TryingUseCasePolicies:
    """What a draft of the policy of use cases would change, with the environments that the hub was told of."""
    table = Table(settings.governance_table)
    use_cases = DynamoDbUseCases(table, settings.install)
    models = ModelsOfUseCases(use_cases, DynamoDbSummaries(table), landscape)
    return TryingUseCasePolicies(use_cases, models, DynamoDbPolicies(table, settings.install), now)


def blast_radius(settings: Settings) -> BlastRadius:
    """What is affected by a version, an image or a piece of data."""
    table = bootstrap.table(settings)
    rows = bootstrap.rows_of(table)
    return BlastRadius(bootstrap.ledger(table), rows, rows)
