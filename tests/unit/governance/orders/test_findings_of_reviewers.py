"""A rejection says what is to be put right, and leads somewhere: to answers, and to a version in its place."""

from typing import Any

import pytest

from governance.domain.errors import Refused
from governance.domain.facts import FindingAnswered, FindingsRaised, Resubmitted, WriteBackRequested
from governance.domain.lifecycle import Stage
from governance.domain.orders_on_models import ANSWER_TIME
from governance.domain.refusals import size
from governance.domain.values import iso
from tests.builders import MARY, after, approved, change, package_arn
from tests.unit.governance.orders.desk import AUTHOR, NINA, OLIVE, OTTO, VERA, Desk, refused_checks, registered

BIASED = {"severity": "high", "text": "worse for applicants under 25", "check": "bias", "owner": NINA.id}
UNDOCUMENTED = {"severity": "low", "text": "the card does not say what it is not for"}


def code_of(desk: Desk, who: Any, command: str, **more: Any) -> str:
    with pytest.raises(Refused) as refused:
        desk.ask(who, command, **more)
    return refused.value.code


def facts(desk: Desk, kind: type, arn: str = "") -> list[Any]:
    return [fact for fact in desk.ledger.known[arn or package_arn()].values() if isinstance(fact, kind)]


def rejected(desk: Desk | None = None, *findings: dict[str, Any]) -> tuple[Desk, list[str]]:
    """A version that was rejected in development, and the ids of its findings."""
    desk = desk or registered()
    answer = desk.ask(VERA, "reject", stage="development", findings=list(findings or (BIASED, UNDOCUMENTED)))
    desk.written(70)
    return desk, [one["id"] for one in answer["findings"]]


def test_a_rejection_is_written_to_the_registry_and_its_findings_are_on_record():
    desk = registered()
    answer = desk.ask(VERA, "reject", stage="development", findings=[BIASED, UNDOCUMENTED])
    assert answer["changed"]
    assert {(one["text"], one["owner"]) for one in answer["findings"]} == {
        (BIASED["text"], NINA.id),
        (UNDOCUMENTED["text"], ""),
    }
    (intent,) = facts(desk, WriteBackRequested)
    assert intent.wanted == "rejected"
    assert intent.description == (
        "as discussed To be put right: [high] worse for applicants under 25 "
        "[low] the card does not say what it is not for"
    )
    desk.written(70)
    assert desk.status() == "rejected"
    assert "review" in {finding.code for finding in desk.state().findings.values()}


@pytest.mark.parametrize("command", ["reject", "raise-findings"])
def test_without_a_finding_nothing_is_rejected(command):
    with pytest.raises(ValueError, match="findings"):
        registered().ask(VERA, command, stage="development", findings=[])


def test_no_name_of_a_findings_owner_is_on_the_record():
    desk, _ = rejected()
    kept = "".join(fact.text for fact in desk.ledger.known[package_arn()].values())
    assert NINA.id not in kept
    assert VERA.id not in kept


def test_the_same_rejection_again_raises_its_findings_once():
    desk = registered()
    desk.ask(VERA, "reject", stage="development", findings=[BIASED])
    assert not desk.ask(VERA, "reject", stage="development", findings=[BIASED])["changed"]
    assert len(desk.state().reviews) == len(facts(desk, FindingsRaised)) == 1


def test_an_open_finding_stops_an_approval_and_an_answered_one_does_not():
    desk = registered()
    raised = desk.ask(VERA, "raise-findings", stage="development", findings=[BIASED])
    assert desk.status() == "pending"
    (finding,) = [one["id"] for one in raised["findings"]]
    waits = desk.ask(OLIVE, "approve", at=80, stage="development")
    assert refused_checks(waits) == {"findings-answered"}
    answered = desk.ask(NINA, "answer-finding", at=90, finding=finding, why="measured again without age")
    assert answered["findings"] == []
    assert desk.state().write_backs[-1].wanted == "approved", "the approval that waited is written now"


