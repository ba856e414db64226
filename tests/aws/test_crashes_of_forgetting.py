"""Whatever befalls whoever erases a name, at whichever call: asked again, it is gone everywhere, with one deed."""

import json
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from tests.aws.functions import ENVIRONMENT
from tests.aws.life import tell
from tests.aws.rehearsal import Rehearsal
from tests.aws.seam import Fault
from tests.aws.test_at_once import assert_eight_are_one
from tests.aws.test_crashes import FAULTS, assert_scenes_healed
from tests.aws.use_cases import ID, ROLES, asked, assess, begun
from tests.builders import MARY, after, change, group_arn, package_arn
from tests.unit.governance.use_cases.board import describes

DECIDE, OTHER = "Decide", "fraud"

DELEGATED = {"group": group_arn(), "role": "owner", "to": "ida.rhodes", "until": after(86_400).isoformat()}

STEPS = (
    ("a model owner writes a use case down", begun),
    ("and another one", lambda c: asked(c, 1, "create-use-case", document=describes(id=OTHER, owner=MARY.id))),
    ("and registers a version", lambda c: tell(c, change(5 * 60, arn=package_arn()), 5 * 60, MARY)),
    ("and delegates their role", lambda c: asked(c, 7, "delegate", **DELEGATED)),
    ("a validator assesses the use case", lambda c: assess(c, 10, "high")),
    ("an officer erases the owner's name", lambda c: asked(c, 20, "forget-person", name=MARY.id)),
)


@pytest.fixture(scope="module", autouse=True)
def with_officers() -> Iterator[None]:
    """Every function is told who governs."""
    with patch.dict(ENVIRONMENT, {name: {**told, **ROLES} for name, told in ENVIRONMENT.items()}):
        yield


def test_the_name_was_beside_each_record_and_is_gone_from_all(lived: Rehearsal):
    before, last = lived.outcomes[-2:]
    beside = [json.loads(one)["pk"]["S"] for one in before["items"] if '"PEOPLE"' in one and MARY.id in one]
    assert sorted(beside) == ["HUB#steward", f"MODEL#{package_arn()}", f"USECASE#{ID}", f"USECASE#{OTHER}"]
    of_people = [one for one in last["items"] if not json.loads(one)["pk"]["S"].startswith("GROUP#")]  # as tags say it
    assert not [one for one in of_people if MARY.id in one]
    (deed,) = [json.loads(json.loads(one)["entry"]["S"]) for one in last["items"] if "person-forgotten" in one]
    where = {"versions": [package_arn()], "use_cases": [ID, OTHER], "policies": [], "hub": True}
    assert {name: deed["new"][name] for name in where} == where


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_is_healed_by_asking_again(lived: Rehearsal, fault: Fault):
    met = assert_scenes_healed(lived, lived.of(DECIDE)[-1:], fault)
    assert met or fault is Fault.RETRIED, "never tried"


def test_eight_times_the_same_request_at_once_are_one_deed(lived: Rehearsal):
    assert_eight_are_one(lived, DECIDE)
