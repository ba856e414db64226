"""People read the record with `steward show` and `steward list`."""

import json

import pytest

from tests.aws.resources import table_items
from tests.builders import KATHERINE, after
from tests.unit.cli.conftest import Steward, answer


@pytest.fixture
def version(steward: Steward) -> str:
    return answer(steward("list", "--json"))[0]["model_package_arn"]


def short(version: str) -> str:
    return version.partition(":model-package/")[2]


def test_a_version_is_shown_on_one_screen(steward, version):
    shown = steward("show", short(version))
    assert shown.exit_code == 0, shown.output
    stages = ("Stages", "development", "production", "approved")
    for told in (*stages, "Deployments", KATHERINE.id, "entry ", "as its source's"):
        assert told in shown.stdout


def test_a_version_can_be_named_by_its_arn_or_by_group_and_number(steward, version):
    assert answer(steward("show", version, "--json")) == answer(steward("show", short(version), "--json"))


def test_as_of_tells_only_what_had_been_recorded_by_then(steward, version):
    now = answer(steward("show", version, "--json"))
    then = answer(steward("show", version, "--as-of", after(2).isoformat(), "--json"))
    assert 0 < then["facts"] < now["facts"]
    assert then["audit_sequence"] < now["audit_sequence"]
    assert "production" in now["stages"] and "production" not in then["stages"]


def test_before_anything_was_recorded_there_is_no_record(steward, version):
    assert steward("show", version, "--as-of", "2001-01-01").exit_code == 4


def test_the_audit_trail_is_shown_up_to_the_end_of_the_chain(steward, version):
    told = answer(steward("show", version, "--audit", "--facts", "--json"))
    assert [one["sequence"] for one in told["audit_trail"]] == list(range(1, told["audit_sequence"] + 1))
    assert told["audit_trail"][-1]["hash"] == told["audit_hash"]
    assert len(told["fact_list"]) == told["facts"]
    shown = steward("show", version, "--audit", "--facts")
    assert "Audit trail" in shown.stdout and "Facts" in shown.stdout


def test_reading_changes_nothing(steward, version):
    before = json.dumps(table_items(), sort_keys=True)
    for words in (("show", version), ("list",), ("list", "--findings"), ("rebuild", "--check"), ("verify",)):
        steward(*words)
    assert json.dumps(table_items(), sort_keys=True) == before


def test_a_list_holds_what_was_asked_for(steward, version):
    group = short(version).partition("/")[0]
    every = answer(steward("list", "--json"))
    assert answer(steward("list", "--group", group, "--json")) == every
    assert answer(steward("list", "--group", "another", "--json")) == []
    in_production = answer(steward("list", "--stage", "production", "--json"))
    assert {one["record"]["model_stage"] for one in in_production} == {"production"}
    assert group in steward("list").stdout


def test_findings_are_listed_with_what_they_are(steward, version):
    found = answer(steward("list", "--findings", "--json"))
    assert all(one["findings"] for one in found)
    assert steward("list", "--findings").exit_code == 0


@pytest.mark.parametrize("name", ["credit-risk/x", "arn:aws:s3:::bucket", "-", "a b"])
def test_what_names_no_version_is_a_usage_error(steward, name):
    told = steward("show", "--json", "--", name)
    assert told.exit_code == 2
    assert "names no model version" in answer(told)["error"]["message"]


def test_a_moment_that_is_none_is_a_usage_error(steward, version):
    assert steward("show", version, "--as-of", "yesterday").exit_code == 2


def test_a_version_that_nobody_recorded_is_not_found_and_says_what_to_do(steward):
    told = steward("show", "nobody/1", "--json")
    assert told.exit_code == 4
    assert "backfill" in answer(told)["error"]["remedy"]
    assert "Traceback" not in told.output
