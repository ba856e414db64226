"""What a policy requires before a stage may be approved, and how it answers. Pure: no clock, no table.

A verdict is given once per decision, pinned to the policy's version and hash, and kept as a fact; the fold never
asks again. `default@1` is built in, so that no installation is ever without a gate.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

from governance.domain.identifiers import Person
from governance.domain.lifecycle import PRECEDING, ModelStatus, Stage
from governance.domain.values import Value, digest

PRECEDING_CHECK = "preceding-stage-approved"
"""The check that a late fact may turn: what happened before a decision may be learned after it."""


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
    preceding: ModelStatus | None
    """Status of the stage before, None for the first stage."""
    deployed: bool
    validated: bool


class Requirement(Value):
    """One line of a policy: a check by name, and whether it stops an approval."""

    check: str
    mode: Mode = Mode.ENFORCE


class Policy(Value):
    """A published policy: immutable, numbered, and known by the hash of its content."""

    name: str
    version: int
    requirements: tuple[Requirement, ...]

    @property
    def id(self) -> str:
        """Name and number, as decisions pin it: `default@1`."""
        return f"{self.name}@{self.version}"

    @property
    def hash(self) -> str:
        """SHA-256 of the policy's canonical text."""
        return digest(self.model_dump(mode="json"))

    def judge(self, case: Case) -> tuple[Check, ...]:
        """Every check, in the policy's order."""
        return tuple(CHECKS[line.check](case, line.mode) for line in self.requirements)


def passes(checks: tuple[Check, ...]) -> bool:
    """Whether no enforced check was refused."""
    return all(check.passed for check in checks if check.mode is Mode.ENFORCE)


def not_by_the_author(case: Case, mode: Mode) -> Check:
    """Four eyes: whoever registered a version, or changed what it serves afterwards, may not approve it."""
    author = case.registered_by
    authors = (*([author] if author else []), *case.changed_by)
    others = " or ".join(dict.fromkeys(one.id for one in authors)) if author else "the author, who must be known"
    return Check(
        name="not-by-the-author",
        mode=mode,
        passed=author is not None and not any(case.approver.is_same_as(one) for one in authors),
        required=f"approved by somebody other than {others}",
        found=f"approved by {case.approver.id}",
        remedy="ask a colleague with the right to approve",
    )


def preceding_stage_approved(case: Case, mode: Mode) -> Check:
    """No stage is skipped: the one before must be approved."""
    before = PRECEDING.get(case.stage)
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
    found = f"{'deployed' if case.deployed else 'not deployed'}, {'validated' if case.validated else 'not validated'}"
    return Check(
        name="deployed-and-validated",
        mode=mode,
        passed=first or (case.deployed and case.validated),
        required="nothing runs in development" if first else f"deployed in {case.stage} and validated there",
        found=found,
        remedy="bind a validation set to the group and wait for the validation to end" if not first else "",
    )


CHECKS: Mapping[str, Callable[[Case, Mode], Check]] = {
    "not-by-the-author": not_by_the_author,
    PRECEDING_CHECK: preceding_stage_approved,
    "deployed-and-validated": deployed_and_validated,
}
"""Every check a policy can name."""

DEFAULT = Policy(
    name="default",
    version=1,
    requirements=(
        Requirement(check="not-by-the-author"),
        Requirement(check=PRECEDING_CHECK),
        Requirement(check="deployed-and-validated", mode=Mode.ADVISE),
    ),
)
"""The policy in force where nobody published another."""
