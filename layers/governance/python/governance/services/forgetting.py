"""Forget a person: erase the name that their id stands for, wherever it is kept, and leave every record as it was.

Facts, audit entries and their hashes hold the id alone, so nothing of the chain changes; the rows that people read
show the id from then on. Erased names stay known as erased, so that an event told again does not bring them back.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from governance.domain.audit import Deed
from governance.domain.comparing import expected_rows
from governance.domain.errors import StaleVersion
from governance.domain.identifiers import ModelPackageArn, Person
from governance.domain.people import Names, Pseudonyms
from governance.domain.use_cases import UseCaseId
from governance.domain.values import Value
from governance.ports.journal import Journal
from governance.ports.people import KeptNames
from governance.ports.rows import Correction, Rows
from governance.services.reading import record_in

USE_CASE, POLICY, HUB = "USECASE#", "POLICY#", "HUB#"
ATTEMPTS = 8
"""How often a record is read anew when others keep writing it."""


class Forgotten(Value):
    """Whose name was erased, by id, and where."""

    person: str
    versions: tuple[ModelPackageArn, ...]
    use_cases: tuple[UseCaseId, ...] = ()
    policies: tuple[str, ...] = ()
    hub: bool = False
    """Whether it was among those that the hub keeps, of roles that people delegate."""

    @property
    def anywhere(self) -> bool:
        """Whether any record kept the name."""
        return bool(self.versions or self.use_cases or self.policies or self.hub)

    def chains(self, install: str) -> tuple[str, ...]:
        """The chains beside which the name was kept."""
        use_cases = (f"{USE_CASE}{one}" for one in self.use_cases)
        policies = (f"{POLICY}{one}" for one in self.policies)
        return (*use_cases, *policies, *([f"{HUB}{install}"] if self.hub else []))


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Erase names from the record."""

    rows: Rows
    kept: KeptNames
    journal: Journal
    install: str
    now: Callable[[], datetime]

    def find(self, name: str) -> Forgotten:
        """Where a name is kept, or shown; nothing is changed. Takes a name, or the id of somebody."""
        key = self.rows.person_key()
        person = Pseudonyms(key).id_of(name)
        found = [one for one in self.rows.versions() if record_in(self.rows, one, key).names.by_id.get(person)]
        chains = [chain for chain, names in self.kept.of(self.kept.chains()).items() if names.by_id.get(person)]
        return Forgotten(
            person=person,
            versions=tuple(found),
            use_cases=called(chains, USE_CASE),
            policies=called(chains, POLICY),
            hub=f"{HUB}{self.install}" in chains,
        )

    def forget(self, name: str, by: Person, why: str, correlation_id: str = "") -> Forgotten:
        """Say in the hub's chain whose name is erased where, by whom and why; then erase it from every record.

        That they are forgotten is kept by their id, also where no record has their name: they can own nothing any more.
        The same request again goes on where it was and adds no entry. Records that a release without pseudonyms wrote
        hold names in their facts for good: of those only the rows that people read can be changed.
        """
        found = self.find(name)
        hub = f"{HUB}{self.install}"
        deed = Deed(
            action="person-forgotten", who=Pseudonyms(self.rows.make_person_key()).person(by),
            why=why, at=self.now(), correlation_id=correlation_id,
            new=found.model_dump(mode="json"),
        )  # fmt: skip
        gone = Forgotten(person=found.person, versions=())
        if found.anywhere:
            self.journal.write_once(hub, deed, f"ERASURE#{correlation_id or found.person}", found)
            self.journal.note(hub, f"FORGOTTEN#{found.person}", gone)
        else:
            self.journal.write_once(hub, deed, f"FORGOTTEN#{found.person}", gone)
        for version in found.versions:
            self.erase(version, found.person)
        for chain in found.chains(self.install):
            self.erase_beside(chain, found.person)
        return found

    def erase(self, version: ModelPackageArn, person: str) -> None:
        """Erase a name from one record. Raises `StaleVersion` when it would not hold still."""
        for _ in range(ATTEMPTS):
            record = record_in(self.rows, version)
            without = record.model_copy(update={"names": record.names.without(person)})
            if without.names == record.names:
                return
            shown, wanted = expected_rows(record), expected_rows(without)
            put = {sk: row for sk, row in wanted.items() if shown.get(sk) != row}
            end = record.rows.get("HEAD", {})
            put |= {"HEAD": {name: told for name, told in end.items() if name != "schema_version"}}
            try:
                self.rows.correct(Correction(version=version, found=end.get("audit_sequence"), put=put))
                return
            except StaleVersion:
                continue
        raise StaleVersion(version)

    def erase_beside(self, chain: str, person: str) -> None:
        """Erase a name beside a chain of deeds. Raises `StaleVersion` when it would not hold still."""
        for _ in range(ATTEMPTS):
            seen = self.kept.of([chain]).get(chain, Names())
            if (without := seen.without(person)) == seen:
                return
            try:
                self.kept.replace(chain, seen, without)
                return
            except StaleVersion:
                continue
        raise StaleVersion(chain)


def called(chains: Iterable[str], kind: str) -> tuple[str, ...]:
    """What the chains of a kind are about, sorted."""
    return tuple(sorted(one.removeprefix(kind) for one in chains if one.startswith(kind)))
