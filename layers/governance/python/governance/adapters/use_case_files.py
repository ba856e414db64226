"""Use cases and their assessments as YAML files, read as policies are: with line and field of all that is wrong."""

from governance.adapters.policy_files import read
from governance.domain.ai_act import Assessment
from governance.domain.use_cases import ASSESSMENTS, USE_CASES, About


def read_use_case(content: bytes) -> About:
    """The use case that a file describes."""
    return read(content, About, USE_CASES)


def read_assessment(content: bytes) -> Assessment:
    """The assessment that a file holds."""
    return read(content, Assessment, ASSESSMENTS)
