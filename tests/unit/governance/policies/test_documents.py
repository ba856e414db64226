"""A policy that contradicts itself cannot be made, and says where; one policy has one hash however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from governance.domain.lifecycle import Stage
from governance.domain.meanings import KNOWN, Better, Meaning
from governance.domain.policy_document import PolicyDocument
from governance.domain.policy_problems import problems_of
from tests.unit.governance.policies.made import a_gate, a_policy, policies

EVIDENCE = a_gate("evidence", evidence="bias")
METRIC = a_gate("metric", metric="auc", at_least=0.8)
SIGNED = a_gate("sign-offs", needed=2, roles=["validator", "officer"])

REFUSED = [
    # a gate -> where it is wrong, and what is said
    (EVIDENCE | {"evidence": "horoscope"}, "gates[0].evidence", "“horoscope” is none of model-quality, "),
    (EVIDENCE | {"stages": ["staging"]}, "gates[0].stages[0]", "“staging” is none of development, "),
    (EVIDENCE | {"stages": []}, "gates[0].stages", "it is empty: name one"),
    (EVIDENCE | {"stages": ["test", "test"]}, "gates[0].stages", "twice"),
    (EVIDENCE | {"risks": ["extreme"]}, "gates[0].risks[0]", "“extreme” is none of high, medium or low"),
    (EVIDENCE | {"mode": "forbid"}, "gates[0].mode", "“forbid” is none of enforce or advise"),
    (EVIDENCE | {"name": "Bias Report"}, "gates[0].name", "“Bias Report” is no name: lower case letters"),
    (EVIDENCE | {"max_age_days": 0}, "gates[0].max_age_days", "“0” is out of bounds: at least 1"),
    (EVIDENCE | {"max_age_days": "90"}, "gates[0].max_age_days", "“90” is no whole number"),
    (EVIDENCE | {"max_age": 90}, "gates[0].max_age", "there is no such field; did you mean max_age_days?"),
    (EVIDENCE | {"colour": "red"}, "gates[0].colour", "but controls, evidence, kind, max_age_days, mode, name, risks"),
    (EVIDENCE | {"kind": None}, "gates[0]", "no kind of gate"),
    ({"name": "a"}, "gates[0]", "its kind is missing: check, evidence"),
    ({"kind": "evidence", "name": "a"}, "gates[0].evidence", "it is missing"),
    ("a text", "gates[0]", "“a text” has no fields"),
    (EVIDENCE | {"stages": "test"}, "gates[0].stages", "“test” is no list"),
    (EVIDENCE | {"kind": "wish"}, "gates[0]", "“wish” is no kind of gate: there are check, evidence,"),
    ({"kind": "check", "name": "not-on-a-friday"}, "gates[0].name", "not-by-the-author"),
    (METRIC | {"metric": "uplift"}, "gates[0].metric", "uplift is not known"),
    (METRIC | {"metric": "DPL", "measured_by": "bias", "at_least": 1}, "gates[0].metric", "mean pre-training.DPL?"),
    (METRIC | {"metric": "acuracy"}, "gates[0].metric", "not known: say under metrics what is better for it; did you"),
    (METRIC | {"measured_by": "bias"}, "gates[0].measured_by", "auc is nothing that bias reports tell"),
    (METRIC | {"at_most": 0.9}, "gates[0].at_most", "at_least and at_most are given: give one of"),
    (METRIC | {"at_least": None}, "gates[0].metric", "no limit is given: give one of"),
    (METRIC | {"at_least": None, "at_most": 0.9}, "gates[0].at_most", "better higher: give at_least"),
    (METRIC | {"at_least": 1.5}, "gates[0].at_least", "never at least 1.5"),
    (METRIC | {"at_least": 0}, "gates[0].at_least", "always at least 0"),
    (METRIC | {"at_least": float("nan")}, "gates[0].at_least", "finite"),
    (METRIC | {"at_least": float("inf")}, "gates[0].at_least", "finite"),
    (METRIC | {"at_least": None, "worse_by_at_most": -0.1}, "gates[0].worse_by_at_most", "at least 0"),
    (METRIC | {"at_least": None, "worse_by_at_most": 1}, "gates[0].worse_by_at_most", "never worse by more"),
    (METRIC | {"stages": ["development"]}, "gates[0].stages", "nothing runs in development"),
    (METRIC | {"metric": "rmse", "at_least": 3}, "gates[0].at_least", "better lower: give at_most"),
    (METRIC | {"metric": "rmse", "at_least": None, "at_most": -1}, "gates[0].at_most", "never at most -1"),
    (METRIC | {"metric": "post-training.DPPL", "at_least": 0.1}, "gates[0].at_least", "near-zero: give within"),
    (METRIC | {"metric": "post-training.DPPL", "at_least": None, "within": 1}, "gates[0].within", "never further away"),
    (SIGNED | {"roles": ["owner"]}, "gates[0].needed", "one owner"),
    (SIGNED | {"roles": ["owner", "validator", "officer"], "each_role": True}, "gates[0].needed", "every one of 3"),
    (SIGNED | {"roles": ["officer", "officer"]}, "gates[0].roles", "twice"),
    (SIGNED | {"roles": ["intern"]}, "gates[0].roles[0]", "“intern” is none of owner, validator or officer"),
    (SIGNED | {"roles": []}, "gates[0].roles", "it is empty"),
    (SIGNED | {"needed": 11}, "gates[0].needed", "“11” is out of bounds: at most 10"),
    (EVIDENCE | {"controls": ["nist"]}, "gates[0].controls[0]", "“nist” is no name: <framework>/<control>"),
    (EVIDENCE | {"controls": ["nist-ai-rmf/MEASURE 2.11"] * 2}, "gates[0].controls", "twice"),
]  # fmt: skip


@pytest.mark.parametrize(("gate", "field", "said"), REFUSED)
def test_what_cannot_be_meant_is_refused_where_it_stands(gate, field, said):
    with pytest.raises(ValidationError) as refused:
        a_policy(gate)
    assert [(problem.field, said in problem.said) for problem in problems_of(refused.value)] == [(field, True)]


@pytest.mark.parametrize(
    ("gates", "field", "said"),
    [
        ([EVIDENCE, EVIDENCE | {"evidence": "lineage"}], "gates[1].name", "position 0 is called so too"),
        ([EVIDENCE, EVIDENCE | {"name": "other"}], "gates[1]", "a-evidence-gate speaks of bias evidence too, in test"),
        ([METRIC, METRIC | {"name": "other", "at_least": 0.9}], "gates[1]", "speaks of auc by validation, absolute"),
        ([SIGNED, SIGNED | {"name": "other", "needed": 1}], "gates[1]", "speaks of sign-offs too"),
    ],
)
def test_two_gates_on_one_thing_in_one_place_are_refused(gates, field, said):
    with pytest.raises(ValidationError) as refused:
        a_policy(*gates)
    (problem,) = problems_of(refused.value)
    assert (problem.field, said in problem.said) == (field, True)


@pytest.mark.parametrize(
    "gates",
    [
        [EVIDENCE, EVIDENCE | {"name": "other", "stages": ["production"]}],
        [EVIDENCE | {"risks": ["high"]}, EVIDENCE | {"risks": ["low"], "max_age_days": 365}],
        [METRIC, METRIC | {"name": "other", "at_least": None, "worse_by_at_most": 0.01}],
        [METRIC, METRIC | {"name": "other", "measured_by": "monitoring"}],
    ],
)
def test_two_gates_on_different_things_or_in_different_places_are_not(gates):
    assert len(a_policy(*gates).gates) == 2


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(ValidationError) as refused:
        a_policy(METRIC | {"at_least": 7}, SIGNED | {"roles": ["owner"]}, EVIDENCE | {"name": "a-metric-gate"})
    assert [problem.field for problem in problems_of(refused.value)] == [
        "gates[0].at_least", "gates[1].needed", "gates[2].name"
    ]  # fmt: skip


def test_a_metric_of_ones_own_needs_a_meaning():
    gate = METRIC | {"metric": "uplift", "at_least": 2}
    assert a_policy(gate, metrics={"uplift": {"better": "higher"}}).meaning("uplift").better is Better.HIGHER


def test_what_a_known_metric_means_cannot_be_turned_round():
    with pytest.raises(ValidationError) as refused:
        a_policy(METRIC, metrics={"auc": {"better": "lower"}})
    assert "metrics.auc" in {problem.field for problem in problems_of(refused.value)}


def test_a_meaning_needs_room_between_its_bounds():
    with pytest.raises(ValidationError, match="nothing lies between"):
        Meaning(better=Better.HIGHER, least=1, greatest=1)


@given(st.sampled_from(sorted(KNOWN)), st.floats(-2, 2), st.floats(-2, 2))
def test_what_is_better_is_less_bad(name, one, other):
    meaning = KNOWN[name]
    expected = {
        Better.HIGHER: one > other,
        Better.LOWER: one < other,
        Better.NEAR_ZERO: abs(one) < abs(other),
        Better.NEAR_ONE: abs(one - 1) < abs(other - 1),
    }
    assert (meaning.badness(one) < meaning.badness(other)) is expected[meaning.better]


@given(policies(), st.randoms(use_true_random=False))
def test_a_policy_has_one_hash_however_it_is_written(policy, chance):
    told = policy.model_dump(mode="json")
    for gate in told["gates"]:
        for field in ("stages", "risks", "roles"):
            if field in gate:
                chance.shuffle(gate[field])
    chance.shuffle(told["gates"])
    assert PolicyDocument.model_validate(told).hash == policy.hash


@given(policies(), policies())
def test_two_policies_have_one_hash_only_if_they_say_the_same(one, other):
    assert (one.hash == other.hash) is (one.content() == other.content())


@given(policies())
def test_a_policy_read_back_from_its_content_is_the_same_policy(policy):
    again = PolicyDocument.model_validate(policy.content())
    assert again.hash == policy.hash
    for stage in Stage:
        assert {gate.name for gate in again.gates_in(stage, "high")} == {
            gate.name for gate in policy.gates_in(stage, "high")
        }
