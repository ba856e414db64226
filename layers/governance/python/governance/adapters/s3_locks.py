"""Locks of sealed objects: S3 Object Lock's retention and legal hold, each of one object version.

S3 itself refuses to shorten a retention to whoever may not bypass it, and nobody here may (S3 API:
PutObjectRetention); so the longest of several that are put at once is what stays.
"""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import code_of
from governance.domain.artifacts import ObjectVersion
from governance.domain.errors import SealedObjectMissing
from governance.domain.keeping import Lock
from governance.domain.values import Instant, in_utc

GONE = frozenset({"404", "405", "NoSuchKey", "NoSuchVersion", "MethodNotAllowed"})
"""How S3 says that an object version is not there, or is a delete marker."""

UNLOCKED = "NoSuchObjectLockConfiguration"
"""How S3 says that an object version was never locked, or never held (S3 API: GetObjectRetention)."""


class S3Locks:
    """`ports.Locks` on the hub's artifact bucket."""

    def __init__(self, s3: Any, mode: str = "GOVERNANCE") -> None:
        self.s3 = s3
        self.mode = mode

    def extend(self, stored: ObjectVersion, until: Instant) -> None:
        """Ask first; put where it is too short."""
        present = self.retention(stored)
        if is_locked(present, until):
            return
        wanted = {"Mode": present.get("Mode") or self.mode, "RetainUntilDate": until}
        try:
            self.asked(self.s3.put_object_retention, stored, Retention=wanted)
        except ClientError as refused:
            if code_of(refused) != "AccessDenied" or not is_locked(self.retention(stored), until):
                raise  # else somebody locked it for longer meanwhile, and S3 does not shorten

    def hold(self, stored: ObjectVersion, held: bool) -> None:
        """One PutObjectLegalHold."""
        self.asked(self.s3.put_object_legal_hold, stored, LegalHold={"Status": "ON" if held else "OFF"})

    def look(self, stored: ObjectVersion) -> Lock:
        """Both, as S3 tells them."""
        retention = self.retention(stored)
        until = retention.get("RetainUntilDate")
        try:
            held = self.asked(self.s3.get_object_legal_hold, stored).get("LegalHold", {}).get("Status") == "ON"
        except ClientError as refused:
            if code_of(refused) != UNLOCKED:
                raise
            held = False
        return Lock(until=in_utc(until) if until else None, mode=retention.get("Mode", ""), held=held)

    def retention(self, stored: ObjectVersion) -> dict[str, Any]:
        """One GetObjectRetention; empty for an object that was never locked."""
        try:
            return dict(self.asked(self.s3.get_object_retention, stored).get("Retention", {}))
        except ClientError as refused:
            if code_of(refused) != UNLOCKED:
                raise
            return {}

    def asked(self, call: Callable[..., Any], stored: ObjectVersion, **told: Any) -> Any:
        """One call about an object version. Raises `SealedObjectMissing`."""
        try:
            return call(Bucket=stored.bucket, Key=stored.key, VersionId=stored.version_id, **told)
        except ClientError as refused:
            if code_of(refused) in GONE:
                raise SealedObjectMissing(stored.name) from refused
            raise


def is_locked(retention: dict[str, Any], until: Instant) -> bool:
    """Whether a lock lasts until then."""
    return bool(retention) and in_utc(retention["RetainUntilDate"]) >= until
