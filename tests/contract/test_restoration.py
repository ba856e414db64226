"""Drills of recovery on tables in memory: from backups, and from the archive alone."""

from datetime import UTC, datetime, timedelta

import pytest

from governance import bootstrap
from governance.adapters.dynamodb_chains import DynamoDbChains
from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.folder_archive import FolderArchive
from governance.adapters.rows import Table
from governance.domain.archive import KeptEntry, KeptFact
from governance.domain.audit import Deed
from governance.domain.errors import ArchiveDiffers, NotRestorable
from governance.domain.identifiers import Person
from governance.services.archiving import Archiving
from governance.services.restoration import Restoration
from governance.services.synchronisation import Synchronisation
from governance.services.verification import Verification
from governance.settings import Settings
from tests import fakes
from tests.aws.resources import TABLE, client
from tests.builders import approved, change, described, package_arn
from tests.fakes_of_the_archive import InMemoryArchive

SETTINGS = Settings(governance_table=TABLE)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def archive(seam) -> InMemoryArchive:
    """A live table with a version and the hub's chain, and their archive."""
    table, registry = bootstrap.table(SETTINGS), fakes.InMemoryRegistry()
    recording = bootstrap.recording(SETTINGS, bootstrap.ledger(table), now)
    synchronisation = Synchronisation(registry, recording)
    for told in (change(0), approved(60)):
        registry.packages[package_arn()] = described(told)
        synchronisation.observe(told, "event-1")
    deed = Deed(action="redriven", who=Person(id="steward"), why="", at=now(), correlation_id="c")
    DynamoDbJournal(table).write("HUB#steward", deed, {})
    kept = InMemoryArchive(now=now)
    for row in client("dynamodb").scan(TableName=TABLE)["Items"]:
        pk, sk = row["pk"]["S"], row["sk"]["S"]
        if sk.startswith("AUDIT#"):
            one = KeptEntry(pk=pk, entry=row["entry"]["S"], hash=row["hash"]["S"], sequence=int(row["sequence"]["N"]))
            Archiving(kept, now).keep(one)
        elif sk.startswith("FACT#"):
            Archiving(kept, now).keep(KeptFact(pk=pk, content=row["content"]["S"], sort_key=sk))
    return kept


def drill(archive: InMemoryArchive | None = None) -> Restoration:
    made = bootstrap.restoration(SETTINGS, now)
    return Restoration(made.backups, archive, made.opened, now, lambda _: None)


def rows(table: str) -> dict[tuple[str, str], dict]:
    found = client("dynamodb").scan(TableName=table)["Items"]
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in found}


def of_the_record(found: dict[tuple[str, str], dict]) -> dict[tuple[str, str], dict]:
    """What an archive can bring back: all but names and the key they are made with."""
    named = ("PEOPLE", "STAGE#", "SIGNOFF#", "FINDING#")
    return {key: row for key, row in found.items() if key[0] != "PERSON#KEY" and not key[1].startswith(named)}


def test_the_archive_alone_gives_back_facts_entries_heads_and_projections(archive):
    said: list[str] = []
    restored = drill(archive).from_archive("drill", said.append)
    assert of_the_record(rows("drill")) == of_the_record(rows(TABLE))
    assert {key for key in rows(TABLE) if "PEOPLE" not in key and "PERSON#KEY" not in key} == set(rows("drill"))
    assert (restored.problems, restored.differences, restored.versions) == (0, 0, 1), said
    assert restored.recovery_point and restored.behind_seconds >= 0


def test_a_drill_from_the_archive_can_be_repeated_and_changes_nothing_then(archive):
    first = drill(archive).from_archive("drill", print)
    before = rows("drill")
    second = drill(archive).from_archive("drill", print)
    assert rows("drill") == before
    assert (second.entries, second.facts, second.problems) == (first.entries, first.facts, 0)


def test_nothing_is_ever_written_over_what_is_there_in_other_words(archive):
    drill(archive).from_archive("drill", print)
    key = {"pk": {"S": f"MODEL#{package_arn()}"}, "sk": {"S": "AUDIT#00000001"}}
    client("dynamodb").put_item(TableName="drill", Item={**key, "entry": {"S": "other"}, "hash": {"S": "h"}})
    before = rows("drill")
    with pytest.raises(ArchiveDiffers, match="AUDIT#00000001"):
        drill(archive).from_archive("drill", print)
    assert rows("drill") == before


def test_no_drill_writes_into_the_live_table(archive):
    with pytest.raises(NotRestorable, match=TABLE):
        drill(archive).from_archive(TABLE, print)


def test_a_damaged_object_is_left_out_and_named_and_the_rest_restored(archive):
    key = next(key for key in sorted(archive.kept) if key.startswith("facts/"))
    archive.kept[key] = [b"damaged"]
    said: list[str] = []
    restored = drill(archive).from_archive("drill", said.append)
    assert any(key in line for line in said)
    assert restored.problems > 0
    assert restored.entries == sum(sk.startswith("AUDIT#") for _, sk in rows(TABLE))


def test_a_downloaded_folder_restores_as_the_archive_does(archive, tmp_path):
    folder = FolderArchive(tmp_path)
    for key, versions in archive.kept.items():
        assert folder.keep(key, versions[0])
    drill(None).from_archive("drill", print, folder)
    assert of_the_record(rows("drill")) == of_the_record(rows(TABLE))


def test_a_moment_is_restored_into_a_new_table_and_verified(archive):
    client("dynamodb").update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    restored = drill(archive).from_backup("drill", print)
    assert rows("drill") == rows(TABLE)
    assert (restored.problems, restored.differences) == (0, 0)
    with pytest.raises(NotRestorable, match="drill"):
        drill(archive).from_backup("drill", print)
    with pytest.raises(NotRestorable, match="is not between"):
        drill(archive).from_backup("other", print, now() - timedelta(days=99))


def test_a_table_without_backups_says_so(archive):
    with pytest.raises(NotRestorable, match="point-in-time"):
        drill(archive).from_backup("drill", print)


def test_the_table_that_the_ledger_writes_is_verified_against_its_archive(archive):
    found = []
    verification = Verification(DynamoDbChains(Table(TABLE)), archive, lambda: now() + timedelta(hours=1))
    verified = verification.verify(found.append)
    assert not found
    assert (verified.subjects, verified.objects) == (2, len(archive.kept))
