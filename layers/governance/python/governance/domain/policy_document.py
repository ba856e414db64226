"""A policy as people write it: gates per stage and model risk, each naming what an approval needs.

A document that contradicts itself is never made: every contradiction is told with the field it stands in. The
document has no number; publishing gives it one. Its hash is over its content, not over how it was written down.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from governance.domain.authority import Role
from governance.domain.evidence import EvidenceKind
from governance.domain.lifecycle import ORDER, Stage
from governance.domain.meanings import KNOWN, Better, Meaning, alike
from governance.domain.policy import Mode
from governance.domain.problems import Contradiction, Problem
from governance.domain.rejections import OnRejection
from governance.domain.use_case import ModelRisk
from governance.domain.values import Value, canonical, digest

RISKS: tuple[ModelRisk, ...] = tuple(ModelRisk)
"""The tiers of model risk, highest first."""

Cell = tuple[Stage, ModelRisk]
"""A stage for a tier of risk: what a gate applies to."""

GateName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
"""How a gate or policy is called: lower case, digits, dashes."""

MetricName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.:-]{0,127}$")]
"""How a metric is called, as on the record."""

ControlId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[A-Za-z0-9][A-Za-z0-9 .()-]*$")]
"""A control of the catalogue: `<framework>/<control>`."""

Days = Annotated[int, Field(strict=True, ge=1, le=3650)]
"""An age, in days."""


Limit = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A number, and nothing that only looks like one."""


class Measurement(StrEnum):
    """Where a metric comes from: measured where the version runs, or read from a report of that kind."""

    VALIDATION = "validation"
    MONITORING = "monitoring"
    MODEL_QUALITY = EvidenceKind.MODEL_QUALITY
    DATA_QUALITY = EvidenceKind.DATA_QUALITY
    BIAS = EvidenceKind.BIAS
    EXPLAINABILITY = EvidenceKind.EXPLAINABILITY


RUNNING = frozenset({Measurement.VALIDATION, Measurement.MONITORING})
"""What only a version that runs in the stage can have."""

TOLD = {
    Measurement.DATA_QUALITY: ("item_count", "completeness", "constraint.completeness"),
    Measurement.BIAS: ("pre-training.", "post-training."),
    Measurement.EXPLAINABILITY: ("shap.",),
}
"""How the names begin of all that reports of a kind tell (`reports`). Of the others everything may be told."""


def tells(measured_by: Measurement, metric: str) -> bool:
    """Whether a metric can come from there at all."""
    return measured_by not in TOLD or metric.startswith(TOLD[measured_by])


