"""One execution at a time seals for an effect; whoever comes while it runs ends, whoever comes after it goes on.

SealingRequested is announced at least once, and by the reconciler again while there is no outcome. Each time an
execution starts, for EventBridge gives executions no names that could be the same. So the first thing that one does is
to claim the effect. Nothing is waited for: a claim whose execution was stopped, timed out or failed to say how it ended
is taken over by the next one, and that comes with the next announcement.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.domain.errors import PaperMissing
from governance.domain.working_papers import Claim
from governance.ports.copying import Executions, Papers

ATTEMPTS = 3
"""How often the claim is looked at when others keep taking it; whoever was faster three times is at work."""
UNTOLD = timedelta(minutes=15)
"""For how long an execution that nobody tells of may just have begun. After that it is gone with its state machine."""


@dataclass(frozen=True, slots=True)
class ClaimingSealings:
    """Claim effects, and tell who had them before."""

    papers: Papers
    executions: Executions
    now: Callable[[], datetime]

    def claim(self, effect_id: str, execution: str) -> bool:
        """Whether this execution is the one that seals. One call for the first, two to four for any other.

        The same execution is told the same again: a crash after the claim costs nothing but another try. Two that
        claim at once, or take over at once, are told apart by the store.
        """
        place = place_of(effect_id)
        if self.papers.write_unless(place, Claim(execution=execution, at=self.now())):
            return True
        for _ in range(ATTEMPTS):
            held, mark = self.papers.marked(place, Claim)
            if held.execution == execution:
                return True
            if self.is_at_work(held):
                return False
            if self.papers.write_unless(place, held.taken_over(execution, self.now()), mark):
                return True
        return False

    def is_at_work(self, held: Claim) -> bool:
        """Whether who holds the claim runs, or may just have begun to."""
        running = self.executions.is_running(held.execution)
        return held.at > self.now() - UNTOLD if running is None else running


def place_of(effect_id: str) -> str:
    """Where the claim of an effect lies among its papers."""
    return f"{effect_id}/claim"


def runs_before(papers: Papers, run: str) -> tuple[str, ...] | None:
    """The runs that had the effect before this one; None where another has it now. One call.

    Without a claim, in a sealing that began under an earlier release, there were none.
    """
    effect_id, _, name = run.partition("/")
    try:
        held = papers.read(place_of(effect_id), Claim)
    except PaperMissing:
        return ()
    return runs_of(effect_id, held.before) if held.name == name else None


def runs_of(effect_id: str, names: Iterable[str]) -> tuple[str, ...]:
    """Executions by the names under which their papers lie."""
    return tuple(f"{effect_id}/{name}" for name in names)
