"""Objects of others as they are found and read: each pinned to what it was when the copy was planned."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from governance.adapters import s3_checksums, s3_trees
from governance.adapters.clients import code_of
from governance.adapters.s3_vault import check_unchanged, found, split, unreadable
from governance.domain.artifacts import CopyOrder, RefusalCode, SourceForm
from governance.domain.copying import LARGEST_OBJECT, LONGEST_KEY, Piece, Source, is_plain
from governance.domain.errors import ArtifactRefused


def find(s3: Any, order: CopyOrder, number: int, single: int) -> Iterator[Source]:
    """HeadObject of an object; ListObjectsV2 of a prefix, and HeadObject of what is too large for a single copy."""
    if order.container.form is SourceForm.PREFIX:
        found_ones = under(s3, order, number)
        return (with_checksum(s3, one) if one.size > single else one for one in found_ones)
    return iter([alone(s3, order, number)])


def alone(s3: Any, order: CopyOrder, number: int) -> Source:
    """One object, pinned as it is now."""
    uri = order.container.source_uri
    bucket, key = split(uri)
    try:
        told = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    except ClientError as refused:
        raise unreadable(refused, uri) from refused
    etag, version_id = told["ETag"].strip('"'), told.get("VersionId", "")
    check_unchanged(uri, etag, told["LastModified"], order.container.source_etag, order.registered_at)
    check_size(uri, told["ContentLength"])
    return Source(
        artifact=number,
        name=key.rsplit("/", 1)[-1],
        bucket=bucket,
        key=key,
        version_id="" if version_id == "null" else version_id,
        etag=etag,
        size=told["ContentLength"],
        checksum=s3_checksums.kept(told),
    )


def with_checksum(s3: Any, source: Source) -> Source:
    """An object of a prefix with its checksum, of which a listing tells the algorithm alone (S3 API: ListObjectsV2)."""
    try:
        told = s3.head_object(Bucket=source.bucket, Key=source.key, ChecksumMode="ENABLED")
    except ClientError as refused:
        raise unreadable(refused, source.uri) from refused
    if told["ETag"].strip('"') != source.etag:
        raise changed(source)
    return source.model_copy(update={"checksum": s3_checksums.kept(told)})


def under(s3: Any, order: CopyOrder, number: int) -> Iterator[Source]:
    """Every object of a prefix, which ends with a slash whether or not it was written (AWS API: S3ModelDataSource).

    Empty objects whose names end with a slash are how consoles draw folders, and no part of the model.
    """
    uri = order.container.source_uri
    bucket, prefix = split_prefix(uri)
    try:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for one in page.get("Contents", ()):
                name = one["Key"].removeprefix(prefix)
                if (name and not name.endswith("/")) or one["Size"]:
                    yield one_of(order, number, name, bucket, one)
    except ParamValidationError as refused:
        raise ArtifactRefused(RefusalCode.MISSING, f"{uri} is not the URI of a prefix") from refused
    except ClientError as refused:
        raise unreadable(refused, uri) from refused


def one_of(order: CopyOrder, number: int, name: str, bucket: str, told: Any) -> Source:
    """One object of a prefix, pinned as it is listed. Raises `ArtifactRefused` for a name that cannot be kept."""
    uri, key = f"s3://{bucket}/{told['Key']}", told["Key"]
    check_unchanged(uri, "", told["LastModified"], "", order.registered_at)
    check_size(uri, told["Size"])
    longest = LONGEST_KEY - len(s3_trees.prefix_of("0" * 64))
    if not is_plain(name) or len(name.encode()) > longest:
        detail = f"{uri} has a name that cannot be sealed: {longest} bytes at most, and no part of it '', '.' or '..'"
        raise ArtifactRefused(RefusalCode.PREFIX, detail)
    return Source(
        artifact=number,
        name=name,
        bucket=bucket,
        key=key,
        version_id="",
        etag=told["ETag"].strip('"'),
        size=told["Size"],
    )


def measure(s3: Any, piece: Piece) -> Piece:
    """One GetObject: of a range for a part, which tells no checksum of the whole."""
    source = piece.source
    pinned: dict[str, Any] = {"IfMatch": f'"{source.etag}"'}
    pinned |= {"VersionId": source.version_id} if source.version_id else {}
    pinned |= {"Range": f"bytes={piece.first}-{piece.last}"} if piece.part else {"ChecksumMode": "ENABLED"}
    try:
        answer = found(s3, source.bucket, source.key, **pinned)
    except ClientError as refused:
        if code_of(refused) not in {"PreconditionFailed", "412"}:
            raise
        raise changed(source) from refused
    kept = source.checksum if piece.part else s3_checksums.kept(answer)
    with closing(answer["Body"]) as body:
        sha256, measured = s3_checksums.hashed(body, s3_checksums.computed(kept, piece.part), source.uri)
    if answer["ContentLength"] != piece.size:
        raise changed(source)
    read = source if piece.part else source.model_copy(update={"checksum": kept})
    return piece.model_copy(update={"source": read, "sha256": sha256, "measured": measured})


def split_prefix(uri: str) -> tuple[str, str]:
    """Bucket and prefix of an `s3://` URI. Raises `ArtifactRefused` for a whole bucket, and for what is no URI."""
    bucket, _, key = uri[5:].partition("/") if uri.lower().startswith("s3://") else ("", "", "")
    if not bucket or not key.strip("/"):
        raise ArtifactRefused(RefusalCode.MISSING, f"{uri} is not the URI of a prefix in S3")
    return bucket, key if key.endswith("/") else f"{key}/"


def check_size(uri: str, size: int) -> None:
    """Refuse what S3 itself does not hold as one object."""
    if size > LARGEST_OBJECT:
        raise ArtifactRefused(RefusalCode.TOO_LARGE, f"{uri} is larger than the 48.8 TiB that S3 holds as one object")


def changed(source: Source) -> ArtifactRefused:
    """What was planned is not there any more."""
    why = f"{source.uri} was changed while it was being sealed; nothing of it was used"
    return ArtifactRefused(RefusalCode.CHANGED, why)
