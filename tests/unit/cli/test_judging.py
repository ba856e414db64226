"""People decide on models from the command line: each by a command that they signed, answered with what is missing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from governance.domain.fold import fold_all
from steward.evidence import listed
from tests.aws import life
from tests.aws.cloud import Cloud
from tests.aws.conftest import hub_in_memory
from tests.aws.resources import table_items
from tests.aws.standins import Callers
from tests.builders import ADA, KATHERINE, MARY, Person, change, moved, package_arn
from tests.template.translation import HUB
from tests.unit.cli.commands import answered
from tests.unit.cli.conftest import Steward, answer, stand
from tests.unit.governance.decisions.board import ARN
from tests.unit.governance.decisions.test_cases import told as happened

SEVEN = package_arn()
NAME = SEVEN.partition(":model-package/")[2]
IN_DEV = ("--stage", "development", "--why", "as discussed")


@pytest.fixture(scope="module")
def hub() -> Iterator[Cloud]:
    """A version is registered and waits for its first decision."""
    with hub_in_memory() as made:
        made.seam.standins = {**made.seam.standins, "sts": Callers(MARY.arn)}
        life.tell(made, change(0), 0, ADA)
        made.settle()
        stand()
        yield made


@pytest.fixture(autouse=True)
def functions(hub: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is asked of the function, by a model owner first."""
    with answered(hub, monkeypatch):
        comes(hub, MARY)
        yield


def comes(hub: Cloud, who: Person) -> None:
    """Whose signature STS finds, through the hub."""
    hub.seam.standins["sts"].arn = who.arn.replace(who.arn.split(":")[4], HUB)


def told(steward: Steward, *words: str, code: int = 0) -> Any:
    result = steward(*words, "--json")
    assert result.exit_code == code, result.output
    return answer(result)


def raised(steward: Steward, *more: str) -> str:
    """A finding that stands against an approval."""
    (finding,) = told(steward, "findings", "raise", NAME, *IN_DEV, "--finding", "high: worse for the young", *more)[
        "findings"
    ]
    return str(finding["id"])


def test_an_approval_says_what_passed_and_that_the_registry_follows(steward):
    shown = steward("approve", NAME, *IN_DEV)
    assert shown.exit_code == 0, shown.output
    assert "not-by-the-author" in shown.stdout
    assert MARY.id in shown.stdout
    assert told(steward, "show", NAME)["sign_offs"][0]["person"] == MARY.id


def test_an_approval_that_waits_ends_as_a_difference_and_says_what_would_help(steward):
    raised(steward)
    shown = steward("approve", NAME, *IN_DEV)
    assert shown.exit_code == 1
    assert "findings-answered" in shown.stdout
    assert "not approved in development yet" in shown.stdout
    assert told(steward, "sign-off", NAME, *IN_DEV)["outcome"] == "waits"


def test_an_author_is_told_that_it_is_for_others(steward, hub):
    comes(hub, ADA)
    for command in ("approve", "sign-off", "break-glass"):
        refused = told(steward, command, NAME, *IN_DEV, code=3)
        assert "four-eyes" in refused["error"]["message"]


def test_a_version_is_rejected_with_findings_of_the_line_and_of_a_file(steward, tmp_path):
    file = tmp_path / "findings.yaml"
    file.write_text("- {severity: low, text: the card is empty, due: 2026-12-24}\n")
    found = told(
        steward, "reject", NAME, *IN_DEV, "--finding", "high: worse for the young", "--check", "bias", "--owner",
        ADA.id, "--findings", str(file),
    )["findings"]  # fmt: skip
    high, low = sorted(found, key=lambda one: one["severity"])
    assert (high["text"], high["check"], high["owner"]) == ("worse for the young", "bias", ADA.id)
    assert low["due"] == "2026-12-24T00:00:00.000000Z"
    assert "worse for the young" in steward("findings", "list", NAME).stdout


@pytest.mark.parametrize(
    "wrong",
    [(), ("--finding", "worse for the young"), ("--finding", "awful: worse"), ("--finding", "high:")],
)
def test_without_a_finding_that_is_understood_nothing_is_asked(steward, wrong):
    before = json.dumps(table_items(), sort_keys=True)
    assert steward("reject", NAME, *IN_DEV, *wrong).exit_code == 2
    assert json.dumps(table_items(), sort_keys=True) == before


@pytest.mark.parametrize("content", ["no list", "- {severity: high}", "- {severity: high, text: x, colour: red}", "["])
def test_a_file_that_holds_no_findings_is_refused(steward, tmp_path, content):
    file = tmp_path / "findings.yaml"
    file.write_text(content)
    assert steward("reject", NAME, *IN_DEV, "--findings", str(file)).exit_code == 2


def test_a_finding_is_moved_answered_and_remembered(steward):
    finding = raised(steward)
    moved = told(
        steward, "findings", "answer", NAME, finding, "--how", "next month", "--still-open", "--due", "2026-12-24"
    )
    assert moved["findings"][0]["due"].startswith("2026-12-24")
    told(steward, "findings", "answer", NAME, finding, "--how", "measured again")
    assert told(steward, "findings", "list", NAME)["findings"] == []
    (known,) = told(steward, "findings", "list", NAME, "--all")["findings"]
    assert (known["how"], known["raised_by"]) == ("measured again", MARY.id)
    assert "measured again" in steward("findings", "list", NAME, "--all").stdout
    assert steward("findings", "answer", NAME, finding, "--how", "again").exit_code == 3


