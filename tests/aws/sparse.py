"""An object of any size whose bytes are all zero and lie nowhere, and uploads in parts that are copied from it.

Only as much of S3 as copying in parts asks, in front of moto, which would hold every byte in memory (S3 API: GetObject
with `Range`, CreateMultipartUpload, UploadPartCopy, ListParts, CompleteMultipartUpload; S3 user guide: "Checking object
integrity", composite checksums).
"""

# ruff: noqa: N802, N803 - the names are AWS's

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

ZEROS = bytes(2**20)
LARGEST_PART = 5 * 2**30
"""Bytes of one UploadPartCopy at most (S3 user guide: "Multipart upload limits")."""


@cache
def digest_of_zeros(size: int) -> bytes:
    """The SHA-256 of so many zeros."""
    sha256 = hashlib.sha256()
    for _ in range(size // len(ZEROS)):
        sha256.update(ZEROS)
    sha256.update(ZEROS[: size % len(ZEROS)])
    return sha256.digest()


class Zeros:
    """A stream of so many zeros."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, amount: int | None = None) -> bytes:
        """The next of them."""
        told = min(self.left, len(ZEROS) if amount is None else amount, len(ZEROS))
        self.left -= told
        return ZEROS if told == len(ZEROS) else ZEROS[:told]

    def close(self) -> None:
        """Nothing is held."""


class SparseObject:
    """One object of zeros in somebody's bucket, and what is copied of it into another."""

    def __init__(self, bucket: str, key: str, size: int, written: datetime) -> None:
        self.bucket, self.key, self.size, self.written = bucket, key, size, written
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.ranges: list[tuple[int, int]] = []
        """First and last byte of each part, in the order in which they were copied."""
        self.copies: dict[str, int] = {}
        """Bytes of what was put together, by key."""
        self.locked: dict[str, datetime] = {}

    def handles(self, asked: Mapping[str, Any]) -> bool:
        """Whether a call is about the object, or about what is copied of it."""
        return asked.get("Key") == self.key or str(asked.get("Key", asked.get("Prefix", ""))).startswith(
            "sealed/parts/"
        )

    def answer(self, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What S3 answers. Raises `AttributeError` for what copying in parts has no need of."""
        answered: dict[str, Any] = getattr(self, operation)(**asked)
        return answered

    def HeadObject(self, Key: str, **_: Any) -> dict[str, Any]:
        if Key == self.key:
            return self.told
        if Key not in self.copies:
            raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadObject")
        return {"ContentLength": self.copies[Key], "ChecksumSHA256": self.composite(), "VersionId": "v1"}

    def GetObject(self, Key: str, Range: str = "", **_: Any) -> dict[str, Any]:
        first, last = bounds(Range) if Range else (0, self.size - 1)
        size = last - first + 1
        return {**self.told, "ContentLength": size, "Body": StreamingBody(Zeros(size), size)}  # type: ignore[arg-type]

    @property
    def told(self) -> dict[str, Any]:
        """What S3 says of the object."""
        return {"ContentLength": self.size, "ETag": '"sparse"', "LastModified": self.written}

    def ListMultipartUploads(self, **_: Any) -> dict[str, Any]:
        return {}

    def CreateMultipartUpload(self, Key: str, **_: Any) -> dict[str, Any]:
        self.uploads[Key] = {}
        return {"UploadId": "upload"}

    def ListParts(self, Key: str, PartNumberMarker: int = 0, **_: Any) -> dict[str, Any]:
        told = [
            {"PartNumber": number, "ETag": f'"{number}"', "ChecksumSHA256": base64.b64encode(digest).decode()}
            for number, digest in sorted(self.uploads[Key].items())
            if number > PartNumberMarker
        ]
        return {"Parts": told, "IsTruncated": False}

    def UploadPartCopy(self, Key: str, PartNumber: int, CopySourceRange: str, **_: Any) -> dict[str, Any]:
        first, last = bounds(CopySourceRange)
        assert last - first + 1 <= LARGEST_PART
        self.ranges.append((first, last))
        self.uploads[Key][PartNumber] = digest = digest_of_zeros(last - first + 1)
        told = {"ETag": f'"{PartNumber}"', "ChecksumSHA256": base64.b64encode(digest).decode()}
        return {"CopyPartResult": told}

    def CompleteMultipartUpload(self, Key: str, MpuObjectSize: int, **_: Any) -> dict[str, Any]:
        self.copies[Key] = MpuObjectSize
        return {"VersionId": "v1"}

    def PutObjectRetention(self, Key: str, Retention: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        self.locked[Key] = Retention["RetainUntilDate"]
        return {}

    def composite(self) -> str:
        """The checksum that S3 keeps of an object in parts: that of the parts' own, and how many there are."""
        ((_, parts),) = self.uploads.items()
        digest = hashlib.sha256(b"".join(parts[number] for number in sorted(parts))).digest()
        return f"{base64.b64encode(digest).decode()}-{len(parts)}"


def bounds(told: str) -> tuple[int, int]:
    """First and last byte of `bytes=first-last`."""
    found = re.fullmatch(r"bytes=(\d+)-(\d+)", told)
    assert found, told
    return int(found[1]), int(found[2])
