"""Carry out what people decide on models: approve, sign off, reject, answer, resubmit, approve in an emergency.

What is asked for becomes facts, in one transaction with what follows from them; the registry is written to by another
function, once the policy lets it pass. A request that comes again is the same deed: its facts have the moment of its
signature. The answer tells how things stand afterwards, or in a dry run, how they would.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.domain import orders_on_models as o
from governance.domain.acting import facts_of, is_of
from governance.domain.asking import Asker
from governance.domain.errors import Refused
from governance.domain.facts import AnyFact
from governance.domain.identifiers import ModelPackageArn, version_name_of
from governance.domain.model_version import ModelVersion
from governance.domain.people import Names, Pseudonyms
from governance.domain.resubmitting import closed_by
from governance.domain.standing import Told, how_it_stands
from governance.ports.identity import Caller
from governance.ports.ledger import Ledger, Page
from governance.services.recording import Recording

AT_ONCE = 8
"""How many findings are closed in one transaction: each is a fact, an audit entry and a row."""


@dataclass(frozen=True, slots=True)
class Judging:
    """Do what somebody who proved who they are asks for about a model version."""

    ledger: Ledger
    recording: Recording

    def carry_out(self, order: o.AnyOrderOnModels, caller: Caller) -> Told:
        """Do it, or tell what would come of it. Raises `Refused`."""
        if order.dry_run:
            return self.tried(order, caller)
        if isinstance(order, o.Resubmit) and order.of != order.version:
            return self.take_the_place(order, caller)
        return self.judge(order, caller)

    def judge(self, order: o.AnyOrderOnModels, caller: Caller) -> Told:
        """Put an order on the record of its version."""

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            return self.facts(order, caller, page, now)

        learned = self.recording.learn(order.version, facts, order.request_id)
        page = self.ledger.open(order.version)
        answer = self.answer(order, caller, page, learned or known(page, order.version), page.names)
        return {**answer, "changed": learned is not None, "would_change": False}

    def take_the_place(self, order: o.Resubmit, caller: Caller) -> Told:
        """Resubmit another version: on the record of the new one first, then the findings of the old one are closed.

        Two records are never in one transaction. The same request goes on where it was.
        """
        answer = self.judge(order, caller)

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            return closed_by(order, asking(caller, page, now), known(page, order.of), AT_ONCE)

        while self.recording.learn(order.of, facts, order.request_id):
            pass
        return answer

    def earlier(self, order: o.AnyOrderOnModels) -> ModelVersion | None:
        """The version in whose place another is resubmitted."""
        if not isinstance(order, o.Resubmit) or order.of == order.version:
            return None
        return known(self.ledger.open(order.of), order.of)

    def facts(self, order: o.AnyOrderOnModels, caller: Caller, page: Page, now: datetime) -> Sequence[AnyFact]:
        """What an order makes known of what is on record; of one that was carried out already, nothing."""
        state = known(page, order.version)
        asker, terms = asking(caller, page, now), self.recording.terms(page, order.version)
        try:
            return facts_of(order, asker, state, terms, self.earlier(order))
        except Refused:
            if self.is_done(order, asker):
                return ()
            raise

    def is_done(self, order: o.AnyOrderOnModels, asker: Asker) -> bool:
        """Whether this very request is what made the record as it is. Read only where it would be refused."""
        return any(
            fact.effective_at == asker.at and getattr(fact, "person", None) == asker.known and is_of(fact, order)
            for fact in self.ledger.facts(order.version)
        )

    def tried(self, order: o.AnyOrderOnModels, caller: Caller) -> Told:
        """What would come of an order: all that follows is drafted, and nothing saved."""
        page, now = self.ledger.open(order.version), self.recording.now()
        state, names = known(page, order.version), page.names
        facts = [fact for fact in self.facts(order, caller, page, now) if not self.is_on_record(fact, page)]
        if facts:
            draft = self.recording.drafted(order.version, page, facts, order.request_id, now)
            state, names = draft.state or state, page.names.with_new(draft.people.seen)
        answer = self.answer(order, caller, page, state, names)
        return {**answer, "changed": False, "would_change": bool(facts)}

    def is_on_record(self, fact: AnyFact, page: Page) -> bool:
        """Whether a fact is known already. Read only in a dry run: what is saved finds out by itself."""
        told = Pseudonyms(page.person_key).written(fact).fingerprint
        return any(one.fingerprint == told for one in self.ledger.facts(fact.model.arn))

    def answer(
        self, order: o.AnyOrderOnModels, caller: Caller, page: Page, state: ModelVersion, names: Names
    ) -> dict[str, Any]:
        """How things stand with what was asked for."""
        asker = asking(caller, page, self.recording.now())
        return how_it_stands(order, asker, state, self.recording.terms(page, order.version), names)


def asking(caller: Caller, page: Page, now: datetime) -> Asker:
    """Who asks, as a record knows them."""
    return Asker(person=caller.person, known=page.known_as(caller.person), at=caller.at, now=now)


def known(page: Page, version: ModelPackageArn) -> ModelVersion:
    """The state of a version. Refuses one that has no record."""
    if page.state is None:
        raise no_record_of(version)
    return page.state


def no_record_of(version: str) -> Refused:
    """There is nothing to decide about."""
    name = version_name_of(version)
    detail = f"there is no record of {name}: steward list tells what there is, steward backfill brings older ones in"
    return Refused("unknown-version", detail)
