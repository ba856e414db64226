"""What gates answer, as a table that a risk officer could read, and what is so of every gate and every matter."""

import math
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.domain.gates import Matter, Reading, Shown, SignedOff, Standing, answer, judge
from governance.domain.identifiers import Person
from governance.domain.policy_document import Measurement
from tests.unit.governance.policies.answers import lets_pass
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


CARD = a_gate("evidence", evidence="model-card")
BIAS_OF_A_DAY = a_gate("evidence", evidence="bias", max_age_days=1)
AUC_OF_A_MONTH = a_gate("metric", metric="auc", at_least=0.8, max_age_days=30)
AUC_REPORTED = a_gate("metric", metric="auc", at_least=0.8, measured_by="model-quality")
AUC_WHILE_RUNNING = a_gate("metric", metric="auc", at_least=0.8, measured_by="monitoring")
ONE = a_gate("sign-offs", needed=1, roles=["officer"])
ATTACH_BIAS = "attach bias evidence of this version from the last 30 days, then approve again"
MEASURE_AUC = "measure auc again or improve the model, then approve again"
AS_EITHER = "sign-offs of 2 different people as validator or officer, none an author"
AS_BOTH = "sign-offs of 2 different people as validator or officer (every role by somebody of its own), none an author"
UNKNOWN = {**signed((MARY, "officer"), (GRACE, "officer")), "case": a_case(registered_by=None)}
LONG = "a" * 81


def seen(**told) -> dict:
    return {"evidence": (Shown(kind="bias", at=days_ago(2), note="older"), Shown(kind="bias", at=days_ago(1), **told))}


def twice(first, second) -> dict:
    return {"readings": (a_reading({"auc": first}), a_reading({"auc": second}))}


