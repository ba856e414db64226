"""Have announced again what of use cases was never announced: through the relay, with the same ids."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from governance.domain.audit import AuditEntry
from governance.ports.announcer import Outbox
from governance.ports.use_cases import UseCases
from governance.services.tally import Tally

MOST = 100
"""How many entries of one use case are announced again in one run."""


@dataclass(frozen=True, slots=True)
class AnnouncingUseCases:
    """Look at every use case on record, once in a run of the reconciler."""

    use_cases: UseCases
    outbox: Outbox
    now: Callable[[], datetime]

    def tend(self, tally: Tally) -> None:
        """Announce what the relay never acknowledged and is older than the grace period. Two GetItem for each."""
        for name in self.use_cases.names():
            relayed, seen = self.use_cases.relayed(name), self.use_cases.open(name)
            if relayed < seen.link.sequence:
                self.announce(name, relayed, tally)
            elif seen.use_case and seen.use_case.retirement and not seen.use_case.is_closed:
                self.retirement(name, seen.use_case.retirement.at, tally)

    def announce(self, name: str, relayed: int, tally: Tally) -> None:
        """The entries of one use case that nobody is known to have announced."""
        limit, subject = self.now() - tally.order.grace, f"USECASE#{name}"
        late = [
            entry
            for entry in self.use_cases.trail(name)
            if entry.sequence > relayed and datetime.fromisoformat(entry.content["at"]) <= limit
        ][:MOST]
        if late:
            span = f"entries {late[0].sequence} to {late[-1].sequence}"
            tally.note("announcement-overdue", subject, f"{span} were never announced", repaired=True)
            if not tally.order.dry_run:
                self.outbox.again(subject, late)

    def retirement(self, name: str, since: datetime, tally: Tally) -> None:
        """A retirement that has not come to its end: what began it is announced again, and gone on with."""
        if since > self.now() - tally.order.grace:
            return
        begun = [one for one in self.use_cases.trail(name) if announces(one, "UseCaseRetirementBegun")]
        said = "UseCaseRetirementBegun led to no end yet; it is announced again"
        tally.note("use-case-retirement-stalled", f"USECASE#{name}", said, repaired=True)
        if not tally.order.dry_run:
            self.outbox.again(f"USECASE#{name}", begun[-1:])


def announces(entry: AuditEntry, event: str) -> bool:
    """Whether an entry announces an event."""
    return any(one["detail_type"] == event for one in entry.content["events"])
