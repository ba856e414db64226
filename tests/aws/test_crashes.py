"""Whatever befalls a function at whichever of its calls, delivering the event again heals it.

A whole life is lived once undisturbed. Then each delivery of it is lived again with a fault at each of its calls: the
process killed before the call or after it took effect, the call throttled, denied, contended for, answered too late,
made twice, or overtaken by another process that handles the same event. The event is delivered again, a minute later,
and everything that follows is settled; table, objects, executions, answers and announcements must then be those of the
undisturbed life, apart from the times that Steward's clock put into them.

Killed after one call is killed before the next, for nothing outside of the process happens in between: so each call is
killed before, and the last one after.
"""

import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from governance.domain.errors import GovernanceError
from tests.aws import life
from tests.aws.cloud import Cloud
from tests.aws.functions import FUNCTIONS
from tests.aws.presents import present
from tests.aws.rehearsal import Rehearsal, Scene
from tests.aws.resources import SOURCES
from tests.aws.seam import ApiCall, Fault, Killed

ELSEWHERE = {
    "AnchorAudit": "test_crashes_of_the_archive",
    "ArchiveAudit": "test_crashes_of_the_archive",
    "CollectEvidence": "test_crashes_of_evidence",
    "Decide": "test_crashes_of_decisions",
    "ExpireEvidence": "test_crashes_of_deadlines",
    "ImportModelVersion": "test_crashes_of_imports",
    "Notify": "test_crashes_of_use_cases",
    "ReconcileRegistry": "test_crashes_of_the_reconciler",
    "RecordDecisions": "test_crashes_of_use_cases",
    "RedriveEvents": "test_crashes_of_dead_letters",
    "RetireUseCase": "test_crashes_of_retirements",
    "WriteBack": "test_crashes_of_write_backs",
}
"""Functions that have no part in this life, and where they have one of their own."""
HARNESSED = sorted(set(FUNCTIONS) - set(ELSEWHERE))
"""Every other function has its unit here; the architecture tests hold the folders against both."""

STEP = {name: number for number, (name, _) in enumerate(life.STEPS)}

FAULTS = tuple(Fault)
"""Every fault befalls every function."""
RETRY_AFTER = 60.0
"""When an event is delivered again, in seconds: Lambda's first retry of an asynchronous event."""
AT_ONCE = frozenset({"ValidateDeployment"})
"""Whoever measures again a minute later has measured twice, and says so: only at the same moment is it the same."""

OF_OTHERS = {
    ("CopyArtifacts", "s3:GetObject"),
    ("CopyArtifacts", "s3:CopyObject"),
    ("ValidateDeployment", "s3:GetObject"),
    ("ValidateDeployment", "s3:PutObject"),
}
"""Calls whose denial is an answer, not a failure, where the object belongs to somebody else, who has to grant it."""

BROKEN = (Killed, BotoCoreError, ClientError, PynamoDBException, GovernanceError, BatchProcessingError, RuntimeError)


def is_of_others(function: str, call: ApiCall) -> bool:
    """Whether somebody else has to grant a call: what is registered, or measured by; never our own papers."""
    if str(call) == "ecr:BatchGetImage":
        return True
    if (function, str(call)) not in OF_OTHERS:
        return False
    asked = call.parameters
    bound = asked.get("Key", "").startswith(("validation/", "batch-"))
    return bound or SOURCES in (asked["Bucket"], asked.get("CopySource", {}).get("Bucket"))


def points(scene: Scene, fault: Fault) -> list[int]:
    """The calls of a delivery that a fault can befall, counted from 1."""
    if fault is Fault.KILLED_AFTER:
        return [len(scene.calls)] if scene.calls else []
    denied, function = fault is Fault.DENIED, scene.delivery.function
    return [
        number
        for number, call in enumerate(scene.calls, 1)
        if call.can_meet(fault) and not (denied and is_of_others(function, call))
    ]