def test_whoever_owns_a_finding_may_move_it_and_others_without_a_role_may_not():
    desk, (finding, *_) = rejected(None, BIASED)
    assert code_of(desk, OTTO.model_copy(update={"arn": NINA.arn}), "answer-finding", finding=finding) == "not-entitled"
    moved = desk.ask(NINA, "answer-finding", at=90, finding=finding, closes=False, due=after(10_000), owner=OTTO.id)
    (one,) = moved["findings"]
    assert (one["owner"], one["due"]) == (OTTO.id, "2026-10-12T12:00:43.000000Z")
    assert code_of(desk, OTTO, "answer-finding", at=95, finding=finding, closes=False) == "nothing-said"


def test_an_answer_again_is_the_same_deed_and_to_a_finding_that_is_not_open_is_refused():
    desk, (finding, *_) = rejected()
    assert desk.ask(OLIVE, "answer-finding", at=90, finding=finding)["changed"]
    assert not desk.ask(OLIVE, "answer-finding", at=90, finding=finding)["changed"]
    assert len(facts(desk, FindingAnswered)) == 1
    assert code_of(desk, OLIVE, "answer-finding", at=91, finding=finding) == "unknown-finding"
    other = {"finding": finding, "why": "another word within the same second"}
    assert code_of(desk, OLIVE, "answer-finding", at=90, **other) == "unknown-finding"


def test_a_version_is_resubmitted_with_an_answer_to_each_finding_and_is_pending_again():
    desk, ids = rejected()
    answers = dict.fromkeys(ids, "put right")
    desk.ask(AUTHOR, "resubmit", at=90, of=package_arn(), answers=answers)
    assert desk.state().reviews == {}
    assert (desk.state().write_backs[-1].wanted, desk.status()) == ("pending", "rejected")
    desk.written(100)
    assert desk.status() == "pending"
    desk.ask(OLIVE, "approve", at=110, stage="development")
    desk.written(120)
    assert desk.status() == "approved"


def test_another_version_takes_the_place_of_a_rejected_one_and_closes_its_findings():
    desk, ids = rejected()
    eight = package_arn(version=8)
    desk.tell(change(80, arn=eight, CreationTime=after(80).isoformat()), by=AUTHOR, registered_by=AUTHOR)
    answers = dict.fromkeys(ids, "put right")
    told = desk.ask(AUTHOR, "resubmit", at=90, version=eight, of=package_arn(), answers=answers)
    assert told["resubmits"] == package_arn()
    assert desk.state().reviews == {}
    assert {fact.how for fact in facts(desk, FindingAnswered)} == {"in credit-risk-pd/8: put right"}
    (fact,) = facts(desk, Resubmitted, eight)
    assert dict(fact.answers) == answers
    again = desk.ask(AUTHOR, "resubmit", at=90, version=eight, of=package_arn(), answers=answers)
    assert not again["changed"]


def test_many_findings_are_closed_in_several_transactions():
    many = [{"severity": "low", "text": f"number {number}"} for number in range(20)]
    desk, ids = rejected(None, *many)
    eight = package_arn(version=8)
    desk.tell(change(80, arn=eight, CreationTime=after(80).isoformat()), by=AUTHOR, registered_by=AUTHOR)
    desk.ask(AUTHOR, "resubmit", at=90, version=eight, of=package_arn(), answers=dict.fromkeys(ids, "done"))
    assert desk.state().reviews == {}


def test_no_more_findings_are_open_than_a_head_can_hold():
    desk = registered()
    many = [{"severity": "low", "text": "x" * 1000}] * 20
    for at in (60, 70):
        desk.ask(VERA, "raise-findings", at=at, stage="development", findings=many)
    assert code_of(desk, VERA, "raise-findings", at=80, stage="development", findings=many) == "too-many"
    assert len(desk.ledger.states[package_arn()]) < 200_000


def test_nor_do_they_say_more_than_it_can_hold_in_whatever_script():
    desk = registered()
    many = [{"severity": "low", "text": "\N{GRINNING FACE}" * 1000}] * 10
    desk.ask(VERA, "reject", stage="development", findings=many)
    assert code_of(desk, VERA, "raise-findings", at=80, stage="development", findings=many) == "too-long"
    assert len(desk.ledger.states[package_arn()].encode()) < 200_000


