"""Officers publish policies and put groups under them from the command line, and people delegate their roles."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from governance.domain.use_case_policy import BUILT_IN
from tests.aws import life
from tests.aws.cloud import Cloud
from tests.aws.conftest import hub_in_memory
from tests.aws.functions import ENVIRONMENT
from tests.aws.officers import ANNIE, DOROTHY, ROLES
from tests.aws.resources import table_items
from tests.aws.standins import Callers
from tests.builders import ADA, KATHERINE, MARY, Person, change
from tests.template.translation import ROOT
from tests.unit.cli.commands import answered
from tests.unit.cli.conftest import Steward, answer, stand

WHY = ("--why", "as decided")
HOUSE = """\
name: house
title: The house's own
gates:
  - {name: approver-entitled, kind: check}
  - {name: not-by-the-author, kind: check}
  - {name: preceding-stage-approved, kind: check}
  - {name: approved-by-two, kind: check, stages: [test, pre-production, production], risks: [high]}
  - {name: findings-answered, kind: check}
  - {name: deployed-and-validated, kind: check, mode: advise}
"""
STRICTER = HOUSE + "  - {name: two-people, kind: sign-offs, stages: [test], needed: 2, roles: [validator, officer]}\n"


@pytest.fixture(scope="module")
def hub() -> Iterator[Cloud]:
    """A version is registered, in a hub that knows who governs."""
    named = {name: {**told, **ROLES} for name, told in ENVIRONMENT.items()}
    with patch.dict(ENVIRONMENT, named), hub_in_memory() as made:
        made.seam.standins = {**made.seam.standins, "sts": Callers(KATHERINE.arn)}
        life.tell(made, change(0), 0, ADA)
        made.settle()
        stand()
        yield made


@pytest.fixture(autouse=True)
def functions(hub: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is asked of the function, by an officer first."""
    with answered(hub, monkeypatch):
        comes(hub, KATHERINE)
        yield


def comes(hub: Cloud, who: Person) -> None:
    """Whose signature STS finds."""
    hub.seam.standins["sts"].arn = who.arn


@pytest.fixture
def files(tmp_path) -> dict[str, str]:
    for name, content in (("house", HOUSE), ("stricter", STRICTER)):
        (tmp_path / f"{name}.yaml").write_text(content)
    return {name: str(tmp_path / f"{name}.yaml") for name in ("house", "stricter")}


def told(steward: Steward, *words: str, code: int = 0) -> Any:
    result = steward(*words, "--json")
    assert result.exit_code == code, result.output
    return answer(result)


def test_a_policy_is_published_assigned_and_listed(steward, files):
    shown = steward("policy", "publish", files["house"], *WHY)
    assert (shown.exit_code, shown.stdout) == (0, "house@1: in force\n")
    assert told(steward, "policy", "assign", "house", "--group", "credit-risk-pd", *WHY)["groups"][0]["changed"]
    listed = {one["name"]: one for one in told(steward, "policy", "list")}
    assert listed["house"]["in_force"] == "house@1"
    assert [arn.rpartition("/")[2] for arn in listed["house"]["groups"]] == ["credit-risk-pd"]
    assert (listed["default"]["in_force"], listed["default"]["groups"]) == ("default@2", [])
    assert "house@1" in steward("policy", "list").stdout


def test_a_shipped_policy_is_published_by_its_name(steward):
    assert told(steward, "policy", "publish", "sr-26-2", *WHY)["policy"] == "sr-26-2@1"
    assert told(steward, "policy", "show", "sr-26-2", "--published")["policy"] == "sr-26-2@1"


def test_what_asks_less_is_proposed_shown_and_confirmed_by_another_officer(steward, hub, files):
    told(steward, "policy", "publish", files["stricter"], *WHY)
    shown = steward("policy", "publish", files["house"], *WHY)
    assert "proposed: it asks less" in shown.stdout
    assert "two-people: no longer asks for sign-offs" in shown.stdout
    (house,) = [one for one in told(steward, "policy", "list") if one["name"] == "house"]
    assert house["proposed"]["why"] == "as decided"
    proposed = told(steward, "policy", "show", "house", "--proposed")
    assert "two-people" not in {gate["name"] for gate in proposed["gates"]}
    assert told(steward, "policy", "confirm", "house", *WHY)["outcome"] == "waits-for-another-officer"
    comes(hub, ANNIE)
    assert told(steward, "policy", "confirm", "house", *WHY)["policy"] == "house@2"
    assert told(steward, "policy", "show", "house", "--version", "1")["policy"] == "house@1"
    told(steward, "policy", "confirm", "house", *WHY, code=4)
    told(steward, "policy", "show", "house", "--proposed", code=4)
    told(steward, "policy", "show", "house", "--version", "3", code=4)


def test_a_dry_run_says_what_would_come_of_it(steward, files):
    before = table_items()
    assert steward("policy", "publish", files["house"], *WHY, "--dry-run").stdout == "house@1: would be in force\n"
    assert table_items() == before


