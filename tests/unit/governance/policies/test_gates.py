"""What gates answer, as a table that a risk officer could read, and what is so of every gate and every matter."""

import math
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.domain.gates import Matter, Reading, Shown, SignedOff, Standing, answer, judge, lets_pass
from governance.domain.identifiers import Person
from governance.domain.policy_document import Measurement
from tests.unit.governance.policies.made import (
    ADA,
    GRACE,
    MARY,
    MATTERS,
    METRICS,
    NOON,
    a_case,
    a_gate,
    a_matter,
    a_policy,
    a_reading,
    days_ago,
    policies,
)

BIAS = a_gate("evidence", evidence="bias", max_age_days=30)
AUC = a_gate("metric", metric="auc", at_least=0.8)
RMSE = a_gate("metric", metric="rmse", at_most=4)
DPPL = a_gate("metric", metric="post-training.DPPL", measured_by="bias", within=0.1)
DI = a_gate("metric", metric="post-training.DI", measured_by="bias", within=0.2)
HELD = a_gate("metric", metric="auc", worse_by_at_most=0.01)
HELD_RMSE = a_gate("metric", metric="rmse", worse_by_at_most=0.5)
TWO = a_gate("sign-offs", needed=2, roles=["validator", "officer"])
BOTH = a_gate("sign-offs", needed=2, roles=["validator", "officer"], each_role=True)


def shown(days: float, problem: str = "", kind: str = "bias") -> dict:
    return {"evidence": (Shown(kind=kind, at=days_ago(days), problem=problem),)}


def measured(**values) -> dict:
    return {"readings": (a_reading(values),)}


def compared(mine: float, theirs) -> dict:
    return {**measured(auc=mine), "production": (a_reading({"auc": theirs}),)}


def biased(**values) -> dict:
    named = {f"post-training.{name}": value for name, value in values.items()}
    return {"readings": (a_reading(named, by=Measurement.BIAS),)}


def signed(*given: tuple[Person, str]) -> dict:
    return {"sign_offs": tuple(SignedOff(person=person, role=role) for person, role in given)}


CASES = [
    # what the policy asks, what is there -> how it stands, and a word of what was found
    ("a fresh bias report", BIAS, shown(1), "holds", "2026-11-19"),
    ("a bias report of the last day allowed", BIAS, shown(30), "holds", "2026-10-21"),
    ("a bias report that is a second too old", BIAS, shown(30 + 1 / 86_400), "stale", "2026-10-21"),
    ("no bias report", BIAS, {}, "missing", "none"),
    ("evidence of another kind", BIAS, shown(1, kind="model-card"), "missing", "none"),
    ("a report of another version", BIAS, shown(1, "of another version"), "missing", "of another version"),
    ("a report with another hash", BIAS, shown(1, "its hash does not match"), "missing", "hash does not match"),
    ("a report from after the decision", BIAS, shown(-1), "missing", "after the decision"),
    ("a good AUC", AUC, measured(auc=0.9), "holds", "auc 0.9"),
    ("an AUC that is just enough", AUC, measured(auc=0.8), "holds", "auc 0.8"),
    ("a poor AUC", AUC, measured(auc=0.79), "missing", "auc 0.79"),
    ("no AUC", AUC, measured(accuracy=0.9), "missing", "no auc by validation"),
    ("an AUC measured in monitoring instead", AUC, {"readings": (a_reading({"auc": 0.9}, Measurement.MONITORING),)},
     "missing", "no auc by validation"),
    ("an AUC that is NaN", AUC, measured(auc=math.nan), "missing", "NaN"),
    ("an AUC that is infinite", AUC, measured(auc=math.inf), "missing", "infinite"),
    ("an AUC that is a text", AUC, measured(auc="0.9"), "missing", "“0.9”"),
    ("an AUC that is nothing", AUC, measured(auc=None), "missing", "missing"),
    ("an AUC that cannot be", AUC, measured(auc=1.2), "missing", "1.2, which it cannot be"),
    ("a small error", RMSE, measured(rmse=3), "holds", "rmse 3"),
    ("a large error", RMSE, measured(rmse=5), "missing", "rmse 5"),
    ("little bias either way", DPPL, biased(DPPL=-0.1), "holds", "-0.1"),
    ("much bias against", DPPL, biased(DPPL=-0.3), "missing", "-0.3"),
    ("much bias in favour", DPPL, biased(DPPL=0.3), "missing", "0.3"),
    ("an impact that is nearly even", DI, biased(DI=0.85), "holds", "0.85"),
    ("a disparate impact", DI, biased(DI=0.6), "missing", "0.6"),
    ("an AUC not worse by more than 0.01", HELD, compared(0.90, 0.91), "holds", "0.91 in production"),
    ("an AUC worse by more than 0.01", HELD, compared(0.89, 0.91), "missing", "0.91 in production"),
    ("an AUC better than in production", HELD, compared(0.95, 0.91), "holds", "0.91 in production"),
    ("nothing in production to be worse than", HELD, measured(auc=0.5), "holds", "no other version is in production"),
    ("a production version without the metric", HELD, {**measured(auc=0.9), "production": ()}, "missing",
     "the version in production has no usable auc"),
    ("a production version with a useless metric", HELD, compared(0.9, math.nan), "missing", "no usable auc"),
    ("an error not worse by more than 0.5", HELD_RMSE,
     {**measured(rmse=3.5), "production": (a_reading({"rmse": 3}),)}, "holds", "3 in production"),
    ("two officers", TWO, signed((MARY, "officer"), (GRACE, "officer")), "holds", "grace (officer), mary (officer)"),
    ("one person in two roles", TWO, signed((MARY, "officer"), (MARY, "validator")), "missing", "mary"),
    ("one person under two spellings", TWO, signed((MARY, "officer"), (Person(id="Mary"), "validator")), "missing",
     "mary"),
    ("the author as the second", TWO, signed((MARY, "officer"), (ADA, "validator")), "missing", "mary (officer)"),
    ("a role that does not count", TWO, signed((MARY, "officer"), (GRACE, "owner")), "missing", "mary (officer)"),
    ("nobody", TWO, {}, "missing", "nobody"),
    ("sign-offs for an author nobody knows", TWO,
     {**signed((MARY, "officer"), (GRACE, "officer")), "case": a_case(registered_by=None)}, "missing", "author"),
    ("every role by somebody of its own", BOTH, signed((MARY, "officer"), (GRACE, "validator")), "holds", "mary"),
    ("two people for one of two roles", BOTH, signed((MARY, "officer"), (GRACE, "officer")), "missing", "mary"),
    ("people whose roles can be dealt out", BOTH,
     signed((MARY, "officer"), (MARY, "validator"), (GRACE, "officer")), "holds", "mary (officer and validator)"),
]  # fmt: skip


