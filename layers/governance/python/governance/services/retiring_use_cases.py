"""Carry a use case's retirement through: revoke shares, retire every version, close the record when nothing is left.

It follows from what was announced, as often as that comes: each step is a transaction of its own, on the record that it
is about, and what is done is found done. So whoever dies at any call is followed by whoever is told again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.domain.errors import StaleVersion
from governance.domain.facts import AnyFact
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn, number_of
from governance.domain.model_version import ModelVersion
from governance.domain.moments import after, last_moment
from governance.domain.retirement import VersionRetired
from governance.domain.use_case_deciding import Act
from governance.domain.use_case_retiring import PARTS, Place, Revocation, by_steward, close, is_over, revocation_of
from governance.domain.use_cases import UseCase
from governance.ports.ledger import Groups, Ledger, Page
from governance.ports.use_cases import Members, Opened, Shares, UseCases
from governance.services.recording import ATTEMPTS, Recording
from governance.services.taken_out import still_left

RESERVE = 30.0
"""Seconds that have to be left for another group or version to be begun."""

PAGE = 100
"""How many versions are looked for together: DynamoDB reads a hundred items (AWS API: BatchGetItem)."""

OF_VERSIONS = frozenset({"versions", "taken-out"})
"""The parts that go through the versions of groups."""

BEGIN = Place()


@dataclass(frozen=True, slots=True)
class RetiringUseCases:
    """Retire what belongs to retired use cases."""

    use_cases: UseCases
    members: Members
    groups: Groups
    shares: Shares
    ledger: Ledger
    recording: Recording

    def go_on(
        self, name: str, correlation_id: str, remaining: Callable[[], float], place: Place = BEGIN
    ) -> Place | None:
        """Do what is left to be done from a place on, while there is time.

        Returns the place where the next call goes on, or None where none has to. A use case that nobody retired, or
        that is closed, is left as it is. What is still being removed is waited for: its end is told.
        """
        known = self.use_cases.open(name).use_case
        if known is None or known.retirement is None or known.is_closed:
            return None
        waits = place.waits
        for step in self.steps(name, place):
            if remaining() < RESERVE:
                return step.model_copy(update={"waits": waits})
            waits = not self.takes(step, known, correlation_id) or waits
            if waits and place.is_after_an_end:
                return None
        if not waits:
            self.change(name, lambda seen: self.closing(seen, correlation_id))
        return None

    def steps(self, name: str, place: Place) -> Iterator[Place]:
        """Every step from a place on: each group for its shares, each version of each group, each group once more."""
        for part in PARTS[PARTS.index(place.part) :]:
            start = place if part == place.part else Place(part=part)
            groups = self.left(name) if part == "taken-out" else dict.fromkeys(self.use_cases.groups(name))
            for group, until in sorted(groups.items()):
                if group < start.group:
                    continue
                here = start if group == start.group else Place(part=part, group=group)
                here = here.model_copy(update={"is_after_an_end": place.is_after_an_end, "until": until})
                yield from self.versions(name, here) if part in OF_VERSIONS else (here,)

    def left(self, name: str) -> Mapping[ModelGroupArn, datetime]:
        """The groups that were taken out of it, and when: those that belong to no other use case since.

        Its whole chain is read, once the groups that belong to it are gone through.
        """
        return still_left(name, self.use_cases, self.groups)

    def versions(self, name: str, place: Place) -> Iterator[Place]:
        """Every version of a group on record from a place on, by their numbers, a page after the other.

        Whatever a record says: it names the use case that the tags of its group did, which may be another than the one
        the group is attached to, or none. Those that the group knows of are among them, though the registry may not.
        """
        known = self.groups.get(place.group)
        remembered = known.remembered() if known else ()
        last = max(self.members.last(name, place.group), *map(number_of, remembered), 0)
        for first in range(max(1, number_of(place.version)), last + 1, PAGE):
            for one in self.members.on_record(place.group, first, min(first + PAGE - 1, last)):
                yield place.model_copy(update={"version": one})

    def takes(self, step: Place, use_case: UseCase, correlation_id: str) -> bool:
        """Take one step; whether nothing is left there that has to be waited for.

        Shares that cannot be revoked keep neither another group's nor any version: why they cannot is raised at the
        end, when they are tried again, and the record stays open.
        """
        match step.part:
            case "versions" | "taken-out":
                state = self.retired(step.version, use_case, correlation_id, step.until)
                return state is None or is_over(state)
            case "shares":
                with suppress(Exception):
                    self.revoke(use_case, step.group, correlation_id)
            case "shares-left":
                self.revoke(use_case, step.group, correlation_id)
        return True

    def retired(
        self, version: ModelPackageArn, use_case: UseCase, correlation_id: str, until: datetime | None = None
    ) -> ModelVersion | None:
        """A version, retired in the name of whoever retired its use case; as it is where it is retired already.

        None of one that is no part of it: its group moved on, or was taken out (`until`) before it was registered.
        """

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            known = use_case.retirement
            if page.state is None or page.state.is_retired or known is None or not is_part(page, use_case, until):
                return []
            at = max(known.at, last_moment(page.state))  # not the time of this try: what follows is named by it
            about = {"model": page.state.model, "effective_at": at, "recorded_at": now}
            first = known.by[0] if len(known.by) > 1 else None
            told = {"person": known.by[-1], "proposed_by": first, "why": known.why, "use_case": use_case.id}
            return [after(page.state, VersionRetired.model_validate({**about, **told}))]

        learned = self.recording.learn(version, facts, correlation_id)
        if learned is not None:
            return learned
        page = self.ledger.open(version)
        return page.state if is_part(page, use_case, until) else None

    def revoke(self, use_case: UseCase, group: ModelGroupArn, correlation_id: str) -> None:
        """Revoke a group's shares: the intent is on record before, with what gives rights; then the outcome."""
        effect = revocation_of(use_case, group)
        known = self.use_cases.revocation(use_case.id, effect.id)
        if known is not None and known.outcome == "done":
            return
        if known is None:
            told = {"revokes": list(self.shares.given(group))}
            self.noted(use_case.id, effect, "share-revocation-begun", told, correlation_id)
        self.shares.revoke(group)
        self.noted(use_case.id, effect.model_copy(update={"outcome": "done"}), "share-revoked", {}, correlation_id)

    def noted(self, name: str, effect: Revocation, action: str, told: Mapping[str, Any], correlation_id: str) -> None:
        """Put on record what is intended about a group's shares, or what came of it."""

        def note(seen: Opened) -> None:
            there = self.use_cases.revocation(name, effect.id)
            if seen.use_case is None or (there is not None and there.outcome in {effect.outcome, "done"}):
                return
            about = {"group": effect.group, "effect": effect.id, "outcome": effect.outcome}
            act = Act(after=seen.use_case, action=action, new={**about, **told})
            deed = by_steward(seen.use_case, act, self.recording.now(), correlation_id)
            self.use_cases.note(seen, seen.use_case, effect, deed)

        self.change(name, note)

    def closing(self, seen: Opened, correlation_id: str) -> None:
        """Close the record, unless it is."""
        if seen.use_case is None:
            return
        now = self.recording.now()
        act = close(seen.use_case, now)
        if act.action:
            self.use_cases.save(seen, act.after, by_steward(seen.use_case, act, now, correlation_id))

    def change(self, name: str, write: Callable[[Opened], None]) -> None:
        """Write what rests on the use case as it is on record. Raises `StaleVersion` when it would not hold still."""
        for _ in range(ATTEMPTS):
            try:
                write(self.use_cases.open(name))
            except StaleVersion:
                continue
            return
        raise StaleVersion(name)


def is_part(page: Page, use_case: UseCase, until: datetime | None) -> bool:
    """Whether a version belongs to a use case by its group, or did when that was taken out of it for nowhere else."""
    known = page.group
    if page.state is None or known is None:
        return False
    if known.use_case is not None:
        return known.use_case.id == use_case.id
    return until is not None and known.left == use_case.id and page.state.model.created_at <= until
