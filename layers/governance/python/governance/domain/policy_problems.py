"""What is wrong with a policy that somebody wrote: the words that only policies need."""

from typing import Any

from pydantic import ValidationError

from governance.domain.policy_document import GATES, PolicyDocument
from governance.domain.problems import LISTED, Dialect, Problem
from governance.domain.publishing import is_of_use_cases
from governance.domain.use_case_policy_document import USE_CASE_POLICIES

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


def dialect_of(told: Any) -> Dialect:
    """How the problems of a document, as plain values, are told: by what it is meant to be."""
    return USE_CASE_POLICIES if is_of_use_cases(told) else POLICIES


def problems_of(refused: ValidationError, told: Any = None) -> tuple[Problem, ...]:
    """What pydantic found wrong with a policy, as problems."""
    return dialect_of(told).problems_of(refused)
