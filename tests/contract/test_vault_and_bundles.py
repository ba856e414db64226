"""What is promised of sealed artifacts, bundles and held-out rows, kept in memory and in S3.

moto does not limit who reads a bucket: an unreadable object is played at the seam, as S3 answers it.
"""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from governance.adapters.s3_stores import S3Bundles, S3ValidationSets
from governance.adapters.s3_vault import S3Vault
from governance.domain.artifacts import RefusalCode
from governance.domain.errors import ArtifactRefused, DeploymentRefused, ValidationImpossible
from governance.domain.use_case import ValidationSet
from governance.ports.delivery import Bundles
from tests import fakes
from tests.aws.resources import ARTIFACTS, BUNDLES, KEY, SOURCES, client
from tests.aws.seam import Fault, Seam
from tests.builders import after, container

KINDS = ("in memory", "S3")


class InMemory:
    """The fake, and how an artifact comes to be where it is."""

    def __init__(self) -> None:
        self.vault = fakes.InMemoryVault()

    def registered(self, name: str = "model.tar.gz", content: bytes = b"weights", **told):
        etag = hashlib.md5(content).hexdigest()
        self.vault.objects[f"s3://{SOURCES}/{name}"] = (etag, content)
        return container(**{"source_uri": f"s3://{SOURCES}/{name}", "source_etag": etag, **told})


class InS3:
    """The adapter, and how an artifact comes to be where it is."""

    def __init__(self) -> None:
        self.s3 = client("s3")
        self.vault = S3Vault(self.s3, ARTIFACTS, KEY, "GOVERNANCE", timedelta(days=1), lambda: after(60))

    def sealing_for(self, days: int) -> S3Vault:
        return S3Vault(self.s3, ARTIFACTS, KEY, "GOVERNANCE", timedelta(days=days), lambda: after(60))

    def registered(self, name: str = "model.tar.gz", content: bytes = b"weights", **told):
        etag = self.s3.put_object(Bucket=SOURCES, Key=name, Body=content)["ETag"].strip('"')
        return container(**{"source_uri": f"s3://{SOURCES}/{name}", "source_etag": etag, **told})


@pytest.fixture(params=KINDS)
def stored(request: pytest.FixtureRequest):
    if request.param == "in memory":
        return InMemory()
    request.getfixturevalue("seam")
    return InS3()


@pytest.fixture(params=KINDS)
def bundles(request: pytest.FixtureRequest) -> Bundles:
    if request.param == "in memory":
        return fakes.InMemoryBundles()
    request.getfixturevalue("seam")
    return S3Bundles(client("s3"), BUNDLES)


def refusal(stored, artifact, registered_at=None) -> RefusalCode:
    with pytest.raises(ArtifactRefused) as refused:
        stored.vault.seal(artifact, registered_at or after(0))
    return RefusalCode(refused.value.code)


def test_a_sealed_artifact_is_named_by_its_own_hash(stored):
    sealed = stored.vault.seal(stored.registered(), after(0))
    sha256 = hashlib.sha256(b"weights").hexdigest()
    assert (sealed.sha256, sealed.size) == (sha256, 7)
    assert sealed.key == f"sealed/{sha256}/model.tar.gz"
    assert stored.vault.holds(sealed)


def test_an_artifact_that_is_not_there_is_refused(stored):
    assert refusal(stored, container(source_uri=f"s3://{SOURCES}/nothing.tar.gz")) is RefusalCode.MISSING


@pytest.mark.parametrize(
    "uri", ["s3://Not a bucket!/m.tar.gz", "s3://[b/m.tar.gz", "s3://b\tc/m", "s3://b/", "s3://", ""]
)
def test_an_address_where_nothing_can_ever_lie_is_refused(stored, uri):
    assert refusal(stored, container(source_uri=uri)) is RefusalCode.MISSING


def test_an_artifact_that_was_overwritten_is_refused(stored):
    registered = stored.registered()
    stored.registered(content=b"other weights")
    assert refusal(stored, registered) is RefusalCode.CHANGED


def test_the_same_artifact_sealed_twice_is_sealed_once(stored):
    registered = stored.registered()
    first, second = (stored.vault.seal(registered, after(0)) for _ in range(2))
    assert (first.key, first.version_id) == (second.key, second.version_id)


