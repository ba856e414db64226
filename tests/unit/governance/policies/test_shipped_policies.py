"""The policies that come with Steward: whole, referring to controls that are there, and the default as it is today."""

from datetime import date

import pytest
from hypothesis import given

from governance.adapters.policy_files import SHIPPED, shipped_catalogue, shipped_policies
from governance.domain.controls import Catalogue, unknown_controls
from governance.domain.coverage import Covered, coverage
from governance.domain.evidence import EvidenceKind
from governance.domain.gates import Shown, SignedOff, judge
from governance.domain.lifecycle import ORDER, Stage
from governance.domain.loosening import loosens
from governance.domain.policy import CHECKS, Mode
from governance.domain.policy_document import RISKS, CheckGate
from governance.domain.published import DEFAULT
from governance.domain.publishing import unpublishable
from governance.domain.use_case import ModelRisk
from tests.unit.governance.policies.answers import lets_pass
from tests.unit.governance.policies.made import (
    CASES,
    GRACE,
    MARY,
    a_case,
    a_gate,
    a_matter,
    a_policy,
    a_reading,
    days_ago,
)

POLICIES, CATALOGUE = shipped_policies(), shipped_catalogue()
EU, SR = POLICIES["eu-ai-act-high-risk"], POLICIES["sr-26-2"]
NAMES = sorted(POLICIES)
EVERYTHING = tuple(Shown(kind=kind, at=days_ago(1)) for kind in EvidenceKind)
SIGNED = (SignedOff(person=MARY, role="validator"), SignedOff(person=GRACE, role="officer"))


def test_there_are_three():
    assert NAMES == ["default", "eu-ai-act-high-risk", "sr-26-2"]
    assert all(name == policy.name for name, policy in POLICIES.items())


def test_the_default_is_what_is_built_in():
    assert POLICIES["default"].hash == DEFAULT.hash


@pytest.mark.parametrize("name", NAMES)
def test_each_can_be_published(name):
    assert list(unpublishable(POLICIES[name])) == []


@given(CASES)
def test_every_check_stops_an_approval_where_it_is_enforced_and_nowhere_else(case):
    answers = judge(POLICIES["default"], a_matter(case=case))
    refused = {answer.gate for answer in answers if not answer.check.passed}
    assert lets_pass(answers) is (refused <= {"deployed-and-validated"})


@pytest.mark.parametrize("name", ["eu-ai-act-high-risk", "sr-26-2"])
def test_none_is_looser_than_the_default(name):
    found = loosens(POLICIES[name], POLICIES["default"])
    assert found == ()


@pytest.mark.parametrize("name", NAMES)
def test_every_gate_speaks_to_controls_that_are_in_the_catalogue(name):
    assert list(unknown_controls(POLICIES[name], CATALOGUE)) == []
    for gate in POLICIES[name].gates:
        frameworks = {control.split("/")[0] for control in gate.controls}
        assert frameworks == {framework.id for framework in CATALOGUE.frameworks}, gate.name


def test_the_policy_after_the_ai_act_speaks_to_every_article():
    spoken = {control for gate in EU.gates for control in gate.controls}
    assert {f"eu-ai-act/Art. {number}" for number in (*range(9, 16), 17, 26, 72)} <= spoken


def test_the_policy_after_the_supervisors_speaks_to_everything_but_vendors():
    spoken = {control for gate in SR.gates for control in gate.controls}
    themes = {control for control in CATALOGUE.ids() if control.startswith("sr-26-2/")}
    assert themes - spoken == {"sr-26-2/vendor-models"}


def test_no_control_of_the_catalogue_is_there_for_nothing():
    spoken = {control for policy in POLICIES.values() for gate in policy.gates for control in gate.controls}
    assert set(CATALOGUE.ids()) - spoken == {"sr-26-2/vendor-models"}


@pytest.mark.parametrize("stage", ORDER)
def test_a_higher_tier_never_asks_less(stage):
    for lower, higher in ((ModelRisk.LOW, ModelRisk.MEDIUM), (ModelRisk.MEDIUM, ModelRisk.HIGH)):
        as_if = [
            a_policy(*(gate.model_dump() | {"risks": ["high"], "stages": ["production"]} for gate in gates))
            for gates in (SR.gates_in(stage, higher), SR.gates_in(stage, lower))
        ]
        assert [one for one in loosens(*as_if) if "officer" not in one.how] == [], (stage, lower)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("stage", ORDER)
