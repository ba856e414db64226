"""What of one policy is looser than of another, and that nothing looser goes unnoticed."""

import pytest
from hypothesis import given, settings

from governance.domain.gates import judge
from governance.domain.loosening import loosens, summary
from tests.unit.governance.policies.answers import lets_pass
from tests.unit.governance.policies.made import MATTERS, a_gate, a_policy, policies

EVIDENCE = a_gate("evidence", evidence="bias", max_age_days=30)
METRIC = a_gate("metric", metric="auc", at_least=0.8)
ERROR = a_gate("metric", metric="rmse", at_most=4)
HELD = a_gate("metric", metric="auc", worse_by_at_most=0.01)
OWN = a_gate("metric", metric="uplift", at_least=2)
SIGNED = a_gate("sign-offs", needed=2, roles=["validator", "officer"], each_role=True)
MEANT = {"metrics": {"uplift": {"better": "higher"}}}

LOOSER = [
    # what the old policy asks, what the new one asks instead -> how it is looser
    (EVIDENCE, EVIDENCE | {"mode": "advise"}, "no longer stops an approval"),
    (EVIDENCE, EVIDENCE | {"max_age_days": 31}, "was 30 days and is 31"),
    (EVIDENCE, EVIDENCE | {"max_age_days": None}, "was 30 days and is any"),
    (EVIDENCE, EVIDENCE | {"evidence": "model-card"}, "no longer asks for bias evidence"),
    (EVIDENCE, EVIDENCE | {"stages": ["production"]}, "no longer asks for bias evidence"),
    (EVIDENCE, EVIDENCE | {"risks": ["high", "medium"]}, "no longer asks for bias evidence"),
    (METRIC, METRIC | {"at_least": 0.79}, "was 0.8 and is 0.79"),
    (METRIC, METRIC | {"measured_by": "model-quality"}, "no longer asks for auc by validation"),
    (METRIC, HELD, "no longer asks for auc by validation, absolute"),
    (ERROR, ERROR | {"at_most": 5}, "was 4 and is 5"),
    (HELD, HELD | {"worse_by_at_most": 0.02}, "was 0.01 and is 0.02"),
    (SIGNED, SIGNED | {"each_role": False}, "no longer needs every role"),
    (SIGNED, SIGNED | {"needed": 1, "each_role": False}, "needed 2 sign-offs and needs 1"),
    (SIGNED, SIGNED | {"roles": ["validator", "officer", "owner"], "needed": 3}, "lets owner sign off too"),
]

STRICTER = [
    (EVIDENCE | {"mode": "advise"}, EVIDENCE),
    (EVIDENCE, EVIDENCE | {"max_age_days": 29}),
    (EVIDENCE, EVIDENCE | {"stages": ["test", "production"]}),
    (METRIC, METRIC | {"at_least": 0.9}),
    (ERROR, ERROR | {"at_most": 3}),
    (SIGNED, SIGNED | {"needed": 3}),
    (METRIC, METRIC | {"name": "called-differently"}),
]


@pytest.mark.parametrize(("old", "new", "how"), LOOSER)
def test_what_asks_less_is_told(old, new, how):
    assert any(how in one.how for one in loosens(a_policy(new), a_policy(old)))


@pytest.mark.parametrize(("old", "new"), STRICTER)
def test_what_asks_as_much_or_more_is_not(old, new):
    assert loosens(a_policy(new), a_policy(old)) == ()


def test_another_meaning_of_a_metric_is_told():
    new = a_policy(OWN | {"at_least": None, "at_most": 2}, metrics={"uplift": {"better": "lower"}})
    assert "means has changed" in loosens(new, a_policy(OWN, **MEANT))[0].how


def test_what_happens_in_many_places_is_summed_up_in_one_line():
    new, old = a_policy(METRIC), a_policy(METRIC, EVIDENCE | {"stages": ["test", "production"]})
    assert [*summary(loosens(new, old)).values()] == [
        ("test/high", "test/medium", "test/low", "production/high", "production/medium", "production/low")
    ]


@given(policies())
def test_no_policy_is_looser_than_itself(policy):
    assert loosens(policy, policy) == ()


@settings(max_examples=600)
@given(policies(), policies(), MATTERS)
def test_what_a_policy_that_is_nowhere_looser_lets_pass_the_old_one_lets_pass_too(new, old, matter):
    if not loosens(new, old):
        assert lets_pass(judge(old, matter)) or not lets_pass(judge(new, matter))


@settings(max_examples=300)
@given(policies(), policies(), MATTERS)
def test_what_only_adds_gates_is_never_looser(some, others, matter):
    try:
        both = a_policy(*(gate.model_dump() for gate in some.gates), *renamed(others))
    except ValueError:
        return
    assert loosens(both, some) == ()
    assert lets_pass(judge(some, matter)) or not lets_pass(judge(both, matter))


def renamed(policy):
    for gate in policy.gates:
        told = gate.model_dump()
        yield told if gate.kind == "check" else {**told, "name": f"other-{gate.name}"}
