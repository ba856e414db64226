"""What `default@1` lets pass, as a table that a risk officer could read: given a case, the checks that are refused."""

import pytest

from governance.domain.identifiers import Person
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.policy import Case, passes
from governance.domain.published import DEFAULT

ADA, ADA_ELSEWHERE, MARY = Person(id="ada", arn="a"), Person(id="Ada", arn="another role"), Person(id="mary")
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


@pytest.mark.parametrize(("stage", "approver", "author", "before", "deployed", "validated", "refused", "passed"), CASES)
def test_the_default_policy(stage, approver, author, before, deployed, validated, refused, passed):
    case = Case(
        stage=stage, approver=approver, registered_by=author, preceding=before, deployed=deployed, validated=validated
    )
    checks = DEFAULT.judge(case)
    assert {check.name for check in checks if not check.passed} == refused
    assert passes(checks) is passed


def test_every_refused_check_says_what_would_fix_it():
    case = Case(stage=Stage.TEST, approver=ADA, registered_by=ADA, preceding=PENDING, deployed=False, validated=False)
    assert all(check.remedy for check in DEFAULT.judge(case))


def test_the_built_in_policy_is_known_by_the_hash_that_decisions_pin():
    assert DEFAULT.id == "default@1"
    assert DEFAULT.hash == "cc4aa42b55b1d6c478a3ac72214bc3537dcbd2069d5a77700e853053a385fcc9"