def test_the_same_bytes_from_two_sources_share_their_name_and_each_keeps_its_source(stored):
    one, other = (stored.vault.seal(stored.registered(f"{name}/model.tar.gz"), after(0)) for name in "ab")
    assert one.key == other.key
    assert one.source_uri != other.source_uri


@pytest.mark.parametrize("name", ["a b/mödel+plus&x=1%20.tar.gz", "模型/" * 140 + "model.tar.gz", "model?v=1#2.tar.gz"])
def test_an_artifact_is_sealed_whatever_characters_name_it(stored, name):
    assert stored.vault.holds(stored.vault.seal(stored.registered(name), after(0)))


def test_what_was_sealed_survives_its_source(stored):
    sealed = stored.vault.seal(stored.registered(), after(0))
    stored.registered(content=b"other weights")
    assert stored.vault.holds(sealed)


def test_what_was_not_sealed_is_not_held(stored):
    sealed = stored.vault.seal(stored.registered(), after(0))
    assert not stored.vault.holds(sealed.model_copy(update={"key": f"sealed/{'0' * 64}/model.tar.gz"}))


def test_other_bytes_than_those_sealed_are_not_held(stored):
    sealed = stored.vault.seal(stored.registered(), after(0))
    assert not stored.vault.holds(sealed.model_copy(update={"sha256": "0" * 64}))


def test_without_an_etag_an_object_must_be_as_old_as_its_registration(seam):
    stored = InS3()
    assert refusal(stored, stored.registered(source_etag="")) is RefusalCode.CHANGED
    written = client("s3").head_object(Bucket=SOURCES, Key="model.tar.gz")["LastModified"]
    assert stored.vault.seal(stored.registered(source_etag=""), written + timedelta(seconds=60))


def test_an_artifact_that_the_hub_may_not_read_is_refused(seam: Seam):
    stored = InS3()
    registered = stored.registered()
    with seam.watch(Fault.DENIED, at=1):
        assert refusal(stored, registered) is RefusalCode.UNREADABLE


def answering(seam: Seam, monkeypatch: pytest.MonkeyPatch, operation: str, code: str) -> None:
    """S3 answers an operation so from now on."""
    told = {"Error": {"Code": code, "Message": "so it is"}}

    def refuse(call, fault):
        if call.operation == operation:
            raise ClientError(told, operation)

    monkeypatch.setattr(seam, "refuse", refuse)


FOR_GOOD = ["KMS.DisabledException", "KMS.NotFoundException", "InvalidBucketName", "KeyTooLongError"]


@pytest.mark.parametrize("code", FOR_GOOD)
def test_an_artifact_that_can_never_be_read_is_refused(seam: Seam, monkeypatch, code):
    stored = InS3()
    registered = stored.registered()
    answering(seam, monkeypatch, "GetObject", code)
    with seam.watch():
        assert refusal(stored, registered) is RefusalCode.UNREADABLE


def test_a_fault_of_the_hubs_own_key_is_no_refusal_of_the_artifact(seam: Seam, monkeypatch):
    stored = InS3()
    registered = stored.registered()
    answering(seam, monkeypatch, "CopyObject", "KMS.DisabledException")
    with seam.watch(), pytest.raises(ClientError):
        stored.vault.seal(registered, after(0))


def test_a_throttled_store_is_a_fault_to_be_tried_again_and_no_refusal(seam: Seam):
    stored = InS3()
    registered = stored.registered()
    stored.vault.seal(registered, after(0))
    for at in (1, 2, 3):
        with seam.watch(Fault.THROTTLED, at), pytest.raises(ClientError):
            stored.vault.seal(registered, after(0))


def test_a_sealed_object_is_locked_encrypted_and_checksummed(seam):
    stored = InS3()
    sealed = stored.vault.seal(stored.registered(), after(0))
    found = stored.s3.head_object(
        Bucket=sealed.bucket, Key=sealed.key, VersionId=sealed.version_id, ChecksumMode="ENABLED"
    )
    assert found["ObjectLockMode"] == "GOVERNANCE"
    assert found["ObjectLockRetainUntilDate"] == sealed.locked_until == after(60 + 86400)
    assert (found["ServerSideEncryption"], found["SSEKMSKeyId"]) == ("aws:kms", KEY)
    assert found["ChecksumSHA256"]


