"""What was sealed is compared with the checksum that S3 keeps of its source, or it is said that it was not.

moto takes any checksum at its uploader's word; what S3 would never keep is put into it here.
"""

import base64
import hashlib
from typing import Any

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from governance.domain.artifacts import RefusalCode, SealedArtifact, SourceForm
from governance.domain.checksums import Checksum, ChecksumType
from governance.domain.copying import MIB, composite
from governance.domain.errors import ArtifactRefused
from tests.aws.resources import ARTIFACTS, SOURCES, client
from tests.contract.test_copying_in_pieces import FILES, InMemory, InS3, Stored, content
from tests.fakes import crc64nvme

WHOLE = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512"]
"""Algorithms whose checksum of the whole is compared with what is read."""
CRCS = WHOLE[:3]


class KeptInMemory(InMemory):
    """The fakes, which compare CRC-64/NVME alone."""

    def keeps(self, key: str, told: Checksum | None) -> None:
        self.vault.checksums[f"s3://{SOURCES}/{key}"] = told

    def sealed_keys(self) -> list[str]:
        return sorted(self.vault.sealed)


class KeptInS3(InS3):
    """The adapters."""

    def keeps(self, key: str, told: Checksum | None) -> None:
        stored = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[SOURCES].keys[key]
        stored.checksum_algorithm = told.algorithm if told else None
        stored.checksum_value = told.value.partition("-")[0] if told else None
        stored.checksum_type = told.type.value if told else None
        stored.checksum_parts = int(told.value.partition("-")[2] or 0) if told else 0

    def sealed_keys(self) -> list[str]:
        listed = self.s3.list_object_versions(Bucket=ARTIFACTS, Prefix="sealed/")
        return [one["Key"] for one in listed.get("Versions", ())]


@pytest.fixture(params=["in memory", "S3"])
def stored(request: pytest.FixtureRequest) -> Any:
    if request.param == "in memory":
        return KeptInMemory()
    request.getfixturevalue("seam")
    return KeptInS3()


def sealed_at_once(stored: Stored, name: str = "m.bin") -> SealedArtifact:
    order = stored.order(f"s3://{SOURCES}/{name}")
    sealed = stored.vault.seal(order.container, order.registered_at)
    assert sealed is not None
    return sealed


NONE_OF_THE_WHOLE = {
    "none": None,
    "of parts": Checksum(algorithm="CRC32", value="GtJzWA==-3", type=ChecksumType.COMPOSITE),
    "of other parts": Checksum(algorithm="SHA256", value="c29tZSBwYXJ0cw==-3", type=ChecksumType.COMPOSITE),
    "one that is not computed": Checksum(algorithm="XXHASH64", value="d5wiQCDlkZg="),
}
WRONG = Checksum(algorithm="CRC64NVME", value=crc64nvme(b"what was uploaded"))


def test_what_a_sealed_object_was_compared_with_is_told(stored):
    stored.put("m.bin", b"weights")
    stored.keeps("m.bin", Checksum(algorithm="CRC64NVME", value=crc64nvme(b"weights")))
    check = sealed_at_once(stored).source_check
    assert (check.algorithm, check.value, check.type) == ("CRC64NVME", crc64nvme(b"weights"), ChecksumType.FULL_OBJECT)
    assert (check.objects, check.unverified) == (1, 0)


@pytest.mark.parametrize("kept", NONE_OF_THE_WHOLE)
def test_an_object_without_a_checksum_of_the_whole_is_sealed_and_said_to_be_unverified(stored, kept):
    stored.put("m.bin", b"weights")
    stored.keeps("m.bin", NONE_OF_THE_WHOLE[kept])
    sealed = sealed_at_once(stored)
    assert (sealed.source_check.algorithm, sealed.source_check.unverified) == ("", 1)
    assert sealed.source_check.unverified_one == f"s3://{SOURCES}/m.bin"
    assert stored.vault.holds(sealed)


def test_an_object_that_is_not_what_its_checksum_says_is_refused_and_not_copied(stored):
    stored.put("m.bin", b"weights")
    stored.keeps("m.bin", WRONG)
    with pytest.raises(ArtifactRefused) as refused:
        sealed_at_once(stored)
    assert refused.value.code == RefusalCode.CORRUPT
    assert stored.sealed_keys() == []


def test_an_object_in_parts_is_compared_by_the_checksum_that_follows_from_its_parts(stored):
    order = stored.large(12 * MIB)
    told = Checksum(algorithm="CRC64NVME", value=crc64nvme(content(12 * MIB)))
    stored.keeps("large/model.tar.gz", told)
    (sealed,) = stored.seal(order)
    assert (sealed.parts, sealed.source_check.algorithm, sealed.source_check.value) == (3, "CRC64NVME", told.value)
    assert sealed.source_check.unverified == 0


def test_an_object_that_was_uploaded_in_the_same_parts_is_compared_by_these(stored):
    order, held = stored.large(12 * MIB), content(12 * MIB)
    parts = [hashlib.sha256(held[at : at + 5 * MIB]).hexdigest() for at in range(0, len(held), 5 * MIB)]
    told = Checksum(algorithm="SHA256", value=composite(parts, 0).told, type=ChecksumType.COMPOSITE)
    stored.keeps("large/model.tar.gz", told)
    (sealed,) = stored.seal(order)
    assert (sealed.source_check.type, sealed.source_check.value) == (ChecksumType.COMPOSITE, told.value)
    assert sealed.source_check.unverified == 0


