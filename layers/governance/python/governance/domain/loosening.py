"""Where a policy asks less than another: what nobody may publish without a sign-off of its own.

What is not listed here is not looser: whatever passes the new policy in enforce mode would have passed the old one.
"""

from collections.abc import Iterator, Mapping, Sequence

from governance.domain.lifecycle import ORDER, Stage
from governance.domain.meanings import Better, Meaning
from governance.domain.policy import Mode
from governance.domain.policy_document import (
    RISKS,
    AnyGate,
    EvidenceGate,
    MetricGate,
    PolicyDocument,
    SignOffGate,
)
from governance.domain.rejections import OnRejection
from governance.domain.use_case import ModelRisk
from governance.domain.use_case_loosening import UseCaseLoosening
from governance.domain.values import Value


class Loosening(Value):
    """One gate that asks less: which, in which stage and for which risk, and how."""

    gate: str
    stage: Stage
    risk: ModelRisk
    how: str

    @property
    def place(self) -> str:
        """Where, in a word: `test/high`."""
        return f"{self.stage}/{self.risk}"


def loosens(new: PolicyDocument, old: PolicyDocument) -> tuple[Loosening, ...]:
    """Where the new policy asks less than the old one, stage by stage and risk by risk. Empty where it nowhere does."""
    gates = (
        Loosening(gate=gate.name, stage=stage, risk=risk, how=how)
        for stage in ORDER
        for risk in RISKS
        for gate, how in loosened(new, old, stage, risk)
    )
    slower = [stage for stage in ORDER if is_slower(new, old, stage)]
    return (
        *gates,
        *(Loosening(gate="on-rejection", stage=stage, risk=risk, how=SLOWER) for stage in slower for risk in RISKS),
    )


SLOWER = "what is rejected is no longer taken back at once"
"""How a policy asks less that waits for a person where it did not."""


def is_slower(new: PolicyDocument, old: PolicyDocument, stage: Stage) -> bool:
    """Whether what runs in a stage and is rejected now waits for a person to confirm, and did not before."""
    before, now = old.word_on_rejection(stage), new.word_on_rejection(stage)
    return before is OnRejection.ROLL_BACK and now is OnRejection.CONFIRM


def loosened(new: PolicyDocument, old: PolicyDocument, stage: Stage, risk: ModelRisk) -> Iterator[tuple[AnyGate, str]]:
    """Every gate of the old policy in one place that the new one asks less of, and how."""
    asked = {gate.subject: gate for gate in new.gates_in(stage, risk)}
    for gate in old.gates_in(stage, risk):
        now = asked.get(gate.subject)
        if now is None:
            yield gate, f"no longer asks for {gate.subject}"
            continue
        if gate.mode is Mode.ENFORCE and now.mode is Mode.ADVISE:
            yield gate, "no longer stops an approval"
        if isinstance(gate, MetricGate) and isinstance(now, MetricGate):
            yield from (
                (gate, how) for how in of_metrics(now, gate, new.meaning(gate.metric), old.meaning(gate.metric))
            )
        else:
            yield from ((gate, how) for how in of_others(now, gate))


def of_metrics(new: MetricGate, old: MetricGate, now: Meaning, before: Meaning) -> Iterator[str]:
    """How a limit on a metric asks less."""
    if now != before:
        yield f"what {old.metric} means has changed"
        return
    yield from of_ages(new.max_age_days, old.max_age_days)
    ((_, limit),), ((_, earlier),) = new.limits().items(), old.limits().items()
    higher = before.better is Better.HIGHER and not old.is_relative
    if limit < earlier if higher else limit > earlier:
        yield f"the limit on {old.metric} was {earlier:g} and is {limit:g}"


def of_others(new: AnyGate, old: AnyGate) -> Iterator[str]:
    """How a gate on evidence or sign-offs asks less; a check asks the same always."""
    if isinstance(new, EvidenceGate) and isinstance(old, EvidenceGate):
        yield from of_ages(new.max_age_days, old.max_age_days)
    if isinstance(new, SignOffGate) and isinstance(old, SignOffGate):
        if new.needed < old.needed:
            yield f"needed {old.needed} sign-offs and needs {new.needed}"
        if added := [role for role in new.roles if role not in old.roles]:
            yield f"lets {' and '.join(added)} sign off too"
        if old.each_role and not (new.each_role and set(new.roles) >= set(old.roles)):
            yield "no longer needs every role"


def of_ages(new: int | None, old: int | None) -> Iterator[str]:
    """How an age asks less."""
    if old is not None and (new is None or new > old):
        yield f"the greatest age was {old} days and is {new or 'any'}"


def summary(found: Sequence[Loosening | UseCaseLoosening]) -> Mapping[str, tuple[str, ...]]:
    """The same by gate and manner, with every place it happens in: for people to read."""
    places: dict[str, tuple[str, ...]] = {}
    for one in found:
        key = f"{one.gate}: {one.how}"
        places[key] = (*places.get(key, ()), one.place)
    return places