@pytest.mark.parametrize("risk", RISKS)
def test_a_version_with_everything_passes_and_everything_is_evidenced(name, stage, risk):
    matter = a_matter(
        case=a_case(stage), risk=risk, evidence=EVERYTHING, sign_offs=SIGNED, readings=(a_reading({"auc": 0.9}),)
    )
    answers = judge(POLICIES[name], matter)
    assert lets_pass(answers)
    rows = coverage(POLICIES[name], CATALOGUE, stage, risk, answers)
    assert {row.covered for row in rows} <= {Covered.EVIDENCED, Covered.NOT_ASKED}


@pytest.mark.parametrize("name", ["eu-ai-act-high-risk", "sr-26-2"])
def test_a_version_with_nothing_is_refused_everywhere_and_told_what_to_do(name):
    for stage in ORDER:
        answers = judge(POLICIES[name], a_matter(case=a_case(stage, deployed=False)))
        refused = [answer.check for answer in answers if not answer.check.passed]
        assert not lets_pass(answers)
        assert all(check.remedy for check in refused)
        assert any(check.mode is Mode.ENFORCE for check in refused)


def test_what_is_old_is_stale_and_what_is_not_there_is_missing():
    old = tuple(Shown(kind=kind, at=days_ago(1000)) for kind in EvidenceKind if kind is not EvidenceKind.BIAS)
    without = tuple(piece for piece in old if piece.kind is not EvidenceKind.MONITORING_PLAN)
    matter = a_matter(case=a_case(Stage.PRODUCTION), evidence=without, sign_offs=SIGNED)
    rows = coverage(EU, CATALOGUE, Stage.PRODUCTION, ModelRisk.HIGH, judge(EU, matter))
    stands = {row.control: row.covered for row in rows if row.framework == "eu-ai-act"}
    assert stands["Art. 10"] is Covered.STALE
    assert stands["Art. 72"] is stands["Art. 26"] is Covered.MISSING
    assert stands["Art. 17"] is Covered.EVIDENCED
    assert next(row for row in rows if row.control == "Art. 26").open_gates == (
        "human-oversight-plan",
        "monitoring-plan",
    )


def test_a_gate_that_was_not_answered_counts_as_missing():
    rows = coverage(EU, CATALOGUE, Stage.PRODUCTION, ModelRisk.HIGH, ())
    assert {row.covered for row in rows if row.gates} == {Covered.MISSING}


def test_every_framework_has_a_source_and_dates_are_told_with_theirs():
    dates = {framework.id: [one.since for one in framework.applies] for framework in CATALOGUE.frameworks}
    assert dates["eu-ai-act"] == [date(2027, 12, 2), date(2028, 8, 2)]
    assert dates["sr-26-2"] == [date(2026, 4, 17)]
    assert all(dates.values()), "each with a date"


def test_a_catalogue_names_nothing_twice():
    told = CATALOGUE.model_dump(mode="json")
    told["frameworks"].append(told["frameworks"][0])
    with pytest.raises(ValueError, match="twice: sr-26-2"):
        Catalogue.model_validate(told)


def test_a_reference_to_a_control_that_is_not_there_is_found():
    policy = a_policy(a_gate("evidence", evidence="bias", controls=["eu-ai-act/Art. 99"]))
    (problem,) = unknown_controls(policy, CATALOGUE)
    said = "the catalogue has no control eu-ai-act/Art. 99; did you mean eu-ai-act/Art. 9?"
    assert (problem.field, problem.said) == ("gates[0].controls[0]", said)


def test_nothing_else_lies_where_policies_do():
    assert sorted(path.name for path in SHIPPED.iterdir()) == sorted(
        [*(f"{name}.yaml" for name in NAMES), "controls.yaml"]
    )


def test_checks_go_by_the_names_that_decisions_know():
    named = {gate.name for policy in POLICIES.values() for gate in policy.gates if isinstance(gate, CheckGate)}
    assert named == set(CHECKS)
