"""Announce what was saved: the table's stream is the outbox, and this is the only sender."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from governance.domain.audit import AuditEntry
from governance.ports.announcer import Acknowledgements, Announcer


@dataclass(frozen=True, slots=True)
class Relaying:
    """Put the events of audit entries on the governance bus, at least once, with the same id each time.

    How far the entries of a chain were announced is kept beside the chain, so that the reconciler can tell what never
    was: it is written after the events were taken, so that it never says too much.
    """

    announcer: Announcer
    acknowledgements: Acknowledgements

    def relay(self, entry: AuditEntry) -> int:
        """Announce the events of one entry and return how many there were."""
        events = entry.content["events"]
        if events:
            self.announcer.announce(events)
        return len(events)

    def acknowledge(self, entries: Sequence[AuditEntry]) -> None:
        """Say how far each chain was announced, now that these entries were. They may have come in any order."""
        chains: dict[str, set[int]] = {}
        for entry in entries:
            chains.setdefault(entry.subject, set()).add(entry.sequence)
        for subject, sequences in chains.items():
            for first, last in runs(sorted(sequences)):
                self.acknowledgements.acknowledge(subject, first, last)


def runs(sequences: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The stretches without a gap, each by its first and its last number."""
    first = None
    for number, following in zip(sequences, [*sequences[1:], None], strict=True):
        first = number if first is None else first
        if following != number + 1:
            yield first, number
            first = None
