"""What `default@2` lets pass, as a table that a risk officer could read: given a case, the checks that are refused."""

import pytest

from governance.domain.gates import Matter, judge
from governance.domain.identifiers import Person
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.policy import Case, passes
from governance.domain.published import DEFAULT
from governance.domain.use_case import ModelRisk
from tests.builders import after

ADA, ADA_ELSEWHERE = Person(id="ada", arn="a"), Person(id="Ada", arn="another role")
MARY, KATHERINE = Person(id="mary"), Person(id="katherine")
APPROVED, PENDING = ModelStatus.APPROVED, ModelStatus.PENDING

CASES = [
    # stage, approver, author, stage before, deployed, validated -> refused checks, and whether it passes
    (Stage.DEVELOPMENT, MARY, ADA, None, False, False, set(), True),
    (Stage.DEVELOPMENT, ADA, ADA, None, False, False, {"not-by-the-author"}, False),
    (Stage.DEVELOPMENT, ADA_ELSEWHERE, ADA, None, False, False, {"not-by-the-author"}, False),
    (Stage.DEVELOPMENT, MARY, None, None, False, False, {"not-by-the-author"}, False),
    (Stage.TEST, MARY, ADA, APPROVED, True, True, set(), True),
    (Stage.TEST, MARY, ADA, APPROVED, True, False, {"deployed-and-validated"}, True),
    (Stage.TEST, MARY, ADA, APPROVED, False, False, {"deployed-and-validated"}, True),
    (Stage.TEST, MARY, ADA, PENDING, True, True, {"preceding-stage-approved"}, False),
    (Stage.TEST, MARY, ADA, ModelStatus.REJECTED, True, True, {"preceding-stage-approved"}, False),
    (Stage.PRODUCTION, MARY, ADA, APPROVED, True, True, set(), True),
    (Stage.PRODUCTION, ADA, ADA, PENDING, True, True, {"not-by-the-author", "preceding-stage-approved"}, False),
]


def checks_of(risk=ModelRisk.LOW, **told):
    """What the policy answers about a case, whoever the approver acts as unless it is told."""
    case = Case(**{"roles": ("owner",), **told})
    return tuple(each.check for each in judge(DEFAULT.document, Matter(case=case, risk=risk, at=after(0))))


@pytest.mark.parametrize(("stage", "approver", "author", "before", "deployed", "validated", "refused", "passed"), CASES)
def test_the_default_policy(stage, approver, author, before, deployed, validated, refused, passed):
    checks = checks_of(
        stage=stage, approver=approver, registered_by=author, preceding=before, deployed=deployed, validated=validated
    )
    assert {check.name for check in checks if not check.passed} == refused
    assert passes(checks) is passed


def test_every_refused_check_says_what_would_fix_it():
    wrong = {"registered_by": ADA, "preceding": PENDING, "roles": (), "unanswered": ("review-1",)}
    checks = checks_of(ModelRisk.HIGH, stage=Stage.TEST, approver=ADA, deployed=False, validated=False, **wrong)
    assert not any(check.passed for check in checks)
    assert all(check.remedy for check in checks)


def test_who_has_no_role_decides_nothing():
    told = {"stage": Stage.DEVELOPMENT, "approver": MARY, "registered_by": ADA, "preceding": None}
    refused = [one.name for one in checks_of(**told, deployed=False, validated=False, roles=()) if not one.passed]
    assert refused == ["approver-entitled"]


@pytest.mark.parametrize("risk", ModelRisk)
@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("others", [(), (MARY,), (Person(id="MARY"),), (KATHERINE,), (MARY, KATHERINE)])
def test_nobody_approves_a_high_risk_alone_from_test_on(risk, stage, others):
    told = {"approver": MARY, "registered_by": ADA, "preceding": APPROVED, "deployed": True, "validated": True}
    refused = [one.name for one in checks_of(risk, stage=stage, others=others, **told) if not one.passed]
    alone = risk is ModelRisk.HIGH and stage is not Stage.DEVELOPMENT and KATHERINE not in others
    assert refused == (["approved-by-two"] if alone else [])


def test_a_finding_that_nobody_answered_stops_an_approval():
    told = {"stage": Stage.DEVELOPMENT, "approver": MARY, "registered_by": ADA, "preceding": None}
    checks = checks_of(**told, deployed=False, validated=False, unanswered=("review-1",))
    assert [one.name for one in checks if not one.passed] == ["findings-answered"]


def test_the_built_in_policy_is_known_by_the_hash_that_decisions_pin():
    assert DEFAULT.id == "default@2"
    assert DEFAULT.hash == "33665659e75f891fa3efc438458af6671e9157baf66746bad8e8896db92721ac"
