"""What is on the record of a version that was copied from another registry, in whatever order it was learned."""

from itertools import permutations
from typing import Any

import pytest

from governance.domain.entitlement import is_author
from governance.domain.fold import fold
from governance.domain.identifiers import Person
from governance.domain.model_version import ModelVersion
from governance.domain.record import effects, stage_records
from tests.builders import ADA, HUB, observed
from tests.unit.governance.imports.copies import APPROVED_AT, GRACE, SOURCE, by_steward, copied, source_said

ABOUT_IMPORTS = ("import-", "source-")


def said(state: ModelVersion) -> set[str]:
    return {one.code for one in state.findings.values() if one.is_open and one.code.startswith(ABOUT_IMPORTS)}


def test_nobody_is_the_author_of_a_copy_until_the_source_is_known():
    state = fold([by_steward()])
    assert state.author is None
    assert stage_records(state)["development"]["model_audit_user"] == "unknown"  # type: ignore[index]


def test_whoever_registered_the_source_is_the_author_of_the_copy():
    for facts in permutations([by_steward(), copied()]):
        state = fold(facts)
        assert state.author == ADA
        assert is_author(state, ADA)
        assert not is_author(state, GRACE)
        assert state.imported and state.imported.source == SOURCE
        assert said(state) == set()


def test_a_role_of_that_name_in_another_account_is_somebody_like_any_other():
    arn = "arn:aws:sts::111122223333:assumed-role/steward-import-model-version/x"
    assert fold([observed(0, registered_by=Person(id="x", arn=arn))]).author == Person(id="x", arn=arn)


def test_the_role_is_known_without_its_session_as_records_know_it():
    arn = f"arn:aws:sts::{HUB}:assumed-role/steward-import-model-version"
    assert fold([observed(0, registered_by=Person(id="person-1", arn=arn))]).author is None


def test_the_import_is_an_effect_of_the_record():
    told = effects(fold([by_steward(), copied()]))
    assert told["import-1"] == {"effect": "import", "cause": SOURCE.arn, "outcome": "done"}


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"left_out": ("SecurityConfig",)}, {"import-incomplete"}),
        ({"registered_by": None}, {"source-author-unknown"}),
        ({"approved_by": None}, {"source-approver-unknown"}),
        ({"approved_by": ADA}, {"source-approved-by-its-author"}),
    ],
)
def test_what_a_copy_lacks_is_a_finding(fields: dict[str, Any], codes: set[str]):
    for facts in permutations([by_steward(), copied(**fields)]):
        assert said(fold(facts)) == codes


@pytest.mark.parametrize(
    ("told", "codes"),
    [
        ([], set()),
        ([(60, "Rejected", "a")], {"source-not-approved"}),
        ([(60, "PendingManualApproval", "a")], {"source-not-approved"}),
        ([(60, "Rejected", "a"), (120, "Approved", "a")], set()),
        ([(60, "Approved", "b")], {"source-changed"}),
        ([(60, "Approved", "b"), (120, "Rejected", "")], {"source-changed", "source-not-approved"}),
        ([(60, "Approved", "b"), (120, "Approved", "a")], set()),
        ([(APPROVED_AT - 60, "PendingManualApproval", "a")], set()),
        ([(APPROVED_AT, "Approved", "a")], set()),
        ([(APPROVED_AT, "Rejected", "a")], {"source-not-approved"}),
        ([(APPROVED_AT + 30, "Rejected", "a")], {"source-not-approved"}),
        ([(APPROVED_AT + 30, "Rejected", "a"), (APPROVED_AT + 40, "Approved", "a")], set()),
        ([(60, "Rejected", "a"), (60, "Approved", "a")], {"source-not-approved"}),
    ],
)
def test_what_became_of_the_source_since_is_a_finding_in_whatever_order_it_is_told(
    told: list[tuple[float, str, str]], codes: set[str]
):
    later = [source_said(at, approval, digest and digest * 64) for at, approval, digest in told]
    states = [fold(facts) for facts in permutations([by_steward(), copied(), *later, *later[:1]])]
    assert {frozenset(said(state)) for state in states} == {frozenset(codes)}
    assert len({state.model_dump_json() for state in states}) == 1
    assert not [one for one in states[0].findings.values() if one.code == "time-impossible"]


def test_a_source_of_which_no_import_is_on_record_says_nothing():
    state = fold([observed(0), source_said(60, "Rejected")])
    assert said(state) == set()
    assert state.imported is None
