"""What of every control is evidenced for a version in a stage: controls, and the gates that speak to them."""

from collections.abc import Iterable
from enum import StrEnum

from governance.domain.controls import Application, Catalogue
from governance.domain.gates import Answer, Standing, judge
from governance.domain.identifiers import Person
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.matters import as_it_stands, matter_of
from governance.domain.model_version import ModelVersion
from governance.domain.policy_document import GateName, PolicyDocument
from governance.domain.terms import Terms
from governance.domain.use_case import ModelRisk
from governance.domain.values import Instant, Value

NOBODY = Person(id="nobody")
"""Who approved a stage that is not approved."""

OF_THE_APPROVER = frozenset({"approver-entitled", "not-by-the-author"})
"""Checks that have no answer as long as nobody approved."""


class Covered(StrEnum):
    """How a control stands: all of its gates hold, one is too old, one is missing, or the policy asks nothing here."""

    EVIDENCED = "evidenced"
    STALE = "stale"
    MISSING = "missing"
    NOT_ASKED = "not-asked"


class Row(Value):
    """One control: how it stands, by which gates, and since when or from when it applies."""

    framework: str
    control: str
    about: str
    covered: Covered
    gates: tuple[GateName, ...]
    """The gates that speak to it in this stage for this risk."""
    open_gates: tuple[GateName, ...]
    """Those of them that do not hold."""
    applies: tuple[Application, ...]


def coverage(
    policy: PolicyDocument, catalogue: Catalogue, stage: Stage, risk: ModelRisk, answers: Iterable[Answer]
) -> tuple[Row, ...]:
    """The matrix for a stage and risk. A gate without an answer counts as missing."""
    standing = {answer.gate: answer.standing for answer in answers}
    rows: list[Row] = []
    for framework in catalogue.frameworks:
        for control in framework.controls:
            id = f"{framework.id}/{control.id}"
            gates = tuple(gate.name for gate in policy.gates_in(stage, risk) if id in gate.controls)
            stands = {name: standing.get(name, Standing.MISSING) for name in gates}
            rows.append(
                Row(
                    framework=framework.id,
                    control=control.id,
                    about=control.about,
                    covered=worst(stands.values()),
                    gates=gates,
                    open_gates=tuple(name for name in gates if stands[name] is not Standing.HOLDS),
                    applies=framework.applies,
                )
            )
    return tuple(rows)


def worst(standings: Iterable[Standing]) -> Covered:
    """How a control stands by its gates: what is missing weighs more than what is old."""
    found = set(standings)
    if not found:
        return Covered.NOT_ASKED
    if Standing.MISSING in found:
        return Covered.MISSING
    return Covered.STALE if Standing.STALE in found else Covered.EVIDENCED


def answers_now(
    policy: PolicyDocument, state: ModelVersion, stage: Stage, terms: Terms, now: Instant
) -> tuple[Answer, ...]:
    """What the gates of any policy answer for a version in a stage now, whoever approved it; no verdict comes of it."""
    known = state.stage(stage)
    if known.verdict is None or known.status is not ModelStatus.APPROVED:
        answers = judge(policy, matter_of(state, stage, NOBODY, now, terms))
        return tuple(each for each in answers if each.gate not in OF_THE_APPROVER)
    return judge(policy, as_it_stands(state, stage, known.verdict, now, terms))
