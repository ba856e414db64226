"""The command shows dead letters, hands them over in as many calls as it takes, and shows how all stands then."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from steward import install, redriving
from tests.aws.life import SEVEN
from tests.unit.cli.conftest import answer

LETTER = {
    "id": "failed-0f3a51c2d9e4", "box": "failed", "at": "2026-10-12T09:14:03.000000Z", "obstacle": "", "attempts": 3,
    "target": "arn:aws:lambda:eu-west-1:444455556666:function:steward-sync-model-version", "source": "",
    "cause": "ClientError: the registry does not answer", "versions": [SEVEN],
}  # fmt: skip
OTHER = {**LETTER, "id": "failed-111111111111"}
EMPTY: dict[str, Any] = {"letters": 0, "held": 0, "more": False}


def listed(*letters: dict[str, Any], held: int = 0) -> dict[str, Any]:
    boxes = {"failed": {**EMPTY, "letters": len(letters), "held": held}}
    return {
        "letters": list(letters),
        "boxes": boxes,
        "versions": sorted({v for one in letters for v in one["versions"]}),
    }


def done(*letters: dict[str, Any], outcome: str = "accepted", **more: Any) -> dict[str, Any]:
    told = [
        {**one, "outcome": outcome, "detail": "handled" if outcome == "accepted" else "KeyError: x"} for one in letters
    ]
    return listed(*told) | {"missing": [], "left": []} | more


class Function:
    """Answers as `redrive_events` does."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers, self.asked = list(answers), list[dict[str, Any]]()

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        self.asked.append(json.loads(Payload))
        return {"Payload": io.BytesIO(json.dumps(self.answers.pop(0)).encode())}


class Replays:
    """EventBridge with an archive, of which a replay takes a while."""

    def __init__(self, *states: str) -> None:
        self.states, self.started = list(states), list[dict[str, Any]]()

    def describe_archive(self, ArchiveName: str) -> dict[str, Any]:  # noqa: N803
        return {"EventCount": 12, "ArchiveName": ArchiveName}

    def start_replay(self, **asked: Any) -> None:
        self.started.append(asked)

    def describe_replay(self, ReplayName: str) -> dict[str, Any]:  # noqa: N803
        return {"State": self.states.pop(0), "EventLastReplayedTime": datetime(2026, 10, 12, tzinfo=UTC)}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch):
    """Let something answer in the place of a service."""

    def use(service: str, standin: Any) -> Any:
        real = install.Session.client

        def client(self: install.Session, asked: str, **options: Any) -> Any:
            return standin if asked == service else real(self, asked, **options)

        monkeypatch.setattr(install.Session, "client", client)
        monkeypatch.setattr(redriving.time, "sleep", lambda _: None)
        return standin

    return use


def test_letters_are_shown_with_what_they_were_for_about_what_and_why(steward, answers):
    used = answers("lambda", Function(listed(LETTER)))
    shown = steward("redrive")
    assert shown.exit_code == 1, shown.output
    for part in ("failed-0f3a51c2d9e4", "steward-sync-model-version", "credit-risk-pd/7", "does not answer", " d "):
        assert part in shown.stdout
    assert used.asked[0]["payload"]["action"] == "list"
    assert used.asked[0]["proof"]


def test_no_letters_are_no_finding(steward, answers):
    answers("lambda", Function(listed(), listed(held=2)))
    assert "No dead letters." in steward("redrive").stdout
    held = steward("redrive")
    assert (held.exit_code, "in somebody's hand" in held.stdout) == (1, True)


def test_a_redrive_ends_with_the_state_of_each_version_and_the_counts_before_and_after(steward, answers):
    used = answers("lambda", Function(listed(LETTER), done(LETTER), listed()))
    ended = steward("redrive", "--all", "--why", "it answers again", "--json")
    assert ended.exit_code == 0, ended.output
    told = answer(ended)
    assert told["versions"] == {SEVEN: "as its facts give"}
    assert (told["before"]["failed"]["letters"], told["after"]["failed"]["letters"]) == (1, 0)
    asked = used.asked[1]["payload"]
    assert (asked["ids"], asked["why"], asked["queue"]) == ("all", "it answers again", "all")
    answers("lambda", Function(listed(LETTER), done(LETTER), listed()))
    assert "as its facts give" in steward("redrive", "--all", "--why", "so").stdout


