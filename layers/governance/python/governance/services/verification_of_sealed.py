"""Verify that what was sealed is kept as the record says: there, in its bytes, locked for as long, held while it is.

Nothing is changed. It needs the right to look at the objects' locks, and says so where that is missing, rather than
that they are not locked.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from governance.domain.artifacts import ObjectVersion
from governance.domain.errors import SealedObjectMissing
from governance.domain.facts import AnyFact
from governance.domain.identifiers import ModelPackageArn
from governance.domain.keeping import Lock
from governance.domain.proof import Problem, ProblemCode
from governance.domain.retaining import Promise, promised
from governance.domain.values import iso, sha256_of
from governance.ports.rows import Rows
from governance.ports.vault import Locks, Vault
from governance.services.reading import record_in

Tell = Callable[[Problem], None]

SAMPLE = 100
"""Objects of a prefix whose own locks are looked at, others every day: a prefix has up to 100,000."""

Broken = tuple[str, ProblemCode, str]
"""Which object is not kept as it should be, and in what."""


@dataclass(frozen=True, slots=True)
class SealedVerification:
    """Look at every sealed object of a version, or of all."""

    rows: Rows
    vault: Vault
    locks: Locks
    now: Callable[[], datetime]
    most: int | None = SAMPLE
    """Of how many objects of a prefix the locks are looked at; of all where it is None."""

    def verify(self, tell: Tell, only: ModelPackageArn = "") -> int:
        """Tell each problem, and return how many objects were looked at.

        For each version one Query, and three calls for each object that was ever sealed of it; of a prefix one more,
        and two for each of its objects that is looked at. Two versions of the
        same bytes share an object: what either was promised holds for it. Memory does not grow with the versions.
        """
        key, count = self.rows.person_key(), 0
        for version in [only] if only else self.rows.versions():
            count += self.look(version, record_in(self.rows, version, key).facts, tell)
        return count

    def look(self, version: ModelPackageArn, facts: Iterable[AnyFact], tell: Tell) -> int:
        """The objects of one version."""
        promises = promised(facts)
        for promise in promises:
            for place, code, detail in (*self.broken(promise), *self.broken_within(promise)):
                tell(Problem(code=code, place=place, detail=f"{detail}; {version}"))
        return len(promises)

    def broken(self, promise: Promise) -> Iterable[Broken]:
        """In what an object is not kept as it was promised. One whose time is over may be gone."""
        stored = promise.artifact.stored
        try:
            lock = self.locks.look(stored)
        except SealedObjectMissing:
            return self.unlocked(promise, stored, None)
        changed = (stored.name, ProblemCode.SEALED_CHANGED, "not the bytes that were sealed")
        return [*([] if self.vault.holds(promise.artifact) else [changed]), *self.unlocked(promise, stored, lock)]

    def broken_within(self, promise: Promise) -> Iterable[Broken]:
        """In what the locks of a prefix's single objects are not as promised: of a sample, which is the day's own."""
        try:
            every = self.locks.within(promise.artifact.stored)
        except SealedObjectMissing:
            return []  # said of the list itself
        day = self.now().date().isoformat()
        if self.most is not None and len(every) > self.most:
            every = sorted(every, key=lambda one: sha256_of(f"{day} {one.name}"))[: self.most]
        locks = zip(every, self.locks.look_at(every), strict=True)
        return [wrong for stored, lock in locks for wrong in self.unlocked(promise, stored, lock)]

    def unlocked(self, promise: Promise, stored: ObjectVersion, lock: Lock | None) -> list[Broken]:
        """In what the lock of an object is not what was promised; None of one that is not there."""
        if lock is None:
            is_bound = promise.held or promise.until > self.now()
            kept = f"to be kept until {iso(promise.until)}"
            return [(stored.name, ProblemCode.SEALED_MISSING, kept)] if is_bound else []
        found = []
        if promise.until > self.now() and (lock.until is None or lock.until < promise.until):
            until = iso(lock.until) if lock.until else "no time at all"
            detail = f"locked until {until}, and by the record until {iso(promise.until)}"
            found.append((stored.name, ProblemCode.SEALED_UNLOCKED, detail))
        if promise.held and not lock.held:
            found.append(
                (stored.name, ProblemCode.SEALED_NOT_HELD, "under legal hold by the record, and not in the bucket")
            )
        return found
