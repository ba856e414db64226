"""Verify the audit trail: every chain, every fact, the archive against the table, and every anchor.

It changes nothing and trusts nothing that it can compute: each problem is told with its place, and the rest goes on.
`examiner/verify_audit.py` has the same rules in one file for people who trust nobody; a test holds them together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from governance.domain.archive import ANCHORS, ENTRIES, FACTS, KeptEntry, KeptFact, read_kept
from governance.domain.errors import NotOfTheArchive
from governance.domain.proof import Noted, Problem, ProblemCode, Verified, canonically, examined
from governance.domain.values import in_utc, iso
from governance.ports.archive import Archive, Read
from governance.ports.chains import Chains
from governance.services.verification_days import Days
from governance.services.verification_index import Index
from governance.services.verification_rules import Rules

GRACE = timedelta(minutes=15)
"""For how long what was recorded may be on its way to the archive."""

Tell = Callable[[Problem], None]


@dataclass(frozen=True, slots=True)
class Verification:
    """Verify a table and its archive, or either alone."""

    chains: Chains | None
    archive: Archive | None
    now: Callable[[], datetime]
    retention: timedelta = timedelta()
    """For how long objects must be locked after they were written; zero asks only that they are."""

    def verify(self, tell: Tell, noted: Noted | None = None, only: str = "") -> Verified:
        """Look at everything, tell each problem, and return what was looked at.

        `only` is a partition: chains of others are passed over, anchors are verified all the same. One Scan of the
        table and one read of each object; memory does not grow with either.
        """
        run = Run(tell, self.now(), self.retention, only)
        if self.chains:
            run.sides.append("table")
            for row in self.chains.rows():
                run.row(row)
        if self.archive:
            run.sides.append("archive")
            for folder in (ANCHORS, ENTRIES, FACTS):
                for read in self.archive.read(self.archive.objects(f"{folder}/")):
                    run.object(read)
        return run.finish(noted or Noted())


class Run:
    """One verification under way."""

    def __init__(self, tell: Tell, now: datetime, retention: timedelta, only: str) -> None:
        self.tell_person, self.only, self.retention = tell, only, retention
        self.today = in_utc(now).date()
        self.index, self.days, self.sides = Index(), Days(), list[str]()
        self.problems = self.objects = 0
        self.lately = (iso(now - GRACE), iso(now + GRACE))
        self.rules = Rules(self.index, self.tell, self.is_recent)

    def tell(self, code: ProblemCode, place: str, detail: str) -> None:
        """One more problem."""
        self.problems += 1
        self.tell_person(Problem(code=code, place=place, detail=detail))

    def is_recent(self, at: str) -> bool:
        """Whether something was recorded so lately that it may not be everywhere yet."""
        return self.lately[0] <= at <= self.lately[1]

    def row(self, row: Mapping[str, Any]) -> None:
        """One row of the table."""
        pk, sk = str(row.get("pk", "")), str(row.get("sk", ""))
        place = f"{pk} {sk}"
        if self.only and pk != self.only:
            return
        if sk == "HEAD":
            self.head(pk, row, place)
        elif sk.startswith("AUDIT#"):
            self.entry_row(pk, sk, row, place)
        elif isinstance(row.get("content"), str):
            self.fact("table", KeptFact(pk=pk, content=row["content"], sort_key=sk), place)
        else:
            self.tell(ProblemCode.FACT_UNREADABLE, place, "is not as a row of a fact is")

    def head(self, pk: str, row: Mapping[str, Any], place: str) -> None:
        """The end of a chain, where the head is one's; groups and leases have heads of another kind."""
        if "audit_sequence" in row:
            told = str(row["audit_sequence"])
            if not told.isdecimal():
                self.tell(ProblemCode.HEAD_DIFFERS, place, "it cannot be read")
            self.index.add_head(pk, int(told) if told.isdecimal() else -1, str(row.get("audit_hash", "")))

    def entry_row(self, pk: str, sk: str, row: Mapping[str, Any], place: str) -> None:
        """One audit entry of the table."""
        try:
            number = int(row["sequence"])
            kept = KeptEntry(pk=pk, entry=row["entry"], hash=row.get("hash", ""), sequence=int(sk[6:]))
        except (KeyError, ValueError, TypeError, ValidationError):
            kept = None
        if kept is None or kept.sk != sk:
            self.tell(ProblemCode.ENTRY_UNREADABLE, place, "is not as a row of an entry is")
            return
        if number != kept.sequence:
            self.tell(ProblemCode.ENTRY_MISPLACED, place, f"its row says that its number is {number}")
        self.entry("table", kept, place)

    def object(self, read: Read) -> None:
        """One object of the archive."""
        key = read.stored.key
        self.storage(read)
        if key.startswith(f"{ANCHORS}/"):
            if not self.days.add_anchor(key, read.content):
                self.tell(ProblemCode.OBJECT_UNKNOWN, key, "is no key of the archive")
            return
        if not self.days.add(key, read.content):
            self.tell(ProblemCode.OBJECT_UNKNOWN, key, "is no key of the archive")
            return
        self.objects += 1
        try:
            kept = read_kept(key, read.content)
        except NotOfTheArchive as wrong:
            self.tell(ProblemCode.OBJECT_UNREADABLE, key, str(wrong))
            return
        if self.only and kept.pk != self.only:
            return
        if isinstance(kept, KeptEntry):
            self.entry("archive", kept, key)
        else:
            self.fact("archive", kept, key)

    def storage(self, read: Read) -> None:
        """Whether an object lies in the bucket as it was put there."""
        stored, key = read.stored, read.stored.key
        if stored.versions > 1:
            self.tell(ProblemCode.OBJECT_OVERWRITTEN, key, f"{stored.versions} versions; the first one is verified")
        if stored.deleted:
            self.tell(ProblemCode.OBJECT_DELETED, key, "a delete marker hides it")
        if read.locked_until is None:
            self.tell(ProblemCode.OBJECT_UNLOCKED, key, "it is not locked")
        elif read.locked_from and read.locked_until < read.locked_from + self.retention - GRACE:
            self.tell(ProblemCode.OBJECT_UNLOCKED, key, f"it is locked until {iso(read.locked_until)} only")

    def entry(self, side: str, kept: KeptEntry, place: str) -> None:
        """An entry by itself."""
        told, problems = examined(kept, place)
        for problem in problems:
            self.tell(problem.code, problem.place, problem.detail)
        self.index.add_entry(side, kept, place, told)

    def fact(self, side: str, kept: KeptFact, place: str) -> None:
        """A fact is judged by its entry; here it is only written down."""
        told = canonically(kept.content) or {}
        self.index.add_fact(side, kept, place, str(told.get("recorded_at", "")))

    def finish(self, noted: Noted) -> Verified:
        """Everything that needs more than one item at a time."""
        self.index.close()
        for side in self.sides:
            self.rules.chains(side)
            self.rules.facts(side)
        if len(self.sides) == 2:
            self.rules.compare()
        hashes = self.days.verify(self.tell, self.today) if "archive" in self.sides else {}
        if noted.anchor and noted.anchor not in hashes.values():
            self.tell(ProblemCode.NOTED_ANCHOR, ANCHORS, f"none of them has the hash {noted.anchor}")
        for pk, digest in noted.heads.items():
            if not self.index.has(pk, digest):
                self.tell(ProblemCode.NOTED_HEAD, f"{pk} HEAD", f"no entry of it has the hash {digest}")
        return self.verified(hashes)

    def verified(self, hashes: Mapping[date, str]) -> Verified:
        """The sum of it."""
        last = max(hashes, default=None)
        return Verified(
            **self.index.counted(self.sides[0]),
            objects=self.objects,
            anchors=len(hashes),
            problems=self.problems,
            in_flight=self.rules.in_flight,
            last_anchor=hashes[last] if last else "",
            last_anchor_day=last,
            not_anchored=self.days.not_anchored(),
        )
