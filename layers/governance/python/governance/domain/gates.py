"""What a policy answers when a stage is approved: every gate's check, with what was required, found, and would help.

Pure. Everything an answer depends on is in the matter that is judged: nobody looks at a clock or asks a table. What is
missing, not a number, unusable, too old or of the future never passes; it is said in words.
"""

import math
from datetime import timedelta
from enum import StrEnum
from itertools import permutations
from typing import Annotated

from pydantic import Field

from governance.domain.authority import Role
from governance.domain.evidence import EvidenceKind
from governance.domain.identifiers import Person
from governance.domain.meanings import Better, Meaning
from governance.domain.policy import CHECKS, Case, Check
from governance.domain.policy_document import (
    RUNNING,
    AnyGate,
    CheckGate,
    EvidenceGate,
    Measurement,
    MetricGate,
    PolicyDocument,
    SignOffGate,
)
from governance.domain.use_case import ModelRisk
from governance.domain.values import Instant, Value, iso

TOLERANCE = timedelta(minutes=5)
"""How far a moment told elsewhere may lie after the decision that it is to speak for."""

Measured = Annotated[float, Field(strict=True)] | str | None
"""A metric as it was found: a number, which may still be NaN or infinite, or what stood in its place."""


class Shown(Value):
    """A piece of evidence as a gate sees it: of which kind, from when, and what keeps it from counting, if anything."""

    kind: EvidenceKind
    at: Instant
    sha256: str = ""
    problem: str = ""
    """Why it does not count: of another version, a hash that does not match, a report that cannot be read."""
    note: str = ""
    """What whoever decides should know of it though it counts."""


class Reading(Value):
    """Metrics that one measurement or report gave, by name."""

    by: Measurement
    at: Instant
    values: dict[str, Measured]


class SignedOff(Value):
    """One person's sign-off in one role. Whether it still holds for the artifact, evidence and policy was seen to."""

    person: Person
    role: Role


class Matter(Value):
    """Everything that a policy may look at when somebody approves a version in a stage."""

    case: Case
    risk: ModelRisk
    at: Instant
    """The moment of the decision: evidence has the age that it had then, and none that came later counts."""
    evidence: tuple[Shown, ...] = ()
    readings: tuple[Reading, ...] = ()
    production: tuple[Reading, ...] | None = None
    """What was measured of the version now in production, or None where there is none."""
    sign_offs: tuple[SignedOff, ...] = ()


class Standing(StrEnum):
    """How a gate stands: it holds, or what it asks for is there and too old, or it is missing."""

    HOLDS = "holds"
    STALE = "stale"
    MISSING = "missing"


class Answer(Value):
    """What a gate answered: the check as decisions keep it, and how the gate stands."""

    gate: str
    check: Check
    standing: Standing


def judge(policy: PolicyDocument, matter: Matter) -> tuple[Answer, ...]:
    """The answer of every gate that applies, in the policy's order."""
    return tuple(answer(policy, gate, matter) for gate in policy.gates_in(matter.case.stage, matter.risk))


def answer(policy: PolicyDocument, gate: AnyGate, matter: Matter) -> Answer:
    """What one gate answers."""
    match gate:
        case CheckGate():
            check = CHECKS[gate.name](matter.case, gate.mode)
            return Answer(gate=gate.name, check=check, standing=Standing.HOLDS if check.passed else Standing.MISSING)
        case EvidenceGate():
            return of_evidence(gate, matter)
        case MetricGate():
            return of_metric(gate, policy.meaning(gate.metric), matter)
        case SignOffGate():
            return of_sign_offs(gate, matter)


def said(gate: AnyGate, standing: Standing, required: str, found: str, remedy: str) -> Answer:
    """An answer in the form that decisions keep; a remedy only where there is something to remedy."""
    holds = standing is Standing.HOLDS
    check = Check(
        name=gate.name,
        mode=gate.mode,
        passed=holds,
        required=required,
        found=found,
        remedy="" if holds else remedy,
    )
    return Answer(gate=gate.name, check=check, standing=standing)


