"""What S3's checksums say of bytes that were read in pieces."""

import base64
import hashlib
import zlib
from itertools import pairwise

import pytest
from awscrt import checksums as crt

from governance.domain.artifacts import CopyOrder
from governance.domain.checksums import Checksum, ChecksumType, agrees, check_of, of_whole
from governance.domain.copying import Limits, Piece
from governance.domain.copying_names import Measures
from tests.builders import BORN, container

BYTES = b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(700))
COMPUTE = {"CRC32": zlib.crc32, "CRC32C": crt.crc32c, "CRC64NVME": crt.crc64nvme}


def crc(algorithm: str, held: bytes) -> str:
    width = 8 if algorithm == "CRC64NVME" else 4
    return base64.b64encode(COMPUTE[algorithm](held).to_bytes(width, "big")).decode()


@pytest.mark.parametrize("algorithm", COMPUTE)
@pytest.mark.parametrize("bounds", [(0, 22400), (0, 1, 22400), (0, 5000, 10000, 15000, 22400), (0, 22399, 22400)])
def test_the_crc_of_a_whole_follows_from_those_of_its_parts(algorithm, bounds):
    parts = [(crc(algorithm, BYTES[first:end]), end - first) for first, end in pairwise(bounds)]
    assert of_whole(algorithm, parts) == crc(algorithm, BYTES)


@pytest.mark.parametrize("algorithm", COMPUTE)
def test_parts_in_another_order_are_another_whole(algorithm):
    first, second = BYTES[:9000], BYTES[9000:]
    parts = [(crc(algorithm, second), len(second)), (crc(algorithm, first), len(first))]
    assert of_whole(algorithm, parts) != crc(algorithm, BYTES)


def test_the_crc_is_that_of_the_catalogue_of_parametrised_crcs():
    check = {"CRC32": 0xCBF43926, "CRC32C": 0xE3069283, "CRC64NVME": 0xAE8B14860A799888}
    for algorithm, value in check.items():
        told = of_whole(algorithm, [(crc(algorithm, b"12345"), 5), (crc(algorithm, b"6789"), 4)])
        assert int.from_bytes(base64.b64decode(told), "big") == value


def test_no_whole_follows_from_what_is_no_crc_or_was_not_measured():
    assert of_whole("SHA256", [("AAAA", 1)]) == ""
    assert of_whole("CRC32", [("AAAAAA==", 1), ("", 1)]) == ""
    assert of_whole("CRC32", []) == ""


WHOLE = Checksum(algorithm="CRC64NVME", value="EY+MQNKF8tA=")
OF_PARTS = Checksum(algorithm="SHA256", value="c29tZQ==-3", type=ChecksumType.COMPOSITE)


@pytest.mark.parametrize(
    ("told", "measured", "as_parts", "held"),
    [
        (WHOLE, "EY+MQNKF8tA=", "", True),
        (WHOLE, "AAAAAAAAAAA=", "", False),
        (WHOLE, "", "", None),
        (None, "EY+MQNKF8tA=", "c29tZQ==-3", None),
        (OF_PARTS, "", "c29tZQ==-3", True),
        (OF_PARTS, "", "b3RoZXI=-3", None),
        (OF_PARTS.model_copy(update={"algorithm": "CRC32"}), "", "c29tZQ==-3", None),
    ],
)
def test_a_checksum_of_parts_proves_something_only_where_the_parts_are_the_same(told, measured, as_parts, held):
    assert agrees(told, measured, as_parts) is held


def test_of_one_object_is_recorded_what_it_was_compared_with():
    check = check_of([("s3://b/m", WHOLE, True)])
    assert (check.algorithm, check.value, check.type) == ("CRC64NVME", "EY+MQNKF8tA=", ChecksumType.FULL_OBJECT)
    assert (check.objects, check.unverified, check.unverified_one) == (1, 0, "")
    assert check.described == "as its source's CRC64NVME says"


def test_of_many_objects_is_recorded_how_many_could_not_be_compared():
    check = check_of([("s3://b/m/3", None, None), ("s3://b/m/1", WHOLE, True), ("s3://b/m/2", OF_PARTS, None)])
    assert (check.algorithm, check.value, check.type) == ("CRC64NVME", "", None)
    assert (check.objects, check.unverified, check.unverified_one) == (3, 2, "s3://b/m/2")
    assert check.described == "as its source's CRC64NVME says, but for 2 of 3 objects"


def test_what_could_not_be_compared_at_all_is_said_so():
    assert check_of([("s3://b/m", OF_PARTS, None)]).described.startswith("not compared with its source")


def test_papers_that_an_earlier_release_wrote_are_read_and_what_they_plan_is_unverified():
    told = {"artifact": 0, "name": "m", "bucket": "b", "key": "m", "version_id": "", "etag": "e", "size": 7}
    piece = Piece.model_validate({"source": {**told, "sha256": ""}, "last": 6, "sha256": "b" * 64})
    order = CopyOrder(container=container(), registered_at=BORN)
    measures = Measures(Limits())
    measures.add([piece])
    (named,) = measures.names([order], "sealed/trees/").artifacts
    assert named.check is not None and named.check.unverified == 1
