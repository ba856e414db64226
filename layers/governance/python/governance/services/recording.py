"""Put what was learned on a version's record: facts, their conclusions, state and audit, in one transaction.

Every other use case that learns something of a version ends here. People are put on the record by their ids. A fact
that is known already changes nothing; one that is late makes everything be folded again; a record that moved on
meanwhile is opened and decided anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.domain.audit import AuditEntry, Link, entry_for
from governance.domain.authority import EVERYBODY, Authority
from governance.domain.conclusions import conclude
from governance.domain.environment import SIMPLE, Landscape
from governance.domain.errors import EndlessConclusion, FactKnown, StaleVersion
from governance.domain.facts import AnyFact, MetricsReported
from governance.domain.fold import fold_all, is_late, step
from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import Stage
from governance.domain.model_version import ModelVersion
from governance.domain.past import Folded, Past
from governance.domain.people import Pseudonyms
from governance.domain.projection import fact_key, last_reports
from governance.domain.terms import Terms
from governance.ports.ledger import Change, Ledger, Page

__all__ = ["Draft", "Recording", "fact_key"]

ATTEMPTS = 8
"""How often a decision is taken anew when others keep writing the record, before the event is retried as a whole."""


class Draft:
    """A change in the making: facts are added one by one, and each leaves its link in the chain."""

    def __init__(
        self, page: Page, history: Callable[[], Sequence[AnyFact]], correlation_id: str, now: datetime
    ) -> None:
        self.before = page.state
        self.state = page.state
        self.link = page.link
        self.revision = page.revision
        self.correlation_id = correlation_id
        self.now = now
        self.facts: list[AnyFact] = []
        self.entries: list[AuditEntry] = []
        self.read_history = history
        self.history: list[AnyFact] | None = None if page.state else []
        self.people = Pseudonyms(page.person_key)
        self.page = page
        self.past = page.past
        self.is_refolded = page.is_refolded

    def add(self, fact: AnyFact) -> None:
        """Fold one more fact in, and write its audit entry."""
        before = self.state
        self.facts.append(fact)
        folded = self.folded(fact)
        self.state = folded.state
        entry = entry_for(self.link, before, folded.state, fact, self.correlation_id, self.now, folded.past)
        self.entries.append(entry)
        self.link = Link(sequence=entry.sequence, hash=entry.hash)

    def folded(self, fact: AnyFact) -> Folded:
        """The state with one more fact, and what left it: one step on, or all over again for a late one."""
        if self.state is not None and is_late(self.state, fact):
            self.is_refolded = True
            folded = fold_all([*self.remembered(), *self.facts])
            self.past = folded.past
            return folded
        folded = step(self.state, fact) if self.state else fold_all([fact])
        self.past = Past.of([self.past, folded.past])
        return folded

    def remembered(self) -> list[AnyFact]:
        """Every fact that is on record, with people by their ids; read once."""
        if self.history is None:
            self.history = [self.people.written(known) for known in self.read_history()]
        return self.history

    def learn(self, facts: Sequence[AnyFact]) -> None:
        """Add what was told and is not on record, with people by their ids and, beside the record, their names.

        A state forgets who is known to have asked for what: so what was told in part before is told here again.
        """
        for told in facts:
            fact = self.people.written(told)
            if not self.is_on_record(fact):
                self.add(fact)

    def is_on_record(self, fact: AnyFact) -> bool:
        """Whether it is known already, which only a late one can be."""
        if self.before is None or not is_late(self.before, fact):
            return False
        return fact.fingerprint in {known.fingerprint for known in self.remembered()}

    def samples(self) -> tuple[MetricsReported, ...]:
        """The reports to be seen now: of the moments that were reported, all of them if all was folded again.

        Of several of one moment the one that counts last; another one that did not make these late comes before them.
        """
        if self.is_refolded:
            known = self.read_history() if self.history is None else self.history
            return tuple(last_reports([*known, *self.facts]).values())
        touched = last_reports(self.facts)
        every = last_reports([*(self.history or ()), *self.facts]) if touched else {}
        return tuple(every[key] for key in touched)

    def change(self, state: ModelVersion) -> Change:
        """What is to be saved."""
        return Change(
            before=self.before,
            after=state,
            facts=tuple(self.facts),
            entries=tuple(self.entries),
            revision=self.revision,
            samples=self.samples(),
            names_kept=self.page.names_kept,
            names_before=self.page.names,
            names=self.page.names.with_new(self.people.seen),
            new_person_key=self.page.person_key if self.page.is_new_key else "",
            past=self.past,
            is_refolded=self.is_refolded,
        )

    def conclude(self, terms: Terms) -> None:
        """Add everything that follows. What is on record and still called for would be called for without end."""
        concluded: set[str] = set()
        while self.state and (conclusion := conclude(self.state, terms, self.now)):
            if conclusion.fingerprint in concluded:
                raise EndlessConclusion(f"{conclusion.kind} of {self.state.model.arn}")
            concluded.add(conclusion.fingerprint)
            self.add(conclusion)


@dataclass(frozen=True, slots=True)
class Recording:
    """Write what was learned of model versions."""

    ledger: Ledger
    now: Callable[[], datetime]
    authority: Authority = EVERYBODY
    writer: str = ""
    """ARN of the role that writes to the registry."""
    landscape: Landscape = SIMPLE
    """The environments that there are."""

    def learn(
        self,
        version: ModelPackageArn,
        facts_from: Callable[[Page, datetime], Sequence[AnyFact]],
        correlation_id: str,
        key: str = "",
    ) -> ModelVersion | None:
        """Open the record, take the facts that follow from what is there, and save them with their conclusions.

        `key` names a fact whose being known means that there is nothing to learn. Returns the new state, or None
        when nothing was learned. Raises `StaleVersion` when the record would not hold still.
        """
        for _ in range(ATTEMPTS):
            page = self.ledger.open(version, key)
            if page.known:
                return None
            now = self.now()
            facts = facts_from(page, now)
            if not facts:
                return None
            draft = self.drafted(version, page, facts, correlation_id, now)
            if draft.state is None or not draft.facts:
                return None
            try:
                self.ledger.save(draft.change(draft.state))
            except (StaleVersion, FactKnown):
                continue  # what was told and is known by now is left out of the next attempt
            return draft.state
        raise StaleVersion(version)

    def drafted(
        self, version: ModelPackageArn, page: Page, facts: Sequence[AnyFact], correlation_id: str, now: datetime
    ) -> Draft:
        """The change that the facts make, with all that follows from them: all of it recorded at one moment."""
        draft = Draft(page, lambda: self.ledger.facts(version), correlation_id, now)
        draft.learn(facts)
        draft.conclude(self.terms(page, version))
        return draft

    def terms(self, page: Page, version: ModelPackageArn) -> Terms:
        """By what a version is judged: the group's word, as it was when the record was opened."""
        group = page.group
        if group is None:
            return Terms(authority=self.authority, writer=self.writer, landscape=self.landscape)
        serving = group.last_in(Stage.PRODUCTION)
        return Terms(
            landscape=self.landscape,
            policy=group.in_force,
            deployment_profile=group.deployment_profile,
            authority=self.authority,
            delegations=group.delegations,
            production=serving.readings if serving and serving.version != version else None,
            use_case=group.use_case,
            writer=self.writer,
        )