def of_evidence(gate: EvidenceGate, matter: Matter) -> Answer:
    """The youngest piece of the kind that counts must be young enough."""
    kind, limit = str(gate.evidence).replace("-", " "), gate.max_age_days
    required = f"{kind} evidence" + (f" no older than {days(limit)}" if limit else "")
    remedy = f"attach {kind} evidence of this version" + (f" from the last {days(limit)}" if limit else "")
    known = [piece for piece in matter.evidence if piece.kind is gate.evidence]
    counting = [piece for piece in known if not piece.problem and not is_of_the_future(piece.at, matter)]
    if not counting:
        why = sorted({piece.problem or f"dated {iso(piece.at)}, after the decision" for piece in known})
        found = f"none that counts: {'; '.join(why)}" if why else "none"
        return said(gate, Standing.MISSING, required, found, f"{remedy}, then approve again")
    youngest = max(counting, key=lambda piece: (piece.at, piece.note))
    standing = Standing.STALE if is_too_old(youngest.at, limit, matter) else Standing.HOLDS
    found = f"from {iso(youngest.at)}" + (f"; {youngest.note}" if youngest.note else "")
    return said(gate, standing, required, found, f"{remedy}, then approve again")


def of_metric(gate: MetricGate, meaning: Meaning, matter: Matter) -> Answer:
    """The latest value must keep the limit, and be young enough."""
    required, remedy = asked(gate, meaning), f"measure {gate.metric} again or improve the model, then approve again"
    latest = last_reading(gate, meaning, matter.readings, matter)
    if latest is None:
        return said(gate, Standing.MISSING, required, f"no {gate.metric} {source(gate)}", measure(gate))
    value = latest.values[gate.metric]
    if flaw := unusable(value, meaning):
        return said(gate, Standing.MISSING, required, f"{gate.metric} is {flaw}", remedy)
    number, limit = float(value or 0), gate.limits()
    found = f"{gate.metric} {number:.6g} from {iso(latest.at)}"
    if gate.is_relative:
        standing, compared, help_there = against_production(gate, meaning, number, matter)
        found, remedy = f"{found}; {compared}", help_there or remedy
    else:
        standing = Standing.HOLDS if keeps(meaning, number, *limit.values()) else Standing.MISSING
    if standing is Standing.HOLDS and is_too_old(latest.at, gate.max_age_days, matter):
        standing = Standing.STALE
    return said(gate, standing, required, found, remedy)


def keeps(meaning: Meaning, number: float, limit: float) -> bool:
    """Whether a number keeps an absolute limit that fits its meaning."""
    if meaning.ideal is not None:
        return meaning.badness(number) <= limit
    return number >= limit if meaning.better is Better.HIGHER else number <= limit


def against_production(gate: MetricGate, meaning: Meaning, number: float, matter: Matter) -> tuple[Standing, str, str]:
    """How a number stands beside production's, that in words, and what helps if the fault is there.

    Where nothing is in production, nothing is worse.
    """
    if matter.production is None:
        return Standing.HOLDS, "no other version is in production", ""
    theirs = last_reading(gate, meaning, matter.production, matter)
    value = theirs.values[gate.metric] if theirs else None
    if flaw := unusable(value, meaning):
        there = measure(gate, " of the version in production")
        return Standing.MISSING, f"the version in production has no usable {gate.metric}: {flaw}", there
    theirs_is = float(value or 0)
    worse = meaning.badness(number) - meaning.badness(theirs_is)
    holds = worse <= (gate.worse_by_at_most or 0) + rounding(number)
    return Standing.HOLDS if holds else Standing.MISSING, f"{theirs_is:.6g} in production", ""


def rounding(number: float) -> float:
    """What a difference of two floats may be off by, so that 0.90 is not worse than 0.91 by more than 0.01."""
    return 1e-12 * max(1.0, abs(number))


def asked(gate: MetricGate, meaning: Meaning) -> str:
    """What a gate on a metric requires, in words."""
    ((field, limit),) = gate.limits().items()
    words = {
        "at_least": f"at least {limit:g}",
        "at_most": f"at most {limit:g}",
        "within": f"within {limit:g} of {meaning.ideal or 0:g}",
        "worse_by_at_most": f"not worse than in production by more than {limit:g} (better is {meaning.better})",
    }
    young = f", no older than {days(gate.max_age_days)}" if gate.max_age_days else ""
    return f"{gate.metric} {words[field]} {source(gate)}{young}"


