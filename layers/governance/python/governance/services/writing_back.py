"""Write to the registry what was decided through Steward, and take back what a policy refused.

The intent is on record before anything is written. The registry is asked once more first: where anything was changed
since, Steward keeps its hands off. What an earlier try wrote is found there and not written again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.domain.errors import PackageNotFound, UpdateRefused
from governance.domain.facts import AnyFact
from governance.domain.identifiers import ModelPackageArn
from governance.domain.model_version import ModelVersion
from governance.domain.moments import after, last_moment
from governance.domain.registry_updates import (
    WRITTEN,
    Ending,
    is_done,
    no_longer_wanted,
    overtaken_by,
    seconds_to_wait,
    update_of,
)
from governance.domain.writing_back import WriteBack, WriteBackFinished
from governance.ports.ledger import Page
from governance.ports.registry import RegistryWriter
from governance.services.recording import Recording

GONE = Ending(outcome="overtaken", reason="the registry no longer has the package")


@dataclass(frozen=True, slots=True)
class WritingBack:
    """Carry out write-backs, each once."""

    registry: RegistryWriter
    recording: Recording
    pause: Callable[[float], None]

    def write(self, version: ModelPackageArn, effect: str, correlation_id: str) -> ModelVersion | None:
        """Carry out one write-back, and put on record how it ended. Four calls; one where it has ended already.

        Raises `UnknownModelVersion`; and what the registry answers when it may answer otherwise another time.
        """

        def outcome(page: Page, now: datetime) -> Sequence[AnyFact]:
            state = page.state_of(version)
            written = state.write_back(effect)
            if written is None or written.is_over or written.outcome == "written":
                return []
            ending = self.carried_out(page, state, written, now)
            if (written.outcome, written.reason) == (ending.outcome, ending.reason):
                return []
            return [finished(state, written, ending, now)]

        return self.recording.learn(version, outcome, correlation_id)

    def carried_out(self, page: Page, state: ModelVersion, written: WriteBack, now: datetime) -> Ending:
        """Write it, unless it is written, or something speaks against it by now."""
        self.pause(seconds_to_wait(written, now))
        try:
            described = self.registry.describe(state.model.arn)
        except PackageNotFound:
            return GONE
        if is_done(written, described):
            return WRITTEN
        against = overtaken_by(state, written, described)
        against = against or no_longer_wanted(state, written, self.recording.terms(page, state.model.arn), now)
        if against:
            return Ending(outcome="overtaken", reason=against)
        try:
            self.registry.update(state.model.arn, update_of(written, described))
        except PackageNotFound:
            return GONE
        except UpdateRefused as refused:
            return Ending(outcome="failed", reason=str(refused))
        return WRITTEN


def finished(state: ModelVersion, written: WriteBack, ending: Ending, now: datetime) -> WriteBackFinished:
    """How it ended, as a fact that comes after all that is on record, and before the registry's own event."""
    fact = WriteBackFinished(
        model=state.model,
        effective_at=last_moment(state),
        recorded_at=now,
        effect_id=written.effect_id,
        outcome=ending.outcome,
        reason=ending.reason,
    )
    return after(state, fact)
