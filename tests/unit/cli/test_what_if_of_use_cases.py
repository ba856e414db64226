"""A draft of the policy of use cases is tried on every use case from the command line, and before it is published."""

import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from governance.domain.use_case_what_if import ASKERS, TriedUseCase
from governance.services.trying_use_case_policies import UseCaseTrial
from steward import trying_use_cases, turns
from tests.aws.cloud import Cloud
from tests.aws.officers import ANNIE, DOROTHY
from tests.aws.resources import table_items
from tests.builders import KATHERINE, MARY, after
from tests.template.translation import ROOT
from tests.unit.cli.conftest import Steward, answer
from tests.unit.cli.test_publishing import WHY, comes, functions, hub, told
from tests.unit.cli.test_use_cases import ASSESSMENT, EXAMPLES, USE_CASE

__all__ = ["functions", "hub"]

BANKS = str(EXAMPLES / "use-case-policy.yaml")


@pytest.fixture
def strict(tmp_path: Path) -> str:
    """The bank's policy, where only officers approve a proof of concept, three for the class high."""
    text = Path(BANKS).read_text().replace("concept: [owner, validator, officer]", "concept: [officer]")
    (tmp_path / "strict.yaml").write_text(text.replace("limited: 2, high: 2}", "limited: 2, high: 3}"))
    return str(tmp_path / "strict.yaml")


@pytest.fixture
def loose(tmp_path: Path) -> str:
    """The bank's policy, where one person is enough."""
    text = Path(BANKS).read_text().replace("limited: 2, high: 2}", "limited: 1, high: 1}")
    (tmp_path / "loose.yaml").write_text(text)
    return str(tmp_path / "loose.yaml")


@pytest.fixture(autouse=True)
def on_record(steward: Steward, hub: Cloud, tmp_path: Path) -> None:
    """A use case of high class that two people approved as a proof of concept, and one that waits for that."""
    if told(steward, "use-case", "list"):
        comes(hub, KATHERINE)
        return
    other = tmp_path / "churn.yaml"
    other.write_text(Path(USE_CASE).read_text().replace("id: credit-risk", "id: churn"))
    comes(hub, MARY)
    for file in (USE_CASE, str(other)):
        told(steward, "use-case", "create", file, *WHY)
    comes(hub, DOROTHY)
    for name in ("churn", "credit-risk"):
        told(steward, "use-case", "assess", name, ASSESSMENT, *WHY)
    for who in (DOROTHY, KATHERINE):
        comes(hub, who)
        steward("use-case", "advance", "credit-risk", "--stage", "proof-of-concept", *WHY)


def test_who_would_wait_or_be_refused_is_told_as_json_with_progress_beside_it_and_nothing_is_written(
    steward, strict, monkeypatch
):
    monkeypatch.setattr(turns, "STEP", 1)
    before = json.dumps(table_items(), sort_keys=True)
    result = steward("what-if", strict, "--json")
    assert (result.exit_code, result.stderr) == (1, "1 of 2 use cases\n")
    found = answer(result)
    assert (found["policy"], found["use_cases"], found["open"], found["left_out"]) == ("use-cases", 2, 2, {})
    poc = ("proof-of-concept", "high", 1)
    assert [tuple(one.values()) for one in found["gates"]] == [
        ("now", "newly-fails", "entitled", *poc),
        ("decided", "newly-fails", "entitled", *poc),
        ("decided", "newly-waits", "enough-people", *poc),
    ]
    waiting = found["found"][0]
    assert (waiting["use_case"], waiting["status"], waiting["by"]) == ("churn", "pending", ["owner", "validator"])
    assert (waiting["was"], waiting["would"], waiting["policy"]) == ("waits", "fails", "use-cases@1")
    assert waiting["because"][0]["remedy"] == "have somebody come through a role of officer"
    assert found["unjudged"] == {"use-case-assessed": 2, "use-case-created": 2}
    assert json.dumps(table_items(), sort_keys=True) == before, "trying changes nothing"


def test_people_see_it_as_the_docs_show_it(steward, strict):
    shown = steward("what-if", strict)
    people = dict.fromkeys(re.findall("person-[0-9a-f]{20}", shown.stdout))
    text = re.sub(r"20\d\d-[\d:T-]+Z", "2026-10-12T09:37:03Z", shown.stdout)
    for one, name in zip(people, ("person-0d1e5c8b6a2f49730e11", "person-7c2b90f4d3a1865e4f22"), strict=True):
        text = text.replace(one, name)
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    assert f"```text\n$ steward what-if strict.yaml\n{lines}\n```" in (ROOT / "docs/what-if.md").read_text(), lines