def source(gate: MetricGate) -> str:
    """Where a metric has to come from, in words."""
    by = gate.measured_by
    return f"by {by}" if by in RUNNING else f"in a report on {by.replace('-', ' ')}"


def measure(gate: MetricGate, whose: str = "") -> str:
    """What to do where a metric is missing, of this version or another."""
    by = gate.measured_by
    if by in RUNNING:
        return f"have {gate.metric}{whose} measured by {by}, then approve again"
    return f"attach a report on {by.replace('-', ' ')}{whose} that gives {gate.metric}, then approve again"


def last_reading(gate: MetricGate, meaning: Meaning, readings: tuple[Reading, ...], matter: Matter) -> Reading | None:
    """The latest reading that tells of the metric; of one moment, the worst, so that their order does not matter."""
    telling = [
        reading
        for reading in readings
        if reading.by is gate.measured_by and gate.metric in reading.values and not is_of_the_future(reading.at, matter)
    ]
    if not telling:
        return None

    def place(reading: Reading) -> tuple[float, float, str]:
        value = reading.values[gate.metric]
        flaw = unusable(value, meaning)
        return reading.at.timestamp(), math.inf if flaw else meaning.badness(float(value or 0)), flaw

    return max(telling, key=place)


def unusable(value: Measured, meaning: Meaning) -> str:
    """What keeps a value from being compared, or empty text."""
    if value is None:
        return "missing"
    if isinstance(value, str):
        return f"no number but “{value[:80]}”"
    if math.isnan(value):
        return "not a number (NaN)"
    if math.isinf(value):
        return "infinite"
    return "" if meaning.allows(value) else f"{value:.6g}, which it cannot be"


def of_sign_offs(gate: SignOffGate, matter: Matter) -> Answer:
    """So many different people, none of them an author, each in a role that counts."""
    case, roles = matter.case, " or ".join(gate.roles)
    each = " (every role by somebody of its own)" if gate.each_role else ""
    required = f"{people(gate.needed)} as {roles}{each}, none an author"
    if case.registered_by is None:
        remedy = "wait for CloudTrail or the registry to tell who registered the version, then approve again"
        return said(gate, Standing.MISSING, required, "nobody knows who the author is", remedy)
    authors = (case.registered_by, *case.changed_by)
    had: dict[str, set[Role]] = {}
    for given in matter.sign_offs:
        if given.role in gate.roles and not any(given.person.is_same_as(author) for author in authors):
            had.setdefault(given.person.id.casefold(), set()).add(given.role)
    enough = len(had) >= gate.needed and (not gate.each_role or every_role(gate.roles, had))
    found = ", ".join(f"{person} ({' and '.join(sorted(as_whom))})" for person, as_whom in sorted(had.items()))
    missing = [role for role in gate.roles if not any(role in as_whom for as_whom in had.values())]
    whom = " and ".join(missing) if gate.each_role and missing else roles
    remedy = f"ask somebody else to sign off as {whom}"
    return said(gate, Standing.HOLDS if enough else Standing.MISSING, required, found or "nobody", remedy)


def every_role(roles: tuple[Role, ...], had: dict[str, set[Role]]) -> bool:
    """Whether different people can stand for the roles, one for each."""
    return any(
        all(role in had[person] for role, person in zip(roles, order, strict=True))
        for order in permutations(sorted(had), len(roles))
    )


def is_of_the_future(moment: Instant, matter: Matter) -> bool:
    """Whether a moment lies after the decision by more than clocks differ."""
    return moment > matter.at + TOLERANCE


def is_too_old(moment: Instant, limit: int | None, matter: Matter) -> bool:
    """Whether a moment lies further back than a limit in days."""
    return limit is not None and matter.at - moment > timedelta(days=limit)


def days(count: int | None) -> str:
    """A number of days in words."""
    return f"{count} day{'' if count == 1 else 's'}"


def people(count: int) -> str:
    """A number of sign-offs in words."""
    return "a sign-off" if count == 1 else f"sign-offs of {count} different people"
