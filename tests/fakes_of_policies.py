"""Published policies in memory, held to the same contract test as the table."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from governance.domain.audit import AuditEntry, Deed, Link
from governance.domain.errors import StaleVersion
from governance.domain.model_group import ModelGroup
from governance.domain.people import Names
from governance.domain.published import PublishedPolicy
from governance.domain.publishing import AnyPolicy, Proposal, Shelf
from governance.domain.use_case_policy import BUILT_IN, UseCasePolicy
from governance.domain.use_case_policy_document import NAME
from governance.ports.policies import NOBODY
from tests.builders import PERSON_KEY
from tests.fakes import InMemoryGroups
from tests.fakes_of_the_hub import InMemoryJournal


@dataclass
class InMemoryPolicies:
    """`ports.Policies`."""

    groups_kept: InMemoryGroups
    journal: InMemoryJournal = field(default_factory=InMemoryJournal)
    versions: dict[str, list[AnyPolicy]] = field(default_factory=dict)
    proposals: dict[tuple[str, str], Proposal] = field(default_factory=dict)
    key: str = PERSON_KEY
    people: dict[str, Names] = field(default_factory=dict)
    """By chain: what `ports.KeptNames` gives is kept here."""

    def link(self, subject: str) -> Link:
        chain = self.journal.entries.get(subject, [])
        return Link(sequence=chain[-1].sequence, hash=chain[-1].hash) if chain else Link()

    def shelf(self, name: str) -> Shelf:
        active = self.active(name)
        known = [one.version for one in self.versions.get(name, [])]
        highest = max([*known, active.version if active else 0])
        proposal = self.proposals.get((name, ""))
        told = {"proposal": proposal, "link": self.link(f"POLICY#{name}"), "names": self.names_beside(f"POLICY#{name}")}
        return Shelf(name=name, active=active, highest=highest, **told)

    def active(self, name: str) -> AnyPolicy | None:
        return self.of_use_cases() if name == NAME else self.groups_kept.active.get(name)

    def of_use_cases(self) -> UseCasePolicy:
        found = [one for one in self.versions.get(NAME, []) if isinstance(one, UseCasePolicy)]
        return found[-1] if found else BUILT_IN

    def version(self, name: str, number: int) -> AnyPolicy | None:
        active = self.active(name)
        built_in = [BUILT_IN] if name == NAME else []
        known = [*self.versions.get(name, []), *([active] if active else []), *built_in]
        return next((one for one in known if one.version == number), None)

    def names(self) -> Sequence[str]:
        return sorted({*self.versions, *(name for name, group in self.proposals if not group)})

    def groups(self, name: str) -> Sequence[str]:
        return sorted(self.groups_kept.members.get(name, set()))

    def publish(self, seen: Shelf, policy: AnyPolicy, deed: Deed, names: Names | None = None) -> None:
        self.write(seen, deed, names)
        self.versions.setdefault(seen.name, []).append(policy)
        if isinstance(policy, PublishedPolicy):
            self.groups_kept.active[seen.name] = policy
        self.proposals.pop((seen.name, ""), None)

    def propose(self, seen: Shelf, proposal: Proposal, deed: Deed, names: Names | None = None) -> None:
        self.write(seen, deed, names)
        self.proposals[seen.name, ""] = proposal

    def proposed_for(self, name: str, group: str) -> Proposal | None:
        return self.proposals.get((name, group))

    def propose_for(self, seen: Shelf, group: str, proposal: Proposal, deed: Deed, names: Names | None = None) -> None:
        self.write(seen, deed, names)
        self.proposals[seen.name, group] = proposal

    def assign(self, seen: Shelf, group: ModelGroup, was: str, deed: Deed, names: Names | None = None) -> None:
        self.check(seen, names)
        self.groups_kept.save(group, group.revision - 1)
        self.write(seen, deed, names)
        self.groups_kept.members.get(was, set()).discard(group.arn)
        self.groups_kept.list_under(seen.name, group.arn)
        self.proposals.pop((seen.name, group.arn), None)

    def keep(
        self, group: ModelGroup, subject: str, deed: Deed, seen: Names = NOBODY, names: Names | None = None
    ) -> None:
        if names and names != seen and self.names_beside(subject) != seen:
            raise StaleVersion(subject)
        self.groups_kept.save(group, group.revision - 1)
        self.journal.write(subject, deed, {})
        self.people |= {subject: names} if names else {}

    def hub(self) -> Sequence[AuditEntry]:
        return [one for subject, chain in self.journal.entries.items() if subject.startswith("HUB#") for one in chain]

    def check(self, seen: Shelf, names: Names | None) -> None:
        chain = f"POLICY#{seen.name}"
        erased = names and names != seen.names and self.names_beside(chain) != seen.names
        if erased or self.link(chain) != seen.link:
            raise StaleVersion(seen.name)

    def write(self, seen: Shelf, deed: Deed, names: Names | None) -> None:
        self.check(seen, names)
        self.journal.write(f"POLICY#{seen.name}", deed, {})
        self.people |= {f"POLICY#{seen.name}": names} if names else {}

    def names_beside(self, chain: str) -> Names:
        return self.people.get(chain, NOBODY)

    def person_key(self, make: bool) -> str:
        return self.key
