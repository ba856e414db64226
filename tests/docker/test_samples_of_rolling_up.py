"""What is announced of models and use cases is counted, by the function in its runtime and as its own role.

It comes after the other samples, which need the version that it has recorded to be new.
"""

import pytest

from tests.docker.lambda_containers import Invocation
from tests.docker.test_sam_local_invoke import GROUP_ARN, Invoke, records, succeeded

__all__ = ["records"]

pytestmark = [pytest.mark.docker, pytest.mark.cloud]


@pytest.fixture(scope="module")
def recorded(invoke: Invoke) -> Invocation:
    """The samples' version is on record; told again, nothing of that changes."""
    return succeeded(invoke("sync_model_version-registered"))


OF_MODELS = [
    "roll_up_use_case-deployment-failed",
    "roll_up_use_case-deployment-requested",
    "roll_up_use_case-deployment-succeeded",
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
