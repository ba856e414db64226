"""Evidence in S3: read from where it was named, written once under its own hash, locked as it is written.

The bytes that are kept are those that were read, for they are put from memory with their SHA-256; a copy by S3 could
be of what was put there since (S3 API: PutObject with `IfNoneMatch`, and with Object Lock's headers).
"""

import hashlib
from contextlib import closing
from datetime import datetime

from governance.adapters.s3_locked import LockedBucket
from governance.adapters.s3_vault import checksum, found, in_ascii, split
from governance.domain.artifacts import ObjectVersion
from governance.domain.collecting import LARGEST
from governance.domain.errors import ArtifactRefused, EvidenceNotTaken
from governance.domain.identifiers import ModelPackageArn
from governance.domain.values import in_utc
from governance.ports.evidence import Document, Kept

ABOUT = "model-package-arn"
"""Under which name of its metadata an object tells of which version it speaks; what is kept, for which it was first."""


class S3EvidenceVault(LockedBucket):
    """`ports.EvidenceVault` on the hub's artifact bucket."""

    def fetch(self, uri: str) -> Document:
        """One GetObject; of an object that is too large, nothing is read."""
        try:
            answer = found(self.s3, *split(uri))
        except ArtifactRefused as refused:
            raise EvidenceNotTaken(refused.detail) from refused
        with closing(answer["Body"]) as body:
            if answer["ContentLength"] > LARGEST:
                size = f"{answer['ContentLength']:,} bytes"
                raise EvidenceNotTaken(f"{uri} has {size}; evidence has {LARGEST:,} at most")
            content = body.read()
        about = answer.get("Metadata", {}).get(ABOUT, "")
        return Document(content=content, dated_at=in_utc(answer["LastModified"]), about=about)

    def keep(self, content: bytes, source: str, version: ModelPackageArn) -> Kept:
        """One PutObject, never over anything."""
        sha256 = hashlib.sha256(content).hexdigest()
        key, until = f"evidence/{sha256}", self.until()
        told = {"ChecksumSHA256": checksum(sha256), "Metadata": {"source": in_ascii(source), ABOUT: version}}
        version_id = self.put_locked(key, content, until, "application/octet-stream", **told)
        if version_id is None:
            return self.kept_before(key, sha256, until)
        return Kept(ObjectVersion(bucket=self.bucket, key=key, version_id=version_id))

    def kept_before(self, key: str, sha256: str, until: datetime) -> Kept:
        """The version that is there already, locked for as long as this one would have been."""
        present = self.s3.head_object(Bucket=self.bucket, Key=key, ChecksumMode="ENABLED")
        if present.get("ChecksumSHA256") != checksum(sha256):
            raise EvidenceNotTaken(f"s3://{self.bucket}/{key} holds other bytes than its name says")
        kept = ObjectVersion(bucket=self.bucket, key=key, version_id=str(present["VersionId"]))
        locked = present.get("ObjectLockRetainUntilDate")
        if locked is None or in_utc(locked) < until:
            self.s3.put_object_retention(
                Bucket=kept.bucket,
                Key=kept.key,
                VersionId=kept.version_id,
                Retention={"Mode": present.get("ObjectLockMode") or self.mode, "RetainUntilDate": until},
            )
        return Kept(kept, in_utc(present["LastModified"]), present.get("Metadata", {}).get(ABOUT, ""))
