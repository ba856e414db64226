"""A world with a reconciler in it: stand-ins for what it looks at, and events that may be lost, late or told twice."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from governance.domain.audit import AuditEntry
from governance.domain.environment import Environment, Landscape
from governance.domain.errors import AccountUnreadable, GroupNotFound, ListingLost
from governance.domain.identifiers import group_arn_of
from governance.domain.inspection import Order, Report
from governance.domain.keeping import Terms
from governance.domain.model_version import ModelVersion
from governance.domain.registry import PackageDescription, RegistryCall
from governance.domain.roll_up import VersionTold, contribution
from governance.domain.values import Instant
from governance.ports.delivery import Execution
from governance.ports.inspection import (
    Calls,
    EndpointNamed,
    Endpoints,
    EndpointSeen,
    Executions,
    Groups,
    Known,
    Listed,
    Packages,
    Started,
)
from governance.services.announcing_again import AnnouncingAgain
from governance.services.announcing_use_cases import AnnouncingUseCases
from governance.services.comparing_deployments import ComparingDeployments
from governance.services.comparing_groups import ComparingGroups
from governance.services.comparing_packages import ComparingPackages
from governance.services.comparing_roll_ups import ComparingRollUps
from governance.services.reconciliation import Reconciliation
from governance.services.rolling_up import RollingUp
from governance.services.synchronisation import Synchronisation
from governance.services.taking_up import TakingUp
from governance.services.tally import HubFindings
from tests import fakes
from tests.builders import BORN
from tests.fakes_of_roll_ups import InMemoryRollUps
from tests.fakes_of_the_hub import InMemoryJournal
from tests.world import ENVIRONMENTS, World

HUB_CHAIN = "HUB#steward"
NOTHING_LONGER = Terms(production=timedelta(), retired=timedelta())
"""What was sealed is kept as it was sealed."""


def paged(items: Sequence[Any], token: str, size: int) -> tuple[tuple[Any, ...], str]:
    """A page, and the token of the next. Raises `ListingLost` for a token that is none."""
    if token and not token.isdigit():
        raise ListingLost(token)
    start = int(token or 0)
    return tuple(items[start : start + size]), str(start + size) if start + size < len(items) else ""


@dataclass
class InMemoryCatalogue:
    """`ports.Catalogue`, over the packages of an in-memory registry."""

    registry: fakes.InMemoryRegistry
    size: int = 3
    calls: list[str] = field(default_factory=list)
    policies: dict[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def gone(self) -> set[str]:
        """Groups that are listed and deleted before anybody looks into them."""
        return self.registry.gone

    def groups(self, token: str = "") -> Groups:
        self.calls.append("groups")
        arns = sorted({group for arn in self.registry.packages if (group := group_arn_of(arn))} | self.gone)
        page, following = paged(arns, token, self.size)
        return Groups(arns=page, token=following)

    def packages(self, group: str | None, token: str = "") -> Packages:
        self.calls.append("packages")
        if group in self.gone:
            raise GroupNotFound(group)
        arns = [arn for arn in self.registry.packages if group_arn_of(arn) == group]
        page, following = paged(sorted(arns), token, self.size)
        return Packages(arns=page, token=following)

    def present(self, packages: Sequence[str]) -> Collection[str]:
        self.calls.append("present")
        return set(packages) & set(self.registry.packages)

    def describe(self, package: str) -> PackageDescription:
        self.calls.append("describe")
        return self.registry.describe(package)

    def tags(self, group: str) -> Mapping[str, str]:
        return self.registry.tags(group)

    def policy(self, group: str) -> Sequence[Mapping[str, Any]]:
        self.calls.append("policy")
        return self.policies.get(group, ())


@dataclass
class InMemoryRecords:
    """`ports.Records`, over an in-memory ledger."""

    ledger: fakes.InMemoryLedger
    size: int = 3
    relayed: dict[str, int] = field(default_factory=dict)

    def look(self, versions: Sequence[str]) -> Mapping[str, Known]:
        return {arn: self.known(arn) for arn in versions}

    def known(self, arn: str) -> Known:
        text = self.ledger.states.get(arn)
        if text is None:
            return Known()
        sequence = self.ledger.links[arn].sequence
        numbers = {"sequence": sequence, "relayed": self.relayed.get(arn, 0)}
        try:
            return Known(state=ModelVersion.model_validate_json(text), **numbers)
        except ValueError:
            return Known(damage="the state in HEAD cannot be read", **numbers)

    def listed(self, place: str = "") -> Listed:
        page, following = paged(sorted(self.ledger.states), place, self.size)
        return Listed(versions=page, place=following)

    def after(self, version: str, sequence: int) -> Sequence[AuditEntry]:
        return [entry for entry in self.ledger.entries.get(version, []) if entry.sequence > sequence][:100]

    def announcing(self, version: str, event: str, about: str) -> AuditEntry | None:
        for entry in reversed(self.ledger.entries.get(version, [])):
            if any(one["detail_type"] == event and about in one["detail"].values() for one in entry.content["events"]):
                return entry
        return None

    def begun_at(self) -> Instant:
        return BORN - timedelta(days=1)


@dataclass
class InMemoryHistory:
    """`ports.PipelineHistory`, over in-memory pipelines."""

    pipelines: fakes.InMemoryPipelines
    started: dict[str, datetime] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)

    def listed(self, pipeline: str, token: str = "") -> Executions:
        runs = [one for one in self.pipelines.executions.values() if one.pipeline == pipeline]
        told = [Started(id=one.id, started_at=self.started.get(one.id, BORN), status=one.status) for one in runs]
        page, following = paged(told, token, 2)
        return Executions(executions=page, token=following)

    def find(self, pipeline: str, execution_id: str) -> Execution | None:
        return None if execution_id in self.forgotten else self.pipelines.executions.get(execution_id)


@dataclass
class InMemoryWorkloads:
    """`ports.Workloads`."""

    seen: dict[str, EndpointSeen] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    """Accounts that let nobody look."""
    models: dict[str, EndpointSeen] = field(default_factory=dict)
    """Those that transform jobs run, by their ARNs."""

    def listed(self, environment: Environment, token: str = "") -> Endpoints:
        self.knock(environment)
        mine = [one for one in self.seen.values() if f":{environment.account}:" in one.arn]
        told = [EndpointNamed(name=one.arn.split("/")[-1], arn=one.arn, changed_at=BORN) for one in mine]
        page, following = paged(told, token, 2)
        return Endpoints(endpoints=page, token=following)

    def look(self, environment: Environment, endpoint: str) -> EndpointSeen | None:
        self.knock(environment)
        return next((one for one in self.seen.values() if one.arn.endswith(f"/{endpoint}")), None)

    def model(self, environment: Environment, arn: str) -> EndpointSeen | None:
        self.knock(environment)
        return self.models.get(arn)

    def knock(self, environment: Environment) -> None:
        if environment.account in self.closed:
            raise AccountUnreadable(environment.account)


@dataclass
class InMemoryTrail:
    """`ports.Trail`."""

    seen: list[RegistryCall] = field(default_factory=list)
    complete: bool = True
    asked: int = 0

    def calls(self, since: Instant, until: Instant) -> Calls:
        self.asked += 1
        found = [call for call in self.seen if since <= call.event_time <= until]
        return Calls(calls=tuple(sorted(found, key=lambda call: call.event_time)), complete=self.complete)


@dataclass
class InMemoryOutbox:
    """`ports.Outbox`: what was announced again, and the acknowledgement of it."""

    records: InMemoryRecords
    announced: list[tuple[str, str]] = field(default_factory=list)

    def again(self, subject: str, entries: Sequence[AuditEntry]) -> None:
        arn = subject.removeprefix("MODEL#")
        for entry in entries:
            self.announced += [(event["detail_type"], arn) for event in entry.content["events"]]
        if entries and self.records.relayed.get(arn, 0) == entries[0].sequence - 1:
            self.records.relayed[arn] = entries[-1].sequence


class ReconciledWorld(World):
    """A whole Steward in memory, and its reconciler."""

    def __init__(self, terms: Terms = NOTHING_LONGER, **settings: Any) -> None:
        super().__init__(**settings)
        self.catalogue = InMemoryCatalogue(self.registry)
        self.records = InMemoryRecords(self.ledger)
        self.history, self.workloads = InMemoryHistory(self.pipelines), InMemoryWorkloads()
        self.trail, self.outbox, self.journal = InMemoryTrail(), InMemoryOutbox(self.records), InMemoryJournal()
        self.rolling_up = RollingUp(InMemoryRollUps(self.use_cases, self.told), Landscape(), self.now)
        self.hub = HubFindings(self.journal, HUB_CHAIN, self.now)
        announcing = AnnouncingAgain(self.records, self.outbox, self.leases, ENVIRONMENTS, terms, self.now)
        self.reconciliation = Reconciliation(
            catalogue=self.catalogue,
            records=self.records,
            history=self.history,
            workloads=self.workloads,
            packages=ComparingPackages(
                self.catalogue,
                self.records,
                self.recording,
                Synchronisation(self.catalogue, self.recording),
                self.grouping,
                self.trail,
                self.now,
            ),
            deployments=ComparingDeployments(
                self.records,
                self.tracking,
                self.history,
                self.workloads,
                self.ledger,
                announcing,
                ENVIRONMENTS,
                self.now,
            ),
            announcing=announcing,
            belonging=ComparingGroups(self.use_cases, self.groups, self.catalogue, self.taking_in),
            of_use_cases=AnnouncingUseCases(self.use_cases, self.outbox, self.now),
            roll_ups=ComparingRollUps(self.rolling_up, self.use_cases, self.groups),
            taking_up=TakingUp(self.records),
            journal=self.journal,
            hub=self.hub,
            environments=ENVIRONMENTS,
            now=self.now,
        )

    def told(self, version: str) -> VersionTold | None:
        """What a version contributes by its record."""
        known = self.records.look([version])[version]
        return contribution(known.state, known.sequence) if known.state else None

    def relay(self) -> None:
        """Everything that was saved has been announced and acknowledged."""
        self.records.relayed = {arn: link.sequence for arn, link in self.ledger.links.items()}

    def reconcile(self, **order: Any) -> Report:
        """One whole run; without a grace period unless it is asked for."""
        return self.reconciliation.work(Order.model_validate({"grace_seconds": 0, **order}), lambda: 900.0)

    def in_bits(self, **order: Any) -> list[Report]:
        """One run in calls that have time for one page each, as if each were killed after it."""
        reports: list[Report] = []
        while not reports or not reports[-1].done:
            left = iter([900.0])
            asked = Order.model_validate({"grace_seconds": 0, **order})
            reports.append(self.reconciliation.work(asked, lambda left=left: next(left, 0.0)))
        return reports

    def codes(self) -> set[str]:
        """The codes of the open findings about the hub."""
        return {kept.code for kept in self.hub.listed()}
