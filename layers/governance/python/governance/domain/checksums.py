"""The checksums that S3 keeps of objects, and what they say of bytes that were read.

S3 keeps one of each object: of the whole (`FULL_OBJECT`), or of the checksums of its parts (`COMPOSITE`), which says
nothing of a whole that was read in other parts. An object that was uploaded with none has a CRC-64/NVME of the whole
(S3 user guide: Checking object integrity). The CRC of a whole follows from those of its parts, read in any order.
"""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from governance.domain.values import Value


class ChecksumType(StrEnum):
    """What a checksum is of."""

    FULL_OBJECT = "FULL_OBJECT"
    COMPOSITE = "COMPOSITE"


class Checksum(Value):
    """What S3 keeps of an object, in its words: the value in base64, of parts with their number after a dash."""

    algorithm: str
    value: str
    type: ChecksumType = ChecksumType.FULL_OBJECT


class SourceCheck(Value):
    """What the bytes that were sealed were compared with: the checksum that S3 keeps of their source.

    Of an artifact of many objects the value is not told, and the algorithms are those of the objects that could be
    compared. What could not be is sealed as it was read, under its own SHA-256.
    """

    algorithm: str = ""
    """As S3 names it; empty where nothing could be compared."""
    value: str = ""
    """In base64, as S3 writes it."""
    type: ChecksumType | None = None
    objects: int = 1
    """Of how many objects the artifact consists."""
    unverified: int = 0
    """How many of them could not be compared with anything."""
    unverified_one: str = ""
    """The URI of one of these."""

    @property
    def described(self) -> str:
        """In a few words, as people are told."""
        if not self.unverified:
            return f"as its source's {self.algorithm} says"
        if self.unverified == self.objects:
            return "not compared with its source: no checksum of the whole is kept of it"
        return f"as its source's {self.algorithm} says, but for {self.unverified:,} of {self.objects:,} objects"


CRCS = {
    "CRC64NVME": (64, 0x9A6C9329AC4BC9B5),
    "CRC32C": (32, 0x82F63B78),
    "CRC32": (32, 0xEDB88320),
}
"""Width and polynomial of each, lowest power first; all begin and end with every bit turned over."""

COMPARABLE = ("SHA256", "SHA512", "SHA1", "MD5", *CRCS)
"""What can be computed of bytes that are read, the strongest first. XXHash is not among them."""


def agrees(told: Checksum | None, measured: str, as_parts: str) -> bool | None:
    """Whether an object is what its checksum says; None where that cannot be compared with what was read.

    `measured` is the checksum of the whole by the same algorithm, empty where none was computed; `as_parts` what S3
    would keep of the SHA-256s of the parts it was read in. Other parts than those give another one, and prove nothing.
    """
    if told is None:
        return None
    if told.type is ChecksumType.COMPOSITE:
        return True if told.algorithm == "SHA256" and told.value == as_parts else None
    return measured == told.value if measured else None


@dataclass
class Comparison:
    """How the objects of an artifact were compared, counted one by one, for they may be 100,000."""

    objects: int = 0
    algorithms: set[str] = field(default_factory=set)
    compared: Checksum | None = None
    unverified: int = 0
    unverified_one: str = ""

    def add(self, uri: str, told: Checksum | None, held: bool | None) -> None:
        """An object, its checksum, and whether it was compared."""
        self.objects += 1
        if held and told:
            self.algorithms.add(told.algorithm)
            self.compared = told
        else:
            self.unverified += 1
            self.unverified_one = min(self.unverified_one or uri, uri)

    @property
    def check(self) -> SourceCheck:
        """As it is recorded."""
        only = self.compared if self.objects == 1 else None
        return SourceCheck(
            algorithm=", ".join(sorted(self.algorithms)),
            value=only.value if only else "",
            type=only.type if only else None,
            objects=self.objects,
            unverified=self.unverified,
            unverified_one=self.unverified_one,
        )


def check_of(checked: Iterable[tuple[str, Checksum | None, bool | None]]) -> SourceCheck:
    """What is recorded of an artifact: of each of its objects the URI, its checksum, and whether it was compared."""
    comparison = Comparison()
    for one in checked:
        comparison.add(*one)
    return comparison.check


def of_whole(algorithm: str, parts: Sequence[tuple[str, int]]) -> str:
    """The CRC of an object, from those of its parts in order, each with its size; empty for what is no CRC."""
    if algorithm not in CRCS or not parts or not all(crc for crc, _ in parts):
        return ""
    width, _ = CRCS[algorithm]
    whole = 0
    for told, size in parts:
        whole = multiplied(algorithm, zeros(algorithm, size), whole) ^ int.from_bytes(base64.b64decode(told))
    return base64.b64encode(whole.to_bytes(width // 8)).decode()


@lru_cache(maxsize=64)
def zeros(algorithm: str, size: int) -> int:
    """By what the CRC of some bytes is to be multiplied when so many others follow: x to the power of their bits."""
    width, _ = CRCS[algorithm]
    product, factor, left = 1 << (width - 1), 1 << (width - 2), 8 * size
    while left:
        if left & 1:
            product = multiplied(algorithm, factor, product)
        factor = multiplied(algorithm, factor, factor)
        left >>= 1
    return product


def multiplied(algorithm: str, one: int, other: int) -> int:
    """The product of two polynomials over GF(2), modulo the CRC's; the highest bit is the lowest power."""
    width, polynomial = CRCS[algorithm]
    product = 0
    for bit in range(width - 1, -1, -1):
        if one >> bit & 1:
            product ^= other
        other = (other >> 1) ^ polynomial if other & 1 else other >> 1
    return product
