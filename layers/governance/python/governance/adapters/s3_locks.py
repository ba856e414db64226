"""Locks of sealed objects: S3 Object Lock's retention and legal hold, each of one object version.

S3 itself refuses to shorten a retention to whoever may not bypass it, and nobody here may (S3 API:
PutObjectRetention); so the longest of several that are put at once is what stays. Of a sealed prefix each object has
its own lock; its list is locked last, so that how the list is locked tells how all of it is, at least.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import code_of
from governance.adapters.s3_trees import GONE, is_manifest, listed
from governance.domain.artifacts import ObjectVersion
from governance.domain.errors import SealedObjectMissing
from governance.domain.keeping import Lock
from governance.domain.values import Instant, in_utc

AT_ONCE = 32
"""How many objects of a prefix are locked side by side: each call only waits."""
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
        mode = present.get("Mode") or self.mode
        if is_manifest(stored):
            each(partial(self.put, mode=mode, until=until), listed(self.s3, stored))
        self.put(stored, mode, until)

    def put(self, stored: ObjectVersion, mode: str, until: Instant) -> None:
        """One PutObjectRetention, and a look where it is refused."""
        wanted = {"Mode": mode, "RetainUntilDate": until}
        try:
            self.asked(self.s3.put_object_retention, stored, Retention=wanted)
        except ClientError as refused:
            if code_of(refused) != "AccessDenied" or not is_locked(self.retention(stored), until):
                raise  # else somebody locked it for longer meanwhile, and S3 does not shorten

    def hold(self, stored: ObjectVersion, held: bool) -> None:
        """One PutObjectLegalHold; of a prefix one for each object, and the list last."""
        if is_manifest(stored):
            each(partial(self.hold_one, held=held), listed(self.s3, stored))
        self.hold_one(stored, held)

    def hold_one(self, stored: ObjectVersion, held: bool) -> None:
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

    def within(self, stored: ObjectVersion) -> Sequence[ObjectVersion]:
        """One GetObject, of a list alone."""
        return listed(self.s3, stored) if is_manifest(stored) else ()

    def look_at(self, objects: Sequence[ObjectVersion]) -> Sequence[Lock | None]:
        """Many side by side: each call only waits."""
        with ThreadPoolExecutor(AT_ONCE) as side_by_side:
            return list(side_by_side.map(self.look_if_there, objects))

    def look_if_there(self, stored: ObjectVersion) -> Lock | None:
        """Both, or None."""
        try:
            return self.look(stored)
        except SealedObjectMissing:
            return None

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


def each(do: Callable[[ObjectVersion], None], objects: Sequence[ObjectVersion]) -> None:
    """Do it to every object, many side by side where there are many. Raises what went wrong first."""
    if len(objects) <= AT_ONCE:
        for stored in objects:
            do(stored)
        return
    with ThreadPoolExecutor(AT_ONCE) as side_by_side:
        for _ in side_by_side.map(do, objects):
            pass


def is_locked(retention: dict[str, Any], until: Instant) -> bool:
    """Whether a lock lasts until then."""
    return bool(retention) and in_utc(retention["RetainUntilDate"]) >= until