def befall(lived: Rehearsal, scene: Scene, fault: Fault, at: int, pause: float) -> Cloud:
    """One of a step's deliveries meets a fault and is made again; what follows from it all is still on its way."""
    cloud = lived.cloud
    cloud.restore(scene.before)
    cloud.seam.meanwhile = lambda: cloud.fleet.elsewhere(scene.delivery.function, scene.delivery.event)
    failed = False
    try:
        cloud.deliver(scene.delivery, fault, at)
    except BROKEN:
        failed = True
    if failed:
        cloud.clock.wait(pause)
        cloud.deliver(scene.delivery)
    return cloud


def disturbed(lived: Rehearsal, scene: Scene, fault: Fault, at: int, pause: float) -> dict[str, Any]:
    """How things stand after a step, one of whose deliveries met a fault and was made again."""
    cloud = befall(lived, scene, fault, at, pause)
    cloud.settle()
    return cloud.outcome()


def disturbed_once(lived: Rehearsal, scene: Scene, fault: Fault, at: int, pause: float) -> dict[str, Any]:
    """The same; but what follows is lived once for each present that a fault of this kind leaves, not for each call."""
    cloud = befall(lived, scene, fault, at, pause)
    found = present(cloud, scene.before)
    if lived.settling != (id(scene), fault):
        lived.settling, lived.settled = (id(scene), fault), {}
    if found is None or found not in lived.settled:
        cloud.settle()
        lived.settled[found] = cloud.outcome()
    return lived.settled[found]


def timeless(told: Any) -> Any:
    """An outcome without the clock's times, the hashes of what holds such times, and S3's random version ids."""
    if isinstance(told, dict):
        return {timeless(key): timeless(value) for key, value in told.items()}
    if isinstance(told, list):
        return sorted(map(timeless, told), key=str)
    return without_times(told) if isinstance(told, str) else told


@functools.cache
def without_times(text: str) -> str:
    """A text with a word in the place of each time, version id and hash. Most texts are those of the run before.

    Nor does it matter how far a version had come when it was looked at for its use case, and how often that was.
    """
    text = re.sub(r"\d{4}-\d\d-\d\dT[0-9:.]+(Z|\+00:00)?", "<time>", text)
    text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b", "<version id>", text)
    if "STANDING#" in text or "ROLLUP#" in text:
        text = re.sub(r'(\\"sequence\\":|"revision": \{"N": ")\d+', r"\1<number>", text)
    return re.sub(r"\b[0-9a-f]{64}\b", "<hash>", text)


def assert_same(found: dict[str, Any], expected: dict[str, Any], where: str) -> None:
    """Name what differs, and where the fault was."""
    for part, wanted in expected.items():
        if isinstance(wanted, list):
            missing = [one for one in wanted if one not in found[part]]
            strange = [one for one in found[part] if one not in wanted]
            assert (missing, strange) == ([], []), f"{where}: {part}\n- {missing}\n+ {strange}"
        assert found[part] == wanted, f"{where}: {part}"


WITHOUT = {
    *((function, Fault.CONTENDED) for function in ("AnchorAudit", "ArchiveAudit", "ValidateDeployment")),
    ("Decide", Fault.RETRIED),
    ("RedriveEvents", Fault.OVERTAKEN),
    *(
        (function, Fault.RETRIED)
        for function in ("RecordMetrics", "RollUpUseCase", "SyncModelVersion", "TrackDeployment")
    ),
}
"""A function that does not write to the table contends with no transaction; one that writes nothing but transactions
repeats none, for each has its token. A redrive finds the letters in the hands of whoever overtook it: eight at once."""


def assert_no_exemption(lived: Rehearsal, function: str, fault: Fault) -> None:
    """A function without a scene, or without a call that a fault can befall, is one that was never tried."""
    met = [at for scene in lived.of(function) for at in points(scene, fault)]
    assert met or (function, fault) in WITHOUT


def assert_healed(lived: Rehearsal, function: str, fault: Fault, pause: float = RETRY_AFTER) -> None:
    """Let a fault befall each call of each delivery to a function, deliver again, and compare how things stand."""
    assert_no_exemption(lived, function, fault)
    assert_scenes_healed(lived, lived.of(function), fault, pause)


