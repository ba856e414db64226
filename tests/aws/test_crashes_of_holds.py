"""Whatever befalls who locks and holds sealed objects, told again it leaves them as if nothing had happened.

Two versions of the same bytes are held and released, one is retired, and one is sealed while it is held.
"""

from functools import partial
from typing import Any

import pytest

from governance import bootstrap
from governance.domain.upkeep import LegalHoldLifted, LegalHoldPlaced
from governance.settings import Settings
from tests.aws.cloud import Cloud
from tests.aws.functions import environment_of
from tests.aws.life import EIGHT, EIGHTH, SEVEN, of_the_source, tell
from tests.aws.rehearsal import Rehearsal
from tests.aws.rights import rights
from tests.aws.seam import Fault
from tests.aws.test_at_once import assert_eight_are_one
from tests.aws.test_crashes import FAULTS, assert_healed
from tests.builders import ADA, KATHERINE, after, change, moved, package_arn
from tests.template.policies import allows, statements_of

NINE = package_arn(version=9)
NINTH = {"CreationTime": after(900).isoformat()}


def ordered(cloud: Cloud, kind: Any, at: float, arn: str) -> None:
    """Somebody's order is on record."""
    cloud.clock.moment = after(at)
    with environment_of("RetainArtifacts"):
        settings = Settings.from_env()
        record = bootstrap.recording(settings, bootstrap.ledger(bootstrap.table(settings)), cloud.clock)
        told = {"effective_at": after(at), "recorded_at": after(at), "person": KATHERINE, "why": "a court"}
        record.learn(arn, lambda page, _: [kind(model=page.state.model, **told)], f"order-{at}")
    cloud.follow()


def placed_before_it_is_sealed(cloud: Cloud, at: float, arn: str) -> None:
    """A version is registered, and held while nothing else of its is delivered."""
    tell(cloud, change(at, arn=arn, **NINTH), at, ADA)
    first, *others = cloud.queue
    cloud.queue.clear()
    cloud.deliver(first)
    waiting = [*others, *cloud.queue]
    cloud.queue.clear()
    ordered(cloud, LegalHoldPlaced, at + 5, arn)
    cloud.settle()
    cloud.queue.extend(waiting)
    cloud.clock.moment = after(at + 10)


place, lift = partial(ordered, kind=LegalHoldPlaced), partial(ordered, kind=LegalHoldLifted)

STEPS = (
    ("version 7 is registered", lambda c: tell(c, change(0), 0, ADA)),
    ("version 8 of the same bytes is registered", lambda c: tell(c, change(840, arn=EIGHT, **EIGHTH), 840, ADA)),
    ("version 9 is held before it is sealed", lambda c: placed_before_it_is_sealed(c, 900, NINE)),
    ("version 9 is released", lambda c: lift(c, at=960, arn=NINE)),
    ("version 7 is held", lambda c: place(c, at=1020, arn=SEVEN)),
    ("version 8 is held", lambda c: place(c, at=1080, arn=EIGHT)),
    ("version 7 is released, and version 8 still holds", lambda c: lift(c, at=1140, arn=SEVEN)),
    ("version 8 is released", lambda c: lift(c, at=1200, arn=EIGHT)),
    ("version 7 is retired", lambda c: tell(c, moved(1260, "Development", "Retired"), 1260, KATHERINE)),
)

HELD = (None, None, "ON", "OFF", "ON", "ON", "ON", "OFF", "OFF")
"""Whether S3 holds the one object, after each step."""


def sealed(outcome: dict[str, Any]) -> str:
    """The one object that all three versions share."""
    (found,) = [one for one in outcome["objects"] if "/sealed/" in one]
    return str(found)


def test_all_three_share_an_object_that_is_held_while_one_of_them_holds_it(lived: Rehearsal):
    assert of_the_source()
    assert len(lived.outcomes) == len(HELD)
    for outcome, held, (step, _) in zip(lived.outcomes, HELD, STEPS, strict=True):
        assert sealed(outcome).endswith(f"{held!r})]"), step


def test_the_retired_version_is_locked_for_longer(lived: Rehearsal):
    before, then = sealed(lived.outcomes[-2]), sealed(lived.outcomes[-1])
    assert before != then
    assert any('"retain"' in item and '"done"' in item for item in lived.outcomes[-1]["items"] if "EFFECT#" in item)


def test_nothing_that_was_ordered_is_left_open(lived: Rehearsal):
    effects = [item for item in lived.outcomes[-1]["items"] if '"EFFECT#' in item and '"open"' in item]
    assert effects == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_is_healed_by_redelivery(lived: Rehearsal, fault: Fault):
    assert_healed(lived, "RetainArtifacts", fault)


def test_eight_deliveries_of_one_event_have_the_effect_of_one(lived: Rehearsal):
    assert_eight_are_one(lived, "RetainArtifacts")


def test_every_call_is_allowed_and_notes_need_their_right(lived: Rehearsal):
    statements = statements_of("RetainArtifacts")
    asked = [right for scene in lived.of("RetainArtifacts") for call in scene.calls for right in rights(call)]
    assert [one for one in asked if not allows(statements, one.action, one.resource, one.context)] == []
    left = [one for one in statements if one.sid != "NoteWhoHolds"]
    assert [one for one in asked if not allows(left, one.action, one.resource, one.context)]
