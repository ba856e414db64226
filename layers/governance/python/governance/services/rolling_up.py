"""Keep what a use case comes to in step with its models: from what was announced, in whatever order and however often.

An event only says where to look. What a version contributes is read off its record and kept with its group; what the
group comes to then is counted in its use case, in a transaction with a deed of its own. Between the two lies a mark,
so that whoever counts next finds what nobody counted: many at once count for one another.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from governance.domain.audit import Deed
from governance.domain.environment import Landscape
from governance.domain.errors import StaleVersion
from governance.domain.identifiers import STEWARD, ModelGroupArn, ModelPackageArn, group_arn_of, group_name_of
from governance.domain.roll_up import VersionTold, counting, latest_of, summary_of
from governance.domain.use_case_totals import Changes, RolledUp, Totals, changed_lines, events, rolled_up, totals_of
from governance.domain.use_cases import UseCase
from governance.ports.roll_ups import Counted, Looked, Mark, RollUps
from governance.services.recording import ATTEMPTS

TOGETHER = 8
"""How many groups are counted in one transaction: two items each beside three, of 25 at most."""


@dataclass(frozen=True, slots=True)
class RollingUp:
    """Follow a version, a group or a use case. Told again, everything stays as it is."""

    rows: RollUps
    landscape: Landscape
    now: Callable[[], datetime]

    def follow(self, version: ModelPackageArn, correlation_id: str) -> None:
        """Something happened to a version: its group and its use case are brought in step with its record."""
        group = group_arn_of(version)
        for use_case in self.take(version) if group else ():
            self.count(use_case, correlation_id, group or "")

    def take(self, version: ModelPackageArn) -> tuple[str, ...]:
        """Keep what a version contributes, and return the use cases that may have to count it; mostly the group's own.

        A group that was attached since it was looked at has no mark there, and may have been counted as it was before:
        its owner is read anew. One that was detached since has left a mark behind.

        What was read of an earlier audit entry never takes the place of what was read of a later one.
        """
        for _ in range(ATTEMPTS):
            seen = self.rows.look(version)
            told = seen.told
            if told is None or not is_news(told, seen.known):
                return (seen.use_case,) if seen.use_case else ()
            counted = counting(self.beside(seen, told))
            changed = summary_of(seen.group, counted) != summary_of(seen.group, seen.counted)
            try:
                self.rows.keep(seen, told, counted, mark=changed and bool(seen.use_case))
            except StaleVersion:
                continue
            owners = (seen.use_case, self.rows.owner(seen.group) if changed else "")
            return tuple(one for one in dict.fromkeys(owners) if one)
        raise StaleVersion(version)

    def beside(self, seen: Looked, told: VersionTold) -> Iterator[VersionTold]:
        """A version, those that its group stood by beside it, and whoever it gives its place to."""
        kept = {one.number: one for one in seen.counted}
        for stage, one in latest_of(seen.counted).items():
            if one.number == told.number and not told.speaks_in(stage):
                before = self.rows.before(seen.group, stage, told.number)
                kept |= {before.number: before} if before else {}
        yield from {**kept, told.number: told}.values()

    def count(self, use_case: str, correlation_id: str, group: ModelGroupArn = "") -> bool:
        """Count a group, and others that nobody counted yet; whether anything came of it.

        Without a group it is the use case itself that changed. Raises `StaleVersion` when it would not hold still.
        """
        for _ in range(ATTEMPTS):
            marks = self.rows.marks(use_case, TOGETHER)
            others = [mark.group for mark in marks if mark.group != group]
            wanted = [group, *others[: TOGETHER - 1]] if group else others
            seen = self.rows.open(use_case, wanted)
            if seen.opened.use_case is None:
                return False
            present = self.rows.present(use_case, wanted)
            asked = {one: (seen.groups.get(one), present.get(one)) for one in wanted}
            changes = {one: change for one, change in asked.items() if change[0] != change[1]}
            done = [mark for mark in marks if mark.group in asked]
            try:
                return self.kept(seen, seen.opened.use_case, changes, done, correlation_id)
            except StaleVersion:
                continue
        raise StaleVersion(use_case)

    def kept(self, seen: Counted, use_case: UseCase, changes: Changes, marks: list[Mark], correlation_id: str) -> bool:
        """What the use case comes to with some groups counted anew, as one deed; whether anything changed."""
        before = self.until_now(seen, use_case)
        after = rolled_up(use_case, before.totals.after(changes), self.landscape)
        if not changes and after == before:
            if marks:
                self.rows.unmark(use_case.id, marks)
            return False
        deed = self.deed(use_case, before, after, changes, correlation_id)
        self.rows.count(seen, after, {group: now for group, (_, now) in changes.items()}, marks, deed)
        return True

    def differs(self, use_case: str) -> bool:
        """Whether a use case comes to something else than its groups, as they are counted, from scratch."""
        seen, after = self.scratch(use_case)
        return seen.opened.use_case is not None and after != self.until_now(seen, seen.opened.use_case)

    def recount(self, use_case: str, correlation_id: str) -> None:
        """Let a use case come to what its groups, as they are counted, come to from scratch. For the reconciler.

        Whoever is faster has its way: the next run looks again.
        """
        seen, after = self.scratch(use_case)
        known = seen.opened.use_case
        if known is None or after is None:
            return
        with suppress(StaleVersion):
            self.rows.count(
                seen, after, {}, [], self.deed(known, self.until_now(seen, known), after, {}, correlation_id)
            )

    def scratch(self, use_case: str) -> tuple[Counted, RolledUp | None]:
        """A use case as it was counted the last time, and what it comes to from scratch. Its chain is read first."""
        seen = self.rows.open(use_case, ())
        if seen.opened.use_case is None:
            return seen, None
        totals = totals_of(self.rows.every(use_case).values())
        return seen, rolled_up(seen.opened.use_case, totals, self.landscape)

    def until_now(self, seen: Counted, use_case: UseCase) -> RolledUp:
        """What a use case came to; of one that was never counted, what it comes to without any models."""
        return seen.rolled_up or rolled_up(use_case, Totals(), self.landscape)

    def deed(self, use_case: UseCase, before: RolledUp, after: RolledUp, changes: Changes, correlation_id: str) -> Deed:
        """It as a deed of Steward's on the chain of the use case, with what it announces."""
        old, new = changed_lines(before, after)
        names = ", ".join(sorted(group_name_of(group) for group in changes))
        return Deed(
            action="rolled-up",
            who=STEWARD,
            why=f"its models changed: {names}" if names else "it stands otherwise itself",
            at=self.now(),
            correlation_id=correlation_id,
            old=old,
            new=new,
            announces=events(use_case, before, after, changes),
        )


def is_news(told: VersionTold, known: VersionTold | None) -> bool:
    """Whether a look at a version tells more than what is kept of it.

    The same audit entry may tell otherwise after its facts were folded anew.
    """
    if known is None:
        return True
    return told.sequence > known.sequence or (told.sequence == known.sequence and told != known)
