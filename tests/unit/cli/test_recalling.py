"""What serves is taken back, and a version quarantined and released, from the command line."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.aws.cloud import Cloud
from tests.aws.conftest import hub_in_memory
from tests.aws.recalls import EIGHT, SEVEN, STEPS
from tests.aws.resources import table_items
from tests.aws.standins import Callers
from tests.builders import KATHERINE, MARY, group_arn
from tests.unit.cli.commands import Lambda, answered
from tests.unit.cli.conftest import Steward, answer, stand

NAME, BEFORE = (arn.partition(":model-package/")[2] for arn in (EIGHT, SEVEN))
GROUP = NAME.partition("/")[0]
WHY = ("--why", "it discriminates")


@pytest.fixture(scope="module")
def hub() -> Iterator[Cloud]:
    """Version 8 serves in test, and version 7 did before it."""
    with hub_in_memory() as made:
        for _, step in STEPS[:8]:
            step(made)
            made.settle()
        made.seam.standins = {**made.seam.standins, "sts": Callers(KATHERINE.arn)}
        stand()
        yield made


@pytest.fixture
def functions(hub: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lambda]:
    """What is asked of the function, by an officer first."""
    with answered(hub, monkeypatch) as used:
        hub.seam.standins["sts"].arn = KATHERINE.arn
        yield used


def shown(steward: Steward, *words: str) -> Any:
    return answer(steward(*words, "--json"))


def test_what_serves_in_a_stage_is_found_by_its_group_and_rolled_back(steward, functions):
    told = steward("roll-back", GROUP, "--stage", "test", *WHY)
    assert told.exit_code == 0, told.output
    assert f"{NAME} is rolled back in test" in told.stdout
    assert BEFORE in told.stdout
    record = shown(steward, "show", NAME)
    assert record["bars"]["test"]["person"] == KATHERINE.id
    assert "it discriminates" in steward("show", NAME).stdout
    open_ones = {one["effect"] for one in record["effects"].values() if one["outcome"] == "open"}
    assert open_ones == {"roll-back", "write-back"}
    again = steward("roll-back", GROUP, "--stage", "test", *WHY, "--json")
    assert (again.exit_code, "under-way" in answer(again)["error"]["message"]) == (3, True)


@pytest.mark.parametrize("name", [GROUP, NAME, EIGHT, group_arn()])
def test_a_group_and_a_version_are_named_as_anywhere(steward, functions, name):
    told = shown(steward, "roll-back", name, "--stage", "test", *WHY, "--dry-run")
    assert (told["version"], told["would_change"]) == (EIGHT, True)


def test_where_nothing_serves_it_says_so(steward, functions):
    assert steward("roll-back", GROUP, "--stage", "production", *WHY).exit_code == 4
    assert steward("roll-back", "nobody", "--stage", "test", *WHY).exit_code == 4
    refused = steward("roll-back", BEFORE, "--stage", "test", *WHY)
    assert refused.exit_code == 3
    assert "superseded" in refused.output


def test_a_quarantine_is_tried_ordered_shown_and_ended_by_another_officer(steward, functions, hub):
    tried = steward("quarantine", NAME, *WHY, "--dry-run")
    assert f"{NAME} would be quarantined" in tried.stdout
    assert "555566667777" in tried.stdout
    assert BEFORE in tried.stdout
    assert "being taken back" in steward("quarantine", NAME, *WHY).stdout
    assert "quarantined already" in steward("quarantine", NAME, *WHY).stdout
    assert "something of it runs still" in steward("show", NAME).stdout
    own = steward("release", NAME, *WHY, "--json")
    assert (own.exit_code, "four-eyes" in own.stdout) == (3, True)
    hub.seam.standins["sts"].arn = MARY.arn.replace("model-owner", "officer")
    assert "is released" in steward("release", NAME, *WHY).stdout
    assert "not quarantined any more" in steward("release", NAME, *WHY).stdout
    assert shown(steward, "show", NAME)["quarantine"]["released_by"] == MARY.id


def test_what_runs_nowhere_is_safe_at_once(steward, functions):
    told = steward("quarantine", BEFORE, *WHY)
    assert "It runs nowhere" in told.stdout
    assert "nothing of it runs since" in told.stdout


@pytest.mark.parametrize("words", [("roll-back", GROUP, "--stage", "test"), ("quarantine", NAME)])
def test_a_dry_run_changes_nothing(steward, functions, words):
    before = json.dumps(table_items(), sort_keys=True)
    told = steward(*words, *WHY, "--dry-run", "--json")
    assert (told.exit_code, answer(told)["dry_run"]) == (0, True)
    assert json.dumps(table_items(), sort_keys=True) == before
