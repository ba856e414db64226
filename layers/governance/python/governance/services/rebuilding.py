"""Rebuild a record from its facts: tell in what it differs from what they give, and put that right.

Comparing changes nothing. A repair writes what the facts give and says so in the chain, in one transaction; it never
touches a fact or an audit entry, and refuses where facts are damaged, for then nobody knows what they would give.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.domain.audit import Deed, deed_entry
from governance.domain.comparing import (
    ENTRY,
    Difference,
    Record,
    compare,
    expected_rows,
    facts_that_cannot_be_read,
    is_projected,
)
from governance.domain.errors import RecordDamaged
from governance.domain.identifiers import ModelPackageArn, Person
from governance.domain.people import Pseudonyms
from governance.ports.rows import Correction, Rows
from governance.services.reading import known_in


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """Compare records with their facts, and correct them."""

    rows: Rows
    now: Callable[[], datetime]

    def versions(self) -> Iterator[ModelPackageArn]:
        """Every version that has any row, each once."""
        return self.rows.versions()

    def check(self, version: ModelPackageArn) -> list[Difference]:
        """Everything in which a record differs from what its facts give; an empty list means nothing does.

        Two reads whatever is found, pages aside. Raises `UnknownModelVersion` where there is no row at all; damaged
        rows are differences, never exceptions. A head that an older fold made differs only where that fold could not
        have made it.
        """
        return compare(known_in(self.rows, version))

    def repair(self, version: ModelPackageArn, person: Person, why: str, correlation_id: str = "") -> list[Difference]:
        """Write what the facts give where the record differs, with one audit entry; what was put right is returned.

        Doing it again finds nothing to do. Raises `RecordDamaged` where facts are damaged or gone: restore them from
        the archive first. Raises `StaleVersion` when the record moved on meanwhile; nothing was written then.
        """
        record = known_in(self.rows, version)
        found = [one for one in compare(record) if one.sk == "HEAD" or one.sk == "PEOPLE" or is_row_of_a_fold(one)]
        if not found and not facts_that_cannot_be_read(record.damaged):
            return []
        put, delete = self.corrections(record, found)
        deed = Deed(
            action="repaired",
            who=Pseudonyms(self.rows.make_person_key()).person(person),
            why=why,
            at=self.now(),
            correlation_id=correlation_id,
            new={"rows": sorted({one.sk for one in found}), "differences": len(found)},
        )
        entry = deed_entry(record.link, record.pk, deed)
        put["HEAD"] = {**put["HEAD"], "audit_sequence": entry.sequence, "audit_hash": entry.hash}
        self.rows.correct(
            Correction(version=version, found=sequence_in(record), put=put, delete=tuple(delete), entry=entry)
        )
        return found

    def restore(self, version: ModelPackageArn) -> list[Difference]:
        """Write what the facts give into a table that was restored with facts and audit entries alone.

        Nothing is added to the chain: the head takes its end from the last entry. Raises like `repair`.
        """
        record = known_in(self.rows, version)
        found = compare(record)
        put, delete = self.corrections(record, found)
        if found:
            self.rows.correct(Correction(version=version, found=sequence_in(record), put=put, delete=tuple(delete)))
        return found

    def corrections(
        self, record: Record, found: Sequence[Difference]
    ) -> tuple[dict[str, dict[str, object]], list[str]]:
        """Rows to write, the head always among them, and rows to delete. Raises `RecordDamaged`."""
        unreadable = facts_that_cannot_be_read(record.damaged)
        if unreadable or not record.facts:
            raise RecordDamaged(f"{record.pk}: {', '.join(unreadable) or 'no fact is left'}")
        expected = expected_rows(record)
        wrong = {one.sk for one in found} | {"HEAD"}
        put = {sk: dict(attributes) for sk, attributes in expected.items() if sk in wrong}
        return put, sorted(sk for sk in wrong if sk not in expected and sk in record.rows)


def is_row_of_a_fold(difference: Difference) -> bool:
    """Whether a repair may write or delete the row: it is a projection, or it is nothing that Steward ever writes."""
    return is_projected(difference.sk) or not (difference.sk.startswith("FACT#") or ENTRY.match(difference.sk))


def sequence_in(record: Record) -> int | None:
    """The audit sequence that the head says, where it can be read."""
    told = record.rows.get("HEAD", {}).get("audit_sequence")
    return told if isinstance(told, int) else None
