"""The part of the attic for making model groups: for the command, with the rights of whoever runs it."""

from pathlib import Path

from governance.adapters import policy_files
from governance.adapters.clients import client
from governance.adapters.cloudformation_stacks import CloudFormationStacks
from governance.adapters.sagemaker_groups import SageMakerGroups
from governance.domain.onboarding import ONBOARDINGS, Onboarding
from governance.ports.onboarding import GroupRegistry, Stacks


def onboarding_in(file: Path) -> Onboarding:
    """The model group that a file describes. Raises `DocumentRefused` with every line that is wrong."""
    return policy_files.read(file.read_bytes(), Onboarding, ONBOARDINGS)


def stacks() -> Stacks:
    """The stacks that make groups."""
    return CloudFormationStacks(client("cloudformation"))


def registry() -> GroupRegistry:
    """The groups themselves."""
    return SageMakerGroups(client("sagemaker"), client("s3"))
