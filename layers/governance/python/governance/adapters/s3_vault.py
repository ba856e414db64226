"""The vault in S3: content-addressed keys that only the copying role may write, each object version locked.

An artifact is read once to know its SHA-256, which names its key; copied by S3 itself, pinned to the ETag that was
read; compared by the SHA-256 that S3 computed of the copy; and locked. Three calls (S3 API: GetObject, CopyObject,
PutObjectRetention). Bytes that were sealed before keep a lock that lasts longer.
"""

import base64
import re
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from botocore.exceptions import ClientError, ParamValidationError

from governance.adapters import s3_checksums, s3_trees
from governance.adapters.clients import code_of, message_of
from governance.adapters.s3_locked import THERE_ALREADY, LockedBucket
from governance.domain.artifacts import Container, RefusalCode, SealedArtifact, SourceForm
from governance.domain.checksums import SourceCheck, agrees, check_of
from governance.domain.copying import GIB, composite
from governance.domain.errors import ArtifactRefused
from governance.domain.keeping import Lock
from governance.domain.values import Instant, Value, in_utc, whole_second

PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))

ADDRESS = re.compile(r"s3://([^/]+)/(.*[^/].*)", re.DOTALL | re.IGNORECASE)
"""The URI of an object: its bucket, and its key to the end. No URL: a key may hold whatever a URL gives a meaning."""

NEVER = frozenset({"InvalidArgument", "InvalidBucketName", "InvalidRequest", "InvalidURI", "KeyTooLongError"})
"""How S3 says of an address that nothing can ever lie there (S3 API: Error responses)."""

PASSING = re.compile(r"KMS\..*(Throttl|Limit|Rate|Internal|Timeout|Unavailable)")
"""How S3 says that KMS cannot now, but can later: rates and quotas, and faults of its own (KMS API: Common errors)."""


class SourceObject(Value):
    """An object as it was read: what identifies these bytes, their hash, and what they were compared with."""

    bucket: str
    key: str
    version_id: str
    etag: str
    size: int
    sha256: str
    check: SourceCheck | None = None


