"""What runs past governance is flagged as its events come, once, whatever befalls who flags it."""

import json
from typing import Any

import pytest

from tests.aws.cloud import Cloud
from tests.aws.life import PIPELINES, envelope
from tests.aws.rehearsal import Rehearsal
from tests.aws.resources import INTAKE_BUS
from tests.aws.rights import rights
from tests.aws.seam import Fault
from tests.aws.test_crashes import FAULTS, assert_scenes_healed
from tests.builders import after
from tests.template.policies import allows, statements_of, without
from tests.template.translation import PROD, REGION

TRACK = "TrackDeployment"
STRANGE = f"arn:aws:sagemaker:{REGION}:{PROD}:endpoint/handmade"


def an_endpoint_serves(cloud: Cloud, at: float, status: str) -> None:
    """An endpoint that somebody made by hand changes its status."""
    detail = {"EndpointName": "handmade", "EndpointArn": STRANGE, "EndpointStatus": status}
    cloud.clock.moment = after(at + 1)
    cloud.happens(envelope("SageMaker Endpoint State Change", detail, "aws.sagemaker", at, PROD), INTAKE_BUS)


def an_execution_runs(cloud: Cloud, at: float) -> None:
    """Somebody starts the pipeline by hand."""
    variables = {"DeploymentId": "none", "ModelPackageArn": "none", "BundleKey": "none"}
    pipeline = PIPELINES["production"]
    cloud.pipelines.executions["by-hand"] = {"pipeline": pipeline, "status": "InProgress", "variables": variables}
    detail = {"pipeline": pipeline, "execution-id": "by-hand", "state": "STARTED", "version": 1.0}
    cloud.clock.moment = after(at + 1)
    kind = "CodePipeline Pipeline Execution State Change"
    cloud.happens(envelope(kind, {**detail, "pipeline-execution-attempt": 1.0}, "aws.codepipeline", at))


STEPS = (
    ("an endpoint is being made", lambda c: an_endpoint_serves(c, 0, "CREATING")),
    ("it serves", lambda c: an_endpoint_serves(c, 60, "IN_SERVICE")),
    ("it was updated, and serves again", lambda c: an_endpoint_serves(c, 120, "IN_SERVICE")),
    ("a pipeline is started by hand", lambda c: an_execution_runs(c, 180)),
)


def flagged(outcome: dict[str, Any]) -> list[tuple[str, str]]:
    """The open findings about the hub: code and subject."""
    rows = [json.loads(one) for one in outcome["items"] if '"HUB#' in one and '"FINDING#' in one]
    kept = [json.loads(row["document"]["S"]) for row in rows]
    return sorted((one["code"], one["subject"]) for one in kept if one["status"] == "open")


def test_what_nobody_deployed_is_flagged_once_it_serves(lived: Rehearsal):
    endpoint, execution = (
        ("ungoverned-endpoint", STRANGE),
        ("execution-without-record", f"{PIPELINES['production']}/by-hand"),
    )
    assert [flagged(one) for one in lived.outcomes] == [[], [endpoint], [endpoint], [execution, endpoint]]
    deeds = [one for one in lived.outcomes[-1]["items"] if '"HUB#' in one and '"AUDIT#' in one]
    assert len(deeds) == 2


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_is_healed_by_redelivery(lived: Rehearsal, fault: Fault):
    met = assert_scenes_healed(lived, lived.of(TRACK), fault)
    assert met or fault is Fault.RETRIED, "never tried"


def test_every_call_is_allowed_and_flags_need_their_right(lived: Rehearsal):
    statements = statements_of(TRACK)
    asked = [right for scene in lived.of(TRACK) for call in scene.calls for right in rights(call)]
    assert [one for one in asked if not allows(statements, one.action, one.resource, one.context)] == []
    left = without(statements, "FlagWhatNobodyDeployed")
    assert [one for one in asked if not allows(left, one.action, one.resource, one.context)]
