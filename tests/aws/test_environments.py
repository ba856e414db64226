"""A stage with two accounts, by the real functions: each is deployed to by its own pipeline, and taken back alone."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from tests.aws.cloud import Cloud
from tests.aws.functions import ENVIRONMENT
from tests.aws.life import EIGHT, EIGHTH, PIPELINES, SEVEN, job, tell, turned
from tests.aws.officers import ROLES
from tests.aws.recalls import asked, begun, registered
from tests.aws.rehearsal import Rehearsal
from tests.aws.seam import Fault
from tests.aws.test_crashes import assert_scenes_healed
from tests.builders import KATHERINE, approved, moved

EU = "production-eu"
FURTHER = [
    {"name": EU, "stage": "production", "account": "888899990000", "pipeline": f"steward-deploy-{EU}"},
]


@pytest.fixture(scope="module", autouse=True)
def with_another_account() -> Iterator[None]:
    """Every function is told of another production account, and who owns, validates and governs."""
    told = {**ROLES, "FURTHER_ENVIRONMENTS": json.dumps(FURTHER)}
    with (
        patch.dict(ENVIRONMENT, {name: {**known, **told} for name, known in ENVIRONMENT.items()}),
        patch.dict(PIPELINES, {EU: f"steward-deploy-{EU}"}),
    ):
        yield


def to_production(cloud: Cloud, arn: str, at: float, **born: Any) -> None:
    tell(cloud, moved(at, "Test", "Approved", arn=arn, **born), at, KATHERINE)


def asks(cloud: Cloud, arn: str, at: float) -> None:
    job(cloud, "VerifyDeployment", arn, "production", at, environment=EU)


STEPS = (
    ("version 7 is registered", begun),
    ("and approved", lambda c: tell(c, approved(60), 60)),
    ("it is deployed to test", lambda c: turned(c, SEVEN, "test", "SUCCEEDED", 180)),
    ("and approved there", lambda c: to_production(c, SEVEN, 240)),
    ("its first account has it", lambda c: turned(c, SEVEN, "production", "SUCCEEDED", 300)),
    ("the pipeline of the other asks whether it may", lambda c: asks(c, SEVEN, 330)),
    ("and has it too", lambda c: turned(c, SEVEN, EU, "SUCCEEDED", 360)),
    ("version 8 is registered", lambda c: registered(c, 840, EIGHT, EIGHTH)),
    ("and approved", lambda c: tell(c, approved(900, arn=EIGHT, **EIGHTH), 900)),
    ("it is deployed to test", lambda c: turned(c, EIGHT, "test", "SUCCEEDED", 960)),
    ("and approved there", lambda c: to_production(c, EIGHT, 1020, **EIGHTH)),
    ("its first account has it", lambda c: turned(c, EIGHT, "production", "SUCCEEDED", 1080)),
    ("the other cannot be entered", lambda c: turned(c, EIGHT, EU, "FAILED", 1140, "AccessDenied")),
    ("an officer quarantines version 8", lambda c: asked(c, 60, "quarantine", EIGHT)),
    ("version 7 serves in test again", lambda c: turned(c, SEVEN, "test", "SUCCEEDED", 3660)),
    ("and in production", lambda c: turned(c, SEVEN, "production", "SUCCEEDED", 3720)),
)  # fmt: skip


def row(outcome: dict[str, Any], key: str, version: str) -> dict[str, Any]:
    rows = [json.loads(one) for one in outcome["items"]]
    [found] = [one for one in rows if one["sk"]["S"] == key and one["pk"]["S"] == f"MODEL#{version}"]
    return found


def production(outcome: dict[str, Any], version: str) -> tuple[str, dict[str, str]]:
    """The stage's status, and that of each of its environments."""
    found = row(outcome, "STAGE#production", version)
    told = json.loads(found["environments"]["S"])
    return found["deployment_status"]["S"], {name: one["deployment_status"] for name, one in told.items()}


def test_both_accounts_have_it_before_the_stage_says_so(lived: Rehearsal):
    assert production(lived.outcomes[4], SEVEN) == ("queued", {"production": "deployed", EU: "queued"}) or production(
        lived.outcomes[4], SEVEN
    ) == ("deploying", {"production": "deployed", EU: "deploying"})
    assert production(lived.outcomes[6], SEVEN) == ("deployed", {"production": "deployed", EU: "deployed"})


def test_where_one_cannot_be_entered_the_record_says_which_and_the_finding_too(lived: Rehearsal):
    assert production(lived.outcomes[12], EIGHT) == ("failed", {"production": "deployed", EU: "failed"})
    assert production(lived.outcomes[12], SEVEN) == ("superseded", {"production": "superseded", EU: "deployed"})
    [failed] = [json.loads(one) for one in lived.outcomes[12]["items"] if '"FINDING#deployment-failed' in one]
    assert "production (production-eu) failed: Deploy: AccessDenied" in failed["detail"]["S"]


def test_each_environment_has_its_own_turn_and_memory_and_no_turn_is_left(lived: Rehearsal):
    rows = [json.loads(one) for one in lived.outcomes[-1]["items"]]
    assert [one["pk"]["S"] for one in rows if one["pk"]["S"].startswith("LEASE#")] == []
    [group] = [one for one in rows if one["pk"]["S"].startswith("GROUP#") and one["sk"]["S"] == "HEAD"]
    serving = json.loads(group["document"]["S"])["serving"]
    assert {place: one["version"] for place, one in serving.items()} == {
        "test": SEVEN,
        "production": SEVEN,
        EU: SEVEN,
    }


def test_a_quarantine_reaches_every_account_and_is_safe_at_the_end(lived: Rehearsal):
    assert production(lived.outcomes[-1], EIGHT)[1]["production"] == "rolled-back"
    told = [name for outcome in lived.outcomes for name in outcome["announced"].values()]
    assert "QuarantineCompleted" in told


def test_what_runs_in_another_account_is_found_by_its_endpoint(lived: Rehearsal):
    rows = [json.loads(one) for one in lived.outcomes[-1]["items"] if '"gsi3pk"' in one]
    found = {one["gsi3pk"]["S"].split(":", 1)[1].split(":")[3]: one["sk"]["S"].split("#")[0] for one in rows}
    assert found["888899990000"] == "DEPLOYMENT"


ACTING = {"RollBack", "StartDeployment", "SyncModelGroup", "TrackDeployment", "VerifyDeployment"}


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.OVERTAKEN])
def test_a_fault_at_any_call_in_either_account_is_healed(lived: Rehearsal, fault: Fault):
    scenes = [one for one in lived.scenes if one.step >= 4 and one.delivery.function in ACTING]
    assert {one.delivery.function for one in scenes} == ACTING
    assert_scenes_healed(lived, scenes, fault, pause=0)  # later, it is safe later
