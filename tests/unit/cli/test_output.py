"""What people read: tables where there is room, nothing that a screen would obey, and what to do next."""

import io
import json
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from rich.console import Console
from typer.testing import CliRunner

from governance.domain.errors import Refused
from steward import verdicts
from steward.failures import Exit, failure_of
from steward.main import app
from steward.output import Output

FINDING = {
    "id": "review-0123456789ab", "severity": "high", "stage": "development", "check": "", "overdue": True,
    "text": "worse for applicants under 25, by more than the committee allows", "owner": "mary.jackson",
    "due": "2026-12-01T00:00:00.000000Z",
}  # fmt: skip
CHECK = {"name": "not-by-the-author", "passed": False, "stops": True, "required": "a", "found": "b", "remedy": "c"}


def said(*shown: object, width: int) -> str:
    out = Output(people=Console(file=io.StringIO(), width=width, highlight=False))
    out.answer({}, shown)  # type: ignore[arg-type]
    return out.people.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [60, 80, 149, 150, 200])
def test_what_is_copied_into_the_next_command_is_whole_at_every_width(width: int) -> None:
    text = said(verdicts.findings([FINDING], "Findings"), verdicts.checks([CHECK], "Verdict"), width=width)
    for word in ("review-0123456789ab", "not-by-the-author", "2026-12-01T00:00:00Z", "(overdue)", "mary.jackson"):
        assert word in text
    assert "check: " not in text, "nothing is told of nothing"


def test_what_a_screen_would_obey_is_only_shown() -> None:
    evil = "fine\x1b[2J\x1b[1;1H \u202egnihton"
    text = said(f"why: {evil}", verdicts.findings([{**FINDING, "text": evil}], "Findings"), width=200)
    assert not {"\x1b", "\u202e"} & set(text)
    assert text.count("fine\N{REPLACEMENT CHARACTER}[2J") == 2


def test_a_refusal_says_what_to_do_next() -> None:
    nothing = failure_of(Refused("nothing-rejected", "no earlier version of its group is rejected"))
    assert nothing
    assert (nothing.code, "--against production" in nothing.remedy) == (Exit.NOT_FOUND, True)
    denied = {"Code": "AccessDeniedException", "Message": "User: x is not authorized to perform: lambda:InvokeFunction"}
    refused = failure_of(ClientError({"Error": denied}, "Invoke"))
    assert refused
    assert (refused.code, "owners, validators and officers decide" in refused.remedy) == (Exit.REFUSED, True)


@pytest.mark.parametrize("words", [["findings", "answer", "cards/1", "nonsense", "--how", "x"],
                                   ["resubmit", "cards/1", "--why", "x", "--answer", "nonsense=x"]])  # fmt: skip
def test_what_is_no_finding_is_said_before_anybody_is_asked(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    cloud = {
        "personas": {}, "credentials": {"hub": {"access_key_id": "a", "secret_access_key": "b"}}, "region": "eu-west-1",
        "outputs": {"GovernanceTableArn": "arn:aws:dynamodb:eu-west-1:444455556666:table/steward-governance"},
        "endpoint_url": "http://127.0.0.1:1", "stack": "steward",
    }  # fmt: skip
    contract = tmp_path / "cloud.json"
    contract.write_text(json.dumps(cloud))
    result = CliRunner().invoke(app, ["--cloud", str(contract), *words])
    assert result.exit_code == Exit.USAGE
    assert "steward findings list shows their ids" in result.output
