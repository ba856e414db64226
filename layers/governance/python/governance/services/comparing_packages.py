"""Compare packages with their records: what was missed is added as a fact, the rest is said."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.domain.errors import GovernanceError, GroupNotFound, PackageNotFound
from governance.domain.facts import AnyFact, RegistryObserved
from governance.domain.findings import Severity
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn
from governance.domain.inspection import (
    REMEMBERED,
    HubFinding,
    awaits_identity,
    calls_of,
    differing,
    is_accounted_for,
    missed,
)
from governance.domain.model_version import ModelVersion
from governance.domain.producers import producers_from
from governance.domain.registry import PackageDescription
from governance.domain.upkeep import GapNoticed, VersionBackfilled
from governance.domain.use_case import profile_from
from governance.domain.values import iso
from governance.ports.inspection import Calls, Catalogue, Known, Records, Trail
from governance.ports.ledger import Page
from governance.services.grouping import Grouping, told, with_use_case
from governance.services.recording import Recording
from governance.services.synchronisation import Synchronisation, lost, seen
from governance.services.tally import Tally

Pair = tuple[PackageDescription, Known]
AT_ONCE = 5
"""Calls whose authors are recorded in the transaction of what they led to; of more, the earlier ones come after."""

SLACK = timedelta(seconds=5)
"""How far around a span of time CloudTrail is asked, since clocks differ."""

NOTHING_ASKED = Calls(calls=(), complete=False)

DECISIVE = frozenset({"ModelApprovalStatus", "ModelLifeCycle", "InferenceSpecification", "ModelPackageStatus"})
"""Fields in which a record must say what the registry says, once they were compared."""


@dataclass(frozen=True, slots=True)
class ComparingPackages:
    """Bring records into step with packages that changed without an event's telling."""

    catalogue: Catalogue
    records: Records
    recording: Recording
    synchronisation: Synchronisation
    grouping: Grouping
    trail: Trail
    now: Callable[[], datetime]

    def page(
        self, versions: Sequence[ModelPackageArn], known: dict[ModelPackageArn, Known], governed: datetime, tally: Tally
    ) -> int:
        """Compare a page of packages. Returns how many are from before governance and not on record.

        One DescribeModelPackage for each: a listing tells neither when a package was changed nor what it consists of.
        A version that cannot be compared is said and harms no other.
        """
        old, pairs = 0, self.described(versions, known, tally)
        calls = self.calls_for([pair for pair in pairs if self.is_ripe(pair[0], tally)], governed)
        for described, record in pairs:
            arn = described.model_package_arn
            tally.counts["versions"] += 1
            try:
                old += self.compare(described, record, calls, governed, tally)
            except (GovernanceError, ValueError) as wrong:
                tally.found(not_compared(arn, f"{type(wrong).__name__}: {str(wrong)[:300]}"))
        self.identify([pair for pair in pairs if self.is_ripe(pair[0], tally)], tally)
        return old

    def described(
        self, versions: Sequence[ModelPackageArn], known: dict[ModelPackageArn, Known], tally: Tally
    ) -> list[Pair]:
        """Every package as it is now, with its record. One that was deleted since it was listed is left for later."""
        pairs: list[Pair] = []
        for arn in versions:
            try:
                pairs.append((self.catalogue.describe(arn), known[arn]))
            except PackageNotFound:
                tally.counts["deleted-meanwhile"] += 1
            except ValueError as wrong:
                tally.found(not_compared(arn, f"the registry's answer cannot be read: {str(wrong)[:300]}"))
        return pairs

    def is_ripe(self, described: PackageDescription, tally: Tally) -> bool:
        """Whether a change is old enough that no event will tell of it any more."""
        return described.changed_at <= self.now() - tally.order.grace

    def calls_for(self, pairs: Sequence[Pair], governed: datetime) -> Calls:
        """What CloudTrail knows of the time in which changes of these packages were missed: one look for all of them.

        Nobody asks when nothing was missed.
        """
        spans: list[tuple[datetime, datetime]] = []
        for described, known in pairs:
            state, created = known.state, described.identity.created_at
            if state is None and not known.damage and created >= governed and described.changed_at > created:
                spans.append((created, described.changed_at))
            missing = state is not None and state.model == described.identity and missed(state, described)
            if missing and state is not None and state.changed_at:
                spans.append((state.changed_at, described.changed_at))
        return self.asked(spans)

    def asked(self, spans: Sequence[tuple[datetime, datetime]]) -> Calls:
        """What CloudTrail knows of all of some spans of time, however impossible the moments that they are told by."""
        if not spans:
            return NOTHING_ASKED
        since, until, now = min(span[0] for span in spans), max(span[1] for span in spans), self.now()
        return self.trail.calls(max(since, now - 2 * REMEMBERED) - SLACK, min(until, now) + SLACK)

    def compare(
        self, described: PackageDescription, known: Known, calls: Calls, governed: datetime, tally: Tally
    ) -> int:
        """Compare one package. Returns 1 for one from before governance that is not on record."""
        arn, state = described.model_package_arn, known.state
        if known.damage:
            tally.found(damaged(arn, known.damage))
            return 0
        if not self.is_ripe(described, tally):
            return 0
        if state is None and described.identity.created_at < governed:
            if tally.order.mode != "backfill":
                return 1
            self.learn(described, None, calls, tally, backfill=True)
        elif state is None or (state.model == described.identity and missed(state, described)):
            self.learn(described, state, calls, tally)
        elif state.model != described.identity:
            self.reuse(described, state, tally)
        return 0

    def learn(
        self,
        described: PackageDescription,
        state: ModelVersion | None,
        calls: Calls,
        tally: Tally,
        backfill: bool = False,
    ) -> None:
        """Add what the registry shows, and say what was missed; then who did it, as far as CloudTrail knows."""
        arn, since = described.model_package_arn, state.changed_at if state else None
        code = "backfilled" if backfill else "history-gap"
        between = calls_of(arn, calls.calls, since, described.changed_at)
        accounted = is_accounted_for(state, described, between, calls.complete)
        if accounted and not backfill:
            code = "missed-event"
        detail = f"changed at {iso(described.changed_at)}, on record {iso(since) if since else 'not at all'}"
        tally.note(code, arn, detail, repaired=True)
        if tally.order.dry_run:
            return

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            if page.state and (page.state.model != described.identity or not missed(page.state, described)):
                return []
            observed = seen(described, page.group.described if page.group else None, now)
            if backfill:
                born = described.identity.created_at
                return [VersionBackfilled(model=observed.model, effective_at=born, recorded_at=now), observed]
            latest = between[-AT_ONCE:] if page.state else ()
            told = [one for call in latest for one in self.synchronisation.identified(page, call, now)]
            return [*noticed(page.state, observed, accounted), *{one.fingerprint: one for one in told}.values()]

        after = self.recording.learn(arn, facts, tally.correlation_id)
        if after and not backfill:
            for call in between:
                after = self.synchronisation.identify(call, tally.correlation_id) or after
        if after:
            tally.fresh[arn] = after
            tally.compared(state, after)
            self.check(after, described, tally)

    def check(self, after: ModelVersion, described: PackageDescription, tally: Tally) -> None:
        """See that the record now says what the registry says; what still contradicts it is said."""
        left = DECISIVE & set(differing(after, described))
        if left:
            tally.found(
                HubFinding(
                    code="record-contradicts-registry",
                    severity=Severity.HIGH,
                    subject=after.model.arn,
                    detail=f"the record and the registry still differ in {', '.join(sorted(left))}",
                    remedy="look at the version's facts: one of them claims a later moment than the registry's",
                )
            )

    def reuse(self, described: PackageDescription, state: ModelVersion, tally: Tally) -> None:
        """Another package goes by this ARN."""
        arn = described.model_package_arn
        if described.identity.created_at in state.reused:
            return
        if tally.order.dry_run:
            tally.note("identity-reused", arn, f"another package was created at {iso(described.identity.created_at)}")
            return

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            return self.synchronisation.reused(page.state, described, now) if page.state else []

        after = self.recording.learn(arn, facts, tally.correlation_id)
        if after:
            tally.compared(state, after)

    def identify(self, pairs: Sequence[Pair], tally: Tally) -> None:
        """Say who gave approvals that nobody could be credited with, as CloudTrail knows it: one look for a page."""
        waiting = {
            described.model_package_arn: spans
            for described, known in pairs
            if (state := tally.fresh.get(described.model_package_arn, known.state))
            and state.model == described.identity
            and (spans := awaits_identity(state, self.now() - REMEMBERED))
        }
        if not waiting or tally.order.dry_run:
            return
        calls = self.asked([span for spans in waiting.values() for span in spans]).calls
        for arn, spans in waiting.items():
            for call in calls_of(arn, calls, None, max(span[1] for span in spans)):
                if after := self.synchronisation.identify(call, tally.correlation_id):
                    tally.fresh[arn] = after
                    tally.note("approver-unknown", arn, "CloudTrail knew who decided", repaired=True)

    def inform(self, group: ModelGroupArn, known: dict[ModelPackageArn, Known], tally: Tally) -> None:
        """Put changed tags on the group and on its versions: SageMaker sends no event for them."""
        states = {arn: one.state for arn, one in known.items() if one.state} | tally.fresh
        tally.fresh = {}
        if not states or tally.order.dry_run:
            return
        try:
            tags = self.catalogue.tags(group)
        except GroupNotFound:
            tally.counts["groups-deleted-meanwhile"] += 1
            return
        profile, producers = profile_from(tags), producers_from(tags)
        page = self.recording.ledger.open(next(iter(states)))
        behind = [arn for arn, state in states.items() if state.group != page.written(with_use_case(page, profile))]
        if not behind and (page.group is None or page.group.producers == producers):
            return
        kept = self.grouping.groups.get(group)
        if kept is None or (kept.profile, kept.producers) != (profile, producers):
            self.grouping.admit(group, profile, producers)
        for arn in behind:
            if self.recording.learn(arn, lambda page, now: told(page, profile, now), tally.correlation_id):
                tally.counts["tags"] += 1

    def under_policy(self, group: ModelGroupArn, tally: Tally) -> None:
        """Put a group that a publication did not reach under the version of its policy that is in force."""
        if not tally.order.dry_run and self.grouping.catch_up(group):
            tally.counts["policies"] += 1

    def gone(self, versions: Sequence[ModelPackageArn], tally: Tally) -> dict[ModelPackageArn, Known]:
        """Say of records whose package the registry has lost that it was deleted. Returns them as they were."""
        absent = sorted(set(versions) - set(self.catalogue.present(versions)))
        looked: dict[ModelPackageArn, Known] = {}
        for start in range(0, len(absent), 50):
            looked.update(self.records.look(absent[start : start + 50]))
        for arn, known in looked.items():
            if known.state and not known.state.missing:
                self.lose(arn, known.state, tally)
        return looked

    def lose(self, arn: ModelPackageArn, state: ModelVersion, tally: Tally) -> None:
        """One package that seems to be gone: asked for once more by name, then put on record."""
        if state.changed_at and state.changed_at > self.now() - tally.order.grace:
            return
        try:
            self.catalogue.describe(arn)
        except PackageNotFound:
            tally.note("package-deleted", arn, "the registry has lost this package")
            if not tally.order.dry_run:
                self.recording.learn(arn, lost, tally.correlation_id)


def noticed(state: ModelVersion | None, observed: RegistryObserved, accounted: bool) -> list[AnyFact]:
    """What was seen, and that nobody had told of it, unless that very gap is on record: changes share seconds."""
    since, until = state.changed_at if state else None, observed.effective_at
    known = state is not None and any((one.since, one.until) == (since, until) for one in state.gaps)
    about = {"model": observed.model, "effective_at": until, "recorded_at": observed.recorded_at}
    gap = GapNoticed(**about, since=since, until=until, accounted=accounted)
    return [observed] if known else [observed, gap]


def not_compared(arn: ModelPackageArn, why: str) -> HubFinding:
    """A version that could not be compared."""
    return HubFinding(
        code="version-not-compared",
        severity=Severity.HIGH,
        subject=arn,
        detail=why,
        remedy="check its record: steward rebuild --check; it is tried again in the next run",
    )


def damaged(arn: ModelPackageArn, damage: str) -> HubFinding:
    """A record that cannot be read."""
    return HubFinding(
        code="record-damaged",
        severity=Severity.CRITICAL,
        subject=arn,
        detail=damage,
        remedy="rebuild it from its facts: steward rebuild --repair",
    )
