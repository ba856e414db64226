"""What happened in all scenarios is proven: by the command, offline by an examiner, and by a record brought back."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, short, told
from tests.integration.scenarios.record import wait_for

pytestmark = pytest.mark.cloud

EXAMINER = Path(__file__).parents[3] / "examiner" / "verify_audit.py"
MADE_PAST_GOVERNANCE = {
    "execution-without-record", "group-made-otherwise", "group-not-onboarded", "group-tags-differ",
    "import-refused", "ungoverned-endpoint", "use-case-unknown",
}  # fmt: skip
"""What scenarios did on purpose: a forged deployment, an import into no group, an endpoint left of a failed one, and
groups of use cases that nobody put on record, of which something is said since one is."""

DELETED = "/deleted-"
"""In the ARNs of the version whose endpoint a scenario deletes by hand."""


@pytest.fixture(scope="module", autouse=True)
def last(driver: Driver, steward: Steward) -> str:
    """The last version of all; when it is sealed and archived, all that came before has settled."""
    arn = driver.register(driver.group(unique("last")), models.formula(99))
    driver.wait_sealed(arn)
    driver.settled([arn])
    wait_for("it is archived", lambda: steward("auditor", "verify", short(arn)).exit_code, lambda code: code == 0)
    return arn


def test_the_auditor_verifies_every_chain_fact_archived_object_and_sealed_object(steward: Steward) -> None:
    found = told(steward("auditor", "verify", "--deep", "--json"))
    assert found["problems"] == 0
    assert found["objects"] >= found["entries"] > 0
    assert found["sealed"] > 0


def test_every_record_is_what_its_facts_give(steward: Steward) -> None:
    assert told(steward("auditor", "rebuild", "--check", "--json"))["differences"] == []


def test_the_reconciler_has_nothing_to_repair_and_names_what_was_done_past_governance(steward: Steward) -> None:
    report = json.loads(steward("ml-engineer", "reconcile", "--grace", "0", "--json").stdout)
    assert report["done"]
    left = [one for one in report["differences"] if one["code"] not in MADE_PAST_GOVERNANCE]
    assert [one for one in left if (one["code"], DELETED in one["subject"]) != ("endpoint-drifted", True)] == []


@pytest.fixture(scope="module")
def downloaded(driver: Driver, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive, as the auditor downloads it."""
    folder, bucket = tmp_path_factory.mktemp("archive"), driver.outputs["AuditBucket"]
    s3 = driver.client("s3", "auditor")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for one in page.get("Contents", []):
            path = folder / one["Key"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read())
    return folder


def examined(folder: Path) -> subprocess.CompletedProcess[str]:
    """What the examiner's one file says of a folder, with the standard library alone."""
    return subprocess.run([sys.executable, "-I", "-S", EXAMINER, folder], capture_output=True, text=True, check=False)


def test_an_examiner_verifies_the_downloaded_archive_offline_and_finds_what_was_changed(downloaded: Path) -> None:
    sound = examined(downloaded)
    assert sound.returncode == 0, sound.stdout + sound.stderr
    entry = next(path for path in sorted(downloaded.rglob("*")) if path.is_file() and b"approved" in path.read_bytes())
    kept = entry.read_bytes()
    entry.write_bytes(kept.replace(b"approved", b"rejected"))
    forged = examined(downloaded)
    entry.write_bytes(kept)
    assert forged.returncode != 0
    assert entry.stem in forged.stdout


@pytest.fixture
def drill(driver: Driver) -> Iterator[str]:
    """The name of a table that is gone afterwards."""
    name = unique("drill")
    yield name
    driver.client("dynamodb", "hub").delete_table(TableName=name)


@pytest.mark.parametrize("source", ["--from-archive", "--from-backup"])
def test_the_record_comes_back_into_a_table_of_its_own_with_its_times_measured(
    driver: Driver, steward: Steward, last: str, drill: str, source: str
) -> None:
    restored: dict[str, Any] = told(steward("", "restore", source, "--to-table", drill, "--json"))
    assert (restored["differences"], restored["problems"]) == (0, 0)
    assert restored["versions"] >= 1
    assert restored["behind_seconds"] >= 0
    assert restored["seconds"] > 0
    key = {"pk": {"S": f"MODEL#{last}"}, "sk": {"S": "HEAD"}}
    table = driver.client("dynamodb", "hub")
    heads = [table.get_item(TableName=name, Key=key)["Item"] for name in (drill, driver.outputs["GovernanceTable"])]
    assert heads[0]["audit_hash"] == heads[1]["audit_hash"]
