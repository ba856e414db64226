"""Policies and matters as properties need them: any that can be, and a few with a name."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from governance.domain.authority import Role
from governance.domain.evidence import EvidenceKind
from governance.domain.gates import Matter, Reading, Shown, SignedOff
from governance.domain.identifiers import Person
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.policy import CHECKS, Case
from governance.domain.policy_document import Measurement, PolicyDocument
from governance.domain.use_case import ModelRisk

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ADA, MARY, GRACE = Person(id="ada"), Person(id="mary"), Person(id="grace")


def days_ago(days: float) -> datetime:
    return NOON - timedelta(days=days)


def a_policy(*gates: dict[str, Any], **told: Any) -> PolicyDocument:
    return PolicyDocument.model_validate({"name": "house", "title": "The house's own", "gates": gates, **told})


def a_gate(kind: str, **told: Any) -> dict[str, Any]:
    return {"kind": kind, "name": f"a-{kind}-gate", "stages": ["test"], **told}


def a_case(stage: Stage = Stage.TEST, **told: Any) -> Case:
    common = {"approver": MARY, "roles": ("owner",), "registered_by": ADA, "preceding": ModelStatus.APPROVED}
    there = {"deployed": True, "validated": True, "others": (GRACE,)}
    return Case.model_validate({"stage": stage, **there, **common, **told})


def a_matter(**told: Any) -> Matter:
    return Matter.model_validate({"case": a_case(), "risk": ModelRisk.HIGH, "at": NOON, **told})


def a_reading(values: dict[str, Any], by: Measurement = Measurement.VALIDATION, days: float = 1) -> Reading:
    return Reading(by=by, at=days_ago(days), values=values)


METRICS = {"auc": "at_least", "accuracy": "at_least", "rmse": "at_most", "post-training.DPPL": "within"}
MODES = st.sampled_from(["enforce", "advise"])
STAGES = st.lists(st.sampled_from(["test", "production"]), min_size=1, unique=True)
RISKS = st.lists(st.sampled_from(list(ModelRisk)), min_size=1, unique=True)
AGES = st.none() | st.integers(1, 60)
NUMBERS = st.floats(0.05, 0.95).map(lambda number: round(number, 3))


@st.composite
def gates(draw, number: int) -> dict[str, Any]:
    """Any gate that can be meant, about one of a few subjects."""
    common = {"name": f"gate-{number}", "mode": draw(MODES), "stages": draw(STAGES), "risks": draw(RISKS)}
    kind = draw(st.sampled_from(["check", "evidence", "metric", "sign-offs"]))
    if kind == "check":
        name = draw(st.sampled_from(sorted(CHECKS)))
        return {**common, "kind": kind, "name": name}
    if kind == "evidence":
        told = {"evidence": draw(st.sampled_from(["bias", "model-card"])), "max_age_days": draw(AGES)}
        return {**common, "kind": kind, **told}
    if kind == "metric":
        metric = draw(st.sampled_from(sorted(METRICS)))
        field = draw(st.sampled_from([METRICS[metric], "worse_by_at_most"]))
        return {**common, "kind": kind, "metric": metric, field: draw(NUMBERS), "max_age_days": draw(AGES)}
    roles = draw(st.lists(st.sampled_from(["owner", "validator", "officer"]), min_size=1, unique=True))
    each = draw(st.booleans())
    fewest = len(roles) if each else 1
    most = 1 if roles == ["owner"] else 3
    return {**common, "kind": kind, "roles": roles, "each_role": each, "needed": draw(st.integers(fewest, most))}


@st.composite
def policies(draw) -> PolicyDocument:
    """Any policy of a few gates that does not contradict itself."""
    kept: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 5))):
        gate = draw(gates(number))
        try:
            a_policy(*kept, gate)
        except ValueError:
            continue
        kept.append(gate)
    return a_policy(*kept) if kept else a_policy(a_gate("evidence", evidence="bias"))


MOMENTS = st.integers(0, 90).map(days_ago)
VALUES = st.floats(0, 1) | st.just(float("nan")) | st.just(float("inf")) | st.just("high") | st.none()
READINGS = st.builds(
    Reading,
    by=st.sampled_from([Measurement.VALIDATION, Measurement.MONITORING]),
    at=MOMENTS,
    values=st.dictionaries(st.sampled_from(sorted(METRICS)), VALUES, max_size=4),
)
EVIDENCE = st.builds(
    Shown,
    kind=st.sampled_from([EvidenceKind.BIAS, EvidenceKind.MODEL_CARD]),
    at=MOMENTS,
    problem=st.sampled_from(["", "", "of another version"]),
)
SIGN_OFFS = st.builds(
    SignedOff,
    person=st.sampled_from([ADA, MARY, GRACE, Person(id="Mary"), Person(id="joan")]),
    role=st.sampled_from(list(Role)),
)
CASES = st.builds(
    Case,
    stage=st.sampled_from([Stage.TEST, Stage.PRODUCTION]),
    approver=st.sampled_from([ADA, MARY]),
    registered_by=st.sampled_from([ADA, ADA, None]),
    changed_by=st.sampled_from([(), (GRACE,)]),
    preceding=st.sampled_from([ModelStatus.APPROVED, ModelStatus.PENDING]),
    deployed=st.booleans(),
    validated=st.booleans(),
    roles=st.sampled_from([(), ("owner",), ("validator", "officer")]),
    unanswered=st.sampled_from([(), ("review-1",)]),
)
MATTERS = st.builds(
    Matter,
    case=CASES,
    risk=st.sampled_from(list(ModelRisk)),
    at=st.just(NOON),
    evidence=st.lists(EVIDENCE, max_size=4).map(tuple),
    readings=st.lists(READINGS, max_size=4).map(tuple),
    production=st.none() | st.lists(READINGS, max_size=2).map(tuple),
    sign_offs=st.lists(SIGN_OFFS, max_size=5).map(tuple),
)