@pytest.mark.parametrize("kept", NONE_OF_THE_WHOLE)
def test_an_object_in_parts_without_a_checksum_of_the_whole_is_said_to_be_unverified(stored, kept):
    order = stored.large(12 * MIB)
    stored.keeps("large/model.tar.gz", NONE_OF_THE_WHOLE[kept])
    (sealed,) = stored.seal(order)
    assert sealed.source_check.unverified == 1


@pytest.mark.parametrize("damaged", ["large/model.tar.gz", "models/m/weights-03.bin", "models/m/big.bin"])
def test_whatever_is_not_what_its_checksum_says_nothing_is_copied_and_no_upload_opened(stored, damaged):
    orders = stored.large(12 * MIB), stored.prefix({**FILES, "big.bin": content(12 * MIB)})
    stored.keeps(damaged, WRONG)
    assert stored.refused(*orders) == {RefusalCode.CORRUPT}
    assert (stored.sealed_keys(), stored.open_uploads()) == ([], 0)


def test_of_a_prefix_it_is_told_how_many_objects_could_not_be_compared(stored):
    order = stored.prefix({**FILES, "big.bin": content(12 * MIB)})
    for name, held in {**FILES, "big.bin": content(12 * MIB)}.items():
        stored.keeps(f"models/m/{name}", Checksum(algorithm="CRC64NVME", value=crc64nvme(held)))
    stored.keeps("models/m/weights-03.bin", None)
    (sealed,) = stored.seal(order)
    check = sealed.source_check
    assert (sealed.form, check.algorithm, check.value, check.type) == (SourceForm.PREFIX, "CRC64NVME", "", None)
    assert (check.objects, check.unverified) == (11, 1)
    assert check.unverified_one == f"s3://{SOURCES}/models/m/weights-03.bin"


@pytest.mark.parametrize("algorithm", WHOLE)
def test_every_checksum_of_a_whole_object_that_s3_keeps_is_compared(seam, algorithm):
    stored = KeptInS3()
    stored.s3.put_object(Bucket=SOURCES, Key="m.bin", Body=b"weights", ChecksumAlgorithm=algorithm)
    told = stored.s3.head_object(Bucket=SOURCES, Key="m.bin", ChecksumMode="ENABLED")[f"Checksum{algorithm}"]
    check = sealed_at_once(stored).source_check
    assert (check.algorithm, check.value, check.unverified) == (algorithm, told, 0)


@pytest.mark.parametrize("algorithm", CRCS)
@pytest.mark.parametrize("name", ["one.bin", "models/m/one.bin"])
def test_every_crc_of_an_object_that_is_read_in_parts_is_compared(seam, algorithm, name):
    stored, held = KeptInS3(), content(12 * MIB)
    stored.s3.put_object(Bucket=SOURCES, Key=name, Body=held, ChecksumAlgorithm=algorithm)
    form = SourceForm.PREFIX if "/" in name else SourceForm.OBJECT
    uri = f"s3://{SOURCES}/{name.rpartition('/')[0] or name}"
    (sealed,) = stored.seal(stored.order(uri, form))
    assert (sealed.source_check.algorithm, sealed.source_check.unverified) == (algorithm, 0)


def test_an_object_that_was_uploaded_in_parts_with_a_checksum_of_the_whole_is_compared(seam):
    s3, key, held = client("s3"), "large/model.tar.gz", content(12 * MIB)
    told = {"ChecksumAlgorithm": "CRC64NVME", "ChecksumType": "FULL_OBJECT"}
    upload = s3.create_multipart_upload(Bucket=SOURCES, Key=key, **told)["UploadId"]
    parts = []
    for number, at in enumerate(range(0, len(held), 7 * MIB), 1):
        about = {"Bucket": SOURCES, "Key": key, "UploadId": upload, "PartNumber": number}
        parts.append({"PartNumber": number, "ETag": s3.upload_part(**about, Body=held[at : at + 7 * MIB])["ETag"]})
    size = {"MpuObjectSize": len(held)}
    s3.complete_multipart_upload(Bucket=SOURCES, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}, **size)
    stored = KeptInS3()
    (sealed,) = stored.seal(stored.order(f"s3://{SOURCES}/{key}"))
    assert (sealed.source_check.algorithm, sealed.source_check.value) == ("CRC64NVME", crc64nvme(held))


def test_a_listed_object_that_is_another_by_the_time_its_checksum_is_asked_for_is_refused(seam, monkeypatch):
    stored = KeptInS3()
    order = stored.prefix({"big.bin": content(12 * MIB)})
    head, s3 = stored.s3.head_object, stored.s3
    monkeypatch.setattr(s3, "head_object", lambda **asked: {**head(**asked), "ETag": '"another"'})
    assert stored.refused(order) == {RefusalCode.CHANGED}


def test_what_is_put_on_record_is_what_s3_tells(seam):
    stored = KeptInS3()
    stored.put("m.bin", b"weights")
    stored.keeps("m.bin", Checksum(algorithm="SHA256", value=base64.b64encode(bytes(32)).decode()))
    with pytest.raises(ArtifactRefused, match="does not have the checksum that S3 keeps of it"):
        sealed_at_once(stored)
