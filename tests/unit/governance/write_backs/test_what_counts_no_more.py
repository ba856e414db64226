"""Which approvals are to be taken back: what a policy refused, and what rested on an emergency that is over."""

from typing import Any

import pytest

from governance.domain.decision import Decision, Source
from governance.domain.facts import VerdictGiven
from governance.domain.identifiers import VersionIdentity
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.model_version import StageState
from governance.domain.reviewing import Glass
from governance.domain.write_backs import is_refused, next_write_back
from tests.builders import BORN, HUB, KATHERINE, MARY, after, approved, identity
from tests.unit.governance.write_backs.office import ADA_IN_THE_HUB, ARN, office

UNVERSIONED = f"arn:aws:sagemaker:eu-west-1:{HUB}:model-package/credit-risk"

APPROVAL = Decision(
    fingerprint="approval", source=Source.APPROVAL, wanted=ModelStatus.APPROVED, at=after(60), person=MARY,
    shown_at=after(60),
)  # fmt: skip


def emergency(**how_it_went: Any) -> Glass:
    told: dict[str, Any] = {"at": BORN, "until": after(3600), "review_by": after(7200), "why": "an outage"}
    return Glass(fingerprint="emergency", person=KATHERINE, roles=("officer",), **told, **how_it_went)


def judged(passed: bool = True, decision: str = "approval", glass: str = "") -> VerdictGiven:
    told: dict[str, Any] = {"model": identity(), "effective_at": after(60), "recorded_at": after(61), "checks": ()}
    how = {"policy": "default@2", "policy_hash": "a" * 64, "approver": MARY}
    return VerdictGiven(**told, **how, stage=Stage.DEVELOPMENT, decision=decision, passed=passed, glass=glass)


@pytest.mark.parametrize(
    ("what", "verdict", "glass", "refused"),
    [
        ("what the policy refused", judged(passed=False), None, True),
        ("what it let pass", judged(), None, False),
        ("what nobody has judged yet", None, None, False),
        ("what was refused of another decision", judged(passed=False, decision="earlier"), None, False),
        ("an emergency that lasts", judged(glass="emergency"), emergency(), False),
        ("an emergency that has ended", judged(glass="emergency"), emergency(ended=True), True),
        ("an emergency that was overruled", judged(glass="emergency"), emergency(upheld=False), True),
        ("what passed by itself after an emergency", judged(), emergency(ended=True), False),
        ("what passed on a later emergency", judged(glass="another"), emergency(ended=True), False),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_an_approval_is_refused_as_long_as_what_it_rests_on_does_not_hold(what, verdict, glass, refused):
    assert is_refused(StageState(decision=APPROVAL, verdict=verdict, glass=glass), APPROVAL) is refused


@pytest.mark.parametrize(
    ("why_not", "state"),
    [
        ("the registry has lost it", {"missing": True}),
        ("another package goes by its name", {"reused": (after(1),)}),
        ("it belongs to no group", {"model": VersionIdentity(arn=UNVERSIONED, created_at=BORN)}),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_nothing_is_written_to_what_is_no_governed_version_any_more(why_not, state):
    made = office()
    made.tell(approved(60), by=ADA_IN_THE_HUB)
    refused = made.state(ARN).model_copy(update={"write_backs": ()})
    terms = made.recording.terms(made.ledger.open(ARN), ARN)
    assert next_write_back(refused, terms, after(61)) is not None
    assert next_write_back(refused.model_copy(update=state), terms, after(61)) is None
