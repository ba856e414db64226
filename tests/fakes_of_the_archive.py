"""An in-memory archive that answers to the same contract test as the one in S3, and lets a test do what nobody may."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from governance.domain.errors import ArchiveDiffers
from governance.ports.archive import Read, Stored
from tests.builders import BORN


@dataclass
class InMemoryArchive:
    """`ports.Archive`. Every key has its versions, the first one first; None is a delete marker."""

    kept: dict[str, list[bytes | None]] = field(default_factory=dict)
    unlocked: set[str] = field(default_factory=set)
    now: Callable[[], datetime] = lambda: BORN
    retention: timedelta = timedelta(days=1)

    def keep(self, key: str, content: bytes) -> bool:
        versions = self.kept.setdefault(key, [])
        if versions and versions[-1] is not None:
            if versions[-1] != content:
                raise ArchiveDiffers(key)
            return False
        versions.append(content)
        return True

    def objects(self, prefix: str) -> Iterator[Stored]:
        for key in sorted(self.kept):
            written = [one for one in self.kept[key] if one is not None]
            if key.startswith(prefix) and written:
                yield Stored(key=key, versions=len(written), deleted=self.kept[key][-1] is None)

    def read(self, objects: Iterable[Stored]) -> Iterator[Read]:
        for stored in objects:
            content = next(one for one in self.kept[stored.key] if one is not None)
            locked = None if stored.key in self.unlocked else self.now() + self.retention
            yield Read(stored=stored, content=content, locked_from=self.now(), locked_until=locked)

    def delete(self, key: str) -> None:
        """Hide what is there behind a delete marker."""
        self.kept[key].append(None)

    def overwrite(self, key: str, content: bytes) -> None:
        """Write a further version."""
        self.kept.setdefault(key, []).append(content)
