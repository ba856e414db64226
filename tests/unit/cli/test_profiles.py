"""Deployment profiles from the command line: checked offline, shown from the record, set by an officer."""

from pathlib import Path
from typing import Any

import pytest

from tests.aws.cloud import Cloud
from tests.aws.resources import table_items
from tests.builders import MARY
from tests.unit.cli.conftest import Steward
from tests.unit.cli.test_publishing import WHY, comes, functions, hub, told

__all__ = ["functions", "hub"]

EXAMPLE = str(Path(__file__).parents[3] / "examples/credit_risk/deployment-profile.yaml")


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    """A profile that asks for what SageMaker does not take."""
    file = tmp_path / "wrong.yaml"
    file.write_text("title: Wrong\nstages:\n  test:\n    rollout: {knid: canary}\n  prod: {}\n")
    return str(file)


def test_a_file_is_checked_without_any_cloud(steward: Steward, wrong: str):
    assert told(steward, "profile", "validate", EXAMPLE)["valid"]
    assert "canary 10 %, 600 s each, 300 s bake" in steward("profile", "validate", EXAMPLE).stdout
    found = told(steward, "profile", "validate", wrong, code=1)
    assert found["problems"] == [
        "line 4: stages.test.rollout.kind: it is missing",
        "line 4: stages.test.rollout.knid: there is no such field; did you mean kind?",
        "line 5: stages.prod: “prod” is none of development, test, pre-production or production",
    ]
    assert "is no deployment profile" in steward("profile", "validate", wrong).stdout


def test_a_profile_is_set_and_shown_and_earlier_ones_stay(steward: Steward, hub: Cloud, tmp_path: Path):
    shown = told(steward, "profile", "show", "credit-risk-pd")
    assert (shown["profile"], "stages" in shown) == ("profile@0", False)
    done = steward("profile", "set", "credit-risk-pd", EXAMPLE, *WHY)
    assert done.stdout == "profile@1: in force for credit-risk-pd, in the place of profile@0\n"
    assert told(steward, "profile", "set", "credit-risk-pd", EXAMPLE, *WHY)["changed"] is False
    plain = tmp_path / "plain.yaml"
    plain.write_text("title: As before\n")
    assert told(steward, "profile", "set", "credit-risk-pd", str(plain), *WHY)["profile"] == "profile@2"
    assert told(steward, "profile", "show", "credit-risk-pd")["title"] == "As before"
    earlier = told(steward, "profile", "show", "credit-risk-pd", "--version", "1")
    assert earlier["stages"]["production"]["rollout"]["kind"] == "canary"
    text = steward("profile", "show", "credit-risk-pd", "--version", "1").stdout
    for words in ("serverless, 2048 MB, 5 at once", "4 to 12 × ml.m5.large", "business", "50/s"):
        assert words in text
    told(steward, "profile", "show", "credit-risk-pd", "--version", "3", code=4)


def test_a_dry_run_says_what_would_be_in_force(steward: Steward):
    before = table_items()
    said = steward("profile", "set", "credit-risk-pd", EXAMPLE, *WHY, "--dry-run").stdout
    assert said == "profile@1: would be in force for credit-risk-pd, in the place of profile@0\n"
    assert table_items() == before


def test_nobody_but_an_officer_sets_one_and_no_file_that_is_none(steward: Steward, hub: Cloud, wrong: str):
    refused: Any = told(steward, "profile", "set", "credit-risk-pd", wrong, *WHY, code=3)
    assert "line 4" in refused["error"]["message"]
    comes(hub, MARY)
    refused = told(steward, "profile", "set", "credit-risk-pd", EXAMPLE, *WHY, code=3)
    assert "not-entitled" in refused["error"]["message"]
