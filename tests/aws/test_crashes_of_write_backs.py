"""Whatever befalls who writes to the registry, told again it has written once, and over nobody's word.

An author's approvals are put back in development and in production, an owner's is written for them, somebody rejects
a version before its approval could be put back, and one is registered as approved.
"""

import json
import re
from typing import Any

import pytest

from governance import bootstrap
from governance.domain.evidence import evidence_digest
from governance.domain.facts import SignOffGiven
from governance.domain.lifecycle import Stage
from governance.domain.published import DEFAULT
from governance.settings import Settings
from tests.aws.cloud import Cloud
from tests.aws.functions import environment_of
from tests.aws.life import EIGHT, EIGHTH, NINE, NINTH, SEVEN, called, tell
from tests.aws.rehearsal import Rehearsal
from tests.aws.seam import Fault
from tests.aws.test_at_once import assert_eight_are_one
from tests.aws.test_crashes import FAULTS, assert_scenes_healed
from tests.aws.test_crashes import timeless as without_times
from tests.builders import ADA, HUB, KATHERINE, MARY, WRITER, Person, after, approved, change, moved, rejected

AUTHOR = Person(id=ADA.id, arn=f"arn:aws:sts::{HUB}:assumed-role/steward-model-owner/{ADA.id}")
"""The author, who came to the hub."""
SCRIBE = Person(id="steward-write-back", arn=f"{WRITER}/steward-write-back")
WRITE_BACK = "WriteBack"


def asked(cloud: Cloud, at: float, arn: str, stage: Stage) -> None:
    """The owner signs a version off through Steward and asks for its approval; a little later that is announced."""
    cloud.clock.moment = after(at)
    with environment_of("Decide"):
        settings = Settings.from_env()
        record = bootstrap.recording(settings, bootstrap.ledger(bootstrap.table(settings)), cloud.clock)

        def word(page: Any, now: Any) -> list[SignOffGiven]:
            state = page.state
            told = {"specification": state.specification, "policy": DEFAULT.id, "policy_hash": DEFAULT.hash}
            about = {"model": state.model, "effective_at": now, "recorded_at": now, "stage": stage}
            evidence = evidence_digest(state.pieces, state.specification)
            who = {"person": MARY, "roles": ("owner",), "why": "sound", "decides": True}
            return [SignOffGiven.model_validate({**told, **about, **who, "evidence": evidence})]

        record.learn(arn, word, f"asked-{at}")
    cloud.follow()
    cloud.clock.moment = after(at + 2)


def rejected_meanwhile(cloud: Cloud, at: float) -> None:
    """The author approves, and before that can be put back somebody rejects: of this, the event comes last."""
    tell(cloud, approved(at, arn=EIGHT, **EIGHTH), at, AUTHOR)
    first, *others = cloud.queue
    cloud.queue.clear()
    cloud.deliver(first)
    cloud.queue.extend(others)
    waiting = list(cloud.queue)
    cloud.queue.clear()
    tell(cloud, rejected(at + 5, arn=EIGHT, **EIGHTH), at + 5, KATHERINE)
    theirs = list(cloud.queue)
    cloud.queue.clear()
    cloud.queue.extend([*waiting, *theirs])


STEPS = (
    ("version 7 is registered", lambda c: tell(c, change(0), 0, ADA)),
    ("its author approves it", lambda c: tell(c, approved(600), 600, AUTHOR)),
    ("CloudTrail tells of the putting back", lambda c: called(c, 601, SCRIBE)),
    ("its owner asks for the approval", lambda c: asked(c, 660, SEVEN, Stage.DEVELOPMENT)),
    ("the officer approves it in test", lambda c: tell(c, moved(720, "QA", "Approved"), 720, KATHERINE)),
    ("its author approves it in production", lambda c: tell(c, moved(780, "Production", "Approved"), 780, AUTHOR)),
    ("its owner asks for that", lambda c: asked(c, 840, SEVEN, Stage.PRODUCTION)),
    ("version 8 is registered", lambda c: tell(c, change(900, arn=EIGHT, **EIGHTH), 900, ADA)),
    ("its author approves it and somebody rejects it", lambda c: rejected_meanwhile(c, 960)),
    ("version 9 is registered as approved", lambda c: tell(c, change(1500, "Approved", arn=NINE, **NINTH), 1500, ADA)),
)  # fmt: skip

