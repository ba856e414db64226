"""Carry out what people decide about a record: adopt a version, hold it, release it, repair it, forget a person.

Each returns what came of it, or raises `Refused` with what to do next. A request that comes again is the same deed:
its facts have the moment of its signature, and what is as it was asked to be is left so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.domain import orders
from governance.domain import upkeep as u
from governance.domain.authority import Standing
from governance.domain.comparing import Difference
from governance.domain.entitlement import authors_of, check_role
from governance.domain.errors import RecordDamaged, Refused, StaleVersion, UnknownModelVersion
from governance.domain.facts import AnyFact
from governance.domain.identifiers import version_name_of
from governance.domain.model_version import ModelVersion
from governance.domain.order import Order
from governance.domain.orders_on_models import AnyOrderOnModels
from governance.domain.orders_on_policies import AnyOrderOnPolicies
from governance.domain.orders_on_profiles import SetDeploymentProfile
from governance.domain.orders_on_use_cases import AnyOrderOnUseCases
from governance.domain.orders_to_recall import AnyRecall
from governance.domain.values import iso
from governance.ports.identity import Caller
from governance.ports.ledger import Ledger, Page
from governance.services.forgetting import Forgetting
from governance.services.judging import Judging, no_record_of
from governance.services.overseeing import Overseeing
from governance.services.policies import Rulebook
from governance.services.profiles import Profiling
from governance.services.rebuilding import Rebuilding
from governance.services.recalling import Recalling
from governance.services.recording import Recording

ATTEMPTS = 8
"""How often a repair is begun anew while others keep writing the record."""

Answer = dict[str, Any]
"""What is told to who asked."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """Do what somebody who proved who they are asks for."""

    ledger: Ledger
    recording: Recording
    rebuilding: Rebuilding
    forgetting: Forgetting
    judging: Judging
    recalling: Recalling
    rulebook: Rulebook
    profiling: Profiling
    overseeing: Overseeing

    def carry_out(self, order: orders.AnyOrder, caller: Caller) -> Answer:
        """Do it, or tell what would be done. Raises `Refused`.

        What concerns the record itself is for officers, and is not delegated.
        """
        if isinstance(order, SetDeploymentProfile):
            return self.profiling.carry_out(order, caller, self.recording.now())
        if isinstance(order, AnyOrderOnUseCases):
            return self.overseeing.carry_out(order, caller, self.recording.now())
        if isinstance(order, AnyOrderOnPolicies):
            return self.rulebook.carry_out(order, caller, self.recording.now())
        if isinstance(order, AnyRecall):
            return self.recalling.carry_out(order, caller)
        if not isinstance(order, AnyOrderOnModels):
            authority = self.recording.authority
            check_role(order.command, Standing(roles=authority.roles_of(caller.person)), authority)
        match order:
            case orders.Repair():
                return self.repair(order, caller)
            case orders.ForgetPerson():
                return self.forget(order, caller)
            case orders.Adopt() | orders.Hold() | orders.ReleaseHold():
                return self.decide(order, caller)
            case _:
                return self.judging.carry_out(order, caller)

    def decide(self, order: orders.Adopt | orders.Hold | orders.ReleaseHold, caller: Caller) -> Answer:
        """Adopt, hold or release: one fact, if the record is not as it is asked to be."""

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            return decided(order, caller, page, now)

        if order.dry_run:
            page = self.ledger.open(order.version)
            would = bool(decided(order, caller, page, self.recording.now()))
            return standing(order, page.state_of(order.version), would)
        learned = self.recording.learn(order.version, facts, order.request_id)
        state = learned or self.ledger.open(order.version).state_of(order.version)
        return standing(order, state, learned is not None)

    def repair(self, order: orders.Repair, caller: Caller) -> Answer:
        """Correct a record from its facts."""
        try:
            found = self.repaired(order, caller)
        except UnknownModelVersion as unknown:
            raise no_record_of(order.version) from unknown
        except RecordDamaged as damaged:
            raise Refused(
                "record-damaged",
                f"{damaged}: facts cannot be folded; bring them back first (steward restore --from-archive, "
                "then copy the rows it names)",
            ) from damaged
        differences = [one.model_dump(mode="json") for one in found]
        return {"version": order.version, "changed": bool(found) and not order.dry_run, "differences": differences}

    def repaired(self, order: orders.Repair, caller: Caller) -> Sequence[Difference]:
        """What was put right, or would be. Raises `StaleVersion` when the record would not hold still."""
        if order.dry_run:
            return self.rebuilding.check(order.version)
        for _ in range(ATTEMPTS):
            try:
                return self.rebuilding.repair(order.version, caller.person, order.why, order.request_id)
            except StaleVersion:
                continue
        raise StaleVersion(order.version)

    def forget(self, order: orders.ForgetPerson, caller: Caller) -> Answer:
        """Erase a name, or tell where it is kept."""
        if order.dry_run:
            found = self.forgetting.find(order.name)
        else:
            found = self.forgetting.forget(order.name, caller.person, order.why, order.request_id)
        return {**found.model_dump(mode="json"), "changed": found.anywhere and not order.dry_run}


def decided(
    order: orders.Adopt | orders.Hold | orders.ReleaseHold, caller: Caller, page: Page, now: datetime
) -> Sequence[AnyFact]:
    """The fact that a decision is, or none where it has been made already. Raises `Refused`."""
    if page.state is None:
        raise no_record_of(order.version)
    state = page.state
    told = {"model": state.model, "effective_at": caller.at, "recorded_at": now}
    told |= {"person": caller.person, "why": order.why}
    match order:
        case orders.Adopt():
            check_adoption(state, page, caller)
            return [u.VersionAdopted(**told)] if state.is_dormant else []
        case _ if bool(state.legal_hold) == isinstance(order, orders.Hold):
            return []
        case _:
            check_order(state, caller)
            return [u.LegalHoldPlaced(**told) if isinstance(order, orders.Hold) else u.LegalHoldLifted(**told)]


def check_adoption(state: ModelVersion, page: Page, caller: Caller) -> None:
    """Refuse what there is nothing to adopt of, and who would adopt their own work."""
    name = version_name_of(state.model.arn)
    if not state.backfilled:
        raise Refused("not-dormant", f"{name} is governed since it was registered: there is nothing to adopt")
    authors = authors_of(state)
    if state.is_dormant and any(page.known_as(caller.person).is_same_as(author) for author in authors):
        raise Refused("four-eyes", f"you registered {name} or changed what it runs: somebody else has to adopt it")


def check_order(state: ModelVersion, caller: Caller) -> None:
    """Refuse to hold or release what somebody else decided on later: the later word stands, of one second the hold."""
    last = state.hold_order
    if last and (last.at > caller.at or (last.held and last.at == caller.at)):
        did = "placed" if last.held else "lifted"
        raise Refused("overtaken", f"the hold was {did} at {iso(last.at)}, and not before you signed: ask again")


def standing(order: Order, state: ModelVersion, changed: bool) -> Answer:
    """How a version stands after a decision; in a dry run, before it."""
    return {
        "version": state.model.arn,
        "changed": changed and not order.dry_run,
        "would_change": changed and order.dry_run,
        "is_dormant": state.is_dormant,
        "legal_hold": bool(state.legal_hold),
    }
