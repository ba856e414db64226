"""The part of the attic where policy files are read: for the `steward` command, which brings PyYAML along.

No function comes here: what functions will need of a policy is its canonical content.
"""

from collections.abc import Mapping
from pathlib import Path

from governance.adapters import policy_files
from governance.domain.controls import Catalogue
from governance.domain.policy_document import PolicyDocument


def shipped() -> Mapping[str, PolicyDocument]:
    """The policies that come with Steward, by name."""
    return policy_files.shipped_policies()


def catalogue() -> Catalogue:
    """The controls that the shipped policies refer to, with their sources and dates."""
    return policy_files.shipped_catalogue()


def policy_in(file: Path) -> PolicyDocument:
    """The policy in a file. Raises `PolicyRefused` with every line that is wrong."""
    return policy_files.read_policy(file.read_bytes())