class Gate(Value):
    """What every gate says: its name, whether it stops an approval, where it applies, which controls it speaks to."""

    name: GateName
    mode: Mode = Mode.ENFORCE
    stages: tuple[Stage, ...] = Field(ORDER, min_length=1)
    risks: tuple[ModelRisk, ...] = Field(RISKS, min_length=1)
    controls: tuple[ControlId, ...] = ()

    @property
    def subject(self) -> str:
        """What the gate is about: a policy speaks of it once for each stage and risk."""
        raise NotImplementedError

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Where the gate applies, first stage and highest risk first."""
        return tuple((stage, risk) for stage in ORDER for risk in RISKS if stage in self.stages and risk in self.risks)

    def contradictions(self, _meanings: Mapping[str, Meaning]) -> Iterator[tuple[str, str]]:
        """What cannot be meant, each with the field it stands in."""
        for field in ("stages", "risks", "controls"):
            told = getattr(self, field)
            if len(set(told)) < len(told):
                yield field, "names one of them twice"


class CheckGate(Gate):
    """One of the checks that Steward makes on its own record; the gate is called like the check."""

    kind: Literal["check"]
    name: Literal[
        "approver-entitled",
        "not-by-the-author",
        "preceding-stage-approved",
        "approved-by-two",
        "findings-answered",
        "deployed-and-validated",
    ]

    @property
    def subject(self) -> str:
        """The check."""
        return self.name


class EvidenceGate(Gate):
    """A document of a kind, no older than so many days where the policy says how many."""

    kind: Literal["evidence"]
    evidence: EvidenceKind
    max_age_days: Days | None = None

    @property
    def subject(self) -> str:
        """Evidence of that kind."""
        return f"{self.evidence} evidence"


class MetricGate(Gate):
    """A limit on a metric: an absolute one, or how much worse than the version in production it may be."""

    kind: Literal["metric"]
    metric: MetricName
    measured_by: Measurement = Measurement.VALIDATION
    at_least: Limit | None = None
    at_most: Limit | None = None
    within: Limit | None = Field(None, ge=0)
    """How far from its ideal (0 or 1) the metric may lie."""
    worse_by_at_most: Limit | None = Field(None, ge=0)
    """How much worse than in production, in the metric's own units."""
    max_age_days: Days | None = None

    @property
    def is_relative(self) -> bool:
        """Whether the limit moves with the version in production."""
        return self.worse_by_at_most is not None

    @property
    def subject(self) -> str:
        """The metric, where it comes from, and what it is compared with."""
        return f"{self.metric} by {self.measured_by}, {'against production' if self.is_relative else 'absolute'}"

    def limits(self) -> dict[str, float]:
        """The limits that are given, by their field: exactly one in a document."""
        fields = ("at_least", "at_most", "within", "worse_by_at_most")
        return {field: getattr(self, field) for field in fields if getattr(self, field) is not None}

    def contradictions(self, meanings: Mapping[str, Meaning]) -> Iterator[tuple[str, str]]:
        """A limit that is not one, that looks the wrong way, or that can never be kept or never be missed."""
        yield from super().contradictions(meanings)
        if Stage.DEVELOPMENT in self.stages and self.measured_by in RUNNING:
            yield "stages", f"nothing runs in development, so {self.metric} has no {self.measured_by} there"
        meaning, given = meanings.get(self.metric), list(self.limits())
        if len(given) != 1:
            which = f"{' and '.join(given)} are given" if given else "no limit is given"
            yield given[-1] if given else "metric", f"{which}: give one of at_least, at_most, within, worse_by_at_most"
        elif meaning is None:
            said = f"{self.metric} is not known: say under metrics what is better for it"
            yield "metric", said + alike(self.metric, meanings)
        elif not tells(self.measured_by, self.metric):
            yield "measured_by", f"{self.metric} is nothing that {self.measured_by} reports tell"
        else:
            yield from absurd(self, meaning)


FITTING = {
    Better.HIGHER: "at_least",
    Better.LOWER: "at_most",
    Better.NEAR_ZERO: "within",
    Better.NEAR_ONE: "within",
}
"""Which absolute limit fits which metric."""


def absurd(gate: MetricGate, meaning: Meaning) -> Iterator[tuple[str, str]]:
    """What is wrong with the one limit of a gate, given what the metric means."""
    ((field, limit),) = gate.limits().items()
    least, greatest = meaning.least, meaning.greatest
    if gate.is_relative:
        if least is not None and greatest is not None and limit >= greatest - least:
            yield field, f"{gate.metric} lies between {least:g} and {greatest:g}: it is never worse by more than that"
    elif field != FITTING[meaning.better]:
        yield field, f"{gate.metric} is better {meaning.better}: give {FITTING[meaning.better]}"
    elif field == "within":
        furthest = max((meaning.badness(bound) for bound in (least, greatest) if bound is not None), default=None)
        if least is not None and greatest is not None and furthest is not None and limit >= furthest:
            yield field, f"{gate.metric} is never further away than {furthest:g}"
    elif not meaning.allows(limit):
        yield field, f"{gate.metric} is never {field.replace('_', ' ')} {limit:g}, or always"
    elif limit == (least if field == "at_least" else greatest):
        yield field, f"{gate.metric} is always {field.replace('_', ' ')} {limit:g}"


class SignOffGate(Gate):
    """So many people, each in one of the roles; with `each_role`, every role by somebody of its own."""

    kind: Literal["sign-offs"]
    needed: int = Field(strict=True, ge=1, le=10)
    roles: tuple[Role, ...] = Field(min_length=1)
    each_role: bool = False

    @property
    def subject(self) -> str:
        """The sign-offs of a decision."""
        return "sign-offs"

    def contradictions(self, meanings: Mapping[str, Meaning]) -> Iterator[tuple[str, str]]:
        """More sign-offs than the roles can give, or fewer than every role needs."""
        yield from super().contradictions(meanings)
        if len(set(self.roles)) < len(self.roles):
            yield "roles", "names one of them twice"
        if set(self.roles) == {Role.OWNER} and self.needed > 1:
            yield "needed", f"a model has one owner, who cannot sign off {self.needed} times"
        if self.each_role and self.needed < len(self.roles):
            yield "needed", f"every one of {len(self.roles)} roles cannot sign off with {self.needed}"


