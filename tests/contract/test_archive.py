"""What every archive promises, of the fake and of the one in S3."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from governance.adapters.folder_archive import FolderArchive
from governance.adapters.s3_archive import S3Archive
from governance.domain.errors import ArchiveDiffers
from governance.ports.archive import Archive
from tests.aws.resources import KEY, REGION, client
from tests.aws.seam import Fault, Seam
from tests.fakes_of_the_archive import InMemoryArchive

BUCKET = "audit"
KINDS = ("in memory", "S3")


def in_s3() -> S3Archive:
    s3 = client("s3")
    where = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
    s3.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True, **where)
    return S3Archive(s3, BUCKET, KEY, "GOVERNANCE", timedelta(days=1), lambda: datetime.now(UTC))


class Overwritten:
    """The archive, and somebody who writes past it."""

    def __init__(self, archive: InMemoryArchive | S3Archive) -> None:
        self.archive = archive

    def overwrite(self, key: str, content: bytes) -> None:
        if isinstance(self.archive, InMemoryArchive):
            self.archive.overwrite(key, content)
        else:
            self.archive.s3.put_object(Bucket=BUCKET, Key=key, Body=content)

    def delete(self, key: str) -> None:
        if isinstance(self.archive, InMemoryArchive):
            self.archive.delete(key)
        else:
            self.archive.s3.delete_object(Bucket=BUCKET, Key=key)


@pytest.fixture(params=KINDS)
def archive(request: pytest.FixtureRequest) -> InMemoryArchive | S3Archive:
    if request.param == "in memory":
        return InMemoryArchive()
    request.getfixturevalue("seam")
    return in_s3()


def contents(archive: Archive, prefix: str) -> list[tuple[str, bytes]]:
    return [(one.stored.key, one.content) for one in archive.read(archive.objects(prefix))]


def test_what_is_kept_is_read_back_in_the_order_of_its_keys(archive):
    for name in ("b", "a", "a/1", "B"):
        assert archive.keep(f"entries/{name}", name.encode())
    assert contents(archive, "entries/") == [(f"entries/{name}", name.encode()) for name in ("B", "a", "a/1", "b")]
    assert contents(archive, "facts/") == []


def test_a_downloaded_folder_has_the_order_of_the_keys_too(archive, tmp_path):
    folder = FolderArchive(tmp_path)
    for key in ("entries/a/x", "entries/a-b/x", "entries/a.json", "entries/B", "facts/a", "entries/ab"):
        assert archive.keep(key, key.encode()) == folder.keep(key, key.encode()) is True
    assert contents(folder, "") == contents(archive, "")
    assert contents(folder, "entries/a") == contents(archive, "entries/a")
    assert contents(folder, "anchors/") == []
    assert not folder.keep("facts/a", b"facts/a")
    with pytest.raises(ArchiveDiffers, match="facts/a"):
        folder.keep("facts/a", b"other")


def test_the_same_bytes_again_are_there_already(archive):
    assert archive.keep("entries/a", b"one")
    assert not archive.keep("entries/a", b"one")
    assert [one.versions for one in archive.objects("entries/")] == [1]


def test_other_bytes_under_a_key_are_refused_and_the_first_stay(archive):
    archive.keep("entries/a", b"one")
    with pytest.raises(ArchiveDiffers, match="entries/a"):
        archive.keep("entries/a", b"two")
    assert contents(archive, "") == [("entries/a", b"one")]


def test_whoever_writes_over_an_object_hides_nothing(archive):
    archive.keep("entries/a", b"one")
    Overwritten(archive).overwrite("entries/a", b"two")
    assert [one.versions for one in archive.objects("")] == [2]
    assert contents(archive, "") == [("entries/a", b"one")]


def test_whoever_deletes_an_object_hides_nothing(archive):
    archive.keep("entries/a", b"one")
    Overwritten(archive).delete("entries/a")
    assert [one.deleted for one in archive.objects("")] == [True]
    assert contents(archive, "") == [("entries/a", b"one")]


def test_an_object_is_locked_as_it_is_written(archive):
    archive.keep("entries/a", b"one")
    (read,) = archive.read(archive.objects(""))
    assert read.locked_from and read.locked_until
    assert abs(read.locked_until - read.locked_from - timedelta(days=1)) < timedelta(seconds=10)


def test_more_objects_than_are_read_ahead_come_in_their_order(archive):
    keys = [f"facts/{number:03d}" for number in range(150)]
    for key in keys:
        archive.keep(key, key.encode())
    assert contents(archive, "facts/") == [(key, key.encode()) for key in keys]


def test_a_locked_object_cannot_be_deleted_for_good_and_is_encrypted(seam):
    archive = in_s3()
    archive.keep("entries/a", b"one")
    (stored,) = archive.objects("")
    with pytest.raises(ClientError):
        archive.s3.delete_object(Bucket=BUCKET, Key=stored.key, VersionId=stored.version_id)
    found = archive.s3.head_object(Bucket=BUCKET, Key="entries/a")
    assert (found["ObjectLockMode"], found["ServerSideEncryption"], found["SSEKMSKeyId"]) == (
        "GOVERNANCE",
        "aws:kms",
        KEY,
    )


def test_more_versions_than_a_page_of_the_listing_holds_are_still_one_key(seam):
    archive = in_s3()
    for key in ("a", "b"):
        archive.keep(key, b"first")
    for number in range(3):
        archive.s3.put_object(Bucket=BUCKET, Key="a", Body=b"%d" % number)
    pages = archive.s3.get_paginator("list_object_versions")
    assert len(list(pages.paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 2}))) > 1
    assert [(one.key, one.versions) for one in archive.objects("")] == [("a", 4), ("b", 1)]


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.DENIED])
def test_a_store_that_refuses_is_a_fault_and_nothing_is_taken_for_kept(seam: Seam, fault):
    archive = in_s3()
    with seam.watch(fault, 1), pytest.raises(ClientError):
        archive.keep("entries/a", b"one")
    assert not list(archive.objects(""))