def test_the_policy_in_force_changes_nothing(steward):
    shown = steward("what-if", "use-cases")
    assert (shown.exit_code, shown.stdout.splitlines()[-1]) == (0, "It would change nothing.")
    assert "Tried on 2 use cases: 2 stages that could be approved now, 2 decisions." in shown.stdout


def test_past_decisions_are_left_out_where_nobody_asks_for_them(steward, strict):
    found = answer(steward("what-if", strict, "--no-decisions", "--json"))
    assert (sum(found["decided"].values()), found["unjudged"], found["untold"]) == (0, {}, [])


def test_a_scope_of_the_other_kind_or_a_mistyped_name_is_not_told_as_if_nothing_changed(steward, strict):
    for words in (("--group", "credit-risk-pd"), ("--under", "default")):
        assert "--use-case narrows it down" in steward("what-if", strict, *words).stderr
    assert steward("what-if", "sr-26-2", "--use-case", "credit-risk").exit_code == 2
    refused = steward("what-if", strict, "--use-case", "credit-rsik", "--json")
    assert (refused.exit_code, "credit-rsik" in answer(refused)["error"]["message"]) == (4, True)


def test_an_officer_sees_what_it_changes_when_publishing_and_another_when_confirming(steward, hub, loose):
    tried = steward("policy", "publish", loose, *WHY, "--what-if")
    assert tried.exit_code == 0, tried.output
    assert "asks less than use-cases@1: enough-people: needed 2 people and needs 1 (class high)" in tried.stdout
    assert "1 newly let pass" in tried.stdout
    assert "proposed" in tried.stdout.splitlines()[-2]
    proposed = answer(steward("what-if", "use-cases", "--proposed", "--json"))
    assert proposed["decided"]["newly-passes"] == 1
    comes(hub, ANNIE)
    confirmed = told(steward, "policy", "confirm", "use-cases", *WHY, "--what-if")
    assert (confirmed["policy"], confirmed["what_if"]["now"]["newly-passes"]) == ("use-cases@2", 1)
    assert "found" not in confirmed["what_if"]


def in_words(found: UseCaseTrial) -> str:
    """A trial as people see it."""
    console = Console(width=200)
    with console.capture() as captured:
        for line in trying_use_cases.told(found, found.found):
            console.print(line)
    return captured.get()


def a_trial(**told: object) -> UseCaseTrial:
    common = {"policy": "use-cases", "policy_hash": "f" * 64, "use_cases": 5, "open": 1, "void": 0, "left_out": {}}
    nothing = {"now": {}, "decided": {}, "unjudged": {}, "untold": (), "compared": (), "gates": (), "found": ()}
    return UseCaseTrial.model_validate({**common, **nothing, **told})


def test_what_was_left_out_and_becomes_void_is_said_in_words():
    left = {"approved-in-production": 1, "damaged": 2, "retired": 1}
    shown = in_words(a_trial(left_out=left, void=1))
    assert "Not tried: 1 use case, approved in production: nothing comes after that." in shown
    assert "2 use cases, damaged (steward verify)" in shown
    assert "1 of the words that wait for another person would be void" in shown
    assert "It would change nothing." in shown


def one(**told: object) -> TriedUseCase:
    place = {"use_case": "credit-risk", "stage": "development", "status": "pending", "at": after(0), "by": ("owner",)}
    said = {"policy": "use-cases@1", "was": "passes", "would": "cannot-tell", "turn": "cannot-tell", "why": "nobody"}
    return TriedUseCase.model_validate({**place, **said, **told})


def test_of_very_many_approvals_people_see_the_first_and_programs_all():
    shown = "\n".join(map(str, trying_use_cases.one_by_one([one()] * 41)))
    assert "and 1 more: --json has all of them." in shown


@pytest.mark.parametrize(
    ("by", "said"),
    [(ASKERS, "anybody"), (ASKERS[:3], "anybody but its owner"), (ASKERS[2:4], "officer, owner who owns it")],
)
def test_who_would_hear_it_is_said_in_few_words(by, said):
    assert trying_use_cases.by([each.words for each in by]) == said
