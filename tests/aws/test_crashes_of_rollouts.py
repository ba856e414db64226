"""Whatever befalls who follows a rollout that guardrails take back, at whichever call, told again it is known once."""

import json
from typing import Any

import pytest

from tests.aws.cloud import Cloud
from tests.aws.life import SEVEN, envelope, job, tell, turned
from tests.aws.recalls import alarm
from tests.aws.rehearsal import Rehearsal
from tests.aws.resources import INTAKE_BUS
from tests.aws.seam import Fault
from tests.aws.test_crashes import FAULTS, assert_scenes_healed
from tests.builders import ADA, after, approved, change
from tests.template.translation import REGION, TEST

NAME = "steward-credit-risk-pd-test"
ENDPOINT = f"arn:aws:sagemaker:{REGION}:{TEST}:endpoint/{NAME}"


def phase(cloud: Cloud, at: float, status: str) -> None:
    """The endpoint's account tells of a phase of the fleet that comes."""
    told = {"Status": status, "StatusMessage": f"{status}.", "StartTime": int(after(at).timestamp() * 1000)}
    fleet = {"EndpointConfigName": "new", "ProductionVariants": [{"VariantStatus": [told]}]}
    happens(cloud, "SageMaker Endpoint Deployment State Change", at, PendingDeploymentSummary=fleet)


def happens(cloud: Cloud, kind: str, at: float, **more: Any) -> None:
    """An event of the endpoint, which had another configuration before."""
    detail = {"EndpointName": NAME, "EndpointArn": ENDPOINT, "EndpointConfigName": "before", **more}
    cloud.clock.moment = after(at + 1)
    cloud.happens(envelope(kind, detail, "aws.sagemaker", at, TEST), INTAKE_BUS)


def back(cloud: Cloud, at: float) -> None:
    """The endpoint is in service with the configuration of before."""
    happens(cloud, "SageMaker Endpoint State Change", at, EndpointStatus="IN_SERVICE")


STEPS = (
    ("version 7 is registered", lambda c: tell(c, change(0), 0, ADA)),
    ("the model owner approves it", lambda c: tell(c, approved(60), 60)),
    ("its pipeline asks whether it may", lambda c: job(c, "VerifyDeployment", SEVEN, "test", 120)),
    ("its fleet is made", lambda c: phase(c, 180, "Creating")),
    ("its fleet is baked", lambda c: phase(c, 190, "Baking")),
    ("an alarm goes on", lambda c: alarm(c, 200)),
    ("its fleet is taken away", lambda c: phase(c, 210, "Deleting")),
    ("what served before serves", lambda c: back(c, 220)),
    ("its pipeline fails", lambda c: turned(c, SEVEN, "test", "FAILED", 240, "Deploy: it was rolled back")),
)  # fmt: skip


def test_what_guardrails_took_back_is_on_record_and_announced_once(lived: Rehearsal):
    items = [json.loads(one) for one in lived.outcomes[-1]["items"]]
    (record,) = [one for one in items if one["sk"]["S"] == "STAGE#test"]
    assert record["deployment_status"]["S"] == "failed"
    assert f"{NAME}-5xx was on: 7 is more than 1" in record["deployment_rollout"]["S"]
    told = {key: name for outcome in lived.outcomes for key, name in outcome["announced"].items()}
    assert list(told.values()).count("GuardrailTripped") == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_about_a_rollout_is_healed(lived: Rehearsal, fault: Fault):
    scenes = [one for one in lived.scenes if one.step >= 3 and one.delivery.function == "TrackDeployment"]
    assert {one.step for one in scenes} == set(range(3, 9))
    assert_scenes_healed(lived, scenes, fault, pause=0)
