"""The checksums that S3 keeps, read from its answers, and computed of what is read.

HeadObject and GetObject tell them to whoever asks for them, and GetObject only with the whole object (S3 API:
GetObject, `x-amz-checksum-mode`). CRC-64/NVME and CRC-32C are computed by the AWS Common Runtime, which only the
function that seals has in a layer of its own: it is imported where it is needed, and nowhere else.
"""

import base64
import hashlib
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from botocore.exceptions import FlexibleChecksumError

from governance.domain.artifacts import RefusalCode
from governance.domain.checksums import COMPARABLE, CRCS, Checksum, ChecksumType
from governance.domain.errors import ArtifactRefused

CHUNK = 8 * 1024**2
"""How much of an object is held in memory while it is hashed, in bytes."""


class Digest(Protocol):
    """What is fed with bytes and tells their checksum."""

    def update(self, chunk: bytes, /) -> None:
        """Take in more bytes."""

    def digest(self) -> bytes:
        """The checksum of all of them."""


class Crc:
    """A CRC, as hashlib has its digests."""

    def __init__(self, algorithm: str) -> None:
        self.width = CRCS[algorithm][0] // 8
        self.compute = computing(algorithm)
        self.value = 0

    def update(self, chunk: bytes, /) -> None:
        """Take in more bytes."""
        self.value = self.compute(chunk, self.value)

    def digest(self) -> bytes:
        """The CRC of all of them, the highest byte first."""
        return self.value.to_bytes(self.width)


def computing(algorithm: str) -> Callable[[bytes, int], int]:
    """What goes on with a CRC."""
    if algorithm == "CRC32":
        return zlib.crc32
    from awscrt import checksums

    computed: Callable[[bytes, int], int] = checksums.crc32c if algorithm == "CRC32C" else checksums.crc64nvme
    return computed


def digest_by(algorithm: str) -> Digest:
    """What computes one of the checksums that can be compared."""
    if algorithm in CRCS:
        return Crc(algorithm)
    return hashlib.new(algorithm.lower(), usedforsecurity=False)


def kept(answer: Mapping[str, Any]) -> Checksum | None:
    """The checksum that S3 tells of an object: the strongest of those that can be compared; None where it keeps none.

    Of parts it is by its type, or by the number of parts after a dash.
    """
    for algorithm in COMPARABLE:
        if value := answer.get(f"Checksum{algorithm}"):
            of_parts = answer.get("ChecksumType") == ChecksumType.COMPOSITE or "-" in value
            return Checksum(
                algorithm=algorithm,
                value=value,
                type=ChecksumType.COMPOSITE if of_parts else ChecksumType.FULL_OBJECT,
            )
    return None


def computed(told: Checksum | None, part: int = 0) -> str:
    """By which algorithm something is read beside SHA-256, so that it can be compared; empty for none.

    Of a part only a CRC is of use, for only from CRCs that of the whole follows.
    """
    if told is None or told.type is ChecksumType.COMPOSITE or (part and told.algorithm not in CRCS):
        return ""
    return told.algorithm


def hashed(body: Any, algorithm: str = "", uri: str = "") -> tuple[str, str]:
    """The SHA-256 of a body that is read in chunks, in hex; and its checksum by another algorithm, as S3 writes it.

    Raises `ArtifactRefused` where botocore itself finds that it is not what S3 keeps the checksum of.
    """
    sha256 = hashlib.sha256()
    other = digest_by(algorithm) if algorithm else None
    try:
        for chunk in body.iter_chunks(CHUNK):
            sha256.update(chunk)
            if other is not None:
                other.update(chunk)
    except FlexibleChecksumError as refused:
        raise corrupt(uri) from refused
    return sha256.hexdigest(), base64.b64encode(other.digest()).decode() if other is not None else ""


def corrupt(uri: str) -> ArtifactRefused:
    """What was read is not what S3 keeps the checksum of."""
    return ArtifactRefused(RefusalCode.CORRUPT, f"{uri} does not have the checksum that S3 keeps of it")
