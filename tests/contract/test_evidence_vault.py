"""What is promised of evidence, kept in memory and in S3."""

import hashlib
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from governance.adapters.s3_evidence import ABOUT, S3EvidenceVault
from governance.domain.collecting import LARGEST
from governance.domain.errors import EvidenceNotTaken
from governance.ports.evidence import Kept
from tests.aws.resources import ARTIFACTS, KEY, SOURCES, client
from tests.aws.seam import Fault, Seam
from tests.builders import after, package_arn
from tests.fakes_of_evidence import InMemoryEvidenceVault

KINDS = ("in memory", "S3")
SEVEN = package_arn()
CONTENT = b'{"a": 1}'
SHA = hashlib.sha256(CONTENT).hexdigest()


class InMemory:
    """The fake, and how a document comes to be where it is."""

    def __init__(self) -> None:
        self.vault = InMemoryEvidenceVault()

    def left(self, name: str = "report.json", content: bytes = CONTENT, about: str = "") -> str:
        self.vault.put(f"s3://{SOURCES}/{name}", content, about=about)
        return f"s3://{SOURCES}/{name}"


class InS3:
    """The adapter, and how a document comes to be where it is."""

    def __init__(self, days: int = 1) -> None:
        self.s3 = client("s3")
        self.vault = S3EvidenceVault(self.s3, ARTIFACTS, KEY, "GOVERNANCE", timedelta(days=days), lambda: after(60))

    def left(self, name: str = "report.json", content: bytes = CONTENT, about: str = "") -> str:
        self.s3.put_object(Bucket=SOURCES, Key=name, Body=content, Metadata={ABOUT: about} if about else {})
        return f"s3://{SOURCES}/{name}"


@pytest.fixture(params=KINDS)
def stored(request: pytest.FixtureRequest):
    if request.param == "in memory":
        return InMemory()
    request.getfixturevalue("seam")
    return InS3()


def test_a_document_is_read_whole_with_its_date(stored):
    document = stored.vault.fetch(stored.left())
    assert (document.content, document.about) == (CONTENT, "")
    assert document.dated_at.tzinfo is not None


def test_an_empty_document_is_one_too(stored):
    assert stored.vault.fetch(stored.left(content=b"")).content == b""
    assert stored.vault.keep(b"", "s3://a/b", SEVEN).stored.key == f"evidence/{hashlib.sha256(b'').hexdigest()}"


def test_a_document_tells_of_which_version_its_store_says_it_speaks(stored):
    assert stored.vault.fetch(stored.left(about="arn:of:another")).about == "arn:of:another"


NOTHING = [
    f"s3://{SOURCES}/nothing.json",
    "s3://no-such-bucket-anywhere/x.json",
    "s3://Not a bucket!/x.json",
    "s3://[bucket/x.json",
    "s3://buc\tket/x.json",
    "https://example.com/x",
    "s3://",
    "",
]


@pytest.mark.parametrize("uri", NOTHING)
def test_a_document_that_is_not_there_is_not_taken(stored, uri):
    with pytest.raises(EvidenceNotTaken):
        stored.vault.fetch(uri)


def test_a_document_that_is_too_large_is_not_taken(stored):
    uri = stored.left(content=bytes(LARGEST + 1))
    with pytest.raises(EvidenceNotTaken, match=f"{LARGEST + 1:,} bytes"):
        stored.vault.fetch(uri)


@pytest.mark.parametrize("name", ["a b/rep+ort&x=1%20.json", "模型/" * 100 + "r.json", "report?v=1#2.json", "n" * 1000])
def test_a_document_is_taken_and_kept_whatever_characters_name_it(stored, name):
    uri = stored.left(name)
    assert stored.vault.keep(stored.vault.fetch(uri).content, uri, SEVEN).stored.key == f"evidence/{SHA}"


def test_the_same_bytes_are_kept_once(stored):
    first, second = (stored.vault.keep(CONTENT, f"s3://{name}/x", SEVEN).stored for name in "ab")
    assert first == second


