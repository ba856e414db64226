"""Use cases in memory, held to the same contract test as the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from governance.domain.audit import AuditEntry, Deed, Link
from governance.domain.errors import StaleVersion
from governance.domain.identifiers import group_arn_of, number_of, version_arn_of
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup
from governance.domain.notices import Notice
from governance.domain.people import Names
from governance.domain.roll_up import GroupSummary, contribution, summary_of
from governance.domain.served_decisions import Participation
from governance.domain.use_case_retiring import Revocation
from governance.domain.use_cases import UseCase
from governance.ports.use_cases import Opened
from tests.builders import PERSON_KEY
from tests.fakes import InMemoryGroups, InMemoryLedger
from tests.fakes_of_the_hub import InMemoryAcknowledgements, InMemoryJournal


@dataclass
class InMemoryUseCases:
    """`ports.UseCases` and, of its people, `ports.KeptNames`. Use cases go through JSON, as they do in a table."""

    groups_kept: InMemoryGroups
    journal: InMemoryJournal = field(default_factory=InMemoryJournal)
    kept: dict[str, str] = field(default_factory=dict)
    attached: dict[str, set[str]] = field(default_factory=dict)
    effects: dict[tuple[str, str], str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    """Ids of people whose names were erased."""
    acknowledgements: InMemoryAcknowledgements = field(default_factory=InMemoryAcknowledgements)
    key: str = PERSON_KEY
    people: dict[str, Names] = field(default_factory=dict)
    """By chain: what `ports.KeptNames` gives is kept here."""

    def link(self, use_case: str) -> Link:
        chain = self.journal.entries.get(f"USECASE#{use_case}", [])
        return Link(sequence=chain[-1].sequence, hash=chain[-1].hash) if chain else Link()

    def open(self, use_case: str) -> Opened:
        text = self.kept.get(use_case)
        return Opened(use_case=UseCase.model_validate_json(text), link=self.link(use_case)) if text else Opened()

    def open_with_people(self, use_case: str) -> Opened:
        names = self.people.get(f"USECASE#{use_case}", Names())
        return self.open(use_case).model_copy(update={"names": names})

    def names(self) -> Sequence[str]:
        return sorted(self.kept)

    def chains(self) -> Sequence[str]:
        return [f"USECASE#{one}" for one in sorted(self.kept)]

    def of(self, chains: Sequence[str]) -> Mapping[str, Names]:
        return {one: self.people[one] for one in chains if one in self.people}

    def replace(self, chain: str, seen: Names, names: Names) -> None:
        if self.people.get(chain, Names()) != seen:
            raise StaleVersion(chain)
        self.people[chain] = names

    def look(self, names: Sequence[str]) -> Mapping[str, UseCase]:
        return {one: UseCase.model_validate_json(self.kept[one]) for one in names if one in self.kept}

    def groups(self, use_case: str) -> Sequence[str]:
        return sorted(self.attached.get(use_case, set()))

    def trail(self, use_case: str) -> Sequence[AuditEntry]:
        return self.journal.entries.get(f"USECASE#{use_case}", [])

    def relayed(self, use_case: str) -> int:
        return self.acknowledgements.kept.get(f"USECASE#{use_case}", 0)

    def save(
        self,
        seen: Opened,
        use_case: UseCase,
        deed: Deed,
        resting_on: Mapping[str, Link] | None = None,
        names: Names | None = None,
    ) -> None:
        moved_on = [name for name, link in (resting_on or {}).items() if self.link(name) != link]
        if moved_on or self.link(use_case.id) != seen.link:
            raise StaleVersion(use_case.id)
        if names and names != seen.names:
            self.replace(f"USECASE#{use_case.id}", seen.names, names)
        self.journal.write(f"USECASE#{use_case.id}", deed, {})
        self.kept[use_case.id] = use_case.model_dump_json()

    def attach(
        self, seen: Opened, use_case: UseCase, group: ModelGroup, deed: Deed, names: Names | None = None
    ) -> None:
        self.with_group(seen, use_case, group, deed, names)
        self.attached.setdefault(use_case.id, set()).add(group.arn)

    def detach(
        self, seen: Opened, use_case: UseCase, group: ModelGroup, deed: Deed, names: Names | None = None
    ) -> None:
        self.with_group(seen, use_case, group, deed, names)
        self.attached[use_case.id].discard(group.arn)

    def with_group(self, seen: Opened, use_case: UseCase, group: ModelGroup, deed: Deed, names: Names | None) -> None:
        erased = names and names != seen.names and self.people.get(f"USECASE#{use_case.id}", Names()) != seen.names
        if erased or self.link(use_case.id) != seen.link:
            raise StaleVersion(use_case.id)
        self.groups_kept.save(group, group.revision - 1)
        self.save(seen, use_case, deed, names=names)

    def revocation(self, use_case: str, name: str) -> Revocation | None:
        text = self.effects.get((use_case, name))
        return Revocation.model_validate_json(text) if text else None

    def note(self, seen: Opened, use_case: UseCase, revocation: Revocation, deed: Deed) -> None:
        self.save(seen, use_case, deed)
        self.effects[use_case.id, revocation.id] = revocation.model_dump_json()

    def has_left(self, person: str) -> bool:
        return person in self.gone

    def person_key(self, make: bool) -> str:
        return self.key


@dataclass
class InMemoryNotices:
    """`ports.Notices`: everything that was told, as often as it was."""

    told: list[Notice] = field(default_factory=list)

    def tell(self, notice: Notice) -> None:
        self.told.append(notice)


@dataclass
class InMemoryDecisions:
    """`ports.Decisions`. Parts go through JSON, as they do in a table."""

    kept: dict[tuple[str, str], dict[tuple[str, str], str]] = field(default_factory=dict)

    def keep(self, part: Participation) -> None:
        of_it = self.kept.setdefault((part.use_case, part.decision_id), {})
        of_it[part.served_at.isoformat(), part.request_id] = part.model_dump_json()

    def of(self, use_case: str, decision_id: str) -> Sequence[Participation]:
        found = self.kept.get((use_case, decision_id), {})
        return [Participation.model_validate_json(found[key]) for key in sorted(found)]


@dataclass
class InMemorySummaries:
    """`ports.Summaries`, over every version of a ledger."""

    ledger: InMemoryLedger

    def of(self, groups: Sequence[str], stage: Stage) -> Sequence[GroupSummary]:
        return [summary_of(group, self.versions(group)) for group in groups]

    def versions(self, group: str) -> list:
        prefix = group.replace(":model-package-group/", ":model-package/") + "/"
        states = [self.ledger.open(arn).state for arn in self.ledger.states if arn.startswith(prefix)]
        return [contribution(one) for one in states if one]


@dataclass
class InMemoryMembers:
    """`ports.Members`, over every version of a ledger."""

    ledger: InMemoryLedger

    def last(self, use_case: str, group: str) -> int:
        return max((number_of(one) for one in self.ledger.states if group_arn_of(one) == group), default=0)

    def on_record(self, group: str, first: int, last: int) -> Sequence[str]:
        every = (version_arn_of(group, number) for number in range(first, last + 1))
        return [one for one in every if one in self.ledger.states]


@dataclass
class InMemoryShares:
    """`ports.Shares`."""

    kept: dict[str, list[str]] = field(default_factory=dict)

    def given(self, group: str) -> Sequence[str]:
        return self.kept.get(group, [])

    def revoke(self, group: str) -> None:
        self.kept.pop(group, None)
