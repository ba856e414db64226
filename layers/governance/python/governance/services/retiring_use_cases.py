"""Carry a use case's retirement through: revoke shares, retire every version, close the record when nothing is left.

It follows from what was announced, as often as that comes: each step is a transaction of its own, on the record that it
is about, and what is done is found done. So whoever dies at any call is followed by whoever is told again.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.domain.errors import RetirementIncomplete, StaleVersion
from governance.domain.facts import AnyFact
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn, group_arn_of, number_of
from governance.domain.model_version import ModelVersion
from governance.domain.moments import after, last_moment
from governance.domain.people import Pseudonyms
from governance.domain.retirement import VersionRetired
from governance.domain.use_case_deciding import Act
from governance.domain.use_case_retiring import (
    PARTS,
    SHARES_OF,
    Place,
    Revocation,
    by_steward,
    close,
    is_over,
    revocation_of,
)
from governance.domain.use_cases import UseCase
from governance.ports.ledger import Groups, Ledger, Page
from governance.ports.use_cases import Members, Opened, Shares, UseCases
from governance.services.recording import ATTEMPTS, Recording
from governance.services.taken_out import still_left

RESERVE = 30.0
"""Seconds that have to be left for another group or version to be begun."""

PAGE = 100
"""How many versions are looked for together: DynamoDB reads a hundred items (AWS API: BatchGetItem)."""

MOST_FAILED = 50
"""How many failures are told from one call to the next, with their causes. Of more than these it is known that."""

LONGEST_CAUSE = 200
"""How much is told of a cause, in characters: an asynchronous call takes 256 KB (AWS: "Lambda quotas")."""

OF_VERSIONS = frozenset({"versions", "taken-out"})
"""The parts that go through all versions of groups."""

BEGIN = Place()


@dataclass(slots=True)
class Failures:
    """What failed on the way through a retirement, by what it is about, and why."""

    known: dict[str, str]
    further: bool = False
    """Whether more failed than are known: whoever begins anew tries those again."""

    def of(self, subject: str) -> "Attempt":
        """Let what is done about a subject fail, whatever of, and note why; what succeeds has not failed."""
        return Attempt(self, subject)

    def note(self, subject: str, failed: Exception) -> None:
        """What failed and why: nothing is kept from whoever looks, for all that is known is raised in the end."""
        if subject in self.known or len(self.known) < MOST_FAILED:
            self.known[subject] = f"{type(failed).__name__}: {failed}"[:LONGEST_CAUSE]
        else:
            self.further = True

    def forget_others(self, groups: Collection[ModelGroupArn]) -> None:
        """Forget what is about groups that moved on meanwhile."""
        about = {one: group_arn_of(one) or one.removeprefix(SHARES_OF) for one in self.known}
        self.known = {one: why for one, why in self.known.items() if about[one] in groups}

    @property
    def told(self) -> dict[str, Any]:
        """As a place has it."""
        return {"failed": dict(self.known), "further": self.further}

    @property
    def in_words(self) -> str:
        """What failed and why, as much as a dead letter takes."""
        more = "; and more" if self.further else ""
        return "; ".join(f"{one}: {why}" for one, why in sorted(self.known.items()))[:4000] + more


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a subject: a throttled call or a damaged row ends it and no other. A killed process ends all."""

    failures: Failures
    subject: str

    def __enter__(self) -> None:
        """Nothing has failed yet."""

    def __exit__(self, kind: type[BaseException] | None, failed: BaseException | None, trace: object) -> bool:
        """Note what failed; what is no failure of the subject, as an end of the process, is let through."""
        if failed is None:
            self.failures.known.pop(self.subject, None)
        if isinstance(failed, Exception):
            self.failures.note(self.subject, failed)
        return isinstance(failed, Exception)


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

        Whatever fails keeps nothing else: it is tried again at the end, and then `RetirementIncomplete` names it with
        its cause. The record stays open, and whoever is told again tries it again.
        """
        known = self.use_cases.open(name).use_case
        if known is None or known.retirement is None or known.is_closed:
            return None
        waits, failures = place.waits, Failures(dict(place.failed), place.further)
        for step in self.steps(name, place, failures):
            if remaining() < RESERVE:
                if step.part == place.part == "failed" and failures.known.keys() >= {*place.failed}:
                    break  # nothing that failed has succeeded in all this time: another call would come as far
                return step.model_copy(update={"waits": waits, **failures.told})
            with failures.of(step.subject):
                waits = not self.takes(step, known, correlation_id) or waits
            if waits and place.is_after_an_end:
                return None
        if failures.known or failures.further:
            raise RetirementIncomplete(f"{name}: {failures.in_words}")
        if not waits:
            self.change(name, lambda seen: self.closing(seen, correlation_id))
        return None

    def steps(self, name: str, place: Place, failures: "Failures") -> Iterator[Place]:
        """Every step from a place on: each group for its shares, each version of each group, what failed once more."""
        for part in PARTS[PARTS.index(place.part) : -1]:
            start = place if part == place.part else Place(part=part)
            groups = self.left(name) if part == "taken-out" else dict.fromkeys(self.use_cases.groups(name))
            for group, until in sorted(groups.items()):
                if group < start.group:
                    continue
                here = start if group == start.group else Place(part=part, group=group)
                here = here.model_copy(update={"is_after_an_end": place.is_after_an_end, "until": until})
                yield from self.versions(name, here, failures) if part in OF_VERSIONS else (here,)
        if failures.known:
            yield from self.failed(name, failures)

    def failed(self, name: str, failures: "Failures") -> Iterator[Place]:
        """What failed before, each once more: always from the first, so that whoever is told again tries all of it."""
        groups = {**self.left(name), **dict.fromkeys(self.use_cases.groups(name))}
        failures.forget_others(groups)
        for group, until in sorted(groups.items()):
            here = Place(part="failed", group=group, until=until)
            if here.subject in failures.known:
                yield here
            if group in failures.known:
                yield from self.versions(name, here, failures)
                continue
            for version in sorted(one for one in failures.known if group_arn_of(one) == group):
                yield here.model_copy(update={"version": version})

    def left(self, name: str) -> Mapping[ModelGroupArn, datetime]:
        """The groups that were taken out of it, and when: those that belong to no other use case since.

        Its whole chain is read, once the groups that belong to it are gone through.
        """
        return still_left(name, self.use_cases, self.groups)

    def versions(self, name: str, place: Place, failures: "Failures") -> Iterator[Place]:
        """Every version of a group on record from a place on, by their numbers, a page after the other.

        Whatever a record says: it names the use case that the tags of its group did, which may be another than the one
        the group is attached to, or none. Those that the group knows of are among them, though the registry may not.
        """
        with failures.of(place.group):
            known = self.groups.get(place.group)
            remembered = known.remembered() if known else ()
            last = max(self.members.last(name, place.group), *map(number_of, remembered), 0)
            for first in range(max(1, number_of(place.version)), last + 1, PAGE):
                for one in self.members.on_record(place.group, first, min(first + PAGE - 1, last)):
                    yield place.model_copy(update={"version": one})

    def takes(self, step: Place, use_case: UseCase, correlation_id: str) -> bool:
        """Take one step; whether nothing is left there that has to be waited for."""
        if not step.version:
            self.revoke(use_case, step.group, correlation_id)
            return True
        state = self.retired(step.version, use_case, correlation_id, step.until)
        return state is None or is_over(state)

    def retired(
        self, version: ModelPackageArn, use_case: UseCase, correlation_id: str, until: datetime | None = None
    ) -> ModelVersion | None:
        """A version, retired in the name of whoever retired its use case; as it is where it is retired already.

        None of one that is no part of it: its group moved on, or was taken out (`until`) before it was registered. What
        was retired with it is waited for, wherever its group went since. Their names, as they are kept
        beside the use case at that moment, come beside the version too.
        """

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            known = use_case.retirement
            if page.state is None or page.state.is_retired or known is None or not is_part(page, use_case, until):
                return []
            at = max(known.at, last_moment(page.state))  # not the time of this try: what follows is named by it
            names, people = self.use_cases.open_with_people(use_case.id).names, Pseudonyms(page.person_key)
            first, last = (people.with_name(one, names) for one in (known.by[0], known.by[-1]))
            about = {"model": page.state.model, "effective_at": at, "recorded_at": now}
            proposed_by = first if len(known.by) > 1 else None
            told = {"person": last, "proposed_by": proposed_by, "why": known.why, "use_case": use_case.id}
            return [after(page.state, VersionRetired.model_validate({**about, **told}))]

        learned = self.recording.learn(version, facts, correlation_id)
        if learned is not None:
            return learned
        page = self.ledger.open(version)
        ended = page.state.retirement if page.state else None
        is_its_own = ended is not None and ended.use_case == use_case.id
        return page.state if is_its_own or is_part(page, use_case, until) else None

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