def assert_scenes_healed(
    lived: Rehearsal,
    scenes: Iterable[Scene],
    fault: Fault,
    pause: float = RETRY_AFTER,
    seen: Callable[[Any], Any] = timeless,
) -> int:
    """The same for some deliveries, as seen without what the clock decides. Returns how many calls the fault befell."""
    met = 0
    for scene in scenes:
        expected = seen(lived.outcomes[scene.step])
        for at in points(scene, fault):
            met += 1
            found = seen(disturbed_once(lived, scene, fault, at, pause))
            assert_same(found, expected, f"{scene}, {fault} call {at}, {scene.calls[at - 1]}")
    return met


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("function", HARNESSED)
def test_a_fault_at_any_call_is_healed_by_redelivery(lived: Rehearsal, function: str, fault: Fault):
    assert_healed(lived, function, fault, 0 if function in AT_ONCE else RETRY_AFTER)


def test_what_could_not_be_copied_says_why_and_is_not_deployed(lived: Rehearsal):
    broken = [one for one in lived.outcomes[-1]["items"] if life.TEN in one and '"sealing-failed' in one]
    assert broken
    assert all("SlowDown" in one for one in broken if '"FINDING#' in one)
    deployed = [told["variables"]["ModelPackageArn"] for told in lived.outcomes[-1]["executions"].values()]
    assert life.TEN not in deployed


@pytest.mark.parametrize(("function", "call"), sorted(OF_OTHERS))
def test_an_object_that_nobody_granted_ends_as_a_refusal_with_its_reason(lived: Rehearsal, function: str, call: str):
    for scene in lived.of(function):
        asked = [(at, one) for at, one in enumerate(scene.calls, 1) if str(one) == call]
        for at in [number for number, one in asked if is_of_others(function, one)]:
            found = disturbed(lived, scene, Fault.DENIED, at, RETRY_AFTER)
            reasons = "artifact-unreadable", "cannot be read"
            assert any(reason in told for told in (*found["items"], *found["jobs"].values()) for reason in reasons)
            assert found["executions"] == scene.before["pipelines"]["executions"]


def test_an_image_that_a_registry_of_aws_denies_is_sealed_as_unverified(lived: Rehearsal):
    (scene,) = [one for one in lived.of("CopyArtifacts") if one.step == 0 and one.delivery.event["task"] == "plan"]
    (at,) = [at for at, call in enumerate(scene.calls, 1) if str(call) == "ecr:BatchGetImage"]
    found = disturbed(lived, scene, Fault.DENIED, at, RETRY_AFTER)
    mine = [one for one in found["items"] if life.SEVEN in one]
    assert any('"FINDING#image-unverified' in one for one in mine)
    assert any('"kind\\":\\"artifacts-sealed' in one for one in mine)


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER])
def test_a_pipeline_that_forgets_its_tokens_starts_a_second_execution_which_fails_at_the_claim(
    lived: Rehearsal, fault: Fault
):
    (scene,) = [one for one in lived.of("StartDeployment") if one.step == STEP["the model owner approves it"]]
    cloud = lived.cloud
    for at in range(1, len(scene.calls) + 1):
        cloud.restore(scene.before)
        cloud.pipelines.forgetful = True
        with pytest.raises(Killed):
            cloud.deliver(scene.delivery, fault, at)
        cloud.deliver(scene.delivery)
        cloud.settle()
        started = list(cloud.pipelines.executions)
        assert 1 <= len(started) <= 2
        for number, execution in enumerate(started):
            life.job(cloud, "VerifyDeployment", life.SEVEN, "test", 720 + number, execution)
            cloud.settle()
        let_through = [outcome for outcome in cloud.pipelines.jobs.values() if outcome == "Succeeded"]
        assert len(let_through) == 1, f"{fault} call {at}, {scene.calls[at - 1]}"


@pytest.mark.parametrize("function", HARNESSED)
def test_an_event_that_is_delivered_twice_has_the_effect_of_one(lived: Rehearsal, function: str):
    cloud = lived.cloud
    for scene in lived.of(function):
        cloud.restore(scene.before)
        cloud.deliver(scene.delivery)
        cloud.clock.wait(0 if function in AT_ONCE else RETRY_AFTER)
        cloud.deliver(replace(scene.delivery, then=lambda _: []))
        cloud.settle()
        assert_same(timeless(cloud.outcome()), timeless(lived.outcomes[scene.step]), f"{scene}, delivered twice")
