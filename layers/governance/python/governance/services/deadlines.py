"""Note what went by unseen: evidence that grew old, findings nobody answered, emergencies that end, missed reviews.

Each version is looked at as it is by then, and what was noted is not due any more: done twice, it is done once, and
cut short it goes on with the next run.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.domain.deadlines import gone_by
from governance.domain.errors import DeadlinesMissed, RecordDamaged, StaleVersion
from governance.domain.facts import AnyFact
from governance.domain.identifiers import ModelPackageArn
from governance.domain.model_version import ModelVersion
from governance.ports.calendar import Calendar
from governance.ports.ledger import Page
from governance.services.recording import Recording

RESERVE = 20.0
"""No version is begun with fewer seconds left than this; the next run goes on from there."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Keep records in step with the time that passes."""

    calendar: Calendar
    recording: Recording

    def pass_by(
        self,
        correlation_id: str,
        seconds_left: Callable[[], float],
        noted: Callable[[ModelVersion | None], None] = lambda _: None,
    ) -> bool:
        """Note everything that is due by now, as far as there is time. Returns whether nothing is left.

        A record that cannot be read or would not hold still does not keep the others waiting: `DeadlinesMissed` names
        all such in the end.
        """
        missed: list[str] = []
        done = True
        for version in self.calendar.due(self.recording.now()):
            if seconds_left() < RESERVE:
                done = False
                break
            try:
                noted(self.note(version, correlation_id))
            except (RecordDamaged, StaleVersion) as failed:
                missed.append(f"{version}: {type(failed).__name__}")
        if missed:
            raise DeadlinesMissed("; ".join(missed)[:2000])
        return done

    def note(self, version: ModelPackageArn, correlation_id: str) -> ModelVersion | None:
        """What went by of one version."""

        def learned(page: Page, now: datetime) -> Sequence[AnyFact]:
            if page.state is None:
                return []
            return gone_by(page.state, self.recording.terms(page, version).policy, now)

        return self.recording.learn(version, learned, correlation_id)
