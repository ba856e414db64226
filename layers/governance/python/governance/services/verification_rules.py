"""The rules of chains and facts, and of the table against the archive."""

from collections.abc import Callable
from dataclasses import dataclass, field

from governance.domain.audit import GENESIS
from governance.domain.proof import ProblemCode
from governance.services.verification_index import Index

Told = Callable[[ProblemCode, str, str], None]


@dataclass(slots=True)
class End:
    """The end of a chain as far as it was followed."""

    pk: str | None = None
    number: int = 0
    hash: str = GENESIS
    object: str = ""


@dataclass(slots=True)
class Rules:
    """What must hold between things that were seen one by one."""

    index: Index
    tell: Told
    is_recent: Callable[[str], bool]
    in_flight: int = 0
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)

    def chains(self, side: str) -> None:
        """Numbers without a gap, each entry tied to the one before, and in the table each head at its chain's end."""
        self.heads = self.index.heads() if side == "table" else {}
        where, end = "archive " if side == "archive" else "", End()
        for pk, number, place, at, digest, previous, readable, content in self.index.ordered(side):
            if pk != end.pk:
                self.ended(side, end)
                end = End(pk)
            if number == end.number:  # archived on two days: the same bytes, or somebody's forgery
                if content != end.object:
                    self.tell(ProblemCode.ENTRY_CONTRADICTED, place, "the same entry is there with other bytes")
                continue
            if number != end.number + 1:
                if side == "table" or not self.is_recent(at):
                    missing = f"{where}{pk} AUDIT#{end.number + 1:08d}"
                    self.tell(ProblemCode.ENTRY_MISSING, missing, f"the next one that is there is {number}")
            elif readable and previous != end.hash:
                detail = "it is not tied to the entry before it: one of the two was changed"
                self.tell(ProblemCode.ENTRY_UNTIED, place, detail)
            end = End(pk, number, digest, content)
        self.ended(side, end)
        for pk, (number, _) in self.heads.items():
            self.tell(ProblemCode.HEAD_DIFFERS, f"{pk} HEAD", f"it counts {number} entries, and there is none")

    def ended(self, side: str, end: End) -> None:
        """A chain of the table ends where its head says."""
        if side == "archive" or end.pk is None:
            return
        head = self.heads.pop(end.pk, None)
        if head is None:
            self.tell(ProblemCode.HEAD_MISSING, f"{end.pk} HEAD", f"a chain of {end.number} entries has no head")
        elif head != (end.number, end.hash):
            detail = f"it names entry {head[0]}, the chain ends with {end.number}"
            self.tell(ProblemCode.HEAD_DIFFERS, f"{end.pk} HEAD", detail)

    def facts(self, side: str) -> None:
        """Each entry's fact is there in its own words, and no fact is there without an entry."""
        where = "archive " if side == "archive" else ""
        for pk, key in self.index.without_fact(side):
            if side == "table" or not self.index.is_told_of_lately(pk, key, self.is_recent):
                self.tell(ProblemCode.FACT_MISSING, f"{where}{pk} {key}", "an entry tells of it")
        for place, at, accounted, right in self.index.judged(side):
            if not accounted:
                if side == "table" or not self.is_recent(at):
                    self.tell(ProblemCode.FACT_UNACCOUNTED, place, "no entry tells of it")
            elif not right:
                self.tell(ProblemCode.FACT_CHANGED, place, "it does not have the hash that its entry gives")

    def compare(self) -> None:
        """Everything in the table is in the archive in the same bytes, and the other way round.

        What was recorded in the last minutes may be on its way, or may have come after the table was read.
        """
        for what in ("entries", "facts"):
            for place, at, there, right in self.index.compared(what, "table", "archive"):
                if not there and self.is_recent(at):
                    self.in_flight += 1
                elif not there:
                    self.tell(ProblemCode.NOT_ARCHIVED, place, "the archive does not have it")
                elif not right:
                    self.tell(ProblemCode.ARCHIVE_DIFFERS, place, "the archive has it in other bytes")
            for place, at, there, _ in self.index.compared(what, "archive", "table"):
                if not there and not self.is_recent(at):
                    self.tell(ProblemCode.NOT_IN_TABLE, place, "the table does not have it")
