"""Somebody names a document as evidence: it is to be fetched, for just what the version is now."""

from typing import Any

import pytest

from governance.domain import upkeep
from governance.domain.errors import Refused
from governance.domain.facts import EvidenceRequested
from tests.builders import package_arn
from tests.unit.governance.orders.desk import AUTHOR, NINA, OLIVE, VERA, Desk, registered

REPORT = {"kind": "bias", "uri": "s3://reports/credit-risk/bias.json"}


def requested(desk: Desk) -> list[Any]:
    return [fact for fact in desk.ledger.known[package_arn()].values() if isinstance(fact, EvidenceRequested)]


@pytest.mark.parametrize("who", [VERA, AUTHOR])
def test_attached_evidence_is_to_be_fetched(who):
    desk = registered()
    answer = desk.ask(who, "attach-evidence", sha256="a" * 64, **REPORT)
    (piece,) = answer["evidence"]
    assert (piece["status"], piece["source"], piece["uri"]) == ("requested", "attached", REPORT["uri"])
    (fact,) = requested(desk)
    assert (fact.claimed, fact.specification) == ("a" * 64, desk.state().specification)
    assert "EvidenceRequested" in desk.ledger.events(package_arn())


def test_what_is_being_fetched_is_not_attached_twice():
    desk = registered()
    assert desk.ask(VERA, "attach-evidence", **REPORT)["changed"]
    assert not desk.ask(VERA, "attach-evidence", at=70, **REPORT)["changed"]
    assert len(requested(desk)) == 1


def test_no_more_is_fetched_at_once_than_a_head_can_hold():
    desk = registered()
    for number in range(20):
        desk.ask(VERA, "attach-evidence", at=60 + number, kind="bias", uri=f"s3://reports/{number}.json")
    with pytest.raises(Refused, match="too-many"):
        desk.ask(VERA, "attach-evidence", at=90, kind="bias", uri="s3://reports/more.json")


def test_who_has_no_role_attaches_nothing():
    with pytest.raises(Refused, match="not-entitled"):
        registered().ask(NINA, "attach-evidence", **REPORT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"uri": "https://example.com/report.json"},
        {"uri": "s3://reports"},
        {"uri": "s3://reports/a\nb"},
        {"kind": "gossip"},
        {"sha256": "not a hash"},
    ],
)
def test_what_is_no_evidence_is_refused_before_anything_is_kept(wrong):
    desk = registered()
    with pytest.raises(ValueError, match=next(iter(wrong))):
        desk.ask(VERA, "attach-evidence", **{**REPORT, **wrong})
    assert requested(desk) == []


@pytest.mark.parametrize(
    ("command", "about"),
    [
        ("approve", {"stage": "development"}),
        ("sign-off", {"stage": "development"}),
        ("reject", {"stage": "development", "findings": [{"severity": "low", "text": "x"}]}),
        ("break-glass", {"stage": "development"}),
        ("attach-evidence", REPORT),
    ],
)
def test_of_a_version_from_before_governance_nothing_is_decided_until_it_is_adopted(command, about):
    desk = registered()
    told = {"model": desk.state().model, "effective_at": desk.now(), "recorded_at": desk.now()}
    desk.recording.learn(package_arn(), lambda page, now: [upkeep.VersionBackfilled(**told)], "c")
    with pytest.raises(Refused, match="not-adopted"):
        desk.ask(OLIVE, command, **about)
