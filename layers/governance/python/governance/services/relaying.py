"""Announce what was saved: the table's stream is the outbox, and this is the only sender."""

from dataclasses import dataclass

from governance.domain.audit import AuditEntry
from governance.ports.announcer import Announcer


@dataclass(frozen=True, slots=True)
class Relaying:
    """Put the events of audit entries on the governance bus, at least once, with the same id each time."""

    announcer: Announcer

    def relay(self, entry: AuditEntry) -> int:
        """Announce the events of one entry and return how many there were."""
        events = entry.content["events"]
        if events:
            self.announcer.announce(events)
        return len(events)
