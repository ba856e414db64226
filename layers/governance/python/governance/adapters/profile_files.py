"""Deployment profiles as YAML files, read as policies are: with the line and the field of all that is wrong."""

from governance.adapters.policy_files import read
from governance.domain.deployment_profile import PROFILES, DeploymentProfile


def read_profile(content: bytes) -> DeploymentProfile:
    """The profile that a file holds. Raises `DocumentRefused` with every line that is wrong."""
    return read(content, DeploymentProfile, PROFILES)