def test_the_policy_of_use_cases_is_published_proposed_and_confirmed_as_any_other(steward, hub, tmp_path):
    example = (ROOT / "examples/credit_risk/use-case-policy.yaml").read_text()
    (tmp_path / "stricter.yaml").write_text(example)
    (tmp_path / "looser.yaml").write_text(example.replace("oversight_for: [limited, high]", "oversight_for: [high]"))
    publish = ("policy", "publish")
    assert steward(*publish, str(tmp_path / "stricter.yaml"), *WHY).stdout == "use-cases@2: in force\n"
    shown = steward(*publish, str(tmp_path / "looser.yaml"), *WHY).stdout
    assert "asks less: human-oversight: no longer asks who oversees it (class limited)" in shown
    assert told(steward, "policy", "show", "use-cases", "--proposed")["oversight_for"] == ["high"]
    (listed,) = [one for one in told(steward, "policy", "list") if one["name"] == "use-cases"]
    assert (listed["in_force"], listed["proposed"]["why"]) == ("use-cases@2", "as decided")
    assert "all use cases" in steward("policy", "list").stdout
    comes(hub, ANNIE)
    assert told(steward, "policy", "confirm", "use-cases", *WHY)["policy"] == "use-cases@3"
    published = told(steward, "policy", "show", "use-cases", "--published")
    assert (published["policy"], published["hash"]) == ("use-cases@3", listed["proposed"]["policy_hash"])
    assert told(steward, "policy", "show", "use-cases", "--version", "1")["hash"] == BUILT_IN.hash
    tried = told(steward, *publish, str(tmp_path / "stricter.yaml"), *WHY, "--what-if", "--dry-run")
    assert (tried["outcome"], tried["what_if"]["use_cases"]) == ("done", 0)
    told(steward, "policy", "assign", "use-cases", "--group", "credit-risk-pd", *WHY, code=3)


def test_nobody_but_an_officer_publishes(steward, hub, files):
    for who in (MARY, DOROTHY):
        comes(hub, who)
        assert "not-entitled" in told(steward, "policy", "publish", files["house"], *WHY, code=3)["error"]["message"]


def test_a_file_that_is_no_policy_is_refused_at_the_desk_by_its_lines(steward, tmp_path):
    (tmp_path / "bad.yaml").write_text(HOUSE.replace("kind: check}", "kind: vibes}", 1))
    assert "line 4" in told(steward, "policy", "publish", str(tmp_path / "bad.yaml"), *WHY, code=3)["error"]["message"]


def test_one_way_to_look_at_a_policy_on_record_is_asked_for_at_a_time(steward):
    told(steward, "policy", "show", "house", "--published", "--proposed", code=2)


def test_a_role_is_delegated_shown_and_taken_back(steward, hub):
    comes(hub, DOROTHY)
    today = datetime.now(UTC)
    to = ("delegate", "validator", "--to", "mary.jackson", "--group", "credit-risk-pd", *WHY)
    told(steward, *to, "--until", (today - timedelta(days=1)).isoformat(), code=3)
    (given,) = told(steward, *to, "--until", (today + timedelta(days=30)).isoformat())["groups"]
    assert (given["changed"], given["role"]) == (True, "validator")
    assert (given["by"], given["to"]) == (DOROTHY.id, "mary.jackson")
    (seen,) = told(steward, "delegations", "--group", "credit-risk-pd")
    assert (seen["by"], seen["to"], seen["why"]) == (DOROTHY.id, "mary.jackson", "as decided")
    assert told(steward, *to, "--end")["groups"][0]["changed"]
    assert steward("delegations", "--group", "fraud").stdout == "Nothing is delegated.\n"


def test_a_delegation_has_an_end(steward):
    told(steward, "delegate", "officer", "--to", "mary.jackson", "--group", "credit-risk-pd", *WHY, code=2)


def test_a_group_that_cannot_be_is_a_wrong_command_line(steward):
    told(steward, "policy", "assign", "default", "--group", "no such group", *WHY, code=2)


def test_coverage_of_a_version_says_what_is_evidenced_stale_and_missing(steward, files):
    told(steward, "policy", "publish", files["stricter"], *WHY)
    told(steward, "policy", "assign", "house", "--group", "credit-risk-pd", *WHY)
    own = told(steward, "policy", "coverage", "--of", "credit-risk-pd/7", "--stage", "development")
    assert (own["policy"], own["risk"], own["version"]) == ("house", "medium", "credit-risk-pd/7")
    other = told(steward, "policy", "coverage", "sr-26-2", "--of", "credit-risk-pd/7", "--stage", "development")
    stands = {(one["framework"], one["control"]): one for one in other["controls"]}
    assert stands["sr-26-2", "inventory"]["covered"] == "missing"
    assert stands["sr-26-2", "inventory"]["open_gates"] == ["model-card"]
    assert stands["eu-ai-act", "Art. 17"]["open_gates"] == ["approver-entitled", "not-by-the-author"]
    assert "missing" in steward("policy", "coverage", "sr-26-2", "--of", "credit-risk-pd/7").stdout
    told(steward, "policy", "coverage", code=2)
    told(steward, "policy", "coverage", "--of", "credit-risk-pd/99", code=4)


def test_a_word_that_was_given_under_another_policy_is_shown_as_void(steward, hub, files):
    comes(hub, MARY)
    told(steward, "sign-off", "credit-risk-pd/7", "--stage", "development", *WHY)
    assert [one["void"] for one in told(steward, "show", "credit-risk-pd/7")["sign_offs"]] == [False]
    comes(hub, KATHERINE)
    told(steward, "policy", "publish", files["house"], *WHY)
    told(steward, "policy", "assign", "house", "--group", "credit-risk-pd", *WHY)
    assert [one["void"] for one in told(steward, "show", "credit-risk-pd/7")["sign_offs"]] == [True]
