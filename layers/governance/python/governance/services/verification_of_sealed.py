"""Verify that what was sealed is kept as the record says: there, in its bytes, locked for as long, held while it is.

Nothing is changed. It needs the right to look at the objects' locks, and says so where that is missing, rather than
that they are not locked.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from governance.domain.comparing import record_of
from governance.domain.errors import SealedObjectMissing
from governance.domain.facts import AnyFact
from governance.domain.identifiers import ModelPackageArn
from governance.domain.people import Pseudonyms
from governance.domain.proof import Problem, ProblemCode
from governance.domain.retaining import Promise, promised
from governance.domain.values import iso
from governance.ports.rows import Rows
from governance.ports.vault import Locks, Vault

Tell = Callable[[Problem], None]


@dataclass(frozen=True, slots=True)
class SealedVerification:
    """Look at every sealed object of a version, or of all."""

    rows: Rows
    vault: Vault
    locks: Locks
    now: Callable[[], datetime]

    def verify(self, tell: Tell, only: ModelPackageArn = "") -> int:
        """Tell each problem, and return how many objects were looked at.

        For each version one Query, and three calls for each object that was ever sealed of it. Two versions of the
        same bytes share an object: what either was promised holds for it. Memory does not grow with the versions.
        """
        people, count = Pseudonyms(self.rows.person_key()), 0
        for version in [only] if only else self.rows.versions():
            rows = {row.sk: row.attributes for row in self.rows.of(version)}
            count += self.look(version, record_of(f"MODEL#{version}", rows, people).facts, tell)
        return count

    def look(self, version: ModelPackageArn, facts: Iterable[AnyFact], tell: Tell) -> int:
        """The objects of one version."""
        promises = promised(facts)
        for promise in promises:
            for code, detail in self.broken(promise):
                tell(Problem(code=code, place=promise.artifact.stored.name, detail=f"{detail}; {version}"))
        return len(promises)

    def broken(self, promise: Promise) -> Iterable[tuple[ProblemCode, str]]:
        """In what an object is not kept as it was promised. One whose time is over may be gone."""
        stored, is_bound = promise.artifact.stored, promise.held or promise.until > self.now()
        try:
            lock = self.locks.look(stored)
        except SealedObjectMissing:
            return [(ProblemCode.SEALED_MISSING, f"to be kept until {iso(promise.until)}")] if is_bound else []
        found = []
        if not self.vault.holds(promise.artifact):
            found.append((ProblemCode.SEALED_CHANGED, "not the bytes that were sealed"))
        if promise.until > self.now() and (lock.until is None or lock.until < promise.until):
            until = iso(lock.until) if lock.until else "no time at all"
            detail = f"locked until {until}, and by the record until {iso(promise.until)}"
            found.append((ProblemCode.SEALED_UNLOCKED, detail))
        if promise.held and not lock.held:
            found.append((ProblemCode.SEALED_NOT_HELD, "under legal hold by the record, and not in the bucket"))
        return found
