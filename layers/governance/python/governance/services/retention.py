"""Keep what was sealed: lock it for longer when its version goes to production or is retired, and hold it.

Everything here looks at the record as it is by then and never at what an event said, so that events may come twice,
late and in any order. Locks only become longer, and S3 itself sees to that. Holds come and go, and several versions
may share one object; so each that is held is noted at the object, and whoever changes a note sets the hold by all
notes and looks again, until what was set is what is noted. The last to write has then always seen the last note; and
the outcome is put on record only if the record has not moved on, else all is done again by what it says now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.domain.artifacts import ObjectVersion
from governance.domain.errors import SealedObjectMissing, StaleVersion
from governance.domain.facts import AnyFact, ArtifactsSealed
from governance.domain.identifiers import ModelPackageArn
from governance.domain.keeping import HOLD, HeldBy, Keeping, Terms, latest
from governance.domain.model_version import ModelVersion
from governance.domain.retaining import requested, still_open
from governance.domain.upkeep import KeepingFailed, LegalHoldApplied, RetentionExtended
from governance.ports.journal import Journal
from governance.ports.ledger import Ledger, Page
from governance.ports.vault import Locks
from governance.services.recording import Recording

ATTEMPTS = 8
"""How often an object's hold is set anew when others keep changing its notes, before the event is tried again."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Lock, hold and release the sealed objects of versions."""

    ledger: Ledger
    recording: Recording
    locks: Locks
    journal: Journal
    terms: Terms

    def keep(self, version: ModelPackageArn, correlation_id: str) -> ModelVersion | None:
        """Do whatever the record asks for that was not done yet. Returns the record where it learned something.

        Of a version of which nothing is to be kept any longer it costs one call. Raises `UnknownModelVersion`, and
        `StaleVersion` when record or notes would not hold still.
        """
        state = self.ledger.open(version).state_of(version)
        if state.is_dormant:
            return None
        locked = self.lock(state, correlation_id)
        return self.follow_order(locked or state, correlation_id) or locked

    def lock(self, state: ModelVersion, correlation_id: str) -> ModelVersion | None:
        """Intend what is due, and carry out every intent that is open: the intents of others who died, too."""
        learned = None
        if requested(state, self.terms, self.recording.now()):
            learned = self.recording.learn(state.model.arn, self.intent, correlation_id)
            state = learned or self.ledger.open(state.model.arn).state_of(state.model.arn)
        for keeping in still_open(state):
            learned = self.extend(state, keeping, correlation_id) or learned
        return learned

    def intent(self, page: Page, now: datetime) -> Sequence[AnyFact]:
        """What is due by the record as it is now."""
        fact = requested(page.state, self.terms, now) if page.state else None
        return [fact] if fact else []

    def extend(self, state: ModelVersion, keeping: Keeping, correlation_id: str) -> ModelVersion | None:
        """Lock every sealed object, and put on record that it was done, or for which it could not be."""
        missing: list[str] = []
        until = keeping.until or self.recording.now()
        for stored in state.sealed_objects:
            try:
                self.locks.extend(stored, until)
            except SealedObjectMissing as gone:
                missing.append(str(gone))

        def outcome(page: Page, now: datetime) -> Sequence[AnyFact]:
            told = told_of(page, keeping, now)
            if missing or told is None:
                return failed(page, keeping, missing, now)
            reason = "production" if keeping.cause in state.deployments else "retired"
            return [RetentionExtended(**told, until=until, reason=reason, objects=state.sealed_objects)]

        return self.recording.learn(state.model.arn, outcome, correlation_id)

    def follow_order(self, state: ModelVersion, correlation_id: str) -> ModelVersion | None:
        """Hold or release as the last order says; one that comes meanwhile is followed instead."""
        version = state.model.arn
        for attempt in range(ATTEMPTS):
            if attempt:
                state = self.ledger.open(version).state_of(version)
            order = latest(state.keepings, HOLD)
            if order is None:
                return None
            objects, missing = self.hold(version, order)
            try:
                return self.put_on_record(version, order, objects, missing, correlation_id)
            except StaleVersion:
                continue
        raise StaleVersion(version)

    def hold(self, version: ModelPackageArn, order: Keeping) -> tuple[tuple[ObjectVersion, ...], list[str]]:
        """Hold or release everything that was ever sealed of a version; returns it, and what of it is missing."""
        sealings = [fact for fact in self.ledger.facts(version) if isinstance(fact, ArtifactsSealed)]
        objects = tuple(dict.fromkeys(artifact.stored for one in sealings for artifact in one.artifacts))
        missing: list[str] = []
        for stored in objects:
            self.note(stored, version, order)
            try:
                self.settle(stored)
            except SealedObjectMissing as gone:
                missing.append(str(gone))
        return objects, missing

    def note(self, stored: ObjectVersion, version: ModelPackageArn, order: Keeping) -> None:
        """Note at an object that a version holds it, or that it does not."""
        by = HeldBy(model_package_arn=version, version_id=stored.version_id, effect_id=order.effect_id)
        self.journal.note(f"HOLD#{stored.key}", f"MODEL#{version}", by if order.what == "hold" else None)

    def settle(self, stored: ObjectVersion) -> None:
        """Set the hold by the notes, and look again whether they still say so."""
        for _ in range(ATTEMPTS):
            held = self.is_noted(stored)
            self.locks.hold(stored, held)
            if self.is_noted(stored) == held:
                return
        raise StaleVersion(stored.name)

    def is_noted(self, stored: ObjectVersion) -> bool:
        """Whether any version holds an object."""
        return bool(self.journal.documents(f"HOLD#{stored.key}", "MODEL#"))

    def put_on_record(
        self,
        version: ModelPackageArn,
        order: Keeping,
        objects: tuple[ObjectVersion, ...],
        missing: list[str],
        correlation_id: str,
    ) -> ModelVersion | None:
        """The outcome of an order. Raises `StaleVersion` if it is no longer the last one."""

        def outcome(page: Page, now: datetime) -> Sequence[AnyFact]:
            last = latest(page.state.keepings, HOLD) if page.state else None
            if last is None or last.effect_id != order.effect_id:
                raise StaleVersion(version)
            told = told_of(page, order, now, objects)
            if missing or told is None:
                return failed(page, order, missing, now)
            return [LegalHoldApplied(**told, held=order.what == "hold", objects=objects)]

        return self.recording.learn(version, outcome, correlation_id)


def told_of(
    page: Page, keeping: Keeping, now: datetime, objects: Sequence[ObjectVersion] = ()
) -> dict[str, object] | None:
    """What every outcome of an effect says, or None where the record has one that speaks of all these objects."""
    known = (
        next((one for one in page.state.keepings if one.effect_id == keeping.effect_id), None) if page.state else None
    )
    if page.state is None or known is None or (known.is_over and set(objects) <= set(known.objects)):
        return None
    at = max(now, keeping.requested_at)
    return {"model": page.state.model, "effective_at": at, "recorded_at": now, "effect_id": keeping.effect_id}


def failed(page: Page, keeping: Keeping, missing: Sequence[str], now: datetime) -> Sequence[AnyFact]:
    """That objects are not there, unless the record says so already."""
    told, reason = told_of(page, keeping, now), "; ".join(f"{name} is not there" for name in missing)
    known = {one.reason for one in page.state.keepings if one.effect_id == keeping.effect_id} if page.state else set()
    return (
        [KeepingFailed.model_validate({**told, "reason": reason})] if told and missing and reason not in known else []
    )
