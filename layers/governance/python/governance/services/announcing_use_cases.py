"""Have announced again what of use cases was never announced: through the relay, with the same ids."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

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
            relayed = self.use_cases.relayed(name)
            if relayed < self.use_cases.open(name).link.sequence:
                self.announce(name, relayed, tally)

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
