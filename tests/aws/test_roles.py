"""Each right of each function's role, held against every call that the function makes in all of its lives.

To the calls of an undisturbed life come those of an event that is delivered again, of one that somebody overtakes, and
of one about a record that an older release of Steward left: what a function does only then it must be allowed to, too.
What AWS does in the functions' names (logs, traces, failures, the stream) is held against their roles in
tests/template/test_roles_and_calls.py.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from types import ModuleType
from typing import Any
from unittest.mock import patch

import pytest

from tests.aws import (
    decisions,
    letters,
    life,
    officers,
    recalls,
    retirements,
    reviewers,
    test_crashes_of_batch,
    test_crashes_of_bypasses,
    test_crashes_of_copies,
    test_crashes_of_deadlines,
    test_crashes_of_evidence,
    test_crashes_of_holds,
    test_crashes_of_imports,
    test_crashes_of_the_archive,
    test_crashes_of_the_reconciler,
    test_crashes_of_write_backs,
    use_cases,
)
from tests.aws.conftest import hub_in_memory
from tests.aws.functions import ENVIRONMENT, FUNCTIONS
from tests.aws.moto_gaps import LOCKS
from tests.aws.rehearsal import Rehearsal, Scene, rehearse
from tests.aws.resources import ARTIFACTS, TABLE, client, table_items
from tests.aws.rights import Right, owner, rights
from tests.aws.seam import ApiCall, Fault
from tests.aws.test_crashes import BROKEN, HARNESSED, RETRY_AFTER, points
from tests.template.own_calls import OWN_CALLS
from tests.template.policies import allows, statements_of, without

pytestmark = pytest.mark.timeout(900)
"""All lives are lived once, before the first test."""

OF_THE_PLATFORM = frozenset(
    {
        "HandOverFailures",
        "WriteItsLog",
        "WriteItsTraces",
        "ReadTheOutbox",
        "ReadTheStream",
        "KeepStreamFailures",
        "FindTheFailureBucket",
    }
)

LIVES: Mapping[str, tuple[ModuleType, ...]] = {
    **dict.fromkeys(HARNESSED, (life,)),
    "AnchorAudit": (test_crashes_of_the_archive,),
    "ArchiveAudit": (test_crashes_of_the_archive,),
    "CollectEvidence": (test_crashes_of_evidence,),
    "CopyArtifacts": (life, test_crashes_of_copies),
    "Decide": (decisions, officers, recalls, retirements, reviewers, use_cases),
    "ExpireEvidence": (test_crashes_of_deadlines,),
    "ImportModelVersion": (test_crashes_of_imports,),
    "Notify": (use_cases,),
    "ReconcileRegistry": (test_crashes_of_the_reconciler, decisions, use_cases),
    "RecordDecisions": (use_cases,),
    "RedriveEvents": (letters,),
    "RollUpUseCase": (use_cases,),
    "RetireUseCase": (retirements,),
    "RetainArtifacts": (life, test_crashes_of_holds, test_crashes_of_copies),
    "StartDeployment": (life, retirements),
    "SyncModelGroup": (life, retirements, use_cases),
    "TrackDeployment": (life, recalls, retirements, test_crashes_of_bypasses),
    "ValidateDeployment": (life, test_crashes_of_batch),
    "VerifyDeployment": (life, retirements),
    "WriteBack": (test_crashes_of_write_backs,),
}
"""Where each function does what it does."""

TELL_MISSING_FROM_FORBIDDEN = frozenset({"CollectEvidence", "CopyArtifacts", "StartDeployment", "VerifyDeployment"})
"""Functions for which an object that is not there is an answer.