def test_a_locked_version_cannot_be_deleted(seam):
    stored = InS3()
    now = S3Vault(stored.s3, ARTIFACTS, KEY, "GOVERNANCE", timedelta(days=1), lambda: datetime.now(UTC))
    sealed = now.seal(stored.registered(), after(0))
    with pytest.raises(ClientError):
        stored.s3.delete_object(Bucket=sealed.bucket, Key=sealed.key, VersionId=sealed.version_id)


def test_sealing_again_shortens_no_lock(seam):
    in_s3 = InS3()
    registered = in_s3.registered()
    first = in_s3.sealing_for(10).seal(registered, after(0))
    again = in_s3.sealing_for(1).seal(registered, after(0))
    assert again.locked_until == first.locked_until == after(60 + 10 * 86400)


def test_sealing_again_locks_again(seam):
    stored = InS3()
    registered = stored.registered()
    stored.vault.seal(registered, after(0))
    later = S3Vault(stored.s3, ARTIFACTS, KEY, "GOVERNANCE", timedelta(days=2), lambda: after(60))
    sealed = later.seal(registered, after(0))
    found = stored.s3.head_object(Bucket=sealed.bucket, Key=sealed.key, VersionId=sealed.version_id)
    assert found["ObjectLockRetainUntilDate"] == after(60 + 2 * 86400)


def test_a_bundle_is_kept_under_the_hash_of_its_content(bundles):
    key = bundles.put(b"bundle")
    assert key == f"bundles/{hashlib.sha256(b'bundle').hexdigest()}.zip"
    assert bundles.get(key) == b"bundle"


def test_keeping_the_same_bundle_again_changes_nothing(bundles):
    assert bundles.put(b"bundle") == bundles.put(b"bundle")
    assert bundles.get(bundles.put(b"bundle")) == b"bundle"


def test_a_bundle_that_is_not_there_refuses_the_deployment(bundles):
    with pytest.raises(DeploymentRefused):
        bundles.get("bundles/none.zip")


ROWS = b"income,age,default\n0.2,30,0\n1.8,40,1\n"


def bound(content: bytes = ROWS, **told) -> ValidationSet:
    client("s3").put_object(Bucket=ARTIFACTS, Key="validation/rows.csv", Body=content)
    uri, sha256 = f"s3://{ARTIFACTS}/validation/rows.csv", hashlib.sha256(content).hexdigest()
    return ValidationSet.model_validate({"uri": uri, "sha256": sha256, "target": "default", **told})


def test_the_model_does_not_see_the_truth(seam):
    rows = S3ValidationSets(client("s3")).read(bound())
    assert (rows.header, rows.features, rows.truth) == ("income,age", ("0.2,30", "1.8,40"), (0.0, 1.0))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (ROWS, {"uri": f"s3://{ARTIFACTS}/validation/nothing.csv"}),
        (ROWS, {"uri": "s3://no-such-bucket/rows.csv"}),
        (ROWS, {"uri": "https://example.com/rows.csv"}),
        (ROWS, {"sha256": "0" * 64}),
        (ROWS, {"target": "no such column"}),
        (b"income,default\n0.2,yes\n", {}),
        (b"income,default\n0.2,nan\n", {}),
        (b"income,default\n0.2\n", {}),
        (b"income,default\n", {}),
        (b"", {}),
        (b"income,default\n\xff\xfe,1\n", {}),
        (b"income,default\n" + b"1" * 200_000 + b",1\n", {}),
    ],
    ids=[
        "missing",
        "no bucket",
        "not in S3",
        "another hash",
        "no target",
        "no number",
        "not finite",
        "short row",
        "no rows",
        "empty",
        "not in UTF-8",
        "a cell of 200 KB",
    ],
)
def test_rows_that_are_not_those_that_were_bound_cannot_validate(seam, content, told):
    with pytest.raises(ValidationImpossible):
        S3ValidationSets(client("s3")).read(bound(content, **told))


def test_rows_that_may_not_be_read_cannot_validate(seam: Seam):
    pinned = bound()
    with seam.watch(Fault.DENIED, 1), pytest.raises(ValidationImpossible):
        S3ValidationSets(client("s3")).read(pinned)
