"""Whatever nonsense comes in, it is a finding that names it, and everything else goes on as if it had not come.

What is done to the audit trail is in tests/unit/verification/test_tampering.py, to rows of the table in
tests/contract/test_rebuilding.py; events that are none are in tests/integration/scenarios/test_malformed_events.py.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from governance.domain import facts as f
from governance.domain.audit import breaks
from governance.domain.fold import fold
from governance.domain.inspection import differing
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.use_case import profile_from
from governance.domain.values import Instant, iso
from tests.builders import ADA, MARY, after, approved, call, change, described, group_arn, package_arn, rejected
from tests.reconciling import ReconciledWorld
from tests.unit.verification.trails import by_service, trail
from tests.world import World, open_findings

SEVEN, EIGHT = (package_arn(version=number) for number in (7, 8))
MOMENTS = st.datetimes(timezones=st.just(UTC)) | st.sampled_from(
    [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), after(-1), after(301), after(86_400)]
)
"""Any moment that can be written down, the first and the last among them."""
MANY = settings(max_examples=60, deadline=None)


@pytest.fixture
def world() -> ReconciledWorld:
    return ReconciledWorld()


def unharmed(world: World, arn: str = EIGHT, at: float = 60) -> bool:
    """Whether another version's life goes on as it should."""
    world.tell(change(0, arn=arn), by=ADA)
    world.tell(approved(at, arn=arn))
    state = world.state(arn)
    return state.stage(Stage.DEVELOPMENT).status is ModelStatus.APPROVED and "time-impossible" not in open_findings(
        world, arn
    )


# Impossible times, and clocks


@MANY
@given(MOMENTS)
def test_a_change_of_an_impossible_time_is_named_and_harms_no_other_version(moment: datetime):
    world = ReconciledWorld()
    world.register()
    world.now.moment = after(100)
    world.tell(approved(0, LastModifiedTime=moment.isoformat()))
    odd = [one.detail for one in world.state().findings.values() if one.code == "time-impossible"]
    impossible = not after(0) <= moment.replace(microsecond=0) <= after(400)
    assert bool(odd) == impossible
    assert all(moment.strftime("%m-%dT%H:%M:%S") in one for one in odd)
    assert world.state() == fold(world.ledger.facts(SEVEN))
    world.registry.packages[SEVEN] = described(rejected(500), MARY)
    world.now.wait(3600)
    assert world.reconcile().done
    assert "version-not-compared" not in world.codes()
    assert unharmed(world)


@MANY
@given(MOMENTS)
def test_a_version_created_at_an_impossible_time_harms_no_other(moment: datetime):
    world = ReconciledWorld()
    told = {"CreationTime": moment.isoformat(), "LastModifiedTime": moment.isoformat()}
    world.tell(change(0, **told), by=ADA)
    world.registry.packages[SEVEN] = described(approved(500, CreationTime=moment.isoformat()), MARY)
    world.now.wait(3600)
    assert world.reconcile().done
    assert "version-not-compared" not in world.codes()
    assert unharmed(world)


@MANY
@given(MOMENTS, MOMENTS)
def test_a_package_of_impossible_times_that_no_event_told_of_breaks_no_run(created: datetime, changed: datetime):
    world = ReconciledWorld()
    told = {"CreationTime": created.isoformat(), "LastModifiedTime": changed.isoformat()}
    world.registry.packages[SEVEN] = described(approved(0, **told), MARY)
    world.now.wait(3600)
    assert world.reconcile(mode="backfill").done
    assert world.reconcile().done
    assert unharmed(world)


@MANY
@given(MOMENTS)
def test_a_call_of_an_impossible_time_credits_nobody_and_is_named(moment: datetime):
    world = ReconciledWorld()
    world.register()
    world.deliver(approved(60))
    at = (moment - after(0)).total_seconds()
    told = call(0, MARY, modelApprovalStatus="Approved").model_copy(update={"event_time": moment})
    world.synchronisation.identify(told, "e")
    by = world.state().stage(Stage.DEVELOPMENT).decided_by
    assert by is None or 60 <= at < 61
    if not 0 <= at <= 300:
        assert "time-impossible" in open_findings(world)


@MANY
@given(MOMENTS, MOMENTS)
def test_times_are_written_so_that_the_order_of_texts_is_that_of_times_and_read_again_as_they_were(one, other):
    assert (iso(one) < iso(other)) == (one < other)
    assert TypeAdapter(Instant).validate_json(f'"{iso(one)}"') == one


@pytest.mark.parametrize("told", [1e300, float("inf"), float("nan"), "9" * 30, -(10**20), "0001-01-01T00:00:00+05:00"])
def test_a_moment_that_no_calendar_holds_is_a_wrong_value_like_any_other(told: Any):
    with pytest.raises(ValidationError):
        TypeAdapter(Instant).validate_python(told)


def test_a_clock_that_steps_back_loses_nothing_and_breaks_no_chain(world):
    world.register()
    world.now.moment = after(3600)
    world.tell(approved(3500))
    world.now.moment = after(-7200)
    world.tell(rejected(3550))
    state = world.state()
    assert state == fold(world.ledger.facts(SEVEN))
    assert breaks(world.ledger.entries[SEVEN]) == []
    assert "time-impossible" in open_findings(world)
    assert len([fact for fact in world.ledger.facts(SEVEN) if isinstance(fact, f.RegistryObserved)]) == 3


