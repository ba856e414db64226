"""Compare registry, record, pipelines and endpoints, page by page: repair what is only missing, say the rest.

A run goes through the registry's groups and their packages, packages outside any group, records whose package may be
gone, executions and endpoints. After each page it keeps a checkpoint; whoever comes next goes on from there. Nothing
is kept in memory but one page, and doing a page twice changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from governance.domain.audit import Deed
from governance.domain.environment import Environment
from governance.domain.errors import AccountUnreadable, GovernanceError, GroupNotFound, ListingLost
from governance.domain.findings import Severity
from governance.domain.identifiers import STEWARD, ModelPackageArn, group_name_of
from governance.domain.inspection import Checkpoint, HubFinding, Order, Phase, Report
from governance.domain.values import Instant, Value, iso
from governance.ports.inspection import Catalogue, Known, PipelineHistory, Records, Started, Workloads
from governance.ports.journal import Journal
from governance.services.announcing_again import AnnouncingAgain
from governance.services.announcing_use_cases import AnnouncingUseCases
from governance.services.comparing_deployments import ComparingDeployments, unreadable_account
from governance.services.comparing_groups import ComparingGroups
from governance.services.comparing_packages import ComparingPackages, not_compared
from governance.services.comparing_roll_ups import ComparingRollUps
from governance.services.pending_imports import pending_imports
from governance.services.taking_up import TakingUp
from governance.services.tally import HubFindings, Tally

RESERVE = 60.0
"""Seconds that must be left for another page to be begun: the longest a page takes."""

OVERLAP = timedelta(days=1)
"""How long before the last complete run executions are looked at once more."""

RUN, GOVERNED = "RUN#reconcile", "GOVERNED"
"""Sort keys of the checkpoint, and of the moment since which the registry is governed."""


class Governed(Value):
    """Since when the registry is governed: versions from before are backfilled, never taken for missed."""

    since: Instant


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Bring the record into step with the world, once, in as many calls as it takes."""

    catalogue: Catalogue
    records: Records
    history: PipelineHistory
    workloads: Workloads
    packages: ComparingPackages
    deployments: ComparingDeployments
    announcing: AnnouncingAgain
    belonging: ComparingGroups
    of_use_cases: AnnouncingUseCases
    roll_ups: ComparingRollUps
    taking_up: TakingUp
    journal: Journal
    hub: HubFindings
    environments: Mapping[str, Environment]
    now: Callable[[], datetime]

    def work(
        self, order: Order, remaining: Callable[[], float], cursor: Checkpoint | None = None, resume: bool = True
    ) -> Report:
        """Go on with a run, or begin one, until it is done or too little time remains.

        `remaining` says how many seconds are left. A run that only looks keeps no checkpoint: its cursor is given back
        and taken again.
        """
        governed = self.governed_since(order)
        left = cursor or (self.unfinished(order) if resume else None)
        checkpoint = left or self.begun(order)
        tally = Tally(checkpoint.order, checkpoint.run_id, Counter(checkpoint.counts))
        tally.present, tally.unread = list(checkpoint.present), list(checkpoint.unread)
        if left is None:
            self.kept(checkpoint, tally)
        tally.taken_up = left is not None and not order.dry_run
        while not checkpoint.is_done and remaining() > RESERVE:
            checkpoint = self.kept(self.step(checkpoint, governed, tally), tally)
        return Report(
            done=checkpoint.is_done,
            cursor=checkpoint,
            counts=dict(tally.counts),
            differences=tuple(tally.differences),
            left_off=tally.left_off,
        )

    def unfinished(self, order: Order) -> Checkpoint | None:
        """The run of just this order that ended early, or None."""
        last = self.last()
        return last if last and not last.is_done and last.order == order and not order.dry_run else None

    def last(self) -> Checkpoint | None:
        """The last checkpoint."""
        text = self.journal.document(self.hub.subject, RUN)
        return Checkpoint.model_validate_json(text) if text else None

    def begun(self, order: Order) -> Checkpoint:
        """A run at its beginning."""
        now, last = self.now(), self.last()
        since = self.governed_since(order) if last is None else last.started_at if last.is_done else last.since
        return Checkpoint(run_id=iso(now), order=order, started_at=now, since=since)

    def governed_since(self, order: Order) -> datetime:
        """Since when the registry is governed: since the table exists, as the first run found it."""
        text = self.journal.document(self.hub.subject, GOVERNED)
        if text:
            return Governed.model_validate_json(text).since
        begun = self.records.begun_at()
        if not order.dry_run:
            deed = self.deed("governed", f"the governance table was created at {iso(begun)}")
            self.journal.write_once(self.hub.subject, deed, GOVERNED, Governed(since=begun))
        return begun

    def kept(self, checkpoint: Checkpoint, tally: Tally) -> Checkpoint:
        """The checkpoint with what was found, kept for whoever goes on; findings about the hub are kept first."""
        if not tally.order.dry_run:
            for finding in tally.hub:
                self.hub.open(finding, tally)
        tally.hub.clear()
        tally.taken_up = False
        checkpoint = self.with_findings(checkpoint, tally)
        if not tally.order.dry_run:
            self.journal.note(self.hub.subject, RUN, checkpoint)
        return checkpoint

    def with_findings(self, checkpoint: Checkpoint, tally: Tally) -> Checkpoint:
        """The checkpoint with what was found so far."""
        found = {"counts": dict(tally.counts), "present": tuple(tally.present), "unread": tuple(tally.unread)}
        return checkpoint.model_copy(update=found)

    def step(self, at: Checkpoint, governed: datetime, tally: Tally) -> Checkpoint:
        """One page of whatever comes next. A listing whose token is no longer good begins again."""
        try:
            if at.phase in {Phase.GROUPS, Phase.UNVERSIONED}:
                return self.of_the_registry(at, governed, tally)
            if at.phase is Phase.RECORDS:
                return self.of_the_record(at, tally)
            if at.phase is Phase.PIPELINES:
                return self.of_the_pipelines(at, tally)
            if at.phase is Phase.ENDPOINTS:
                return self.of_the_endpoints(at, tally)
            return self.closed(at, tally)
        except ListingLost:
            tally.counts["listings-begun-again"] += 1
            return at.model_copy(update={"listing": "", "token": ""})

    def of_the_registry(self, at: Checkpoint, governed: datetime, tally: Tally) -> Checkpoint:
        """A page of a group's packages, or the next group."""
        if at.phase is Phase.GROUPS and not at.group:
            return self.next_group(at)
        try:
            page = self.catalogue.packages(at.group or None, at.token)
        except GroupNotFound:
            tally.counts["groups-deleted-meanwhile"] += 1
            return finished_group(at)
        known = dict(self.records.look(page.arns)) if page.arns else {}
        if at.group and not at.token:
            tally.counts["groups"] += 1
            self.announcing.leases(at.group, tally)
            self.packages.under_policy(at.group, tally)
        self.taking_up.tell(known, tally)
        old = at.old + self.packages.page(page.arns, known, governed, tally)
        if at.group:
            self.packages.inform(at.group, known, tally)
            if not at.token:
                self.belonging.look(at.group, tally)
            self.roll_ups.page(at.group, known, not at.token, tally)
        for arn, one in known.items():
            self.tend(arn, one, tally)
        if page.token:
            return at.model_copy(update={"token": page.token, "old": old})
        if old:
            tally.found(not_backfilled(at.group or "packages outside any group", old))
        if at.phase is Phase.UNVERSIONED:
            return moved(at, Phase.RECORDS)
        return finished_group(at)

    def tend(self, version: ModelPackageArn, known: Known, tally: Tally) -> None:
        """What a version's record says was begun. A version that cannot be tended is said and harms no other."""
        try:
            self.announcing.tend(version, known, tally)
            if known.state is not None and not known.state.is_dormant:
                self.deployments.tend(known.state, tally)
        except (GovernanceError, ValueError) as wrong:
            tally.found(not_compared(version, f"{type(wrong).__name__}: {str(wrong)[:300]}"))

    def next_group(self, at: Checkpoint) -> Checkpoint:
        """The next group of the page that has not been finished, else the next page.

        Within a page the order is ours, so that it does not matter how the registry orders names.
        """
        page = self.catalogue.groups(at.listing)
        asked = [arn for arn in page.arns if not at.order.groups or group_name_of(arn) in at.order.groups]
        left = sorted(arn for arn in asked if arn > at.after)
        if left:
            return at.model_copy(update={"group": left[0]})
        if page.token:
            return at.model_copy(update={"listing": page.token, "after": ""})
        return moved(at, Phase.RECORDS if at.order.groups else Phase.UNVERSIONED)

    def of_the_record(self, at: Checkpoint, tally: Tally) -> Checkpoint:
        """A page of versions on record: that the registry still has their packages."""
        page = self.records.listed(at.listing)
        wanted = [arn for arn in page.versions if not at.order.groups or arn.split("/")[1] in at.order.groups]
        tally.counts["records"] += len(wanted)
        lost = self.packages.gone(wanted, tally)
        self.taking_up.tell(lost, tally)
        if page.place:
            return at.model_copy(update={"listing": page.place})
        return moved(at, Phase.CLOSING if at.order.groups or at.order.mode == "backfill" else Phase.PIPELINES)

    def of_the_pipelines(self, at: Checkpoint, tally: Tally) -> Checkpoint:
        """A page of executions of a pipeline, down to the last complete run; and those that were found wanting then."""
        environment = self.environment(at)
        if environment is None:
            return moved(at, Phase.ENDPOINTS)
        if not at.listing:
            for kept in self.hub.listed():
                pipeline, _, execution = kept.subject.partition("/")
                if kept.code == "execution-without-record" and pipeline == environment.pipeline:
                    known = Started(id=execution, started_at=kept.opened_at - at.order.grace, status="")
                    self.deployments.execution(pipeline, known, tally)
        page = self.history.listed(environment.pipeline, at.listing)
        recent = [one for one in page.executions if one.started_at >= at.since - OVERLAP]
        for one in recent:
            self.deployments.execution(environment.pipeline, one, tally)
        if page.token and len(recent) == len(page.executions):
            return at.model_copy(update={"listing": page.token})
        return next_environment(at)

    def of_the_endpoints(self, at: Checkpoint, tally: Tally) -> Checkpoint:
        """A page of a workload account's endpoints."""
        environment = self.environment(at)
        if environment is None:
            return moved(at, Phase.CLOSING)
        try:
            page = self.workloads.listed(environment, at.listing)
        except AccountUnreadable as unreadable:
            tally.found(unreadable_account(environment, str(unreadable)))
            tally.unread.append(f":{environment.account}:")
            return next_environment(at)
        for endpoint in page.endpoints:
            self.deployments.endpoint(endpoint, tally)
        return at.model_copy(update={"listing": page.token}) if page.token else next_environment(at)

    def environment(self, at: Checkpoint) -> Environment | None:
        """The environment that is being looked at, or None after the last."""
        listed = list(self.environments.values())
        number = int(at.after or 0)
        return listed[number] if number < len(listed) else None

    def closed(self, at: Checkpoint, tally: Tally) -> Checkpoint:
        """The end: findings about the hub that are no longer so are closed, and what was found is on its chain."""
        whole = not at.order.groups and at.order.mode == "reconcile"
        if whole:
            self.of_use_cases.tend(tally)
            self.roll_ups.tend(tally)
            for finding in pending_imports(self.journal, self.hub.subject, self.now() - at.order.grace):
                tally.found(finding)
        if not at.order.dry_run:
            if whole:
                self.hub.close_others(tally)
            if told := {name: count for name, count in tally.counts.items() if name not in SCOPE}:
                deed = self.deed("reconciled", f"a run that began at {iso(at.started_at)}", told, tally.correlation_id)
                self.journal.write(self.hub.subject, deed, {RUN: self.with_findings(moved(at, Phase.DONE), tally)})
        return moved(at, Phase.DONE)

    def deed(self, action: str, why: str, new: Mapping[str, Any] | None = None, known_by: str = "reconcile") -> Deed:
        """A deed of the reconciler."""
        return Deed(action=action, who=STEWARD, why=why, at=self.now(), correlation_id=known_by, new=dict(new or {}))


SCOPE = frozenset({"versions", "records", "groups", "executions", "endpoints", "listings-begun-again"})
"""Counts that say how much was looked at, and not that anything was wrong."""


def moved(at: Checkpoint, phase: Phase) -> Checkpoint:
    """The beginning of another phase."""
    return at.model_copy(update={"phase": phase, "listing": "", "group": "", "after": "", "token": "", "old": 0})


def finished_group(at: Checkpoint) -> Checkpoint:
    """On to the next group."""
    return at.model_copy(update={"group": "", "after": at.group, "token": "", "old": 0})


def next_environment(at: Checkpoint) -> Checkpoint:
    """On to the next environment."""
    return at.model_copy(update={"after": str(int(at.after or 0) + 1), "listing": ""})


def not_backfilled(group: str, count: int) -> HubFinding:
    """Versions from before governance that nobody brought in."""
    return HubFinding(
        code="not-backfilled",
        severity=Severity.LOW,
        subject=group,
        detail=f"{count} versions from before governance are not on record",
        remedy="bring them in: steward backfill",
    )
