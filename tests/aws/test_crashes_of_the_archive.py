"""Whatever befalls the archive's functions, told again they leave the archive as if nothing had happened."""

import pytest

from tests.aws.cloud import Cloud, Delivery
from tests.aws.life import tell
from tests.aws.rehearsal import Rehearsal
from tests.aws.resources import AUDITS
from tests.aws.seam import Fault
from tests.aws.test_at_once import assert_eight_are_one
from tests.aws.test_crashes import FAULTS, assert_healed
from tests.builders import ADA, after, approved, change

ARCHIVING = ("AnchorAudit", "ArchiveAudit")
A_DAY = 86_400.0


def registered(cloud: Cloud) -> None:
    """A version is registered, and the archive listens."""
    cloud.archives = True
    tell(cloud, change(0), 0, ADA)


def anchored(cloud: Cloud, days: int) -> None:
    """So many days later the schedule calls."""
    cloud.clock.moment = after(days * A_DAY)
    cloud.queue.append(Delivery("AnchorAudit", {}))


STEPS = (
    ("a version is registered", registered),
    ("it is approved", lambda c: tell(c, approved(600), 600)),
    ("the day is anchored", lambda c: anchored(c, 1)),
    ("the schedule calls again", lambda c: anchored(c, 1)),
    ("two days are anchored at once, for one call was lost", lambda c: anchored(c, 3)),
)


def test_every_fact_and_every_entry_is_archived_once_and_every_day_is_anchored(lived: Rehearsal):
    outcome = lived.outcomes[-1]
    kept = [one for one in outcome["items"] if '"FACT#' in one or '"AUDIT#' in one]
    archived = [one for one in outcome["objects"] if one.startswith(AUDITS)]
    assert all(" 1 [" in one and "GOVERNANCE" in one for one in archived)
    assert len(archived) == len(kept) + 3


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault is not Fault.CONTENDED])
@pytest.mark.parametrize("function", ARCHIVING)
def test_a_fault_at_any_call_is_healed_by_redelivery(lived: Rehearsal, function: str, fault: Fault):
    assert_healed(lived, function, fault)


@pytest.mark.parametrize("function", ARCHIVING)
def test_eight_deliveries_of_one_event_have_the_effect_of_one(lived: Rehearsal, function: str):
    assert_eight_are_one(lived, function)