# A group deleted meanwhile


def test_a_group_that_was_deleted_before_its_version_is_taken_up_leaves_what_is_known_and_says_so(world):
    world.registry.group_tags[group_arn()] = {"steward:owner": "grace.hopper", "steward:use-case-id": "uc-1"}
    world.register(7)
    world.grouping.onboard(SEVEN, "e")
    known = world.groups.get(group_arn())
    world.register(8)
    world.registry.gone.add(group_arn())
    world.registry.packages.clear()
    world.grouping.onboard(EIGHT, "e")
    world.grouping.onboard(EIGHT, "told again")
    assert "package-deleted" in open_findings(world, EIGHT)
    assert world.groups.get(group_arn()) == known
    assert known.profile == profile_from(world.registry.group_tags[group_arn()])
    assert len([one for one in world.ledger.facts(EIGHT) if isinstance(one, f.PackageMissing)]) == 1


# A listing that changes while it is read


def test_a_group_deleted_while_it_is_listed_harms_no_other(world):
    world.register()
    world.registry.gone.add(group_arn("a-group-that-went"))
    world.now.wait(3600)
    report = world.reconcile()
    assert report.done
    assert report.counts["groups-deleted-meanwhile"] == 1
    assert report.counts["versions"] == 1


def test_a_group_deleted_before_its_tags_are_asked_for_harms_no_other(world):
    world.register()
    other = package_arn("another-group")
    world.tell(change(0, arn=other), by=ADA)
    packages = world.catalogue.packages

    def deleted_after_it_was_listed(group: str | None, token: str = "") -> Any:
        listed = packages(group, token)
        world.registry.gone |= {group_arn()} if group == group_arn() else set()
        return listed

    world.catalogue.packages = deleted_after_it_was_listed
    world.registry.packages[other] = described(approved(60, arn=other), MARY)
    world.now.wait(3600)
    report = world.reconcile()
    assert report.done
    assert report.counts["groups-deleted-meanwhile"] == 1
    assert world.state(other).approval == "Approved"


def test_a_listing_whose_token_is_lost_begins_again(world):
    for number in range(1, 8):
        world.register(number)
    world.now.wait(3600)
    first = world.in_bits()[1].cursor
    assert first.token == "3"
    world.journal.note("HUB#steward", "RUN#reconcile", first.model_copy(update={"token": "expired"}))
    report = world.reconcile()
    assert report.done
    assert report.counts["listings-begun-again"] == 1


STIRRED = st.lists(st.tuples(st.integers(1, 30), st.booleans()), max_size=8)
"""Versions that appear in the registry, or are deleted from it."""


@MANY
@given(st.lists(STIRRED, min_size=1, max_size=6))
def test_whatever_changes_in_the_registry_while_it_is_read_is_on_record_after_the_next_run(stirring: list[Any]):
    world = ReconciledWorld()
    for number in range(1, 12):
        world.register(number)
    world.now.wait(3600)
    packages, left = world.catalogue.packages, iter(stirring)

    def stirred(group: str | None, token: str = "") -> Any:
        listed = packages(group, token)
        for number, appears in next(left, []):
            arn = package_arn(version=number)
            if appears:
                world.registry.packages.setdefault(arn, described(change(60, arn=arn), ADA))
            else:
                world.registry.packages.pop(arn, None)
        return listed

    world.catalogue.packages = stirred
    assert world.reconcile().done
    world.catalogue.packages = packages
    assert world.reconcile().done
    for arn in world.ledger.states:
        state = world.state(arn)
        if arn in world.registry.packages:
            assert not differing(state, world.registry.packages[arn])
        else:
            assert "package-deleted" in open_findings(world, arn)
    assert set(world.registry.packages) <= set(world.ledger.states)
    assert not world.codes()


# A row that cannot be read, an object that is another


def test_a_damaged_record_is_named_and_harms_no_other(world):
    world.register(7)
    world.register(8)
    world.ledger.states[SEVEN] = '{"model": 1}'
    world.registry.packages[EIGHT] = described(approved(60, arn=EIGHT), MARY)
    world.now.wait(3600)
    world.reconcile()
    assert {(one.code, one.subject) for one in world.hub.listed()} == {("record-damaged", SEVEN)}
    assert world.state(EIGHT).approval == "Approved"


@pytest.mark.parametrize("kind", ["entries", "facts", "anchors"])
def test_an_object_of_the_archive_that_was_replaced_is_named_and_the_rest_is_verified(kind: str):
    untouched, replaced = trail(), trail()
    key = replaced.keys(f"{kind}/")[0]
    replaced.archive.overwrite(key, b"{}")
    problems, verified = by_service(replaced)
    assert problems == {("object-overwritten", key)}
    _, before = by_service(untouched)
    assert (verified.entries, verified.objects, verified.anchors) == (before.entries, before.objects, before.anchors)
