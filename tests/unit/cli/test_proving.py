"""The record is compared with its facts, and the trail verified; what is wrong is named and ends with 1."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.aws.resources import TABLE, client, table_items
from tests.unit.cli.conftest import answer


@pytest.fixture
def bent(hub):
    """A stage record that somebody changed by hand; put back afterwards."""
    item = next(one for one in table_items() if one["sk"]["S"] == "STAGE#production")
    table = client("dynamodb")
    table.put_item(TableName=TABLE, Item={**item, "model_status": {"S": "retired"}})
    yield item
    table.put_item(TableName=TABLE, Item=item)


@pytest.fixture
def forged(hub):
    """An audit entry whose text somebody changed; put back afterwards."""
    item = next(one for one in table_items() if one["sk"]["S"] == "AUDIT#00000002" and "MODEL#" in one["pk"]["S"])
    table = client("dynamodb")
    table.put_item(TableName=TABLE, Item={**item, "entry": {"S": item["entry"]["S"].replace("a", "b", 1)}})
    yield item
    table.put_item(TableName=TABLE, Item=item)


def test_records_that_are_what_their_facts_give_are_fine(steward):
    told = steward("rebuild", "--check", "--json")
    assert (told.exit_code, answer(told)["differences"]) == (0, [])
    assert "Every record" in steward("rebuild", "--check").stdout


def test_a_row_changed_by_hand_is_named(steward, bent):
    told = steward("rebuild", "--check", "--json")
    assert told.exit_code == 1
    [difference] = answer(told)["differences"]
    assert (difference["sk"], difference["attribute"], difference["found"]) == (
        "STAGE#production",
        "model_status",
        "retired",
    )
    assert "model_status" in steward("rebuild", "--check").stdout


def test_one_version_can_be_compared_alone(steward, bent):
    arn = bent["pk"]["S"].removeprefix("MODEL#")
    assert steward("rebuild", arn, "--check").exit_code == 1


def test_a_rebuild_says_what_it_is_to_do(steward):
    assert steward("rebuild").exit_code == 2


def test_a_trail_that_holds_is_fine(steward):
    told = steward("verify", "--json")
    assert told.exit_code == 0, told.output
    assert answer(told)["entries"] > 0
    assert "The audit trail holds" in steward("verify").stdout


def test_a_forged_entry_is_named_with_its_place(steward, forged):
    told = steward("verify", "--json")
    assert told.exit_code == 1
    places = [one["place"] for one in answer(told)["found"]]
    assert any("AUDIT#00000002" in place for place in places)


def test_an_anchor_that_was_noted_must_be_there(steward):
    assert steward("verify", "--anchor", "0" * 64).exit_code == 1


def test_a_folder_is_verified_without_any_installation(steward, tmp_path: Path):
    told = steward("--stack", "nowhere", "verify", "--folder", str(tmp_path), "--json")
    assert told.exit_code == 0, told.output
    stray = tmp_path / "entries" / "stray.json"
    stray.parent.mkdir()
    stray.write_text("{}")
    assert steward("--stack", "nowhere", "verify", "--folder", str(tmp_path)).exit_code == 1


def test_a_folder_is_verified_whole(steward, tmp_path: Path):
    assert steward("verify", "some/1", "--folder", str(tmp_path)).exit_code == 2


def test_a_drill_tried_dry_makes_no_table(steward):
    told = steward("restore", "--to-table", "drill", "--from-backup", "--dry-run", "--json")
    assert (told.exit_code, answer(told)["table"]) == (0, "drill")
    assert client("dynamodb").list_tables()["TableNames"] == [TABLE]


def test_a_drill_never_fills_the_live_table(steward):
    assert steward("restore", "--to-table", TABLE, "--from-backup", "--dry-run").exit_code == 3


@pytest.mark.parametrize("words", [(), ("--from-backup", "--from-archive"), ("--point-in-time", "never")])
def test_a_drill_is_told_where_from(steward, words):
    assert steward("restore", "--to-table", "drill", *words).exit_code == 2


@pytest.fixture
def unlocked(hub):
    """A sealed object whose lock somebody took away past governance; put back afterwards."""
    sealed = [json.loads(one["artifacts"]["S"]) for one in table_items() if "artifacts" in one]
    artifact = next(one[0] for one in sealed if one)
    place = {"Bucket": artifact["bucket"], "Key": artifact["key"], "VersionId": artifact["version_id"]}
    s3 = client("s3")
    lock = s3.get_object_retention(**place)["Retention"]
    short = {**lock, "RetainUntilDate": lock["RetainUntilDate"] - timedelta(hours=1)}
    s3.put_object_retention(**place, Retention=short, BypassGovernanceRetention=True)
    yield artifact
    s3.put_object_retention(**place, Retention=lock)


def test_sealed_objects_are_compared_with_the_record_where_it_is_asked(steward):
    told = steward("verify", "--deep", "--json")
    assert told.exit_code == 0, told.output
    assert answer(told)["sealed"] > 0
    assert "sealed objects" in steward("verify", "--deep").stdout
    assert answer(steward("verify", "--json"))["sealed"] == 0


def test_a_sealed_object_that_is_locked_for_less_is_named(steward, unlocked):
    told = steward("verify", "--deep", "--json")
    assert told.exit_code == 1
    assert {one["code"] for one in answer(told)["found"]} == {"sealed-unlocked"}
    assert all(unlocked["key"] in one["place"] for one in answer(told)["found"])
    assert steward("verify").exit_code == 0


@pytest.mark.parametrize("option", [("--deep",), ("--locked-for", "1")])
def test_a_folder_has_neither_sealed_objects_nor_locks(steward, tmp_path: Path, option):
    assert steward("verify", "--folder", str(tmp_path), *option).exit_code == 2