S3 gives it, 404, only to those who may list the bucket, and 403 to the rest (S3 API: GetObject, HeadObject)."""

SEE_LOCKS = frozenset({"CollectEvidence", "CopyArtifacts"})
"""Functions that ask how an object is locked. HeadObject tells it to who may ask for it (S3 API: HeadObject)."""

RARE = {
    "CopyArtifacts": {"s3:GetObjectVersion"},
    "ReconcileRegistry": {"codepipeline:ListActionExecutions"},
    "RetireUseCase": {"lambda:InvokeFunction", "sagemaker:DeleteModelPackageGroupPolicy"},
    "StartDeployment": {"dynamodb:GetItem"},
    "VerifyDeployment": {"dynamodb:GetItem", "s3:ListBucketVersions"},
}
"""What no life comes to: an artifact in a bucket with versions, an execution whose end nobody told, a use case with
more versions than can be retired in the time of one function, a group whose policy denies nothing, a group that
somebody else changes at the same moment or that has a deployment profile of its own, a prefix that is deployed: no
endpoint can load one yet."""


def calls(lived: Rehearsal, function: str) -> Iterator[ApiCall]:
    """Everything that a function asks for: at first, told again, overtaken, and after an older release."""
    shapes = set()
    for scene in lived.of(function):
        yield from scene.calls
        shape = tuple(map(str, scene.calls))
        if shape in shapes:
            continue
        shapes.add(shape)
        yield from told_again(lived, scene)
        if at := points(scene, Fault.OVERTAKEN):
            yield from overtaken(lived, scene, at[0])
            yield from after_an_older_release(lived, scene)


def told_again(lived: Rehearsal, scene: Scene) -> list[ApiCall]:
    """The calls of a second delivery of the same event."""
    cloud, delivery = lived.cloud, replace(scene.delivery, then=lambda _: [])
    cloud.restore(scene.before)
    cloud.deliver(delivery)
    cloud.clock.wait(RETRY_AFTER)
    return cloud.deliver(delivery)


def overtaken(lived: Rehearsal, scene: Scene, at: int) -> list[ApiCall]:
    """The calls of a delivery before one of which the same event was seen to by another."""
    cloud = lived.cloud
    cloud.restore(scene.before)
    cloud.seam.meanwhile = lambda: cloud.fleet.elsewhere(scene.delivery.function, scene.delivery.event)
    try:
        return cloud.deliver(scene.delivery, Fault.OVERTAKEN, at)
    except BROKEN:
        return cloud.seam.calls


def after_an_older_release(lived: Rehearsal, scene: Scene) -> list[ApiCall]:
    """The calls of a delivery about a record that another fold left: its state is of old, and a row is too many."""
    cloud = lived.cloud
    cloud.restore(scene.before)
    for head in [item for item in table_items() if is_head(item)]:
        too_many = {"pk": head["pk"], "sk": {"S": "EFFECT#seal-of-old"}, "effect": {"S": "seal"}}
        for item in ({**head, "fold_version": {"N": "0"}}, too_many):
            client("dynamodb").put_item(TableName=TABLE, Item=item)
    return cloud.deliver(scene.delivery)


def is_head(item: Mapping[str, Any]) -> bool:
    """Whether an item is the head of a version's record."""
    return bool(item["pk"]["S"].startswith("MODEL#") and item["sk"]["S"] == "HEAD")


def asked(function: str, call: ApiCall) -> Iterator[Right]:
    """Everything that has to be allowed for a call."""
    yield from rights(call)
    if function in TELL_MISSING_FROM_FORBIDDEN and call.operation in {"GetObject", "HeadObject"}:
        yield listing(call)
    if function in SEE_LOCKS and call.operation == "HeadObject" and call.parameters["Bucket"] == ARTIFACTS:
        yield from rights(replace(call, operation="GetObjectRetention"))
    if function == "RetainArtifacts" and call.operation in {*LOCKS, "GetObject"}:
        yield from (listing(call), listing(call, "s3:ListBucketVersions"))


def listing(call: ApiCall, action: str = "s3:ListBucket") -> Right:
    """What it takes to be told that an object, or a version of it, is missing."""
    bucket = call.parameters["Bucket"]
    return Right(action, f"arn:aws:s3:::{bucket}", owner(bucket))


@pytest.fixture(scope="module")
def needed() -> dict[str, list[Right]]:
    """What each function has to be allowed, in all its lives."""
    found: dict[str, list[Right]] = {function: [] for function in LIVES}
    for lived_in in dict.fromkeys(one for lives in LIVES.values() for one in lives):
        with ExitStack() as ends:
            small = test_crashes_of_copies.IN_SMALL if lived_in is test_crashes_of_copies else {}
            named = officers.ROLES if lived_in in (officers, recalls, retirements, reviewers, use_cases) else small
            ends.enter_context(patch.dict(ENVIRONMENT, {name: {**told, **named} for name, told in ENVIRONMENT.items()}))
            lived = rehearse(ends.enter_context(hub_in_memory()), lived_in.STEPS)
            for function, lives in LIVES.items():
                if lived_in in lives:
                    found[function] += [one for call in calls(lived, function) for one in asked(function, call)]
    return found


def test_every_function_has_its_lives_here():
    assert LIVES.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("function", sorted(LIVES))
def test_every_call_that_a_function_made_is_allowed_to_it(needed: dict[str, list[Right]], function: str):
    statements = statements_of(function)
    assert [one for one in needed[function] if not allows(statements, one.action, one.resource, one.context)] == []


@pytest.mark.parametrize("function", sorted(LIVES))
def test_a_function_makes_every_call_that_it_is_listed_with_or_has_a_rare_reason_for_it(
    needed: dict[str, list[Right]], function: str
):
    made = {one.action for one in needed[function]}
    assert {call.action for call in OWN_CALLS[function]} - made == RARE.get(function, set())
    assert made <= {call.action for call in OWN_CALLS[function]}


STATEMENTS = [
    (function, one.sid)
    for function in LIVES
    for one in statements_of(function)
    if one.sid not in OF_THE_PLATFORM and not set(one.actions) <= RARE.get(function, set())
]


@pytest.mark.parametrize(("function", "sid"), STATEMENTS, ids=[f"{function}-{sid}" for function, sid in STATEMENTS])
def test_a_statement_is_needed(needed: dict[str, list[Right]], function: str, sid: str):
    left = without(statements_of(function), sid)
    assert [one for one in needed[function] if not allows(left, one.action, one.resource, one.context)]