def test_of_bytes_that_were_kept_before_is_told_since_when_and_for_which_version(stored):
    assert stored.vault.keep(CONTENT, "s3://a/x", SEVEN) == Kept(stored.vault.keep(CONTENT, "s3://a/x", SEVEN).stored)
    again = stored.vault.keep(CONTENT, "s3://b/x", package_arn(version=8))
    assert again.first_for == SEVEN
    assert again.since is not None
    assert again.since.tzinfo is not None


def test_what_was_kept_survives_its_source(stored):
    uri = stored.left()
    kept = stored.vault.keep(stored.vault.fetch(uri).content, uri, SEVEN).stored
    stored.left(content=b"other")
    assert kept != stored.vault.keep(stored.vault.fetch(uri).content, uri, SEVEN).stored


def test_a_document_that_the_hub_may_not_read_is_not_taken(seam: Seam):
    stored = InS3()
    uri = stored.left()
    with seam.watch(Fault.DENIED, at=1), pytest.raises(EvidenceNotTaken, match="cannot be read by the hub"):
        stored.vault.fetch(uri)


@pytest.mark.parametrize("code", ["KMS.DisabledException", "KMS.NotFoundException", "KeyTooLongError"])
def test_a_document_that_can_never_be_read_is_not_taken(seam: Seam, monkeypatch: pytest.MonkeyPatch, code: str):
    told = {"Error": {"Code": code, "Message": "so it is"}}
    monkeypatch.setattr(seam, "refuse", lambda call, fault: (_ for _ in ()).throw(ClientError(told, call.operation)))
    stored = InS3()
    with seam.watch(), pytest.raises(EvidenceNotTaken, match="so it is"):
        stored.vault.fetch(f"s3://{SOURCES}/report.json")


def test_a_busy_store_is_a_fault_to_be_tried_again_and_no_refusal(seam: Seam):
    stored = InS3()
    uri = stored.left()
    with seam.watch(Fault.THROTTLED, at=1), pytest.raises(ClientError):
        stored.vault.fetch(uri)
    for fault in (Fault.THROTTLED, Fault.DENIED):
        with seam.watch(fault, at=1), pytest.raises(ClientError):
            stored.vault.keep(CONTENT, uri, SEVEN)


def present(version_id: str):
    return client("s3").head_object(
        Bucket=ARTIFACTS, Key=f"evidence/{SHA}", VersionId=version_id, ChecksumMode="ENABLED"
    )


def test_what_is_kept_is_locked_encrypted_and_checksummed_as_it_is_written(seam: Seam):
    with seam.watch() as calls:
        kept = InS3().vault.keep(CONTENT, "s3://a/report.json", SEVEN).stored
    assert [str(call) for call in calls] == ["s3:PutObject"]
    asked, found = calls[0].parameters, present(kept.version_id)
    assert (asked["SSEKMSKeyId"], asked["IfNoneMatch"]) == (KEY, "*")
    assert found["ObjectLockMode"] == "GOVERNANCE"
    assert found["ObjectLockRetainUntilDate"] == after(60 + 86400)
    assert found["Metadata"] == {"source": "s3://a/report.json", ABOUT: SEVEN}


def test_bytes_that_are_there_are_locked_for_longer_where_their_lock_ends_too_early(seam: Seam):
    first = InS3().vault.keep(CONTENT, "s3://a/x", SEVEN).stored
    second = InS3(days=10).vault.keep(CONTENT, "s3://b/x", SEVEN).stored
    third = InS3(days=2).vault.keep(CONTENT, "s3://c/x", SEVEN).stored
    assert first == second == third
    assert present(first.version_id)["ObjectLockRetainUntilDate"] == after(60 + 10 * 86400)


def test_other_bytes_under_the_name_are_no_evidence(seam: Seam):
    client("s3").put_object(Bucket=ARTIFACTS, Key=f"evidence/{SHA}", Body=b"others", ChecksumAlgorithm="SHA256")
    with pytest.raises(EvidenceNotTaken, match="other bytes than its name says"):
        InS3().vault.keep(CONTENT, "s3://a/x", SEVEN)
