"""What is announced of use cases and of their models, told to functions that find none of them on record."""

import pytest

from tests.docker.samples import GROUP_ARN, succeeded

pytestmark = [pytest.mark.docker, pytest.mark.cloud]


@pytest.mark.parametrize(
    "sample",
    [
        "sync_model_group-use-case-advanced",
        "sync_model_group-use-case-assessed",
        "sync_model_group-use-case-changed",
        "sync_model_group-use-case-rejected",
        "sync_model_group-use-case-retirement-begun",
        "retire_use_case-retirement-completed",
        "retire_use_case-use-case-retirement-begun",
    ],
)
def test_a_use_case_that_is_not_on_record_tells_no_group_anything(recorded, invoke, records, sample):
    before = records.items(pk=f"GROUP#{GROUP_ARN}")
    succeeded(invoke(sample))
    assert records.items(pk=f"GROUP#{GROUP_ARN}") == before


OF_MODELS = [
    "roll_up_use_case-deployment-failed",
    "roll_up_use_case-deployment-requested",
    "roll_up_use_case-deployment-succeeded",
    "roll_up_use_case-endpoint-removed",
    "roll_up_use_case-finding-closed",
    "roll_up_use_case-finding-opened",
    "roll_up_use_case-model-quarantined",
    "roll_up_use_case-model-released",
    "roll_up_use_case-model-retired",
    "roll_up_use_case-model-risk-changed",
    "roll_up_use_case-model-rolled-back",
    "roll_up_use_case-model-stage-approved",
    "roll_up_use_case-model-stage-rejected",
    "roll_up_use_case-model-stage-reopened",
    "roll_up_use_case-model-superseded",
]
OF_USE_CASES = [
    "roll_up_use_case-model-group-attached",
    "roll_up_use_case-model-group-detached",
    "roll_up_use_case-use-case-advanced",
    "roll_up_use_case-use-case-assessed",
    "roll_up_use_case-use-case-changed",
    "roll_up_use_case-use-case-rejected",
    "roll_up_use_case-use-case-retirement-begun",
]


@pytest.mark.parametrize("sample", OF_MODELS)
def test_what_a_version_contributes_is_kept_with_its_group(recorded, invoke, records, sample):
    succeeded(invoke(sample))
    assert records.items(pk=f"STANDING#{GROUP_ARN}", begins="VERSION#")
    assert not records.items(pk="ROLLUP#credit-risk")


@pytest.mark.parametrize("sample", OF_USE_CASES)
def test_a_use_case_that_is_not_on_record_comes_to_nothing(recorded, invoke, records, sample):
    succeeded(invoke(sample))
    assert not records.items(pk="ROLLUP#credit-risk")


def test_of_an_unknown_use_case_nobody_is_told_and_a_decision_has_its_groups(recorded, group, invoke, records):
    assert succeeded(invoke("notify-use-case-advanced")).logged("nothing to tell")
    succeeded(invoke("sync_model_group-model-version-registered"))
    assert succeeded(invoke("record_decisions-decision-served")).logged("decision recorded")
    assert len(records.items(pk="DECISION#credit-scoring#loan-2026-10-20.4711")) == 1
