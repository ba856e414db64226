"""What `default@2` lets pass, as a table that a risk officer could read: given a case, the checks that are refused."""

import pytest

from governance.domain.gates import Matter, judge
from governance.domain.identifiers import Person
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.policy import CHECKS, Case, Mode, passes
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


MARY_AS = Person(id="mary", arn="arn:of-mary")
COLLEAGUE = "ask a colleague with the right to approve"
WAIT = "wait for CloudTrail to tell who changed it, then approve again, or register it as a new version"
DECIDE = "have an owner, validator or officer decide, in the hub"
BIND = "bind a validation set to the group and wait for the validation to end"
ALONE = "have somebody else approve it here, or sign it off before (steward sign-off)"
ANSWER = "say how each was closed (steward findings answer), then approve again"
ENTITLED = "approved by an owner, validator or officer, through a role of the hub"
BY_TWO = "approved by two different people, in this stage or in those before"
RAN = "deployed in test and validated there"
ANSWERED = "every finding of a reviewer answered"
OLD = {"deployed": False, "deployed_before": True}
FIRST = {"stage": Stage.DEVELOPMENT}

WORDS = [
    # the check, the case -> whether it passed, what was required, what was found, and what would help
    ("not-by-the-author", {}, True, "approved by somebody other than ada", "approved by mary", COLLEAGUE),
    ("not-by-the-author", {"changed_by": (KATHERINE, ADA)}, True, "approved by somebody other than ada or katherine",
     "approved by mary", COLLEAGUE),
    ("not-by-the-author", {"changed_by": (MARY,)}, False, "approved by somebody other than ada or mary",
     "approved by mary", COLLEAGUE),
    ("not-by-the-author", {"registered_by": None}, False,
     "approved by somebody other than the author, who must be known", "approved by mary", COLLEAGUE),
    ("not-by-the-author", {"registered_by": None, "changed_by": (KATHERINE,)}, False,
     "approved by somebody other than the author, who must be known", "approved by mary", COLLEAGUE),
    ("not-by-the-author", {"changed_by_unknown": True}, False, "approved by somebody other than ada",
     "approved by mary; nobody knows who changed what it runs", WAIT),
    ("not-by-the-author", {"approver": ADA, "changed_by_unknown": True}, False, "approved by somebody other than ada",
     "approved by ada; nobody knows who changed what it runs", COLLEAGUE),
    ("preceding-stage-approved", {}, True, "development approved", "development approved",
     "approve the version in development first, then approve it here again"),
    ("preceding-stage-approved", {"stage": Stage.PRODUCTION, "preceding": PENDING}, False, "test approved",
     "test pending", "approve the version in test first, then approve it here again"),
    ("preceding-stage-approved", {**FIRST, "preceding": None}, True, "nothing before development",
     "development is the first stage", ""),
    ("deployed-and-validated", {}, True, RAN, "deployed, validated", BIND),
    ("deployed-and-validated", {"validated": False}, False, RAN, "deployed, not validated", BIND),
    ("deployed-and-validated", {"deployed": False}, False, RAN, "not deployed, validated", BIND),
    ("deployed-and-validated", OLD, False, RAN, "deployed as it was before it was changed, validated", BIND),
    ("deployed-and-validated", {**FIRST, "deployed": False, "validated": False}, True,
     "nothing runs in development", "not deployed, not validated", ""),
    ("approver-entitled", {}, True, ENTITLED, "approved by mary as owner", DECIDE),
    ("approver-entitled", {"approver": MARY_AS, "roles": ("owner", "officer")}, True, ENTITLED,
     "approved by mary as owner and officer through arn:of-mary", DECIDE),
    ("approver-entitled", {"roles": ()}, False, ENTITLED, "approved by mary as nobody", DECIDE),
    ("approved-by-two", {}, False, BY_TWO, "approved by mary alone", ALONE),
    ("approved-by-two", {"others": (KATHERINE, MARY, ADA, KATHERINE)}, True, BY_TWO,
     "approved by katherine and ada and mary", ""),
    ("findings-answered", {}, True, ANSWERED, "none is open", ""),
    ("findings-answered", {"unanswered": ("review-1", "review-2")}, False, ANSWERED,
     "not answered: review-1, review-2", ANSWER),
    ("findings-answered", {"replaced_by": "credit/8"}, False, ANSWERED, "answered in credit/8, which takes its place",
     "approve credit/8, where they were put right"),
    ("findings-answered", {"replaced_by": "credit/8", "unanswered": ("review-1",)}, False, ANSWERED,
     "not answered: review-1", "approve credit/8, where they were put right"),
]  # fmt: skip


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(("name", "case", "passed", "required", "found", "remedy"), WORDS)
def test_a_check_says_word_by_word_what_it_required_what_it_found_and_what_would_help(
    mode, name, case, passed, required, found, remedy
):
    common = {"stage": Stage.TEST, "approver": MARY, "registered_by": ADA, "preceding": APPROVED, "roles": ("owner",)}
    given = CHECKS[name](Case(**{**common, "deployed": True, "validated": True, **case}), mode)
    assert (given.name, given.mode, given.passed) == (name, mode, passed)
    assert (given.required, given.found, given.remedy) == (required, found, remedy)


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