def test_a_redrive_goes_on_until_nothing_is_left(steward, answers):
    used = answers("lambda", Function(listed(LETTER, OTHER), done(LETTER, left=[OTHER["id"]]), done(OTHER), listed()))
    ended = steward("redrive", "--all", "--why", "so", "--json")
    assert ended.exit_code == 0
    assert [one["id"] for one in answer(ended)["letters"]] == [LETTER["id"], OTHER["id"]]
    assert used.asked[2]["payload"]["ids"] == [OTHER["id"]]


def test_a_letter_that_its_target_does_not_take_is_a_finding(steward, answers):
    answers("lambda", Function(listed(LETTER), done(LETTER, outcome="kept"), listed(LETTER)))
    ended = steward("redrive", LETTER["id"], "--why", "so")
    assert (ended.exit_code, "KeyError: x" in ended.stdout) == (1, True)


def test_a_letter_that_comes_back_is_named(steward, answers):
    answers("lambda", Function(listed(LETTER), done(LETTER), listed(OTHER)))
    ended = steward("redrive", LETTER["id"], "--why", "so", "--json")
    assert (ended.exit_code, [one["id"] for one in answer(ended)["came_back"]]) == (1, [OTHER["id"]])


def test_a_dry_run_hands_nothing_over(steward, answers):
    used = answers("lambda", Function(listed(LETTER) | {"missing": ["failed-x"], "left": []}))
    ended = steward("redrive", LETTER["id"], "failed-x", "--dry-run")
    assert (ended.exit_code, "failed-x is not there" in ended.stdout) == (1, True)
    assert [one["payload"]["dry_run"] for one in used.asked] == [True]


@pytest.mark.parametrize("words", [("--all",), ("--all", "x", "--why", "so")])
def test_a_redrive_that_gives_no_reason_or_is_not_clear_is_a_wrong_command(steward, words):
    assert steward("redrive", *words).exit_code == 2


def test_a_refusal_is_told(steward, answers):
    refused = {"refused": {"code": "identity-not-proven", "detail": "sign in"}}
    answers("lambda", Function(refused))
    assert steward("redrive").exit_code == 3


def test_a_replay_goes_from_the_archive_to_its_own_bus_and_is_followed_to_its_end(steward, answers):
    used = answers("events", Replays("STARTING", "RUNNING", "COMPLETED"))
    ended = steward("replay", "--from", "2026-10-12", "--to", "2026-10-13", "--json")
    assert ended.exit_code == 0, ended.output
    (started,) = used.started
    assert started["EventSourceArn"] == "arn:aws:events:eu-west-1:444455556666:archive/steward-intake"
    assert started["Destination"] == {"Arn": "arn:aws:events:eu-west-1:444455556666:event-bus/steward-intake"}
    assert started["ReplayName"].startswith("steward-")
    assert answer(ended)["state"] == "COMPLETED"
    assert "events until 2026-10-12" in ended.stderr


def test_a_replay_that_fails_is_a_finding_and_a_dry_run_starts_none(steward, answers):
    answers("events", Replays("FAILED"))
    assert steward("replay", "--from", "2026-10-12").exit_code == 1
    used = answers("events", Replays())
    dry = steward("replay", "--from", "2026-10-12", "--dry-run")
    assert (dry.exit_code, used.started, "12 events" in dry.stdout) == (0, [], True)


def test_a_replay_that_ends_before_it_begins_is_a_wrong_command(steward):
    assert steward("replay", "--from", "2026-10-13", "--to", "2026-10-12").exit_code == 2
