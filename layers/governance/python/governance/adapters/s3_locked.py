"""A bucket in which what is written is encrypted, locked as it is written, and never written over.

S3 takes the lock with the object, so that there is no moment in which it lies there without one (S3 API: PutObject with
`IfNoneMatch`, and with Object Lock's headers).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import code_of
from governance.domain.values import whole_second

THERE_ALREADY = frozenset({"PreconditionFailed", "412"})
"""How S3 says that something lies under a key (S3 API: conditional writes)."""


class LockedBucket:
    """Where things are kept, under which key, and for how long nobody may delete them."""

    def __init__(
        self, s3: Any, bucket: str, kms_key: str, mode: str, retention: timedelta, now: Callable[[], datetime]
    ) -> None:
        self.s3 = s3
        self.bucket = bucket
        self.kms_key = kms_key
        self.mode = mode
        self.retention = retention
        self.now = now

    def until(self) -> datetime:
        """Until when what is written now is locked, at least."""
        return whole_second(self.now() + self.retention)

    def put_locked(self, key: str, content: bytes, until: datetime, content_type: str, **told: Any) -> str | None:
        """The version that was written by one PutObject; None where something lies under the key already."""
        try:
            answer = self.s3.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=content,
                IfNoneMatch="*",
                ContentType=content_type,
                ChecksumAlgorithm="SHA256",
                ServerSideEncryption="aws:kms",
                SSEKMSKeyId=self.kms_key,
                ObjectLockMode=self.mode,
                ObjectLockRetainUntilDate=until,
                **told,
            )
        except ClientError as refused:
            if code_of(refused) not in THERE_ALREADY:
                raise
            return None
        return str(answer["VersionId"])
