"""The checks that Steward makes on its own record before a stage may be approved. Pure: no clock, no table.

A policy (`policy_document`) names them among its gates. A verdict is given once per decision, pinned to the policy's
version and hash, and kept as a fact; the fold never asks again.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

from governance.domain.identifiers import Person
from governance.domain.lifecycle import PRECEDING, ModelStatus, Stage
from governance.domain.values import Value

PRECEDING_CHECK = "preceding-stage-approved"
"""The check that a late fact may turn: what happened before a decision may be learned after it."""

AUTHOR_CHECK = "not-by-the-author"
"""The check that a late word may turn: who made a version may be learned after somebody approved it."""

TWO_CHECK = "approved-by-two"
"""The check that lets nobody bring a version to production alone."""

ENTITLED_CHECK = "approver-entitled"
"""The check that only lets those approve who have a role."""

OWN_HAND_CHECK = "decided-by-a-person"
"""The check that Steward's own role meets, whatever the policy, where no intent explains what it wrote."""


QUARANTINE_CHECK = "not-in-quarantine"
"""The check that nothing passes while somebody's order keeps it from running anywhere."""


USE_CASE_CHECK = "use-case-acceptable"
"""The check that nothing passes that belongs to a use case which the EU AI Act prohibits."""


RETIRED_CHECK = "not-retired"
"""The check that nothing of a retired version passes."""


USE_CASE_OVER_CHECK = "use-case-not-retired"
"""The check that nothing passes that belongs to a use case which is retired."""


OF_ITS_USE_CASE = frozenset({USE_CASE_CHECK, USE_CASE_OVER_CHECK})
"""What a use case keeps from passing, whatever the policy."""


class Mode(StrEnum):
    """Whether a refused check stops an approval or only leaves a finding."""

    ENFORCE = "enforce"
    ADVISE = "advise"


class Check(Value):
    """One thing a policy looked at: what it required, what it found, and what would fix it."""

    name: str
    mode: Mode
    passed: bool
    required: str
    found: str
    remedy: str = ""


class Case(Value):
    """What a policy may look at when somebody approved a version in a stage."""

    stage: Stage
    approver: Person
    registered_by: Person | None
    changed_by: tuple[Person, ...] = ()
    """Who changed what was registered."""
    changed_by_unknown: bool = False
    """Whether somebody changed it of whom nobody knows who it was."""
    preceding: ModelStatus | None
    """Status of the stage before, None for the first stage."""
    rests_on: Stage | None = None
    """The stage before, where pre-production makes that another than the usual one."""
    deployed: bool
    deployed_before: bool = False
    """Whether what is deployed is what the version ran before that was changed."""
    validated: bool
    roles: tuple[str, ...] = ()
    """As what the approver may act."""
    others: tuple[Person, ...] = ()
    """Who, but for its authors, approved the stages before, or signed this one off and is still waited with."""
    unanswered: tuple[str, ...] = ()
    """Ids of reviewers' findings that nobody has answered."""
    replaced_by: str = ""
    """The version in which they were answered, where another took the place of this one."""
    prohibited: str = ""
    """The use case that it belongs to, where the EU AI Act prohibits that."""
    over: str = ""
    """The use case that it belongs to, where that is retired."""


def passes(checks: tuple[Check, ...]) -> bool:
    """Whether no enforced check was refused."""
    return all(check.passed for check in checks if check.mode is Mode.ENFORCE)


def unmet(name: str, required: str, found: str, remedy: str) -> Check:
    """A check that is made under every policy, where it is not met. No policy can only advise it."""
    return Check(name=name, mode=Mode.ENFORCE, passed=False, required=required, found=found, remedy=remedy)


def not_of_itself(case: Case) -> Check:
    """Steward decides nothing: what its role approved without an intent, nobody approved. No policy can allow that."""
    return unmet(
        OWN_HAND_CHECK,
        required="approved by a person",
        found=f"approved through {case.approver.arn}, Steward's own role, and nobody had asked for it",
        remedy="find out who used that role, then have an owner, validator or officer approve it",
    )


def not_in_quarantine(by: Person, why: str) -> Check:
    """What is quarantined is approved nowhere, whatever the policy."""
    return unmet(
        QUARANTINE_CHECK,
        required="no quarantine",
        found=f"quarantined by {by.id}: {why}",
        remedy="have an officer other than who ordered it release it (steward release), then approve again",
    )


def not_retired(by: Person, why: str) -> Check:
    """What is retired is approved nowhere again, whatever the policy."""
    return unmet(
        RETIRED_CHECK,
        required="a version that nobody retired",
        found=f"retired by {by.id}: {why}",
        remedy="register a new version: a retirement is for good",
    )


def use_case_goes_on(case: Case) -> Check:
    """What belongs to a retired use case is approved nowhere, whatever the policy."""
    return unmet(
        USE_CASE_OVER_CHECK,
        required="a use case that goes on",
        found=f"{case.over} is retired",
        remedy="register it in a model group of the use case that takes its place",
    )


