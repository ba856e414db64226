"""What is made of a document that is to be evidence: whether it speaks of the version, what it measures, how long.

Pure: bytes and the record in, what goes on the record out.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import Field

from governance.domain.errors import ReportRefused
from governance.domain.evidence import EvidenceKind
from governance.domain.lifecycle import ORDER
from governance.domain.matters import MEASURES
from governance.domain.meanings import KNOWN
from governance.domain.model_version import ModelVersion
from governance.domain.policy_document import AnyGate, EvidenceGate, MetricGate, PolicyDocument
from governance.domain.reports import READERS, parsed, read_report, readable
from governance.domain.values import Value

LARGEST = 25 * 1024 * 1024
"""How many bytes a piece of evidence may have. It is read whole, and copied from memory."""

MOST_ON_RECORD = 60
"""How many metrics of one report are on the record. All of them stay in the document."""

NAMES_OF_THE_VERSION = ("model_package_arn", "ModelPackageArn", "modelPackageArn")
"""Under which names a JSON document tells of which version it speaks, if it does."""

OF_A_CARD = "model_package_details"
"""Where a card exported from SageMaker Model Cards has them (AWS: "Model card JSON schema")."""


class Told(Value):
    """What a document says, as far as it goes on the record."""

    values: Mapping[str, float | str] = Field(default_factory=dict)
    left_out: int = 0
    problem: str = ""


def told_by(
    content: bytes, kind: EvidenceKind, version: str, policy: PolicyDocument, about: Sequence[str] = ()
) -> Told:
    """What a document says of a version as evidence of a kind.

    `about` are versions that its store says it is about. A document that speaks of another version, or that cannot be
    read as what it is to be, has a problem, and nothing of what it measures is used.
    """
    others = sorted({named for named in (*about, *versions_named(content)) if named != version})
    if others:
        return Told(problem=f"it speaks of another version, {readable(others[0])}")
    if kind not in READERS:
        return Told()
    try:
        report = read_report(content, kind)
    except ReportRefused as refused:
        return Told(problem=readable(str(refused)))
    values = dict(sorted(report.values.items(), key=lambda found: place(found[0], policy))[:MOST_ON_RECORD])
    return Told(values=values, left_out=len(report.values) - len(values) + len(report.left_out))


def versions_named(content: bytes) -> Iterator[str]:
    """The versions that a JSON document says it is about; none where it is no JSON object, or does not say."""
    try:
        told = parsed(content)
    except ReportRefused:
        return
    card = told.get(OF_A_CARD)
    for place in (told, card if isinstance(card, dict) else {}):
        named = (place.get(name) for name in NAMES_OF_THE_VERSION)
        yield from (one for one in named if isinstance(one, str) and one)


def place(metric: str, policy: PolicyDocument) -> tuple[int, str]:
    """Which metrics come first on the record: those that the policy asks for, then those whose meaning is known."""
    asked = {gate.metric for gate in policy.gates if isinstance(gate, MetricGate)}
    return (0 if metric in asked else 1 if metric in KNOWN else 2), metric


def expiry(policy: PolicyDocument, state: ModelVersion, kind: EvidenceKind, dated_at: datetime) -> datetime | None:
    """When a policy calls a version's evidence too old; None where it sets no age.

    The strictest gate counts of those that the version still has to pass, or has passed where it is.
    """
    ages = [
        age
        for stage in ORDER[ORDER.index(state.furthest_stage) :]
        for gate in policy.gates_in(stage, state.profile.model_risk)
        if (age := age_limit(gate, kind))
    ]
    return dated_at + timedelta(days=min(ages)) if ages else None


def age_limit(gate: AnyGate, kind: EvidenceKind) -> int | None:
    """How many days old evidence of a kind may be for a gate that rests on it: on its being there, or what it tells."""
    if isinstance(gate, MetricGate):
        return gate.max_age_days if gate.measured_by is MEASURES.get(kind) else None
    return gate.max_age_days if isinstance(gate, EvidenceGate) and gate.evidence is kind else None
