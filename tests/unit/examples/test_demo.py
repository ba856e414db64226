"""The demo's own tools: it says what it waited for, and believes no chain that it has not checked."""

import hashlib
import io
import json
from typing import Any

import pytest
from rich.console import Console

from examples.demo import timeline
from examples.demo.command import command_on
from examples.demo.records import metrics_of, told
from examples.demo.screen import Screen
from examples.demo.waiting import UnexpectedError, wait_for


@pytest.fixture
def printed() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def screen(printed: io.StringIO) -> Screen:
    return Screen(Console(file=printed))


def a_chain(*actions: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for number, action in enumerate(actions, start=1):
        entry = json.dumps(
            {
                "sequence": number,
                "at": "2026-11-20T22:00:00.000000Z",
                "who": "arn:aws:sts::444455556666:assumed-role/steward-model-owner/mary.jackson",
                "action": action,
                "why": "it is good",
                "stage": "development",
                "old": {"development.model_status": "pending"},
                "new": {"development.model_status": "approved"},
                "previous_hash": items[-1]["hash"] if items else timeline.GENESIS,
            }
        )
        items.append({"entry": entry, "hash": hashlib.sha256(entry.encode()).hexdigest()})
    return items


def test_waiting_returns_what_it_saw(screen):
    answers = iter([1, 2, 3])
    assert wait_for(screen, "three", lambda: next(answers), lambda seen: seen == 3, str) == 3


def test_waiting_in_vain_says_for_what_and_what_is_there_now(screen):
    with pytest.raises(UnexpectedError, match=r"Waited 0 s for: a seal\nIt has not come\. Now: not sealed"):
        wait_for(screen, "a seal", lambda: "x", lambda _: False, lambda _: "not sealed", timeout=0)


def test_waiting_ends_at_once_when_it_is_hopeless(screen):
    with pytest.raises(UnexpectedError, match="the pipeline failed"):
        wait_for(screen, "it", lambda: 1, lambda _: False, str, hopeless=lambda _: "the pipeline failed")


def test_what_happened_is_also_printed_where_there_is_no_terminal(screen, printed):
    screen.act("First")
    screen.did("ada.lovelace", "registered [credit-risk/1]", "detail")
    assert "1. First" in printed.getvalue()
    assert "ada.lovelace registered [credit-risk/1]" in printed.getvalue()


def test_a_detail_that_has_no_room_beside_what_happened_stands_below_it(screen, printed):
    screen.did("ada.lovelace", "registered credit-risk/1", "arn:" + "x" * 120)
    screen.saw("everything " * 20)
    first, detail, *others = printed.getvalue().splitlines()
    assert first.endswith("✓ ada.lovelace registered credit-risk/1")
    assert detail == " " * 9 + "arn:" + "x" * 120
    assert len(others) == 2 and others[1].startswith(" " * 9 + "everything")


def test_what_studio_shows_is_quoted_within_the_screen(screen, printed):
    screen.quoted(f"Steward: not approved by ours@1. [fair] {'measure it again, ' * 20}[two-people] ask somebody else")
    lines = printed.getvalue().splitlines()
    assert len(lines) == 5
    assert max(map(len, lines)) <= 140
    assert lines[1].startswith("         │ [fair] measure") and lines[4].endswith("│ [two-people] ask somebody else")


def test_a_command_that_ends_otherwise_than_told_ends_the_play(tmp_path):
    ask = command_on(tmp_path / "cloud.json")
    with pytest.raises(
        UnexpectedError, match="show credit/1, given by the auditor, should end with 0 and ended with 4"
    ):
        ask("auditor", "show", "credit/1")
    assert "cannot be read" in ask("auditor", "show", "credit/1", code=4)["error"]["message"]


def test_of_a_verdict_the_timeline_tells_what_did_not_pass():
    entry = {"action": "verdict-given", "policy": "ours@1", "why": "a-b: passed; fair: none; and old; c: passed"}
    assert timeline.why(entry) == "fair: none; and old; 2 checks passed (ours@1)"
    assert timeline.why(entry | {"why": "a: passed; b: passed"}) == "2 checks passed (ours@1)"


def test_a_whole_chain_is_believed():
    assert timeline.expect_an_unbroken_chain(a_chain("registered", "approved", "deployed")) == 3


@pytest.mark.parametrize("harm", ["text", "order", "link"])
def test_a_chain_that_was_touched_is_not_believed(harm):
    chain = a_chain("registered", "approved", "deployed")
    if harm == "text":
        chain[1]["entry"] = chain[1]["entry"].replace("mary.jackson", "somebody.else")
    elif harm == "order":
        chain[1], chain[2] = chain[2], chain[1]
    else:
        chain[1] = {**a_chain("registered", "rejected")[1]}
        chain[2]["entry"] = chain[2]["entry"].replace('"sequence": 3', '"sequence": 3 ')
    with pytest.raises(UnexpectedError):
        timeline.expect_an_unbroken_chain(chain)


def test_a_timeline_names_the_person_and_the_move(printed):
    Console(file=printed, width=140).print(timeline.timeline("Timeline", a_chain("ModelStageApproved")))
    assert "mary.jackson" in printed.getvalue()
    assert "development: pending → approved" in printed.getvalue()


@pytest.mark.parametrize(
    "kept",
    [
        '{"auc": 0.85, "accuracy": 0.8}',
        {"metrics": [{"name": "auc", "value": 0.85, "unit": ""}, {"name": "accuracy", "value": 0.8}]},
        {"auc": {"value": 0.85}, "accuracy": {"value": 0.8}, "measured_on": "sha"},
    ],
)
def test_metrics_are_read_from_any_form_of_the_record(kept):
    assert metrics_of({"model_validation_metrics": kept}) == {"auc": 0.85, "accuracy": 0.8}


def test_a_record_is_told_in_one_line():
    record = {"model_stage": "test", "model_status": "pending", "deployment_status": "deploying"}
    assert told(record) == "test: status pending, deployment_status deploying"
    assert told({}) == "no such record yet"


def test_an_incomplete_record_is_noticed():
    with pytest.raises(UnexpectedError, match="model_owner"):
        timeline.expect_complete([{"pk": "MODEL#x", "sk": "STAGE#test", "model_stage": "test"}])
