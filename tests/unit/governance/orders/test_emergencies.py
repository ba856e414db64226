"""Broken glass opens what a policy would refuse: not everything, not for long, and never unseen."""

from typing import Any

import pytest

from governance.domain.errors import Refused
from governance.domain.facts import DeadlinePassed, GlassBroken
from governance.domain.lifecycle import Stage
from tests.builders import after, package_arn
from tests.unit.governance.orders.desk import (
    AUTHOR,
    NINA,
    OLIVE,
    OSKAR,
    VERA,
    Desk,
    policy_with,
    registered,
    sign_offs,
)

HOUR = 3600


def demanding() -> Desk:
    """A version under a policy that one person alone does not satisfy."""
    desk = registered()
    desk.in_force(policy_with(sign_offs(each_role=True)))
    return desk


def broken() -> Desk:
    desk = demanding()
    answer = desk.ask(OLIVE, "break-glass", stage="development", hours=4, why="payments are down")
    assert answer["outcome"] == "being-written"
    desk.written(70)
    return desk


def code_of(desk: Desk, who: Any, command: str, **more: Any) -> str:
    with pytest.raises(Refused) as refused:
        desk.ask(who, command, **more)
    return refused.value.code


def ended(desk: Desk, what: str = "emergency") -> None:
    """The time of the emergency, or of its review, is over."""
    glass = desk.state().stage(Stage.DEVELOPMENT).glass
    assert glass
    due = glass.until if what == "emergency" else glass.review_by
    desk.now.moment = max(desk.now.moment, due)

    def fact(page: Any, now: Any) -> list[Any]:
        about = {"model": page.state.model, "effective_at": due, "recorded_at": now}
        return [DeadlinePassed(**about, what=what, subject=glass.fingerprint, due=due)]

    desk.recording.learn(package_arn(), fact, "deadline")


def test_an_emergency_approval_passes_what_the_policy_would_refuse_and_is_a_finding_until_reviewed():
    desk = broken()
    assert desk.status() == "approved"
    verdict = desk.state().stage(Stage.DEVELOPMENT).verdict
    assert verdict and verdict.passed and verdict.glass
    assert {check.mode for check in verdict.checks if not check.passed} == {"advise"}
    assert "emergency-approval" in {finding.code for finding in desk.state().findings.values()}


def test_its_end_and_its_review_have_dates():
    (fact,) = [one for one in broken().ledger.known[package_arn()].values() if isinstance(one, GlassBroken)]
    assert fact.until == after(60 + 4 * HOUR)
    assert fact.review_by == after(60 + 4 * HOUR + 3 * 24 * HOUR)


def test_it_ends_unless_somebody_reviewed_it():
    desk = broken()
    ended(desk)
    assert desk.status() == "pending"
    upheld = broken()
    upheld.ask(OSKAR, "review-emergency", at=HOUR, stage="development", upheld=True)
    ended(upheld)
    assert upheld.status() == "approved"
    assert "emergency-approval" not in {finding.code for finding in upheld.state().findings.values()}


def test_overruled_it_counts_no_longer():
    desk = broken()
    answer = desk.ask(VERA, "review-emergency", at=HOUR, stage="development", upheld=False)
    assert (answer["status"], answer["emergency"]["upheld"]) == ("pending", False)
    assert answer["emergency"]["reviewed_by"] == VERA.id


def test_a_review_that_nobody_gave_in_time_is_critical():
    desk = broken()
    ended(desk)
    ended(desk, "review")
    (finding,) = [one for one in desk.state().findings.values() if one.code == "emergency-overdue"]
    assert finding.severity == "critical"


def test_whoever_broke_the_glass_or_made_the_version_does_not_review_it():
    desk = broken()
    as_officer = OLIVE.model_copy(update={"arn": OSKAR.arn.replace(OSKAR.id, OLIVE.id)})
    author = AUTHOR.model_copy(update={"arn": OSKAR.arn.replace(OSKAR.id, AUTHOR.id)})
    for who in (as_officer, author):
        assert code_of(desk, who, "review-emergency", at=90, stage="development", upheld=True) == "four-eyes"
    assert code_of(desk, OLIVE, "review-emergency", at=90, stage="development", upheld=True) == "not-entitled"


def test_no_second_emergency_before_the_first_was_reviewed():
    desk = broken()
    ended(desk)
    assert code_of(desk, OLIVE, "break-glass", at=5 * HOUR, stage="development") == "review-first"
    desk.ask(OSKAR, "review-emergency", at=6 * HOUR, stage="development", upheld=False)
    assert desk.ask(OLIVE, "break-glass", at=7 * HOUR, stage="development")["changed"]


def test_a_review_again_is_the_same_deed_and_a_second_one_is_refused():
    desk = broken()
    told = {"at": HOUR, "stage": "development", "upheld": True}
    assert desk.ask(OSKAR, "review-emergency", **told)["changed"]
    assert not desk.ask(OSKAR, "review-emergency", **told)["changed"]
    assert code_of(desk, OSKAR, "review-emergency", **{**told, "at": 2 * HOUR}) == "reviewed-already"


def test_the_same_emergency_again_is_the_same_deed():
    desk = demanding()
    assert desk.ask(OLIVE, "break-glass", stage="development", hours=4)["changed"]
    assert not desk.ask(OLIVE, "break-glass", stage="development", hours=4)["changed"]


@pytest.mark.parametrize(("who", "code"), [(AUTHOR, "four-eyes"), (NINA, "not-entitled")])
def test_an_emergency_opens_neither_four_eyes_nor_roles(who, code):
    assert code_of(demanding(), who, "break-glass", stage="development") == code


def test_where_the_policy_lets_pass_there_is_no_emergency():
    assert code_of(registered(), OLIVE, "break-glass", stage="development") == "no-emergency"
    assert code_of(registered(), OSKAR, "review-emergency", stage="development", upheld=True) == "no-emergency"


@pytest.mark.parametrize("hours", [0, 73])
def test_no_emergency_lasts_longer_than_three_days(hours):
    with pytest.raises(ValueError, match="hours"):
        demanding().ask(OLIVE, "break-glass", stage="development", hours=hours)
