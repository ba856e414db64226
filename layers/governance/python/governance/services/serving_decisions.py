"""Put on record which versions took part in a decision, if whoever tells it is the account that they answered in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.domain.errors import MalformedEvent, NotItsProducer, NoUseCase
from governance.domain.identifiers import group_arn_of
from governance.domain.lifecycle import Stage
from governance.domain.producers import may_report
from governance.domain.served_decisions import AHEAD, DecisionServed, Participation, participation
from governance.domain.values import iso
from governance.ports.decisions import Decisions
from governance.ports.ledger import Groups


@dataclass(frozen=True, slots=True)
class ServingDecisions:
    """Record parts in decisions. The use case is the group's: nobody has to say it, and nobody can say another."""

    groups: Groups
    decisions: Decisions
    producers: Mapping[Stage, frozenset[str]]
    kept_for: timedelta
    now: Callable[[], datetime]

    def record(self, told: DecisionServed, account: str) -> Participation:
        """Keep it, and return what was kept. Told again, it is the same.

        Raises `NotItsProducer` for an account that may not tell it, `NoUseCase` where the group belongs to none (and
        `MalformedEvent` for a time that is still to come): it ends among the failed events, to be redriven.
        """
        group = self.groups.get(group_arn_of(told.model_package_arn) or "")
        if not may_report(account, told.stage, told.model_package_arn, group, self.producers):
            raise NotItsProducer(f"{account} does not report on {told.model_package_arn} in {told.stage}")
        use_case = group.use_case.id if group and group.use_case else ""
        use_case = use_case or (group.profile.use_case_id if group and group.profile else "")
        if not use_case:
            raise NoUseCase(f"the group of {told.model_package_arn} belongs to no use case")
        if told.served_at > self.now() + AHEAD:
            raise MalformedEvent(f"served_at: {iso(told.served_at)} is still to come")
        part = participation(told, use_case, account, told.served_at, self.kept_for)
        self.decisions.keep(part)
        return part
