"""The archive in S3: an object for each item, written only where none is, and locked as it is written.

Versions are listed rather than objects, so that neither a delete marker nor a later version hides what was written
first: under Object Lock that version is there until its lock ends (S3 user guide: "Locking objects with Object Lock").
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import groupby
from typing import Any

from governance.adapters.s3_locked import LockedBucket
from governance.domain.errors import ArchiveDiffers
from governance.ports.archive import Read, Stored

READERS = 10
"""How many objects are read at a time: as many as botocore keeps connections, unless told otherwise."""

AHEAD = 4 * READERS
"""How many objects are held before they are asked for."""


class S3Archive(LockedBucket):
    """`ports.Archive` on the audit bucket."""

    def keep(self, key: str, content: bytes) -> bool:
        """One conditional PutObject with its lock; one GetObject more where something is there."""
        if self.put_locked(key, content, self.until(), "application/json"):
            return True
        with closing(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"]) as body:
            if body.read() != content:
                raise ArchiveDiffers(key)
        return False

    def objects(self, prefix: str) -> Iterator[Stored]:
        """ListObjectVersions, in pages of a thousand."""
        for key, versions in groupby(self.versions(prefix), key=lambda one: one["Key"]):
            told = list(versions)
            written = [one for one in told if "Size" in one]
            if written:
                newest = min(told, key=lambda one: not one["IsLatest"])
                yield Stored(
                    key=key,
                    version_id=written[-1]["VersionId"],
                    versions=len(written),
                    deleted="Size" not in newest,
                )

    def versions(self, prefix: str) -> Iterator[Mapping[str, Any]]:
        """Versions and delete markers by key, the newest of each first (S3 API: ListObjectVersions)."""
        pages = self.s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=prefix)
        for page in pages:
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            yield from sorted(found, key=lambda one: one["Key"].encode())

    def read(self, objects: Iterable[Stored]) -> Iterator[Read]:
        """GetObject of each, many at a time and in order."""
        with ThreadPoolExecutor(READERS) as readers:
            under_way: deque[Future[Read]] = deque()
            for stored in objects:
                under_way.append(readers.submit(self.one, stored))
                if len(under_way) >= AHEAD:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()

    def one(self, stored: Stored) -> Read:
        """One GetObject of one version."""
        answer = self.s3.get_object(Bucket=self.bucket, Key=stored.key, VersionId=stored.version_id)
        with closing(answer["Body"]) as body:
            return Read(
                stored=stored,
                content=body.read(),
                locked_from=answer["LastModified"],
                locked_until=answer.get("ObjectLockRetainUntilDate"),
            )
