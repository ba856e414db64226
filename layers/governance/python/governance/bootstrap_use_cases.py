"""The part of the attic where use cases are read, as files and as they are on record: for the command.

No function comes here, for files need PyYAML.
"""

from pathlib import Path

from governance.adapters import use_case_files
from governance.adapters.dynamodb_people import DynamoDbPeople
from governance.adapters.dynamodb_policies import DynamoDbPolicies
from governance.adapters.dynamodb_roll_ups import DynamoDbRollUps
from governance.adapters.dynamodb_use_cases import DynamoDbUseCases
from governance.adapters.rows import Table
from governance.domain.ai_act import Assessment
from governance.domain.use_case_policy import UseCasePolicy
from governance.domain.use_cases import About
from governance.settings import Settings


def use_case_in(file: Path) -> About:
    """The use case in a file. Raises `DocumentRefused` with every line that is wrong."""
    return use_case_files.read_use_case(file.read_bytes())


def assessment_in(file: Path) -> Assessment:
    """The assessment in a file. Raises `DocumentRefused` with every line that is wrong."""
    return use_case_files.read_assessment(file.read_bytes())


def use_cases(settings: Settings) -> DynamoDbUseCases:
    """The use cases on record."""
    return DynamoDbUseCases(Table(settings.governance_table), settings.install)


def people(settings: Settings) -> DynamoDbPeople:
    """The names of their people, as far as they were not erased."""
    return DynamoDbPeople(Table(settings.governance_table), settings.install)


def policy(settings: Settings) -> UseCasePolicy:
    """The policy of use cases that is in force."""
    return DynamoDbPolicies(Table(settings.governance_table), settings.install).of_use_cases()


def roll_ups(settings: Settings) -> DynamoDbRollUps:
    """What they come to by their models."""
    return DynamoDbRollUps(Table(settings.governance_table))
