"""The command calls the reconciler until it is done, hands on what it must, and says how it went."""

import io
import json
from typing import Any

import pytest

from steward import install
from tests.unit.cli.conftest import answer

DIFFERENCE = {"code": "missed-event", "subject": "arn:aws:x", "detail": "ModelApprovalStatus", "repaired": True}


class Reconciler:
    """Answers as `reconcile_registry` does, in as many calls as there are answers."""

    def __init__(self, *answers: dict[str, Any], error: str = "") -> None:
        self.answers, self.asked, self.error = list(answers), list[dict[str, Any]](), error

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        assert FunctionName == "reconcile"
        self.asked.append(json.loads(Payload))
        if self.error:
            told = {"errorType": self.error, "errorMessage": "it was so"}
            return {"Payload": io.BytesIO(json.dumps(told).encode()), "FunctionError": "Unhandled"}
        return {"Payload": io.BytesIO(json.dumps(self.answers.pop(0)).encode())}


def told(done: bool = True, *differences: dict[str, Any], **counts: int) -> dict[str, Any]:
    cursor = {"phase": "done" if done else "groups", "run_id": "1"}
    return {"done": done, "cursor": cursor, "counts": counts, "differences": list(differences), "left_off": 0}


@pytest.fixture
def calling(monkeypatch: pytest.MonkeyPatch):
    """Let a reconciler answer instead of Lambda."""

    def use(reconciler: Reconciler) -> Reconciler:
        real = install.Session.client

        def client(self: install.Session, service: str, **options: Any) -> Any:
            return reconciler if service == "lambda" else real(self, service, **options)

        monkeypatch.setattr(install.Session, "client", client)
        return reconciler

    return use


def test_a_run_without_differences_is_fine(steward, calling):
    calling(Reconciler(told(versions=7)))
    shown = steward("reconcile")
    assert shown.exit_code == 0, shown.output
    assert "7 versions" in shown.stdout and "Everything agrees." in shown.stdout


def test_a_run_goes_on_until_it_is_done_and_tells_everything_found(steward, calling):
    used = calling(Reconciler(told(False, DIFFERENCE, versions=1), told(True, DIFFERENCE, versions=2)))
    ended = steward("reconcile", "--json")
    assert ended.exit_code == 1
    assert len(answer(ended)["differences"]) == 2
    assert [one["resume"] for one in used.asked] == [True, True]
    assert "cursor" not in used.asked[1]


def test_progress_is_no_part_of_the_answer(steward, calling):
    calling(Reconciler(told(False, versions=1), told()))
    ended = steward("backfill", "--json")
    assert answer(ended)["done"]
    assert "differences so far" in ended.stderr


def test_a_dry_run_says_so_in_each_call_and_hands_on_its_cursor(steward, calling):
    used = calling(Reconciler(told(False), told()))
    ended = steward("reconcile", "--dry-run", "--json")
    assert [one["dry_run"] for one in used.asked] == [True, True]
    assert used.asked[1]["cursor"] == {"phase": "groups", "run_id": "1"}
    assert answer(ended)["dry_run"]


def test_what_is_asked_reaches_the_reconciler(steward, calling):
    used = calling(Reconciler(told(), told()))
    steward("reconcile", "--group", "one", "--group", "two", "--grace", "0", "--afresh")
    assert used.asked == [
        {"mode": "reconcile", "groups": ["one", "two"], "dry_run": False, "grace_seconds": 0, "resume": False}
    ]
    assert steward("backfill").exit_code == 0
    assert used.asked[1]["mode"] == "backfill"


def test_what_a_backfill_brings_in_is_no_difference(steward, calling):
    calling(Reconciler(told(True, {**DIFFERENCE, "code": "backfilled"})))
    assert steward("backfill").exit_code == 0


def test_a_function_that_fails_is_said_in_a_sentence(steward, calling):
    calling(Reconciler(error="PublishingFailed"))
    ended = steward("reconcile", "--json")
    assert ended.exit_code == 5
    assert "PublishingFailed: it was so" in answer(ended)["error"]["message"]
