"""Officers adopt, hold, release, repair and forget from the command line, each by a command that they signed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.aws.cloud import Cloud
from tests.aws.conftest import hub_in_memory
from tests.aws.decisions import SEVEN, brought_in, damaged
from tests.aws.resources import table_items
from tests.builders import ADA, KATHERINE
from tests.template.translation import hub as template
from tests.unit.cli.commands import Lambda, answered
from tests.unit.cli.conftest import Steward, answer, stand

NAME = SEVEN.partition(":model-package/")[2]
WHY = ("--why", "as decided")


@pytest.fixture(scope="module")
def hub() -> Iterator[Cloud]:
    """A version from before governance is on record, and dormant."""
    with hub_in_memory() as made:
        brought_in(made)
        made.settle()
        stand()
        yield made


@pytest.fixture
def functions(hub: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lambda]:
    """What is asked of the function, by an officer first."""
    with answered(hub, monkeypatch) as used:
        callers(hub, KATHERINE.arn)
        yield used


def callers(hub: Cloud, arn: str) -> None:
    """Whose signature STS finds."""
    hub.seam.standins["sts"].arn = arn


def shown(steward: Steward, *words: str) -> Any:
    return answer(steward(*words, "--json"))


def test_a_dormant_version_is_adopted_and_lives(steward, functions):
    assert shown(steward, "show", NAME)["is_dormant"]
    assert "not-adopted" in {one["code"] for one in shown(steward, "show", NAME)["findings"]}
    adopted = steward("adopt", NAME, *WHY)
    assert adopted.exit_code == 0, adopted.output
    record = shown(steward, "show", NAME)
    assert (record["is_dormant"], record["adopted_by"]) == (False, KATHERINE.id)
    assert KATHERINE.id in steward("show", NAME).stdout
    assert "so already" in steward("adopt", NAME, *WHY).stdout


def test_whoever_registered_it_does_not_adopt_it(steward, functions, hub):
    callers(hub, ADA.arn.replace(ADA.arn.split(":")[4], KATHERINE.arn.split(":")[4]))
    refused = steward("adopt", NAME, *WHY, "--json")
    assert refused.exit_code == 3
    assert "four-eyes" in answer(refused)["error"]["message"]
    assert shown(steward, "show", NAME)["is_dormant"]


def test_a_colleague_of_another_account_is_not_believed(steward, functions, hub):
    callers(hub, KATHERINE.arn.replace(KATHERINE.arn.split(":")[4], "999988887777"))
    refused = steward("hold", NAME, *WHY, "--json")
    assert refused.exit_code == 3
    assert "identity-not-proven" in answer(refused)["error"]["message"]


def test_all_dormant_versions_of_a_group_are_adopted(steward, functions):
    group = NAME.partition("/")[0]
    told = shown(steward, "adopt", "--group", group, *WHY)
    assert [one["changed"] for one in told["versions"]] == [True]
    assert steward("adopt", "--group", group, *WHY).exit_code == 4
    assert steward("adopt", *WHY).exit_code == 2
    assert steward("adopt", NAME).exit_code == 2


def test_of_several_what_is_refused_leaves_the_others_done(steward, functions):
    told = steward("hold", NAME, "nobody/1", *WHY, "--json")
    assert told.exit_code == 3
    held, refused = answer(told)["versions"]
    assert held["legal_hold"]
    assert "unknown-version" in refused["refused"]
    assert steward("hold", "nobody/1", *WHY).exit_code == 4


def test_a_hold_is_placed_shown_and_lifted(steward, functions):
    assert steward("hold", NAME, *WHY).exit_code == 0
    assert shown(steward, "show", NAME)["legal_hold"]
    assert f"placed by {KATHERINE.id}" in steward("show", NAME).stdout
    assert steward("release-hold", NAME, *WHY).exit_code == 0
    assert not shown(steward, "show", NAME)["legal_hold"]


@pytest.mark.parametrize(
    "words",
    [("adopt", NAME), ("hold", NAME), ("release-hold", NAME), ("forget-person", ADA.id), ("rebuild", NAME, "--repair")],
)
def test_a_dry_run_changes_nothing(steward, functions, words):
    before = json.dumps(table_items(), sort_keys=True)
    told = steward(*words, *WHY, "--dry-run", "--json")
    assert told.exit_code == 0, told.output
    assert answer(told)["dry_run"] is True
    assert json.dumps(table_items(), sort_keys=True) == before
    assert all(one["payload"]["dry_run"] for one in functions.asked)


def test_a_damaged_record_is_found_and_repaired(steward, functions, hub):
    damaged(hub)
    hub.queue.clear()
    assert steward("rebuild", "--check").exit_code == 1
    repaired = steward("rebuild", "--repair", "--json")
    assert repaired.exit_code == 0, repaired.output
    (one,) = answer(repaired)["versions"]
    assert one["changed"]
    assert steward("rebuild", "--check").exit_code == 0
    assert steward("rebuild", "--repair").exit_code == 0
    assert steward("rebuild", "--check", "--repair").exit_code == 2
    assert steward("verify").exit_code == 0


def test_a_person_is_forgotten_and_every_chain_verifies(steward, functions):
    assert ADA.id in json.dumps(table_items())
    told = shown(steward, "forget-person", ADA.id, *WHY)
    assert (told["versions"], told["use_cases"]) == ([SEVEN], [])
    assert ADA.id not in json.dumps(table_items())
    assert steward("verify").exit_code == 0
    assert "No record keeps that name" in steward("forget-person", ADA.id, *WHY).stdout


def test_every_command_is_signed_for_itself_alone(steward, functions):
    steward("hold", NAME, *WHY)
    steward("hold", NAME, *WHY)
    first, second = functions.asked
    assert first["payload"]["request_id"] != second["payload"]["request_id"]
    assert first["payload"]["function"].endswith(template().name("Decide"))
    assert first["proof"] != second["proof"]


def test_findings_about_the_hub_are_shown(steward, functions):
    assert "findings" in shown(steward, "show", "hub")
    assert steward("show", "hub").exit_code == 0


def test_nothing_is_said_to_be_decided_before_it_was(steward, functions):
    line = next(line for line in steward("list").stdout.splitlines() if line.startswith(NAME))
    assert "Z" not in line