class S3Vault(LockedBucket):
    """`ports.Vault` on the hub's artifact bucket."""

    def __init__(
        self,
        s3: Any,
        bucket: str,
        kms_key: str,
        mode: str,
        retention: timedelta,
        now: Callable[[], datetime],
        single: int = 5 * GIB,
    ) -> None:
        super().__init__(s3, bucket, kms_key, mode, retention, now)
        self.single = single

    def seal(self, container: Container, registered_at: Instant) -> SealedArtifact | None:
        """Read, copy, lock."""
        if container.form is SourceForm.PREFIX:
            return None
        source = self.read(container, registered_at)
        if source is None:
            return None
        key = f"sealed/{source.sha256}/{source.key.rsplit('/', 1)[-1]}"
        version_id, locked = self.copy(source, key)
        until = self.lock(key, version_id, locked, self.until())
        return SealedArtifact(
            index=container.index,
            source_uri=container.source_uri,
            source_etag=source.etag,
            bucket=self.bucket,
            key=key,
            version_id=version_id,
            size=source.size,
            sha256=source.sha256,
            locked_until=until,
            source_check=source.check,
        )

    def lock(self, key: str, version_id: str, locked: Lock | None, until: datetime) -> datetime:
        """Lock a version until then, unless it is locked for longer; returns until when it is."""
        if locked and locked.until and locked.until >= until:
            return locked.until
        wanted = {"Mode": locked.mode if locked and locked.mode else self.mode, "RetainUntilDate": until}
        self.s3.put_object_retention(Bucket=self.bucket, Key=key, VersionId=version_id, Retention=wanted)
        return until

    def read(self, container: Container, registered_at: Instant) -> SourceObject | None:
        """Hash the object that was registered; None for one that is too large to be copied at once.

        Raises `ArtifactRefused` with what is wrong with it.
        """
        uri = container.source_uri
        bucket, key = split(uri)
        answer = found(self.s3, bucket, key, ChecksumMode="ENABLED")
        kept = s3_checksums.kept(answer)
        etag = answer["ETag"].strip('"')
        with closing(answer["Body"]) as body:
            check_unchanged(uri, etag, answer["LastModified"], container.source_etag, registered_at)
            if answer["ContentLength"] > self.single:
                return None
            sha256, measured = s3_checksums.hashed(body, s3_checksums.computed(kept), uri)
        held = agrees(kept, measured, composite([sha256], answer["ContentLength"]).told)
        if held is False:
            raise s3_checksums.corrupt(uri)
        version_id = answer.get("VersionId", "")
        return SourceObject(
            bucket=bucket,
            key=key,
            version_id="" if version_id == "null" else version_id,
            etag=etag,
            size=answer["ContentLength"],
            sha256=sha256,
            check=check_of([(uri, kept, held)]),
        )

    def copy(self, source: SourceObject, key: str) -> tuple[str, Lock | None]:
        """Copy just these bytes and return the version id of the copy. Sealed already is sealed, with its lock."""
        origin = {"Bucket": source.bucket, "Key": source.key}
        pinned = {**origin, "VersionId": source.version_id} if source.version_id else origin
        try:
            answer = self.s3.copy_object(
                Bucket=self.bucket,
                Key=key,
                CopySource=pinned,
                CopySourceIfMatch=source.etag,
                IfNoneMatch="*",
                ChecksumAlgorithm="SHA256",
                ServerSideEncryption="aws:kms",
                SSEKMSKeyId=self.kms_key,
                MetadataDirective="REPLACE",
                TaggingDirective="REPLACE",
                Metadata={"source": in_ascii(f"s3://{source.bucket}/{source.key}")},
            )
        except ClientError as refused:
            return self.sealed_before(refused, source, key)
        if not self.is_what_was_read(source, key, answer["CopyObjectResult"]):
            raise ArtifactRefused(
                RefusalCode.CHANGED, f"the copy of s3://{source.bucket}/{source.key} has another SHA-256"
            )
        return str(answer["VersionId"]), None

    def sealed_before(self, refused: ClientError, source: SourceObject, key: str) -> tuple[str, Lock]:
        """The version that is there already with its lock, if that is why the copy was refused.

        HeadObject tells the lock to whoever may ask for it (S3 API: HeadObject).
        """
        if code_of(refused) not in THERE_ALREADY:
            raise unreadable(refused, f"s3://{source.bucket}/{source.key}") from refused
        try:
            present = self.s3.head_object(Bucket=self.bucket, Key=key, ChecksumMode="ENABLED")
        except ClientError as gone:
            if code_of(gone) not in {"404", "NoSuchKey"}:
                raise
            raise ArtifactRefused(
                RefusalCode.CHANGED, f"s3://{source.bucket}/{source.key} was changed while it was being sealed"
            ) from gone
        if not self.is_what_was_read(source, key, present):
            raise ArtifactRefused(RefusalCode.BROKEN, f"{key} holds other bytes than its name says")
        until = present.get("ObjectLockRetainUntilDate")
        lock = Lock(until=in_utc(until) if until else None, mode=present.get("ObjectLockMode", ""))
        return str(present["VersionId"]), lock

    def is_what_was_read(self, source: SourceObject, key: str, told: Mapping[str, Any]) -> bool:
        """Whether a sealed key holds the bytes that were hashed.

        S3 says so by its SHA-256 of the whole; where it keeps only a checksum of the parts' checksums, as it may of
        an object that was uploaded in parts, it is read back: its one version, for a sealed key is written once.
        """
        if not is_composite(told):
            return bool(told.get("ChecksumSHA256") == checksum(source.sha256))
        with closing(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"]) as body:
            return s3_checksums.hashed(body, uri=f"s3://{self.bucket}/{key}")[0] == source.sha256

    def holds(self, artifact: SealedArtifact) -> bool:
        """One HeadObject of the locked version; of a prefix its list, and a listing of what lies there."""
        if artifact.manifest:
            return s3_trees.stands(self.s3, artifact)
        try:
            present = self.s3.head_object(
                Bucket=artifact.bucket, Key=artifact.key, VersionId=artifact.version_id, ChecksumMode="ENABLED"
            )
        except ClientError as refused:
            if code_of(refused) in {"404", "NoSuchKey", "NoSuchVersion", "405"}:
                return False
            raise
        if artifact.parts:
            told = f"{checksum(artifact.sha256)}-{artifact.parts}"
            return bool(present.get("ChecksumSHA256") == told and present["ContentLength"] == artifact.size)
        if is_composite(present):  # read back when it was sealed; this very version cannot have changed since
            return bool(present["ContentLength"] == artifact.size)
        return bool(present.get("ChecksumSHA256") == checksum(artifact.sha256))


def check_unchanged(uri: str, etag: str, written_at: datetime, wanted: str, registered_at: datetime) -> None:
    """Refuse an object that is not the one that was registered: by its ETag, or where nobody kept one by its age."""
    if wanted and etag != wanted:
        raise ArtifactRefused(RefusalCode.CHANGED, f"{uri} is not the object that was registered: its ETag differs")
    if not wanted and whole_second(written_at) > whole_second(registered_at):
        raise ArtifactRefused(RefusalCode.CHANGED, f"{uri} was written after the version was registered")


def split(uri: str) -> tuple[str, str]:
    """Bucket and key of an `s3://` URI. Raises `ArtifactRefused` for anything else."""
    address = ADDRESS.fullmatch(uri)
    if address is None:
        raise ArtifactRefused(RefusalCode.MISSING, f"{uri} is not the URI of an S3 object")
    return address[1], address[2]


def found(s3: Any, bucket: str, key: str, **told: Any) -> Any:
    """What S3 answers to GetObject of what somebody named. Raises `ArtifactRefused` where it can never be handed out.

    A key that is disabled, deleted or of no use here is told by KMS, through S3 (KMS API: Common errors); a rate or
    quota of KMS that is used up says nothing of the object, and is raised as it is.
    """
    uri = f"s3://{bucket}/{key}"
    try:
        return s3.get_object(Bucket=bucket, Key=key, **told)
    except ParamValidationError as refused:
        raise ArtifactRefused(RefusalCode.MISSING, f"{uri} is not the URI of an S3 object") from refused
    except ClientError as refused:
        code = code_of(refused)
        if code in NEVER or (code.startswith("KMS.") and not PASSING.match(code)):
            why = f"{uri} cannot be read by the hub: {message_of(refused) or code}"
            raise ArtifactRefused(RefusalCode.UNREADABLE, why) from refused
        raise unreadable(refused, uri) from refused


def in_ascii(uri: str) -> str:
    """A URI as object metadata can hold it: percent-encoded where it is not printable ASCII, 1,500 characters at most.

    Metadata travels as HTTP headers, together 2 KB at most (S3 user guide: Working with object metadata).
    """
    return quote(uri, safe=PRINTABLE)[:1500]


def is_composite(told: Mapping[str, Any]) -> bool:
    """Whether S3 tells a checksum of parts: by its type, or by the number of parts after a dash."""
    return told.get("ChecksumType") == "COMPOSITE" or "-" in str(told.get("ChecksumSHA256", ""))


def checksum(sha256: str) -> str:
    """A SHA-256 as S3 writes checksums: base64 of the bytes."""
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def unreadable(refused: ClientError, uri: str) -> Exception:
    """What it means that S3 refused to hand out an object: a refusal, or a fault that is retried."""
    code = code_of(refused)
    if code in {"NoSuchKey", "NoSuchBucket", "NoSuchVersion", "404"}:
        return ArtifactRefused(RefusalCode.MISSING, f"{uri} is not there")
    if code in {"AccessDenied", "403", "AllAccessDisabled", "InvalidObjectState"}:
        return ArtifactRefused(
            RefusalCode.UNREADABLE, f"{uri} cannot be read by the hub: {message_of(refused) or code}"
        )
    return refused