GATES: Mapping[str, type[Gate]] = {
    "check": CheckGate,
    "evidence": EvidenceGate,
    "metric": MetricGate,
    "sign-offs": SignOffGate,
}
"""Every kind of gate."""

AnyGate = Annotated[CheckGate | EvidenceGate | MetricGate | SignOffGate, Field(discriminator="kind")]
"""A gate, told apart by its `kind`."""


class PolicyDocument(Value):
    """A whole policy. Only one that does not contradict itself can be made."""

    schema_version: Literal[1] = 1
    name: GateName
    title: str = Field(min_length=1, max_length=200)
    description: str = Field("", max_length=4000)
    metrics: Mapping[MetricName, Meaning] = {}
    """What metrics mean that Steward does not know."""
    gates: tuple[AnyGate, ...] = Field(min_length=1, max_length=200)
    on_rejection: Mapping[Stage, OnRejection] = {}
    """What becomes of a version that runs in a stage and is rejected; where nothing is said, a person confirms."""

    @model_validator(mode="after")
    def agrees_with_itself(self) -> "PolicyDocument":
        """Refuse what contradicts itself, with all of it at once."""
        if found := tuple(contradictions(self)):
            raise Contradiction(found)
        return self

    def meaning(self, metric: str) -> Meaning:
        """What a metric means here. Every metric that a gate names has a meaning."""
        return KNOWN[metric] if metric in KNOWN else self.metrics[metric]

    def gates_in(self, stage: Stage, risk: ModelRisk) -> tuple[AnyGate, ...]:
        """The gates that an approval in a stage meets, for a model of that risk."""
        return tuple(gate for gate in self.gates if stage in gate.stages and risk in gate.risks)

    def word_on_rejection(self, stage: Stage) -> OnRejection:
        """What becomes of a version that runs in a stage and is rejected."""
        return self.on_rejection.get(stage, OnRejection.CONFIRM)

    def content(self) -> dict[str, Any]:
        """What the policy says, whatever the order it was written in, and whether or not it says what holds anyway."""
        told = self.model_dump(mode="json", exclude={"on_rejection"})
        if at_once := [stage for stage in ORDER if self.word_on_rejection(stage) is OnRejection.ROLL_BACK]:
            told["on_rejection"] = {stage.value: OnRejection.ROLL_BACK.value for stage in at_once}
        for gate in told["gates"]:
            for field in ("stages", "risks", "controls", "roles"):
                if field in gate:
                    gate[field] = sorted(gate[field])
        told["gates"].sort(key=lambda gate: (gate["name"], canonical(gate)))
        return told

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical text of the content: the same for every way to write the same policy."""
        return digest(self.content())


def contradictions(document: PolicyDocument) -> Iterator[Problem]:
    """Everything in a document that cannot be meant."""
    for name, meaning in document.metrics.items():
        if name in KNOWN and KNOWN[name] != meaning:
            yield Problem(path=("metrics", name), said=f"{name} is known: better {KNOWN[name].better}; leave it out")
    if Stage.DEVELOPMENT in document.on_rejection:
        yield Problem(path=("on_rejection", "development"), said="nothing runs in development to be taken back")
    meanings = {**document.metrics, **KNOWN}
    names: dict[tuple[Cell, str], int] = {}
    taken: dict[tuple[Cell, str], str] = {}
    for index, gate in enumerate(document.gates):
        for field, said in gate.contradictions(meanings):
            yield Problem(path=("gates", index, field), said=said)
        if called := [names[cell, gate.name] for cell in gate.cells if (cell, gate.name) in names]:
            said = f"the gate at position {called[0]} is called so too, in a place where both apply"
            yield Problem(path=("gates", index, "name"), said=said)
        names.update({(cell, gate.name): index for cell in gate.cells})
        twice = [cell for cell in gate.cells if (cell, gate.subject) in taken]
        if twice:
            (stage, risk), other = twice[0], taken[twice[0], gate.subject]
            said = f"{other} speaks of {gate.subject} too, in {stage} for {risk} risk"
            yield Problem(path=("gates", index), said=said)
        taken.update({(cell, gate.subject): gate.name for cell in gate.cells})