def use_case_acceptable(case: Case) -> Check:
    """What belongs to a prohibited use case is approved nowhere, whatever the policy."""
    return unmet(
        USE_CASE_CHECK,
        required="a use case that the EU AI Act does not prohibit",
        found=f"{case.prohibited} is unacceptable (Art. 5)",
        remedy="give it up; if its assessment was wrong, two people assess it anew (steward use-case assess)",
    )


def not_by_the_author(case: Case, mode: Mode) -> Check:
    """Four eyes: whoever registered a version, or changed what it serves afterwards, may not approve it."""
    author = case.registered_by
    authors = tuple(filter(None, (author, *case.changed_by)))
    others = " or ".join(dict.fromkeys(one.id for one in authors)) if author else "the author, who must be known"
    colleague, unknown = "ask a colleague with the right to approve", case.changed_by_unknown
    wait = "wait for CloudTrail to tell who changed it, then approve again, or register it as a new version"
    is_author = author is None or any(case.approver.is_same_as(one) for one in authors)
    return Check(
        name=AUTHOR_CHECK,
        mode=mode,
        passed=not is_author and not unknown,
        required=f"approved by somebody other than {others}",
        found=f"approved by {case.approver.id}" + ("; nobody knows who changed what it runs" if unknown else ""),
        remedy=wait if unknown and not is_author else colleague,
    )


def preceding_stage_approved(case: Case, mode: Mode) -> Check:
    """No stage is skipped: the one before must be approved."""
    before = case.rests_on or PRECEDING.get(case.stage)
    return Check(
        name=PRECEDING_CHECK,
        mode=mode,
        passed=before is None or case.preceding is ModelStatus.APPROVED,
        required=f"{before} approved" if before else "nothing before development",
        found=f"{before} {case.preceding}" if before else "development is the first stage",
        remedy=f"approve the version in {before} first, then approve it here again" if before else "",
    )


def deployed_and_validated(case: Case, mode: Mode) -> Check:
    """What is judged in a stage ran there, and was measured there."""
    first = case.stage is Stage.DEVELOPMENT
    before = "deployed as it was before it was changed"
    runs = "deployed" if case.deployed else before if case.deployed_before else "not deployed"
    found = f"{runs}, {'validated' if case.validated else 'not validated'}"
    return Check(
        name="deployed-and-validated",
        mode=mode,
        passed=first or (case.deployed and case.validated),
        required="nothing runs in development" if first else f"deployed in {case.stage} and validated there",
        found=found,
        remedy="bind a validation set to the group and wait for the validation to end" if not first else "",
    )


def approver_entitled(case: Case, mode: Mode) -> Check:
    """Only who has a role decides: what came from elsewhere, by whatever right, is no decision."""
    came = f" through {case.approver.arn}" if case.approver.arn else ""
    return Check(
        name=ENTITLED_CHECK,
        mode=mode,
        passed=bool(case.roles),
        required="approved by an owner, validator or officer, through a role of the hub",
        found=f"approved by {case.approver.id} as {' and '.join(case.roles) or 'nobody'}{came}",
        remedy="have an owner, validator or officer decide, in the hub",
    )


def approved_by_two(case: Case, mode: Mode) -> Check:
    """Nobody alone: by now two different people let the version pass, in this stage or in one before."""
    others = tuple(dict.fromkeys(one.id for one in case.others if not one.is_same_as(case.approver)))
    return Check(
        name=TWO_CHECK,
        mode=mode,
        passed=bool(others),
        required="approved by two different people, in this stage or in those before",
        found=f"approved by {' and '.join((*others, case.approver.id))}" + ("" if others else " alone"),
        remedy="have somebody else approve it here, or sign it off before (steward sign-off)" if not others else "",
    )


def findings_answered(case: Case, mode: Mode) -> Check:
    """What a reviewer wanted put right was put right, or somebody said why not."""
    open_ones, other = ", ".join(case.unanswered), case.replaced_by
    elsewhere = f"answered in {other}, which takes its place" if other else "none is open"
    answer = "say how each was closed (steward findings answer), then approve again"
    return Check(
        name="findings-answered",
        mode=mode,
        passed=not open_ones and not other,
        required="every finding of a reviewer answered",
        found=f"not answered: {open_ones}" if open_ones else elsewhere,
        remedy=f"approve {other}, where they were put right" if other else answer if open_ones else "",
    )


CHECKS: Mapping[str, Callable[[Case, Mode], Check]] = {
    ENTITLED_CHECK: approver_entitled,
    AUTHOR_CHECK: not_by_the_author,
    PRECEDING_CHECK: preceding_stage_approved,
    TWO_CHECK: approved_by_two,
    "findings-answered": findings_answered,
    "deployed-and-validated": deployed_and_validated,
}
"""Every check a policy can name."""
