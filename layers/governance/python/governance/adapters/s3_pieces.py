"""Objects read in pieces, and put together again in the hub's bucket under keys made of their content.

Whatever is read or copied is pinned to the ETag, and the version where there is one, that was found when the copy was
planned; whatever was copied is compared by the SHA-256 that S3 computed of it. Of an object in parts S3 keeps the
SHA-256 of the parts' SHA-256s (S3 user guide: Checking object integrity), which is known before it is copied, so that
it names the key.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters import s3_sources
from governance.adapters.clients import code_of
from governance.adapters.s3_locked import THERE_ALREADY
from governance.adapters.s3_vault import (
    S3Vault,
    SourceObject,
    checksum,
    in_ascii,
    unreadable,
)
from governance.domain.artifacts import CopyOrder, Manifest, RefusalCode
from governance.domain.copying import Composite, Piece, Source
from governance.domain.errors import ArtifactRefused, PartsMissing
from governance.domain.keeping import Lock
from governance.domain.values import in_utc

TAKEN = THERE_ALREADY | {"NoSuchUpload"}
"""How S3 says that somebody else was faster: with the whole object, or with putting the parts together."""


class S3Pieces:
    """`ports.Pieces`, with the vault's bucket, key and locks."""

    def __init__(self, vault: S3Vault) -> None:
        self.s3 = vault.s3
        self.vault = vault

    def find(self, order: CopyOrder, number: int) -> Iterator[Source]:
        """HeadObject of an object; ListObjectsV2 of a prefix, and HeadObject of what is copied in parts."""
        return s3_sources.find(self.s3, order, number, self.vault.single)

    def measure(self, piece: Piece) -> Piece:
        """One GetObject: of a range for a part."""
        return s3_sources.measure(self.s3, piece)

    def place(self, piece: Piece, key: str, until: datetime) -> str:
        """CopyObject, and PutObjectRetention."""
        source = piece.source
        read = SourceObject(
            bucket=source.bucket,
            key=source.key,
            version_id=source.version_id,
            etag=source.etag,
            size=source.size,
            sha256=piece.sha256,
        )
        version_id, locked = self.vault.copy(read, key)
        self.vault.lock(key, version_id, locked, until)
        return version_id

    def open(self, key: str, composite: Composite, source: Source) -> str:
        """HeadObject, ListMultipartUploads, CreateMultipartUpload."""
        if self.present(key, composite, source.size):
            return ""
        open_ones = self.uploads(key)
        if open_ones:
            return open_ones[0]
        answer = self.s3.create_multipart_upload(
            Bucket=self.vault.bucket,
            Key=key,
            ChecksumAlgorithm="SHA256",
            ChecksumType="COMPOSITE",
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self.vault.kms_key,
            Metadata={"source": in_ascii(f"s3://{source.bucket}/{source.key}")},
        )
        return str(answer["UploadId"])

    def uploads(self, key: str) -> list[str]:
        """The uploads that are open for a key, oldest first."""
        told = self.s3.list_multipart_uploads(Bucket=self.vault.bucket, Prefix=key).get("Uploads", ())
        mine = sorted((one["Initiated"], one["UploadId"]) for one in told if one["Key"] == key)
        return [str(upload) for _, upload in mine]

    def copy(self, parts: Sequence[Piece], key: str, upload: str) -> None:
        """ListParts, and UploadPartCopy of each that it does not tell."""
        done = self.parts(key, upload, parts[0].part - 1, parts[-1].part)
        for piece in parts:
            if done.get(piece.part, ("", ""))[1] == checksum(piece.sha256):
                continue
            try:
                self.copy_part(piece, key, upload)
            except ClientError as refused:
                if code_of(refused) != "NoSuchUpload" or not self.is_there(key):
                    raise
                return  # put together by somebody else meanwhile: whether it is the same, completing it tells

    def copy_part(self, piece: Piece, key: str, upload: str) -> None:
        """One UploadPartCopy, compared by what S3 says of the part."""
        source = piece.source
        origin = {"Bucket": source.bucket, "Key": source.key}
        try:
            answer = self.s3.upload_part_copy(
                Bucket=self.vault.bucket,
                Key=key,
                UploadId=upload,
                PartNumber=piece.part,
                CopySource={**origin, "VersionId": source.version_id} if source.version_id else origin,
                CopySourceIfMatch=source.etag,
                CopySourceRange=f"bytes={piece.first}-{piece.last}",
            )
        except ClientError as refused:
            if code_of(refused) == "NoSuchUpload":
                raise
            if code_of(refused) in TAKEN:
                raise s3_sources.changed(source) from refused
            raise unreadable(refused, f"s3://{source.bucket}/{source.key}") from refused
        if answer["CopyPartResult"].get("ChecksumSHA256") != checksum(piece.sha256):
            raise s3_sources.changed(source)

    def parts(self, key: str, upload: str, after: int = 0, last: int = 0) -> dict[int, tuple[str, str]]:
        """ETag and SHA-256 by number of the parts after one of them, up to another; none of an upload that is over."""
        told: dict[int, tuple[str, str]] = {}
        asked: dict[str, Any] = {"PartNumberMarker": after}
        while True:
            try:
                answer = self.s3.list_parts(Bucket=self.vault.bucket, Key=key, UploadId=upload, **asked)
            except ClientError as refused:
                if code_of(refused) != "NoSuchUpload":
                    raise
                return {}
            for one in answer.get("Parts", ()):
                told[one["PartNumber"]] = one["ETag"], one.get("ChecksumSHA256", "")
            if not answer.get("IsTruncated") or (last and max(told) >= last):
                return told
            asked = {"PartNumberMarker": answer["NextPartNumberMarker"]}

    def complete(self, key: str, upload: str, digests: Sequence[str], size: int, until: datetime) -> str:
        """ListParts, CompleteMultipartUpload, PutObjectRetention, and ListMultipartUploads.

        The last is for uploads of the same key that somebody else opened, or that were opened by a call whose answer
        was lost: with the object there, nobody needs them.
        """
        expected = Composite(sha256=of_parts(digests), parts=len(digests), part_size=0)
        there = self.parts(key, upload) if upload else {}
        wanted = {number: checksum(one) for number, one in enumerate(digests, 1)}
        version_id = ""
        if there and {number: told for number, (_, told) in there.items()} == wanted:
            version_id = self.put_together(key, upload, there, size)
        if version_id:
            self.vault.lock(key, version_id, None, until)
        else:
            version_id = self.found_complete(key, expected, size, until)
        self.abandon([key])
        return version_id

    def put_together(self, key: str, upload: str, there: Mapping[int, tuple[str, str]], size: int) -> str:
        """One CompleteMultipartUpload; an empty text where somebody else was faster."""
        ordered = [
            {"PartNumber": number, "ETag": etag, "ChecksumSHA256": told}
            for number, (etag, told) in sorted(there.items())
        ]
        try:
            answer = self.s3.complete_multipart_upload(
                Bucket=self.vault.bucket,
                Key=key,
                UploadId=upload,
                MultipartUpload={"Parts": ordered},
                IfNoneMatch="*",
                MpuObjectSize=size,
            )
        except ClientError as refused:
            if code_of(refused) not in TAKEN:
                raise
            return ""
        return str(answer["VersionId"])

    def found_complete(self, key: str, composite: Composite, size: int, until: datetime) -> str:
        """What is there already, locked for as long. Raises `PartsMissing` where nothing is."""
        present = self.present(key, composite, size)
        if not present:
            raise PartsMissing(f"the upload of {key} does not have all its parts")
        locked = present.get("ObjectLockRetainUntilDate")
        lock = Lock(until=in_utc(locked) if locked else None, mode=present.get("ObjectLockMode", ""))
        self.vault.lock(key, str(present["VersionId"]), lock, until)
        return str(present["VersionId"])

    def is_there(self, key: str) -> bool:
        """Whether anything lies under a key."""
        try:
            self.s3.head_object(Bucket=self.vault.bucket, Key=key)
        except ClientError as gone:
            if code_of(gone) not in {"404", "NoSuchKey"}:
                raise
            return False
        return True

    def present(self, key: str, composite: Composite, size: int) -> dict[str, Any]:
        """What lies under a key; nothing where nothing does. Raises `ArtifactRefused` where it is something else."""
        try:
            told = self.s3.head_object(Bucket=self.vault.bucket, Key=key, ChecksumMode="ENABLED")
        except ClientError as gone:
            if code_of(gone) not in {"404", "NoSuchKey"}:
                raise
            return {}
        if told.get("ChecksumSHA256") != composite.told or told["ContentLength"] != size:
            raise ArtifactRefused(RefusalCode.BROKEN, f"{key} holds other bytes than its name says")
        return dict(told)

    def abandon(self, keys: Sequence[str]) -> None:
        """ListMultipartUploads, AbortMultipartUpload."""
        for key in keys:
            for upload in self.uploads(key):
                try:
                    self.s3.abort_multipart_upload(Bucket=self.vault.bucket, Key=key, UploadId=upload)
                except ClientError as refused:
                    if code_of(refused) != "NoSuchUpload":
                        raise

    def keep_list(self, key: str, content: bytes, objects: int, until: datetime) -> Manifest:
        """One PutObject with its lock, never over anything."""
        sha256 = hashlib.sha256(content).hexdigest()
        version_id = self.vault.put_locked(key, content, until, "application/json", ChecksumSHA256=checksum(sha256))
        kept = version_id or self.kept_before(key, sha256, until)
        return Manifest(key=key, version_id=kept, sha256=sha256, objects=objects)

    def kept_before(self, key: str, sha256: str, until: datetime) -> str:
        """The version of a list that is there, locked for as long."""
        told = self.s3.head_object(Bucket=self.vault.bucket, Key=key, ChecksumMode="ENABLED")
        if told.get("ChecksumSHA256") != checksum(sha256):
            raise ArtifactRefused(RefusalCode.BROKEN, f"{key} holds another list than this one")
        locked = told.get("ObjectLockRetainUntilDate")
        lock = Lock(until=in_utc(locked) if locked else None, mode=told.get("ObjectLockMode", ""))
        self.vault.lock(key, str(told["VersionId"]), lock, until)
        return str(told["VersionId"])


def of_parts(digests: Sequence[str]) -> str:
    """The SHA-256 of parts' SHA-256s."""
    return hashlib.sha256(b"".join(bytes.fromhex(one) for one in digests)).hexdigest()
