"""What a refusal says in Studio's own field: which checks refused, what was found, and what to do, on one line.

SageMaker's `ApprovalDescription` holds 1,024 characters, which AWS counts; the pattern allows no line break (AWS API:
UpdateModelPackage). What does not fit is said more shortly, never left out without a word.
"""

import re
from collections.abc import Iterable, Sequence

from governance.domain.policy import Check, Mode

LONGEST = 1024
"""In characters, counted by `size`."""

LEAST_OF_A_CHECK = 40
"""In characters: a check that gets fewer is only counted."""


def refusal(policy: str, checks: Iterable[Check]) -> str:
    """Why an approval did not count and what would make it count, in at most 1,024 characters on one line.

    Empty where no enforced check refused. Every refused check is there with its remedy as long as that fits; then with
    its name; then it is counted.
    """
    refused = [check for check in checks if check.mode is Mode.ENFORCE and not check.passed]
    if not refused:
        return ""
    head = f"Steward: not approved by {policy}. "
    for told in (whole, with_remedy, by_name):
        text = one_line(head + " ".join(told(check) for check in refused))
        if size(text) <= LONGEST:
            return text
    return counted(one_line(head), refused)


def whole(check: Check) -> str:
    """A check with everything that it says."""
    return f"[{check.name}] required: {check.required}; found: {check.found}. To do: {check.remedy}."


def with_remedy(check: Check) -> str:
    """A check with what would help."""
    return f"[{check.name}] To do: {check.remedy}."


def by_name(check: Check) -> str:
    """A check by its name."""
    return f"[{check.name}]"


def counted(head: str, refused: Sequence[Check]) -> str:
    """As many checks by name as there is room for, and how many more there are."""
    text = head[: LONGEST - LEAST_OF_A_CHECK]
    for position, check in enumerate(refused):
        more = f" and {len(refused) - position} more: see steward show"
        if size(f"{text} {by_name(check)}{more}") > LONGEST:
            return f"{text}{more}"
        text = f"{text} {by_name(check)}"
    return text


def size(text: str) -> int:
    """How many characters a text has for those who count in UTF-16, as AWS may: never fewer than it has for us."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def one_line(text: str) -> str:
    """A text without line breaks and without white space that says nothing."""
    return re.sub(r"\s+", " ", text).strip()
