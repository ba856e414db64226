"""What is wrong with a policy that somebody wrote: the words that only policies need."""

from pydantic import ValidationError

from governance.domain.policy_document import GATES, PolicyDocument
from governance.domain.problems import LISTED, Dialect, Problem

KINDS = LISTED.join(GATES)

POLICIES = Dialect(
    shape=PolicyDocument,
    forms={
        "name": "lower case letters, digits and dashes, a letter first, 63 characters at most",
        "metric": "a letter, then letters, digits and any of _ . : - as on the record",
        "controls": "<framework>/<control>, as eu-ai-act/Art. 14",
    },
    otherwise="metric",
    words={
        "union_tag_invalid": lambda error: f"“{str(error['ctx']['tag'])[:80]}” is no kind of gate: there are {KINDS}",
        "union_tag_not_found": lambda _: f"its kind is missing: {KINDS}",
    },
)
"""How the problems of policies are told."""


def problems_of(refused: ValidationError) -> tuple[Problem, ...]:
    """What pydantic found wrong with a policy, as problems."""
    return POLICIES.problems_of(refused)
