"""What people say of a version beside the registry: sign-offs, findings and their answers, broken glass.

Facts first, then what the state remembers of them.
"""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from governance.domain.fact import Fact
from governance.domain.findings import Severity
from governance.domain.identifiers import ModelPackageArn, Person
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.values import Instant, Value, sha256_of


class SignOffGiven(Fact):
    """Somebody signed a version off in a stage, for just what it consisted of then.

    With `decides`, they also ask for the approval: it is written to the registry as soon as the policy lets it pass.
    """

    kind: Literal["sign-off-given"] = "sign-off-given"
    stage: Stage
    person: Person
    roles: tuple[str, ...]
    """As what they may sign off: `owner`, `validator`, `officer`."""
    delegated_by: str = ""
    """Id of the person whose role it is, where it was delegated."""
    why: str
    specification: str
    evidence: str
    """Digest of the evidence that counted then."""
    policy: str
    policy_hash: str
    decides: bool = False
    rank: ClassVar[int] = 6
    told: ClassVar[tuple[str, ...]] = ("stage", "person", "specification", "evidence", "policy_hash", "decides")


class RaisedFinding(Value):
    """Something a reviewer wants put right."""

    severity: Severity
    text: str = Field(min_length=1, max_length=2000)
    check: str = ""
    """The gate that it is about, where it is about one."""
    owner: str = ""
    """Id of the person who is to answer it; empty means whoever owns the model."""
    due: Instant | None = None


class FindingsRaised(Fact):
    """A reviewer wrote down what is to be put right; with `rejects`, the version is rejected for it."""

    kind: Literal["findings-raised"] = "findings-raised"
    stage: Stage
    person: Person
    why: str
    findings: tuple[RaisedFinding, ...] = Field(min_length=1, max_length=50)
    rejects: bool = False
    rank: ClassVar[int] = 6
    told: ClassVar[tuple[str, ...]] = ("stage", "person", "findings", "rejects")


class FindingAnswered(Fact):
    """Somebody said how a finding was closed; or moved its owner or its due date."""

    kind: Literal["finding-answered"] = "finding-answered"
    finding_id: str
    person: Person
    how: str
    closes: bool = True
    owner: str = ""
    due: Instant | None = None
    in_version: ModelPackageArn | None = None
    """The version in which it was closed, where another took the place of this one."""
    rank: ClassVar[int] = 7
    told: ClassVar[tuple[str, ...]] = ("finding_id", "person", "how", "closes", "owner", "due")


class Resubmitted(Fact):
    """This version takes up what an earlier one was rejected for: how each of its findings is closed."""

    kind: Literal["resubmitted"] = "resubmitted"
    of: ModelPackageArn
    answers: Mapping[str, str]
    """By the id of the finding on the earlier version's record."""
    person: Person
    why: str
    rank: ClassVar[int] = 7
    told: ClassVar[tuple[str, ...]] = ("of", "answers", "person")


class GlassBroken(Fact):
    """Somebody approved in an emergency what the policy would refuse: for a short time, and to be reviewed."""

    kind: Literal["glass-broken"] = "glass-broken"
    stage: Stage
    person: Person
    roles: tuple[str, ...]
    why: str
    until: Instant
    """The approval ends here unless somebody reviewed it."""
    review_by: Instant
    rank: ClassVar[int] = 5
    told: ClassVar[tuple[str, ...]] = ("stage", "person")


class GlassReviewed(Fact):
    """Somebody else looked at an emergency approval afterwards."""

    kind: Literal["glass-reviewed"] = "glass-reviewed"
    stage: Stage
    glass: str
    """Fingerprint of the fact that is reviewed."""
    person: Person
    upheld: bool
    why: str
    rank: ClassVar[int] = 7
    told: ClassVar[tuple[str, ...]] = ("glass", "person", "upheld")


class DeadlinePassed(Fact):
    """A moment went by by which somebody should have acted."""

    kind: Literal["deadline-passed"] = "deadline-passed"
    what: Literal["finding", "emergency", "review"]
    """A finding to be answered, an emergency approval that ends, its review."""
    subject: str
    """Id of the finding, or fingerprint of the emergency approval."""
    due: Instant
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("what", "subject", "due")


class ReviewFinding(Value):
    """A finding that somebody raised, until it is answered."""

    id: str
    stage: Stage
    severity: Severity
    text: str
    check: str
    owner: str
    due: Instant | None
    raised_by: Person
    raised_at: Instant
    overdue: bool = False


class Glass(Value):
    """An emergency approval in a stage."""

    fingerprint: str
    person: Person
    roles: tuple[str, ...]
    at: Instant
    why: str
    until: Instant
    review_by: Instant
    reviewed_by: Person | None = None
    upheld: bool | None = None
    ended: bool = False
    overdue: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it still speaks for the version: not ended, and not overruled."""
        return not self.ended and self.upheld is not False

    def put_out(self) -> "Glass":
        """The same approval, over: what it was given for has changed, or was rejected since."""
        return self.model_copy(update={"ended": True})


class Wish(Value):
    """What somebody asked Steward to write to the registry."""

    wanted: ModelStatus
    person: Person
    roles: tuple[str, ...] = ()
    why: str
    at: Instant
    cause: str
    """Fingerprint of the fact that asked."""


def review_id(fact: FindingsRaised, index: int) -> str:
    """The id of one of the findings that a fact raises."""
    return f"review-{sha256_of(f'{fact.fingerprint}/{index}')[:12]}"
