"""What people may ask about a model version: approve it, sign it off, reject it, and all that follows from that.

Nothing here writes to the registry. What is asked for becomes a fact; what is to be written is concluded from it.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from governance.domain.evidence import EvidenceKind
from governance.domain.findings import Severity
from governance.domain.identifiers import ModelPackageArn, Sha256
from governance.domain.lifecycle import Stage
from governance.domain.order import Name, Order, Reason, seen
from governance.domain.values import Instant, Value

LONGEST_EMERGENCY = 72
"""Hours for which an approval in an emergency may hold, at most."""

HOUR = timedelta(hours=1)

REVIEW_TIME = timedelta(days=3)
"""How long after the end of an emergency its review is due."""

ANSWER_TIME = timedelta(days=30)
"""How long after it was raised a finding is to be answered, where nobody says by when."""

S3Object = Annotated[str, StringConstraints(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^\x00-\x1f]{1,1024}$")]
"""One object in S3, by its URI."""

FindingId = Annotated[str, StringConstraints(pattern=r"^review-[0-9a-f]{12}$")]
"""How a finding of a reviewer's is called."""


class OnModel(Order):
    """An order about one version."""

    version: ModelPackageArn


class OnStage(OnModel):
    """An order about one version in one stage."""

    stage: Stage


class Approve(OnStage):
    """Sign a version off, and have it approved in the registry as soon as its policy lets it pass."""

    command: Literal["approve"]


class SignOff(OnStage):
    """Give one's word for a version, without asking that it be approved."""

    command: Literal["sign-off"]


class AskedFinding(Value):
    """Something that is to be put right, as whoever looked at the version says it."""

    severity: Severity
    text: Reason
    """What is wrong. It stays on the record for good, so it should name nobody."""
    check: Annotated[str, StringConstraints(strip_whitespace=True, max_length=128), AfterValidator(seen)] = ""
    """The gate that it is about, where it is about one."""
    owner: Name = ""
    """Who is to answer it; empty means whoever owns the model."""
    due: Instant | None = None
    """By when; `ANSWER_TIME` from now where nothing is said."""


Findings = Annotated[tuple[AskedFinding, ...], Field(min_length=1, max_length=20)]
"""What is to be put right: something, and not everything at once."""


class Reject(OnStage):
    """Reject a version in a stage, and say what is to be put right."""

    command: Literal["reject"]
    findings: Findings


class RaiseFindings(OnStage):
    """Say what is to be put right before a version can be approved, without rejecting it."""

    command: Literal["raise-findings"]
    findings: Findings


class AnswerFinding(OnModel):
    """Say how a finding was closed; or who is to answer it, and by when."""

    command: Literal["answer-finding"]
    finding: FindingId
    closes: bool = True
    owner: Name = ""
    due: Instant | None = None


class Resubmit(OnModel):
    """Have a version judged again, or in the place of a rejected one: with how each finding on that is closed."""

    command: Literal["resubmit"]
    of: ModelPackageArn
    """The version that was rejected: this one, or another of its group."""
    answers: Mapping[FindingId, Reason] = Field(max_length=100)


class BreakGlass(OnStage):
    """Approve in an emergency what the policy would refuse: for a few hours, and to be reviewed."""

    command: Literal["break-glass"]
    hours: int = Field(24, ge=1, le=LONGEST_EMERGENCY)


class ReviewEmergency(OnStage):
    """Say of an approval in an emergency whether it was right."""

    command: Literal["review-emergency"]
    upheld: bool
    """Whether it stands from now on."""


class AttachEvidence(OnModel):
    """Have a document or a report fetched as evidence for a version."""

    command: Literal["attach-evidence"]
    kind: EvidenceKind
    uri: S3Object
    sha256: Sha256 | Literal[""] = ""
    """What it must be, where that is known."""


AnyOrderOnModels = (
    Approve
    | SignOff
    | Reject
    | RaiseFindings
    | AnswerFinding
    | Resubmit
    | BreakGlass
    | ReviewEmergency
    | AttachEvidence
)
"""Everything that may be asked about a model version."""