SHOWN = (
    (SEVEN, "PendingManualApproval", None),
    (SEVEN, "PendingManualApproval", None),
    (SEVEN, "PendingManualApproval", None),
    (SEVEN, "Approved", None),
    (SEVEN, "Approved", ("QA", "Approved")),
    (SEVEN, "Approved", ("Production", "PendingApproval")),
    (SEVEN, "Approved", ("Production", "Approved")),
    (EIGHT, "PendingManualApproval", None),
    (EIGHT, "Rejected", None),
    (NINE, "PendingManualApproval", None),
)
"""What the registry shows of which version after each step."""


def stands(outcome: dict[str, Any], arn: str, stage: str) -> str:
    """The status of a version in a stage, as the table has it."""
    (row,) = [one for one in outcome["items"] if f'"MODEL#{arn}"' in one and f'"STAGE#{stage}"' in one]
    return str(json.loads(row)["model_status"]["S"])


def timeless(told: Any) -> Any:
    """An outcome without times, and without what follows from the approval's: names of effects and findings."""
    text = re.sub(r"\b(deploy-[0-9a-f]{32}|gate-advised-[0-9a-f]{8})\b", "<name>", json.dumps(without_times(told)))
    return json.loads(re.sub(r"(bundles/<hash>\.zip \d+ \[\('\\\")[0-9a-f]{32}", r"\1<etag>", text))


def test_the_registry_shows_what_the_record_says_after_each_step(lived: Rehearsal):
    cloud = lived.cloud
    for number, (arn, approval, cycle) in enumerate(SHOWN):
        shown = lived.registries[number][arn]
        told = shown.get("ModelLifeCycle")
        found = (told["Stage"], told["StageStatus"]) if told else None
        assert (shown["ModelApprovalStatus"], found) == (approval, cycle), STEPS[number][0]
    last = lived.outcomes[-1]
    assert stands(last, SEVEN, "development") == "approved"
    assert stands(last, SEVEN, "production") == "approved"
    assert stands(last, EIGHT, "development") == "rejected"
    assert stands(last, NINE, "development") == "pending"
    assert cloud.registry.changed == []


def test_nothing_that_was_intended_is_left_open(lived: Rehearsal):
    effects = [json.loads(one) for one in lived.outcomes[-1]["items"] if '"write-back"' in one and '"EFFECT#' in one]
    assert sorted(one["outcome"]["S"] for one in effects) == ["overtaken", *["written"] * 5]


def test_the_reasons_stand_where_studio_shows_them(lived: Rehearsal):
    for number in (1, 5, 9):
        arn, _, _ = SHOWN[number]
        told = lived.registries[number][arn]["ApprovalDescription"]
        where = " in production" if number == 5 else ""
        assert told.startswith(f"Steward: not approved{where} by default@2.")
        assert "To do:" in told


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_is_healed_by_redelivery(lived: Rehearsal, fault: Fault):
    assert assert_scenes_healed(lived, lived.of(WRITE_BACK), fault, seen=timeless), "never tried"


def test_eight_deliveries_of_one_event_have_the_effect_of_one(lived: Rehearsal):
    assert_eight_are_one(lived, WRITE_BACK)


def test_writing_takes_four_calls_and_its_echo_three(lived: Rehearsal):
    assert {len(scene.calls) for scene in lived.of(WRITE_BACK)} == {3, 4}, "one was overtaken"
    echoes = [
        scene
        for scene in lived.of("SyncModelVersion")
        if "ApprovalDescription" in scene.delivery.event["detail"].get("UpdatedModelPackageFields", [])
    ]
    assert {len(scene.calls) for scene in echoes} == {3}
