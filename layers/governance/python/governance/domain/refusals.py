"""What a refusal says in Studio's own field: which checks refused, what was found, and what to do, on one line.

SageMaker's `ApprovalDescription` holds 1,024 characters, which AWS counts; the pattern allows no line break (AWS API:
UpdateModelPackage). What does not fit is said more shortly, never left out without a word.
"""

import re
from collections.abc import Iterable, Sequence

from governance.domain.findings import Severity
from governance.domain.lifecycle import Stage
from governance.domain.policy import Check, Mode
from governance.domain.reviewing import ReviewFinding

LONGEST = 1024
"""In characters, counted by `size`."""

AGAIN = ", then approve again"
"""How most remedies end. Where there is little room it is said once, before all of them."""

ELSEWHERE = "For the others see steward show:"
"""What comes before the names of checks whose remedies have no room."""


def refusal(policy: str, checks: Iterable[Check], stage: Stage = Stage.DEVELOPMENT) -> str:
    """Why an approval did not count and what would make it count, in at most 1,024 characters on one line.

    Empty where no enforced check refused. Every refused check is there with what was found as long as that fits; then
    with its remedy alone; then as many as there is room for, and the names of the others; then these are counted.
    The stage is named unless it is development, of which the approval status beside it speaks.
    """
    refused = [check for check in checks if check.mode is Mode.ENFORCE and not check.passed]
    if not refused:
        return ""
    where = "" if stage is Stage.DEVELOPMENT else f" in {stage}"
    head = one_line(f"Steward: not approved{where} by {policy}.")
    text = " ".join([head, *map(whole, refused)])
    return text if size(text) <= LONGEST else shortly(f"{head} To do before it is approved again:", refused)


def rejection(why: str, findings: Iterable[ReviewFinding]) -> str:
    """Why a version was rejected and what is to be put right, the worst first; each more shortly if all is too long."""
    worst = sorted(findings, key=lambda one: (-list(Severity).index(one.severity), one.id))
    told = [one_line(f"[{one.severity}] {one.text}") for one in worst]
    text = f"{one_line(why)} To be put right: {' '.join(told)}" if told else one_line(why)
    if size(text) <= LONGEST:
        return text
    shortly_told = " ".join(cut(one, 100) for one in told[:5])
    return f"{cut(one_line(why), 300)} To be put right: {shortly_told} (all of it: steward findings list)"


def cut(text: str, room: int) -> str:
    """As much of a text as there is room for."""
    if size(text) <= room:
        return text
    while size(text) >= room:
        text = text[:-1]
    return f"{text}…"


def whole(check: Check) -> str:
    """A check with everything that it says."""
    return one_line(f"[{check.name}] required: {check.required}; found: {check.found}. To do: {check.remedy}.")


def with_remedy(check: Check) -> str:
    """A check with what would help."""
    return one_line(f"[{check.name}] {check.remedy.removesuffix(AGAIN)}.")


def by_name(check: Check) -> str:
    """A check by its name."""
    return f"[{check.name}]"


def shortly(head: str, refused: Sequence[Check]) -> str:
    """The remedies of all checks, or of as many as leave room for the names of the others, or at least for some."""
    text = " ".join([head, *map(with_remedy, refused)])
    if size(text) <= LONGEST:
        return text
    text, others = head, []
    names = sum(size(by_name(check)) + 1 for check in refused)
    for check in refused:
        further, rest = f"{text} {with_remedy(check)}", names - size(by_name(check)) - 1
        if size(f"{further} {ELSEWHERE}") + min(rest, LONGEST // 2) <= LONGEST:
            text, names = further, rest
        else:
            others.append(check)
    return counted(f"{text} {ELSEWHERE}", others)


def counted(head: str, others: Sequence[Check]) -> str:
    """As many checks by name as there is room for, and how many more there are."""
    text = head
    for position, check in enumerate(others):
        further, more = f"{text} {by_name(check)}", f" and {len(others) - position} more"
        left = len(others) - position - 1
        if size(further) + (size(f" and {left} more") if left else 0) > LONGEST:
            return f"{text}{more}"
        text = further
    return text


def size(text: str) -> int:
    """How many characters a text has for those who count in UTF-16, as AWS may: never fewer than it has for us."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def one_line(text: str) -> str:
    """A text without line breaks and without white space that says nothing."""
    return re.sub(r"\s+", " ", text).strip()
