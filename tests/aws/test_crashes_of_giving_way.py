"""What another deployment supersedes when its turn comes gives way once, whoever dies on the way, and nobody waits."""

import pytest

from tests.aws.life import EIGHT, EIGHTH, SEVEN, job, tell, turned
from tests.aws.rehearsal import Rehearsal
from tests.aws.seam import Fault
from tests.aws.test_at_once import assert_eight_are_one
from tests.aws.test_crashes import FAULTS, assert_scenes_healed
from tests.builders import ADA, after, approved, change, package_arn

NINE = package_arn(version=9)
NINTH = {"CreationTime": after(30).isoformat()}

STEPS = (
    ("version 7 is registered", lambda c: tell(c, change(0), 0, ADA)),
    ("version 9 is registered", lambda c: tell(c, change(30, arn=NINE, **NINTH), 30, ADA)),
    ("version 8 is registered", lambda c: tell(c, change(840, arn=EIGHT, **EIGHTH), 840, ADA)),
    ("version 7 is approved, and deployed", lambda c: tell(c, approved(900), 900)),
    ("version 9 is approved, and waits", lambda c: tell(c, approved(960, arn=NINE, **NINTH), 960)),
    ("version 8 is approved, and waits behind it", lambda c: tell(c, approved(1020, arn=EIGHT, **EIGHTH), 1020)),
    ("the pipeline of version 7 asks whether it may", lambda c: job(c, "VerifyDeployment", SEVEN, "test", 1140)),
    ("it fails", lambda c: turned(c, SEVEN, "test", "FAILED", 1200, "no capacity")),
)


def test_what_another_supersedes_is_skipped_and_that_one_is_started(lived: Rehearsal):
    deployed = [told["variables"]["ModelPackageArn"] for told in lived.outcomes[-1]["executions"].values()]
    assert deployed == [SEVEN, EIGHT]
    skipped = [item for item in lived.outcomes[-1]["items"] if '"FACT#' in item and "deployment-skipped" in item]
    assert len(skipped) == 1
    assert not [item for item in lived.outcomes[-1]["items"] if '"QUEUE#' in item]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_while_one_gives_way_is_healed_by_redelivery(lived: Rehearsal, fault: Fault):
    last = len(STEPS) - 1
    scenes = [scene for scene in lived.of("StartDeployment") if scene.step == last]
    assert max(len(scene.calls) for scene in scenes) > 15
    assert_scenes_healed(lived, scenes, fault)


def test_eight_deliveries_at_once_let_each_give_way_once(lived: Rehearsal):
    assert_eight_are_one(lived, "StartDeployment")