WORDS = [
    # what the policy asks, what is there -> what was required, what was found, and what would help
    ("evidence that is there", BIAS, shown(1), "bias evidence no older than 30 days",
     "from 2026-11-19T12:00:00.000000Z", ""),
    ("evidence of a day", BIAS_OF_A_DAY, {}, "bias evidence no older than 1 day", "none",
     "attach bias evidence of this version from the last 1 day, then approve again"),
    ("evidence of any age", CARD, {}, "model card evidence", "none",
     "attach model card evidence of this version, then approve again"),
    ("evidence that does not count", BIAS,
     {"evidence": (*shown(1, "unreadable")["evidence"], *shown(-1)["evidence"], *shown(2, "of another")["evidence"])},
     "bias evidence no older than 30 days",
     "none that counts: dated 2026-11-21T12:00:00.000000Z, after the decision; of another; unreadable", ATTACH_BIAS),
    ("evidence with something to know of it", BIAS, seen(note="the same bytes speak for another"),
     "bias evidence no older than 30 days", "from 2026-11-19T12:00:00.000000Z; the same bytes speak for another", ""),
    ("evidence whose elder has something to know of it", BIAS, seen(), "bias evidence no older than 30 days",
     "from 2026-11-19T12:00:00.000000Z", ""),
    ("evidence that is too old", BIAS, shown(31), "bias evidence no older than 30 days",
     "from 2026-10-20T12:00:00.000000Z", ATTACH_BIAS),
    ("a metric", AUC, measured(auc=0.0), "auc at least 0.8 by validation", "auc 0 from 2026-11-19T12:00:00.000000Z",
     MEASURE_AUC),
    ("a metric of a month", AUC_OF_A_MONTH, {}, "auc at least 0.8 by validation, no older than 30 days",
     "no auc by validation", "have auc measured by validation, then approve again"),
    ("a metric of monitoring", AUC_WHILE_RUNNING, {}, "auc at least 0.8 by monitoring", "no auc by monitoring",
     "have auc measured by monitoring, then approve again"),
    ("a metric of a report", AUC_REPORTED, {}, "auc at least 0.8 in a report on model quality",
     "no auc in a report on model quality", "attach a report on model quality that gives auc, then approve again"),
    ("a metric that is better low", RMSE, measured(rmse=5), "rmse at most 4 by validation",
     "rmse 5 from 2026-11-19T12:00:00.000000Z", "measure rmse again or improve the model, then approve again"),
    ("a metric that is best near zero", DPPL, {}, "post-training.DPPL within 0.1 of 0 in a report on bias",
     "no post-training.DPPL in a report on bias",
     "attach a report on bias that gives post-training.DPPL, then approve again"),
    ("a metric that is best near one", DI, biased(DI=0.6), "post-training.DI within 0.2 of 1 in a report on bias",
     "post-training.DI 0.6 from 2026-11-19T12:00:00.000000Z",
     "measure post-training.DI again or improve the model, then approve again"),
    ("a metric beside production", HELD, compared(0.89, 0.91),
     "auc not worse than in production by more than 0.01 (better is higher) by validation",
     "auc 0.89 from 2026-11-19T12:00:00.000000Z; 0.91 in production", MEASURE_AUC),
    ("a metric beside nothing of it in production", HELD, {**measured(auc=0.9), "production": ()},
     "auc not worse than in production by more than 0.01 (better is higher) by validation",
     "auc 0.9 from 2026-11-19T12:00:00.000000Z; the version in production has no usable auc: missing",
     "have auc of the version in production measured by validation, then approve again"),
    ("a metric beside none at all in production", HELD, compared(0.0, 0.0),
     "auc not worse than in production by more than 0.01 (better is higher) by validation",
     "auc 0 from 2026-11-19T12:00:00.000000Z; 0 in production", ""),
    ("a metric that is a long text", AUC, measured(auc=LONG), "auc at least 0.8 by validation",
     f"auc is no number but “{LONG[:80]}”", MEASURE_AUC),
    ("a metric that is NaN", AUC, measured(auc=math.nan), "auc at least 0.8 by validation",
     "auc is not a number (NaN)", MEASURE_AUC),
    ("a metric that is infinite", AUC, measured(auc=-math.inf), "auc at least 0.8 by validation", "auc is infinite",
     MEASURE_AUC),
    ("of one moment the worst", AUC, twice(0.9, 0.7), "auc at least 0.8 by validation",
     "auc 0.7 from 2026-11-19T12:00:00.000000Z", MEASURE_AUC),
    ("of one moment none at all", AUC, twice(0.5, 0.0), "auc at least 0.8 by validation",
     "auc 0 from 2026-11-19T12:00:00.000000Z", MEASURE_AUC),
    ("of one moment the useless", AUC, twice(0.9, math.nan), "auc at least 0.8 by validation",
     "auc is not a number (NaN)", MEASURE_AUC),
    ("one person", ONE, {}, "a sign-off as officer, none an author", "nobody",
     "ask somebody else to sign off as officer"),
    ("either role", TWO, signed((MARY, "officer")), AS_EITHER, "mary (officer)",
     "ask somebody else to sign off as validator or officer"),
    ("each role, and one is missing", BOTH, signed((MARY, "officer"), (GRACE, "officer")), AS_BOTH,
     "grace (officer), mary (officer)", "ask somebody else to sign off as validator"),
    ("each role, and one has both", BOTH, signed((MARY, "officer"), (MARY, "validator")), AS_BOTH,
     "mary (officer and validator)", "ask somebody else to sign off as validator or officer"),
    ("an author whom nobody knows", TWO, UNKNOWN, AS_EITHER, "nobody knows who the author is",
     "wait for CloudTrail or the registry to tell who registered the version, then approve again"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("_", "gate", "there", "required", "found", "remedy"), WORDS, ids=[words[0] for words in WORDS]
)
def test_a_gate_says_word_by_word_what_it_required_what_it_found_and_what_would_help(
    _, gate, there, required, found, remedy
):
    (given,) = judge(a_policy(gate), a_matter(**there))
    assert (given.check.required, given.check.found, given.check.remedy) == (required, found, remedy)


@pytest.mark.parametrize(("seconds", "standing"), [(300, "holds"), (300.001, "missing")])
def test_what_is_told_with_a_moment_ahead_of_the_decision_counts_as_far_as_clocks_differ(seconds, standing):
    (given,) = judge(a_policy(BIAS), a_matter(**shown(-seconds / 86_400)))
    assert given.standing == standing


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