def test_findings_are_listed_by_who_is_to_answer_them(steward):
    raised(steward, "--owner", ADA.id)
    listed = ("findings", "list", "--group", "credit-risk-pd")
    (one,) = told(steward, *listed, "--owner", ADA.id)["findings"]
    assert one["version"] == SEVEN
    assert NAME in steward(*listed).stdout
    assert told(steward, *listed, "--owner", MARY.id)["findings"] == []
    assert told(steward, *listed, "--overdue")["findings"] == []
    assert "No finding" in steward("findings", "list", "--group", "another").stdout


def test_a_version_is_resubmitted_with_its_answers(steward):
    finding = raised(steward)
    refused = told(steward, "resubmit", NAME, "--why", "put right", code=3)
    assert "findings-open" in refused["error"]["message"]
    assert steward("resubmit", NAME, "--why", "put right", "--answer", finding).exit_code == 2
    shown = steward("resubmit", NAME, "--why", "put right", "--answer", f"{finding}=without age")
    assert "1 finding answered" in shown.stdout
    (known,) = told(steward, "findings", "list", NAME, "--all")["findings"]
    assert known["how"] == "without age"


def test_glass_is_broken_and_reviewed(steward, hub):
    raised(steward)
    broken = told(steward, "break-glass", NAME, *IN_DEV, "--hours", "4")
    assert broken["emergency"]["person"] == MARY.id
    assert "four-eyes" in steward("break-glass", NAME, *IN_DEV, "--review", "uphold").output
    comes(hub, KATHERINE)
    upheld = told(steward, "break-glass", NAME, *IN_DEV, "--review", "uphold")
    assert (upheld["emergency"]["reviewed_by"], upheld["emergency"]["upheld"]) == (KATHERINE.id, True)
    assert steward("break-glass", NAME, *IN_DEV, "--review", "maybe").exit_code == 2
    assert steward("break-glass", NAME, *IN_DEV, "--hours", "100").exit_code == 2


def test_evidence_that_younger_took_the_place_of_is_listed_as_replaced():
    board = happened(*["vera attaches validation run evidence"] * 2)
    here, replaced = listed(fold_all(board.ledger.facts(ARN)))
    assert (len(here), len(replaced)) == (1, 1)
    assert here[0].requested_at > replaced[0].requested_at
    assert listed(None) == ((), ())


def test_evidence_is_attached_and_listed(steward):
    words = ("evidence", "attach", NAME, "s3://reports/bias.json", "--kind", "bias", "--why", "fresh")
    (piece,) = told(steward, *words)["evidence"]
    assert (piece["status"], piece["kind"]) == ("requested", "bias")
    assert "s3://reports/bias.json" in steward("evidence", "list", NAME).stdout
    assert steward("evidence", "attach", NAME, "bias.json", "--kind", "bias", "--why", "x").exit_code == 3
    assert steward("evidence", "attach", NAME, "s3://reports/b", "--kind", "gossip", "--why", "x").exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("approve", NAME, *IN_DEV),
        ("sign-off", NAME, *IN_DEV),
        ("reject", NAME, *IN_DEV, "--finding", "low: x"),
        ("findings", "raise", NAME, *IN_DEV, "--finding", "low: x"),
        ("evidence", "attach", NAME, "s3://reports/b", "--kind", "bias", "--why", "x"),
    ],
)
def test_a_dry_run_tells_what_would_be_and_changes_nothing(steward, words):
    before = json.dumps(table_items(), sort_keys=True)
    result = told(steward, *words, "--dry-run")
    assert (result["dry_run"], result["changed"], result["would_change"]) == (True, False, True)
    assert json.dumps(table_items(), sort_keys=True) == before


def test_a_version_is_compared_with_the_one_before(steward, hub):
    raised(steward)
    properties = {"CustomerMetadataProperties": {"max_depth": "6"}}
    life.tell(hub, change(840, arn=life.EIGHT, **properties, **life.EIGHTH), 840, ADA)
    hub.settle()
    shown = steward("diff", "credit-risk-pd/8", "--against", NAME)
    assert shown.exit_code == 0, shown.output
    assert "max_depth" in shown.stdout
    assert "worse for the young" in shown.stdout, "findings on the other are shown with their answers"
    parts = {one["part"] for one in told(steward, "diff", "credit-risk-pd/8", "--against", NAME)["lines"]}
    assert parts == {"parameters", "policy"}
    assert "nothing-in-production" in steward("diff", NAME, "--against", "production").output
    itself = steward("diff", NAME)
    assert f"{NAME} now, and as it was on" in itself.stdout


def test_versions_are_compared_by_the_environments_that_the_hubs_stack_was_told_of(steward, hub):
    to_pre_production = moved(900, "PreProduction", "Rejected", "PendingManualApproval", arn=life.EIGHT, **life.EIGHTH)
    life.tell(hub, to_pre_production, 900, ADA)
    hub.settle()
    lines = told(steward, "diff", "credit-risk-pd/8", "--against", NAME, "--stage", "production")["lines"]
    (preceding,) = [one for one in lines if one["name"].startswith("preceding-stage-approved")]
    assert preceding["ours"] == "missing: pre-production rejected"
    assert preceding["theirs"] == "missing: pre-production pending"


def test_a_version_without_a_record_is_not_found(steward):
    assert steward("approve", "nobody/1", *IN_DEV).exit_code == 4
    assert steward("findings", "list", "nobody/1").exit_code == 4
    assert steward("approve", NAME, "--why", "x").exit_code == 2
