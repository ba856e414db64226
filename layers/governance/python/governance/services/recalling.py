"""Take back what runs, on somebody's order: a version in one stage, or everywhere; release it; or retire it for good.

The order becomes a fact, and what it takes to follow it is concluded in the same transaction: `roll_back` does the
rest. The answer tells the blast radius: where the version runs or is about to, and what would serve in its place.
A request that comes again is the same deed: its fact has the moment of its signature.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.domain import orders_to_recall as o
from governance.domain.asking import Asker
from governance.domain.deployment import Deployment
from governance.domain.errors import Refused
from governance.domain.facts import AnyFact
from governance.domain.identifiers import ModelPackageArn, version_name_of
from governance.domain.model_version import ModelVersion
from governance.domain.people import Names
from governance.domain.recalling import GIVES, WayBack, facts_of
from governance.domain.recalls import RollbackOrdered
from governance.domain.values import iso, whole_second
from governance.ports.identity import Caller
from governance.ports.ledger import Ledger, Page
from governance.services.judging import asking, known
from governance.services.reaching import Told, reach
from governance.services.recording import Recording
from governance.services.returning import way_back


@dataclass(frozen=True, slots=True)
class Recalling:
    """Do what somebody who proved who they are asks for about what runs."""

    ledger: Ledger
    recording: Recording

    def carry_out(self, order: o.AnyRecall, caller: Caller) -> Told:
        """Do it, or tell what would come of it. Raises `Refused`."""
        page = self.ledger.open(order.version)
        reach = list(self.reach(order, page, known(page, order.version)))
        if order.dry_run:
            would = bool(self.facts(order, caller, page, self.recording.now()))
            return {**standing(page.state_of(order.version), page.names), **told(order, reach, False, would)}

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            return self.facts(order, caller, page, now)

        learned = self.recording.learn(order.version, facts, order.request_id)
        page = self.ledger.open(order.version)
        state = learned or page.state_of(order.version)
        return {**standing(state, page.names), **told(order, reach, learned is not None, False)}

    def facts(self, order: o.AnyRecall, caller: Caller, page: Page, now: datetime) -> Sequence[AnyFact]:
        """What an order makes known of what is on record; of one that was carried out already, nothing."""
        state, asker = known(page, order.version), asking(caller, page, now)
        if isinstance(order, o.Retire) and order.successor and not state.is_retired:
            self.check_successor(order.successor)
        terms = self.recording.terms(page, order.version)
        try:
            return facts_of(order, asker, state, terms, lambda one: self.way_back(page, one, state))
        except Refused:
            if any(is_made_by(fact, order, asker) for fact in self.ledger.facts(order.version)):
                return ()
            raise

    def check_successor(self, successor: ModelPackageArn) -> None:
        """Refuse what has no record, and what is retired itself."""
        if known(self.ledger.open(successor), successor).is_retired:
            name = version_name_of(successor)
            raise Refused("retired", f"{name} is retired itself: name a version that goes on, or none")

    def way_back(self, page: Page, deployment: Deployment, state: ModelVersion) -> WayBack:
        """What would serve in the version's place where it was deployed."""
        return way_back(self.ledger, page.group, deployment.place, state.model.arn)

    def reach(self, order: o.AnyRecall, page: Page, state: ModelVersion) -> Iterator[Told]:
        """Everything that an order touches: each deployment by which the version runs, or is about to."""
        if isinstance(order, o.Release):
            return
        only = order.stage if isinstance(order, o.RollBack) else None
        place = order.environment if isinstance(order, o.RollBack) else ""
        for one in reach(self.ledger, page.group, state, only, place):
            yield removed(one) if isinstance(order, o.Retire) and one["deployment_status"] == "deployed" else one


def is_made_by(fact: AnyFact, order: o.AnyRecall, asker: Asker) -> bool:
    """Whether a fact is what this very request made known: by the same person, at the moment of its signature.

    Within the second of its signature a deployment was taken back that was requested in it.
    """
    if not isinstance(fact, GIVES[order.command]) or getattr(fact, "person", None) != asker.known:
        return False
    if isinstance(fact, RollbackOrdered) and isinstance(order, o.RollBack):
        return fact.stage is order.stage and asker.at in {fact.effective_at, whole_second(fact.effective_at)}
    return fact.effective_at == asker.at


def standing(state: ModelVersion, names: Names) -> Told:
    """How a version stands with its quarantine."""
    quarantine = state.quarantine
    return {
        "version": state.model.arn,
        **of_its_retirement(state, names),
        "use_case": state.profile.use_case_id,
        "model_group": state.model.group or "",
        "quarantined": state.is_quarantined,
        "quarantined_by": names.shown(quarantine.person.id) if quarantine else "",
        "quarantined_at": iso(quarantine.at) if quarantine else "",
        "why": quarantine.why if quarantine else "",
        "safe_at": iso(quarantine.safe_at) if quarantine and quarantine.safe_at else "",
        "seconds_to_safe": quarantine.seconds_to_safe if quarantine else None,
    }


def of_its_retirement(state: ModelVersion, names: Names) -> Told:
    """How a version stands with its retirement."""
    known, wanted = state.retirement, state.retiring
    return {
        "retired": state.is_retired,
        "retired_by": names.shown(known.person.id) if known else "",
        "retired_at": iso(known.at) if known else "",
        "retired_why": known.why if known else "",
        "successor": known.successor if known else "",
        "gone_at": iso(known.completed_at) if known and known.completed_at else "",
        "proposed_by": names.shown(wanted.person.id) if wanted else "",
    }


def removed(touched: Told) -> Told:
    """What a retirement does to a deployment that serves: nothing takes its place. A trial is taken back."""
    if touched["is_trial"]:
        return touched
    return {**touched, "does": "remove", "returns": "", "why_none": "its endpoint is removed"}


def told(order: o.AnyRecall, reach: list[Told], changed: bool, would_change: bool) -> Told:
    """What came of an order, or would."""
    return {"command": order.command, "reach": reach, "changed": changed, "would_change": would_change}
