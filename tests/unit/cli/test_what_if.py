"""A draft of a policy is tried on a whole fleet from the command line, and before it is published."""

import json
from collections.abc import Iterator

import pytest
from rich.console import Console

from governance.domain.lifecycle import ORDER
from governance.domain.policy_document import RISKS
from governance.domain.what_if import Tried, Turn
from governance.services.trying_policies import Trial
from steward import trying, turns
from tests.aws.cloud import Cloud
from tests.aws.life import SEVEN
from tests.aws.resources import table_items
from tests.aws.standins import Callers
from tests.builders import KATHERINE, after, group_arn
from tests.unit.cli.commands import Lambda, answered
from tests.unit.cli.conftest import answer

CHECKS = """\
name: {name}
title: The house's own
gates:
  - {{name: approver-entitled, kind: check}}
  - {{name: not-by-the-author, kind: check}}
  - {{name: preceding-stage-approved, kind: check}}
  - {{name: approved-by-two, kind: check, stages: [test, pre-production, production], risks: [high]}}
  - {{name: findings-answered, kind: check}}
  - {{name: deployed-and-validated, kind: check, mode: advise}}
"""
BIAS = "  - {{name: bias, kind: evidence, evidence: bias, mode: {mode}, stages: [test]}}\n"


WHY = ("--why", "as decided")


@pytest.fixture
def draft(tmp_path):
    def written(*more: str, name: str = "default") -> str:
        file = tmp_path / "draft.yaml"
        file.write_text(CHECKS.format(name=name) + "".join(more))
        return str(file)

    return written


@pytest.fixture
def functions(hub: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lambda]:
    """What is asked of the function, by an officer."""
    standins = hub.seam.standins
    hub.seam.standins = {**standins, "sts": Callers(KATHERINE.arn)}
    with answered(hub, monkeypatch) as used:
        yield used
    hub.seam.standins = standins


def test_who_would_be_refused_is_told_by_gate_stage_and_risk_and_progress_beside_it(steward, draft, monkeypatch):
    monkeypatch.setattr(turns, "STEP", 1)
    before = json.dumps(table_items(), sort_keys=True)
    result = steward("what-if", draft(BIAS.format(mode="enforce")), "--group", group_arn(), "--json")
    assert (result.exit_code, result.stderr.splitlines()) == (1, [f"{done} of 4 versions" for done in (1, 2, 3)])
    found = answer(result)
    assert (found["versions"], found["groups"], found["reached"], found["left_out"]) == (4, 1, 1, {})
    assert [(one["when"], one["turn"], one["gate"], one["stage"], one["risk"]) for one in found["gates"]] == [
        (when, "newly-fails", "bias", "test", "medium") for when in ("now", "decided")
    ]
    seven = [one for one in found["found"] if one["version"] == SEVEN]
    assert [(one["status"], one["was"], one["would"]) for one in seven] == [
        ("approved", "passes", "fails"),
        ("decided", "passes", "fails"),
    ]
    assert seven[0]["because"][0]["remedy"].startswith("attach bias evidence")
    assert json.dumps(table_items(), sort_keys=True) == before, "trying changes nothing"


def test_people_see_what_is_asked_more_and_less_and_what_turns_by_which_gate(steward, draft):
    shown = steward("what-if", draft(BIAS.format(mode="enforce")), "--under", "default")
    assert shown.exit_code == 1
    assert "asks more than default@2: bias (test)" in shown.stdout
    assert "credit-risk-pd/7" in shown.stdout
    assert "newly refused of the decisions" in shown.stdout.splitlines()[-1]


def test_the_policy_in_force_changes_nothing(steward, draft):
    shown = steward("what-if", draft())
    assert (shown.exit_code, shown.stdout.splitlines()[-1]) == (0, "It would change nothing.")
    assert "Tried on 4 versions of 1 group, 1 of them under a policy of this name" in shown.stdout


def test_a_mistyped_name_is_not_told_as_if_nothing_changed(steward, draft):
    for words in (("--group", "credit-risk-dp"), ("--under", "house")):
        refused = steward("what-if", draft(), *words, "--json")
        assert (refused.exit_code, words[1] in answer(refused)["error"]["message"]) == (4, True)
    assert steward("what-if", "nothing-like-it").exit_code == 4
    assert steward("what-if", "default", "--proposed").exit_code == 4


def test_an_officer_sees_what_it_changes_when_publishing_and_another_when_confirming(steward, hub, functions, draft):
    strict = draft(BIAS.format(mode="enforce"))
    tried = steward("policy", "publish", strict, *WHY, "--what-if", "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert "newly refused  2          bias" in tried.stdout
    assert tried.stdout.splitlines()[-1] == "default@3: would be in force"
    assert answer(steward("policy", "publish", strict, *WHY, "--json"))["outcome"] == "done"
    assert answer(steward("policy", "publish", draft(), *WHY, "--json"))["outcome"] == "proposed"
    hub.seam.standins["sts"].arn = KATHERINE.arn.replace("katherine.johnson", "annie.easley")
    confirmed = answer(steward("policy", "confirm", "default", *WHY, "--what-if", "--json"))
    assert (confirmed["policy"], confirmed["what_if"]["now"]["newly-passes"]) == ("default@4", 2)
    assert "found" not in confirmed["what_if"]


def in_words(found: Trial) -> str:
    """A trial as people see it."""
    console = Console(width=200)
    with console.capture() as captured:
        for line in trying.told(found, found.found):
            console.print(line)
    return captured.get()


def test_what_was_left_out_and_becomes_void_is_said_in_words():
    nothing = {"policy": "house", "policy_hash": "f" * 64, "versions": 5, "groups": 2, "reached": 0, "compared": ()}
    found = Trial(
        **nothing,
        left_out={"dormant": 1, "not-in-the-registry": 1, "damaged": 2},
        void=1,
        now=dict.fromkeys(Turn, 0),
        decided=dict.fromkeys(Turn, 0),
        gates=(),
        found=(),
    )
    shown = in_words(found)
    assert "1 version, dormant: from before governance, and not adopted." in shown
    assert "2 versions, damaged (steward rebuild --check): nothing is told of them." in shown
    assert "1 of the signatures that wait for an approval would be void" in shown
    assert "It would change nothing." in shown


def test_of_very_many_approvals_people_see_the_first_and_programs_all():
    one = Tried(
        version=SEVEN, stage="test", risk="high", status="pending", at=after(0), policy="default@2",
        was="passes", would="cannot-tell", turn="cannot-tell", why="nobody knows",
    )  # fmt: skip
    shown = "\n".join(map(str, trying.one_by_one([one] * 41)))
    assert "and 1 more: --json has all of them." in shown


@pytest.mark.parametrize(
    ("where", "said"),
    [(("test/high", "test/medium", "test/low"), "test"),
     (("test/high", "production/low"), "test for high, production for low"),
     (tuple(f"{stage}/{risk}" for stage in ORDER for risk in RISKS), "everywhere")],
)  # fmt: skip
def test_places_are_said_in_few_words(where, said):
    assert trying.places(where) == said
