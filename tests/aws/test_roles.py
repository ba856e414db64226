"""Each statement of each function's role, held against the calls that the function really makes in a whole life.

What AWS does in the functions' names (logs, traces, failures, the stream) is held against them in
tests/template/test_roles_and_calls.py, with the calls of rarer moments than this life has.
"""

import pytest

from tests.aws.moto_gaps import LOCKS
from tests.aws.rehearsal import Rehearsal
from tests.aws.rights import Right, owner, rights
from tests.aws.seam import ApiCall
from tests.aws.test_crashes import HARNESSED
from tests.template.own_calls import OWN_CALLS
from tests.template.policies import allows, statements_of, without

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
OF_RARE_MOMENTS = frozenset({"RemoveWhatTheStateNoLongerGives", "NoteWhoHolds", "FlagWhatNobodyDeployed"})
"""What only a late fact asks for that undoes a row, what only a legal hold does:
test_crashes_of_holds.py; and what only somebody past governance causes: test_crashes_of_bypasses.py."""
LIVED = HARNESSED
"""Functions that this life calls; the others have their lives elsewhere."""
STATEMENTS = [
    (function, one.sid)
    for function in LIVED
    for one in statements_of(function)
    if one.sid not in OF_THE_PLATFORM | OF_RARE_MOMENTS
]


TELL_MISSING_FROM_FORBIDDEN = frozenset({"CopyArtifacts", "VerifyDeployment"})
"""Functions for which an object that is not there is an answer.

S3 gives it, 404, only to those who may list the bucket, and 403 to the rest (S3 API: GetObject, HeadObject)."""


def recorded(lived: Rehearsal, function: str) -> list[Right]:
    """Everything that a function had to be allowed in its life."""
    calls = [call for scene in lived.of(function) for call in scene.calls]
    asked = [right for call in calls for right in rights(call)]
    if function in TELL_MISSING_FROM_FORBIDDEN:
        asked += [listing(call) for call in calls if call.operation in {"GetObject", "HeadObject"}]
    if function == "RetainArtifacts":
        listings = ("s3:ListBucket", "s3:ListBucketVersions")
        asked += [listing(call, action) for call in calls if call.operation in LOCKS for action in listings]
    return asked


def listing(call: ApiCall, action: str = "s3:ListBucket") -> Right:
    """What it takes to be told that an object, or a version of it, is missing."""
    bucket = call.parameters["Bucket"]
    return Right(action, f"arn:aws:s3:::{bucket}", owner(bucket))


@pytest.mark.parametrize("function", LIVED)
def test_every_call_that_a_function_made_is_allowed_to_it(lived: Rehearsal, function: str):
    statements = statements_of(function)
    denied = [one for one in recorded(lived, function) if not allows(statements, one.action, one.resource, one.context)]
    assert denied == []


@pytest.mark.parametrize(("function", "sid"), STATEMENTS, ids=[f"{function}-{sid}" for function, sid in STATEMENTS])
def test_statement_is_needed(lived: Rehearsal, function: str, sid: str):
    left = without(statements_of(function), sid)
    needing = [one for one in recorded(lived, function) if not allows(left, one.action, one.resource, one.context)]
    assert needing, f"nothing that {function} did in its life needs {sid}"


@pytest.mark.parametrize("function", LIVED)
def test_the_list_of_a_functions_calls_holds_every_kind_that_it_made(lived: Rehearsal, function: str):
    listed = {call.action for call in OWN_CALLS[function]}
    assert {one.action for one in recorded(lived, function)} <= listed