@pytest.mark.parametrize(("_", "gate", "there", "standing", "found"), CASES, ids=[case[0] for case in CASES])
def test_a_gate(_, gate, there, standing, found):
    policy, matter = a_policy(gate), a_matter(**there)
    (given,) = judge(policy, matter)
    assert (given.standing, given.check.passed) == (standing, standing == "holds")
    assert found in given.check.found
    assert given.check.name == given.gate == gate["name"]


def test_a_metric_too_old_is_stale_and_the_latest_counts():
    policy = a_policy(a_gate("metric", metric="auc", at_least=0.8, max_age_days=30))
    old, young = a_reading({"auc": 0.9}, days=40), a_reading({"auc": 0.7}, days=2)
    assert [judge(policy, a_matter(readings=there))[0].standing for there in ((old,), (old, young))] == [
        Standing.STALE,
        Standing.MISSING,
    ]


def test_a_gate_is_asked_only_in_its_stages_and_for_its_risks():
    policy = a_policy(a_gate("evidence", evidence="bias", risks=["high"]))
    assert len(judge(policy, a_matter(risk="high"))) == 1
    assert judge(policy, a_matter(risk="low")) == ()
    assert judge(policy, a_matter(case=a_case("production"))) == ()


def test_an_advised_gate_lets_pass_and_says_what_it_missed():
    (given,) = answers = judge(a_policy({**BIAS, "mode": "advise"}), a_matter())
    assert lets_pass(answers)
    assert not given.check.passed


@given(policies(), MATTERS)
def test_every_refused_check_says_what_was_required_what_was_found_and_what_would_help(policy, matter):
    for given_answer in judge(policy, matter):
        check = given_answer.check
        assert check.required
        assert check.found
        assert check.passed or check.remedy
        assert check.passed is (given_answer.standing is Standing.HOLDS)


@given(policies(), MATTERS, st.randoms(use_true_random=False))
def test_the_order_in_which_things_are_known_does_not_matter(policy, matter, chance):
    def shuffled(things):
        return None if things is None else tuple(chance.sample(things, len(things)))

    fields = ("evidence", "readings", "production", "sign_offs")
    other = matter.model_copy(update={field: shuffled(getattr(matter, field)) for field in fields})
    assert judge(policy, other) == judge(policy, matter)


@given(policies(), MATTERS, MATTERS)
def test_more_evidence_and_more_sign_offs_never_turn_a_pass_into_a_refusal(policy, matter, other):
    more = matter.model_copy(
        update={"evidence": matter.evidence + other.evidence, "sign_offs": matter.sign_offs + other.sign_offs}
    )
    assert held(policy, matter) <= held(policy, more)


@given(policies(), MATTERS, st.integers(1, 100))
def test_younger_evidence_and_measurements_never_turn_a_pass_into_a_refusal(policy, matter, days):
    def younger(things):
        later = timedelta(days=days)
        return tuple(thing.model_copy(update={"at": min(thing.at + later, NOON)}) for thing in things)

    evidence = matter.model_copy(update={"evidence": younger(matter.evidence)})
    assert held(policy, matter) <= held(policy, evidence)
    one = matter.model_copy(update={"readings": matter.readings[:1]})
    assert held(policy, one) <= held(policy, one.model_copy(update={"readings": younger(one.readings)}))


def better(value, metric):
    if not isinstance(value, float) or not math.isfinite(value):
        return 0.9 if METRICS[metric] == "at_least" else 0.0
    return {"at_least": (value + 1) / 2, "at_most": value / 2, "within": value / 2}[METRICS[metric]]


@given(policies(), MATTERS)
def test_better_metrics_never_turn_a_pass_into_a_refusal(policy, matter):
    improved = tuple(
        Reading(by=known.by, at=known.at, values={name: better(value, name) for name, value in known.values.items()})
        for known in matter.readings
    )
    assert held(policy, matter) <= held(policy, matter.model_copy(update={"readings": improved}))


@settings(max_examples=200)
@given(policies(), MATTERS)
def test_what_cannot_be_measured_never_passes_a_gate_on_a_metric(policy, matter):
    broken = tuple(known.model_copy(update={"values": dict.fromkeys(known.values, "NaN")}) for known in matter.readings)
    spoilt = matter.model_copy(update={"readings": broken})
    for gate in policy.gates_in(matter.case.stage, matter.risk):
        assert gate.kind != "metric" or not answer(policy, gate, spoilt).check.passed


def held(policy, matter: Matter) -> set[str]:
    return {given_answer.gate for given_answer in judge(policy, matter) if given_answer.check.passed}
