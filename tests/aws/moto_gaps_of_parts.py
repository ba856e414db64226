"""What S3 does with uploads in parts, and moto 5.2.5 does not, made good in front of it.

UploadPartCopy: moto takes no notice of `CopySourceIfMatch`, and tells no checksum (S3 API: UploadPartCopy).
ListParts: tells no checksums (S3 API: ListParts). HeadObject of an object in parts: tells their checksum without the
number of parts (S3 user guide: Checking object integrity).
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

Call = Callable[[Any, str, Mapping[str, Any]], Any]
OF_PARTS = frozenset({"UploadPartCopy", "ListParts", "HeadObject", "AbortMultipartUpload", "CompleteMultipartUpload"})
OVER = frozenset({"UploadPartCopy", "ListParts", "AbortMultipartUpload"})


def filled(client: Any, operation: str, asked: Mapping[str, Any], original: Call) -> Any:
    """The answer to a call about parts as S3 would have given it."""
    if operation in OVER and asked["UploadId"] not in uploads(asked["Bucket"]):
        raise refusal("NoSuchUpload", 404, operation)
    if operation == "CompleteMultipartUpload":
        check_complete(client, asked, original)
    if operation == "UploadPartCopy":
        wanted, source = asked.get("CopySourceIfMatch"), asked["CopySource"]
        if wanted and original(client, "HeadObject", source)["ETag"].strip('"') != wanted.strip('"'):
            raise refusal("PreconditionFailed", 412, operation)
    answer = original(client, operation, asked)
    if operation == "UploadPartCopy":
        answer["CopyPartResult"]["ChecksumSHA256"] = part_checksum(asked, asked["PartNumber"])
    if operation == "ListParts":
        for part in answer.get("Parts", ()):
            part["ChecksumSHA256"] = part_checksum(asked, part["PartNumber"])
    if operation == "HeadObject":
        add_number_of_parts(asked, answer)
    return answer


def check_complete(client: Any, asked: Mapping[str, Any], original: Call) -> None:
    """S3 looks at the size that was announced, and at whether an upload is still open."""
    if asked["UploadId"] in uploads(asked["Bucket"]):
        parts = uploads(asked["Bucket"])[asked["UploadId"]].parts
        if asked.get("MpuObjectSize", -1) != sum(len(part.value) for part in parts.values()):
            raise refusal("InvalidRequest", 400, "CompleteMultipartUpload")
        return
    try:
        original(client, "HeadObject", {"Bucket": asked["Bucket"], "Key": asked["Key"]})
    except ClientError as gone:
        raise refusal("NoSuchUpload", 404, "CompleteMultipartUpload") from gone


def uploads(bucket: str) -> Any:
    """The uploads that are open in a bucket, by id."""
    return s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[bucket].multiparts


def part_checksum(asked: Mapping[str, Any], number: int) -> str:
    """The SHA-256 of a part, as S3 writes it."""
    part = uploads(asked["Bucket"])[asked["UploadId"]].parts[number]
    return base64.b64encode(hashlib.sha256(part.value).digest()).decode()


def add_number_of_parts(asked: Mapping[str, Any], answer: dict[str, Any]) -> None:
    """A checksum of parts tells how many they are."""
    kept = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[asked["Bucket"]].keys.getlist(asked["Key"], default=[])
    found = next((one for one in reversed(kept) if asked.get("VersionId") in (None, one.version_id)), None)
    if getattr(found, "checksum_type", "") == "COMPOSITE" and asked.get("ChecksumMode"):
        told = found.checksum_algorithm or "SHA256"
        answer[f"Checksum{told}"] = f"{found.checksum_value}-{found.checksum_parts}"
        answer["ChecksumType"] = "COMPOSITE"


def refusal(code: str, status: int, operation: str) -> ClientError:
    """A refusal in S3's words."""
    told = {"Code": code, "Message": "so S3 says"}
    return ClientError({"Error": told, "ResponseMetadata": {"HTTPStatusCode": status}}, operation)


def kept_uploads(bucket: str) -> list[tuple[Any, dict[int, bytes]]]:
    """The uploads that are open, each with the bytes of its parts, to come back to."""
    return [(one, {number: part.value for number, part in one.parts.items()}) for one in uploads(bucket).values()]


def restore_uploads(bucket: str, kept: list[tuple[Any, dict[int, bytes]]]) -> None:
    """Open just these uploads again. Parts are made anew: moto disposes of those that it gives up."""
    dict.clear(uploads(bucket))
    for one, parts in kept:
        one.parts, one.partlist = {}, []
        for number, held in parts.items():
            one.set_part(number, held)
        dict.__setitem__(uploads(bucket), one.id, one)
