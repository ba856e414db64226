"""CopyObject as S3 does it: from another account's bucket, conditionally, and with its checksum.

AWS: `x-amz-copy-source` may name a bucket of another account; `If-None-Match: *` answers 412 when the key exists (S3
guide, "Conditional writes"); `x-amz-checksum-algorithm` makes S3 compute that checksum and return it in
CopyObjectResult (API reference, CopyObject). MiniStack looks the source up in the destination's account, ignores the
condition, and neither reads that header nor returns checksums. Of a part that is copied S3 computes and tells the
checksum that the upload was opened for (API reference, UploadPartCopy); MiniStack neither computes nor keeps it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from ministack.core.responses import get_account_id
from ministack.services import s3

from local_cloud.door import hooks

_CHECKSUMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")


def install() -> None:
    """Put the copies in front of MiniStack's."""
    hooks.wrap(s3, "_copy_object", _copy_object)
    hooks.wrap(s3, "_upload_part_copy", _upload_part_copy)


def _copy_object(original: Any, bucket: str, key: str, headers: dict[str, str]) -> Any:
    destination = s3._buckets.get(bucket) or {}
    refused = s3._check_put_preconditions(headers, (destination.get("objects") or {}).get(key))
    if refused is not None:
        return refused
    algorithm = (headers.get("x-amz-checksum-algorithm") or headers.get("x-amz-sdk-checksum-algorithm") or "").upper()
    if algorithm:
        headers = {**headers, "x-amz-sdk-checksum-algorithm": algorithm}
    with _source_in_reach(headers.get("x-amz-copy-source", "")):
        status, answered, body = original(bucket, key, headers)
    if status == 200:
        body = _with_checksums(body, destination["objects"][key].get("checksums") or {}, algorithm)
    return status, answered, body


def _upload_part_copy(original: Any, bucket: str, key: str, query: dict[str, Any], headers: dict[str, str]) -> Any:
    with _source_in_reach(headers.get("x-amz-copy-source", "")):
        status, answered, body = original(bucket, key, query, headers)
    if status == 200:
        upload = s3._multipart_uploads[s3._qp(query, "uploadId")]
        algorithm = upload.get("checksum_algorithm")
        part = upload["parts"][int(s3._qp(query, "partNumber", "1"))]
        if algorithm:
            part["checksums"] = {algorithm: s3._compute_s3_checksum(algorithm, part["body"])}
            told = f"<Checksum{algorithm}>{part['checksums'][algorithm]}</Checksum{algorithm}>"
            body = re.sub(rb"</CopyPartResult>", told.encode() + b"</CopyPartResult>", body)
    return status, answered, body


def _with_checksums(body: bytes, stored: dict[str, str], algorithm: str) -> bytes:
    """Add the object's checksums to the answer; the one asked for replaces what the source brought along."""
    shown = {name: value for name, value in stored.items() if name in _CHECKSUMS and algorithm in ("", name)}
    elements = "".join(f"<Checksum{name}>{value}</Checksum{name}>" for name, value in sorted(shown.items()))
    if elements:
        elements += "<ChecksumType>FULL_OBJECT</ChecksumType>"
    return re.sub(rb"</CopyObjectResult>", elements.encode() + b"</CopyObjectResult>", body)


@contextmanager
def _source_in_reach(copy_source: str) -> Iterator[None]:
    """Show another account's source bucket to the copy for as long as it runs; S3 handlers run one at a time."""
    path, _, _ = copy_source.lstrip("/").partition("?")
    bucket, _, key = unquote(path).partition("/")
    owner, here = s3._bucket_owner_account(bucket), get_account_id()
    if owner is None or owner == here:
        yield
        return
    versions = s3._object_versions.get_scoped(owner, None, (bucket, key))
    s3._buckets.set_scoped(here, None, bucket, s3._buckets.get_scoped(owner, None, bucket))
    if versions is not None:
        s3._object_versions.set_scoped(here, None, (bucket, key), versions)
    try:
        yield
    finally:
        s3._buckets.pop_scoped(here, None, bucket, None)
        s3._object_versions.pop_scoped(here, None, (bucket, key), None)
