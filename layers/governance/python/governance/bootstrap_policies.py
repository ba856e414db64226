"""The part of the attic where policies and profiles are read, as files and as they are published: for the command.

No function comes here, for files need PyYAML: what functions need of a policy is its canonical content.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from governance import bootstrap
from governance.adapters import policy_files, profile_files
from governance.adapters.dynamodb_groups import DynamoDbGroups
from governance.adapters.dynamodb_policies import DynamoDbPolicies
from governance.adapters.dynamodb_profiles import DynamoDbProfiles
from governance.adapters.rows import Table
from governance.bootstrap import Clock, utc_now
from governance.domain.controls import Catalogue
from governance.domain.deployment_profile import DeploymentProfile
from governance.domain.identifiers import ModelPackageArn
from governance.domain.model_version import ModelVersion
from governance.domain.people import Names
from governance.domain.policy_document import PolicyDocument
from governance.domain.problems import Problem
from governance.domain.publishing import AnyDocument
from governance.domain.terms import Terms
from governance.settings import Settings


def shipped() -> Mapping[str, PolicyDocument]:
    """The policies that come with Steward, by name."""
    return policy_files.shipped_policies()


def catalogue() -> Catalogue:
    """The controls that the shipped policies refer to, with their sources and dates."""
    return policy_files.shipped_catalogue()


def policy_in(file: Path) -> AnyDocument:
    """The policy in a file. Raises `DocumentRefused` with every line that is wrong."""
    return policy_files.read_policy(file.read_bytes())


def placed_in(file: Path, problems: Iterable[Problem]) -> tuple[str, ...]:
    """Problems of the policy in a file, each with its line."""
    return policy_files.placed(file.read_bytes(), problems)


def published(settings: Settings) -> DynamoDbPolicies:
    """The policies that are published, as they lie in the table."""
    return DynamoDbPolicies(Table(settings.governance_table), settings.install)


def names_of_the_hub(settings: Settings) -> Names:
    """The names of people whom roles are delegated to, and of who did, as far as they were not erased."""
    return published(settings).names_beside(f"HUB#{settings.install}")


def profile_in(file: Path) -> DeploymentProfile:
    """The deployment profile in a file. Raises `DocumentRefused` with every line that is wrong."""
    return profile_files.read_profile(file.read_bytes())


def profiles(settings: Settings) -> DynamoDbProfiles:
    """Every deployment profile that groups have or had."""
    return DynamoDbProfiles(Table(settings.governance_table), settings.install)


def groups(settings: Settings) -> DynamoDbGroups:
    """What is known of model groups."""
    return DynamoDbGroups(Table(settings.governance_table))


def standing(
    settings: Settings, version: ModelPackageArn, now: Clock = utc_now
) -> tuple[ModelVersion, Terms, datetime]:
    """A version as it is on record, the terms it is judged by, and the present. Raises `UnknownModelVersion`."""
    ledger = bootstrap.ledger(bootstrap.table(settings))
    page = ledger.open(version)
    return page.state_of(version), bootstrap.recording(settings, ledger, now).terms(page, version), now()