def test_a_finding_that_nobody_gave_away_is_the_model_owners_and_is_due_within_a_month():
    desk = registered()
    desk.tell(change(40, CustomerMetadataProperties={"steward:owner": OTTO.id}))
    (one,) = desk.ask(VERA, "raise-findings", stage="development", findings=[UNDOCUMENTED])["findings"]
    assert (one["owner"], one["due"]) == (OTTO.id, iso(after(60) + ANSWER_TIME))
    finding = next(known for known in desk.state().findings.values() if known.code == "review")
    assert (desk.names(finding.owner), finding.due) == (OTTO.id, after(60) + ANSWER_TIME)


@pytest.mark.parametrize("command", ["reject", "raise-findings"])
def test_a_date_that_has_gone_by_is_none_to_answer_by(command):
    past = [{**UNDOCUMENTED, "due": after(50)}]
    assert code_of(registered(), VERA, command, stage="development", findings=past) == "no-such-time"
    desk, (finding, *_) = rejected(None, BIASED)
    assert code_of(desk, OLIVE, "answer-finding", at=90, finding=finding, closes=False, due=after(80)) == "no-such-time"


@pytest.mark.parametrize("text", ["clear\x1b[2Jthe screen", "nul\0", "\u202etfel ot thgir", "x" * 1001, "  "])
@pytest.mark.parametrize("field", ["text", "check", "owner", "why"])
def test_what_cannot_be_read_as_it_is_does_not_come_on_record(field, text):
    told = (
        {"findings": [UNDOCUMENTED], "why": text} if field == "why" else {"findings": [{**UNDOCUMENTED, field: text}]}
    )
    if text.strip() or field in {"text", "why"}:
        with pytest.raises(ValueError, match=field):
            registered().ask(VERA, "raise-findings", stage="development", **told)


@pytest.mark.parametrize("of", ["credit-risk-pd/7", "other/3"])
def test_a_resubmission_that_leaves_something_open_is_refused(of):
    desk, (first, *_) = rejected()
    group, number = of.split("/")
    arn = package_arn(group, int(number))
    if group == "other":
        desk.tell(change(0, arn=arn), by=MARY)
    told = {"of": arn, "answers": {first: "put right"}}
    expected = "findings-open" if group != "other" else "another-group"
    assert code_of(desk, OLIVE, "resubmit", at=90, **told) == expected
    assert facts(desk, Resubmitted) == []


@pytest.mark.parametrize("text", [f"number {number}" for number in range(8)])
def test_what_is_raised_and_answered_within_one_second_is_answered(text):
    desk = registered()
    raised = desk.ask(VERA, "raise-findings", at=90, stage="development", findings=[{**BIASED, "text": text}])
    answers = {one["id"]: "put right" for one in raised["findings"]}
    assert desk.ask(OLIVE, "resubmit", at=90, of=package_arn(), answers=answers)["findings"] == []


def test_what_nobody_rejected_is_not_resubmitted():
    assert code_of(registered(), OLIVE, "resubmit", of=package_arn(), answers={}) == "not-rejected"


def test_an_answer_to_a_finding_that_does_not_exist_is_refused():
    desk, ids = rejected()
    answers = {**dict.fromkeys(ids, "put right"), "review-000000000000": "?"}
    assert code_of(desk, OLIVE, "resubmit", at=90, of=package_arn(), answers=answers) == "unknown-finding"


@pytest.mark.parametrize("how_many", [2, 20])
@pytest.mark.parametrize("letter", ["x", "\N{GRINNING FACE}"])
def test_however_much_is_to_be_put_right_the_registry_takes_why(how_many, letter):
    desk = registered()
    long = [{"severity": "low", "text": letter * 700}] * how_many
    desk.ask(VERA, "reject", stage="development", findings=[*long[1:], BIASED], why=f"because {letter * 900}")
    (intent,) = facts(desk, WriteBackRequested)
    assert size(intent.description) <= 1024
    assert intent.description.startswith("because ")
    assert "To be put right: [high] worse for applicants under 25" in intent.description
    assert intent.description.endswith("steward findings list)")


def test_a_rejection_in_test_leaves_development_approved():
    desk = registered()
    desk.tell(approved(30), by=OLIVE)
    desk.ask(VERA, "reject", stage="test", findings=[BIASED])
    desk.written(70)
    assert (desk.status(), desk.status(Stage.TEST)) == ("approved", "rejected")
