from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from governance.domain.inspection import differing
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.registry import PackageChange
from tests.builders import (
    ADA,
    BORN,
    KATHERINE,
    MARY,
    after,
    approved,
    call,
    change,
    described,
    on_record,
    package_arn,
    specification,
)
from tests.reconciling import ReconciledWorld


class Happening(NamedTuple):
    """Something that somebody does to a version, and what becomes of its event."""

    does: str
    seconds: int
    by: Any
    event: str
    trail: bool


HAPPENINGS = st.builds(
    Happening,
    st.sampled_from(["Approved", "Rejected", "PendingManualApproval", "Test", "Production", "noise", "respecify"]),
    st.sampled_from([0, 1, 30]),
    st.sampled_from([MARY, KATHERINE]),
    st.sampled_from(["told", "told twice", "dropped", "dropped", "late"]),
    st.booleans(),
)
LIVES = st.lists(HAPPENINGS, max_size=6)
APPROVED_BEFORE = [
    Happening("Rejected", 1, MARY, "told", trail=False),
    Happening("Approved", 1, KATHERINE, "dropped", trail=True),
    Happening("respecify", 1, MARY, "told", trail=False),
]
"""The approval that nobody told of was for what the version is no longer."""
REJECTED_AGAIN = [
    Happening(does, 1, MARY, event, trail=False)
    for does, event in [("Approved", "told"), ("Rejected", "told"), ("respecify", "told"), ("Rejected", "dropped")]
]
"""The second rejection is of what the first one was not about, and leaves every field as it was."""


def changes(arn: str, life: list[Happening]) -> list[tuple[PackageChange, Happening]]:
    """A version's life as the registry tells it, its registration first."""
    fields: dict[str, Any] = {"approval": "PendingManualApproval"}
    told, at = [], 10
    for one in life:
        at += one.seconds
        if one.does in {"Approved", "Rejected", "PendingManualApproval"}:
            fields["approval"], updated = one.does, "ModelApprovalStatus"
        elif one.does in {"Test", "Production"}:
            fields["ModelLifeCycle"] = {"Stage": one.does, "StageStatus": "Approved", "StageDescription": f"at {at}"}
            updated = "ModelLifeCycle"
        elif one.does == "noise":
            fields["CustomerMetadataProperties"], updated = {"noted": str(at)}, "CustomerMetadataProperties"
        else:
            fields["InferenceSpecification"] = specification(ImageDigest=f"sha256:{'5e' * 32}")
            updated = "InferenceSpecification"
        named = {"ModelApprovalStatus": fields["approval"], "UpdatedModelPackageFields": [updated]}
        told.append((change(at, arn=arn, **{**fields, **named}), one))
    return told


def live(world: ReconciledWorld, lives: list[tuple[bool, list[Happening]]]) -> list[PackageChange]:
    """Every version lives its life; the late events are given back."""
    late: list[PackageChange] = []
    for number, (registered, life) in enumerate(lives, 1):
        arn = package_arn(f"group-{number % 2}", number)
        born = change(0, arn=arn)
        world.registry.packages[arn] = described(born, ADA)
        if registered:
            world.deliver(born)
        for told, one in changes(arn, life):
            world.registry.packages[arn] = described(told, one.by)
            world.now.wait(one.seconds)
            if one.trail:
                world.trail.seen.append(called(told, one))
            for _ in range({"told": 1, "told twice": 2}.get(one.event, 0)):
                world.deliver(told)
                if one.trail:
                    world.synchronisation.identify(called(told, one), "call")
            late += [told] if one.event == "late" else []
    return late


def called(told: PackageChange, one: Happening) -> Any:
    """CloudTrail's record of a change."""
    asked: dict[str, Any] = {"modelPackageArn": told.model_package_arn}
    if one.does in {"Approved", "Rejected", "PendingManualApproval"}:
        asked["modelApprovalStatus"] = one.does
    if one.does in {"Test", "Production"} and told.model_life_cycle:
        cycle = told.model_life_cycle
        asked["modelLifeCycle"] = {
            "stage": cycle.stage, "stageStatus": cycle.stage_status, "stageDescription": cycle.stage_description,
        }  # fmt: skip
    if one.does == "respecify":
        asked["inferenceSpecification"] = {"containers": []}
    return call(0, one.by, **asked).model_copy(update={"event_time": told.changed_at})


def facts(world: ReconciledWorld) -> int:
    return sum(map(len, world.ledger.known.values()))


def assert_present(world: ReconciledWorld) -> None:
    """The record says of every package what the registry says."""
    for arn, package in world.registry.packages.items():
        assert differing(world.state(arn), package) == [], arn


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), LIVES), min_size=1, max_size=5))
@example([(True, REJECTED_AGAIN)])
@example([(True, APPROVED_BEFORE)])
def test_after_any_loss_of_events_one_run_restores_the_present_and_names_the_gaps(lives):
    world, whole = ReconciledWorld(), ReconciledWorld()
    late = live(world, lives)
    live(whole, [(True, [one._replace(event="told") for one in life]) for _, life in lives])
    before = {arn: world.ledger.open(arn).state for arn in world.registry.packages}
    world.now.wait(3600)
    report = world.reconcile()
    assert report.done
    assert_present(world)
    assert not {"record-contradicts-registry", "version-not-compared"} & world.codes()
    for arn, package in world.registry.packages.items():
        was, state, truth = before[arn], world.state(arn), whole.state(arn)
        behind = was is None or differing(was, package)
        assert bool(behind) == any(gap.until == package.changed_at for gap in state.gaps), arn
        for stage, known in state.stages.items() if are_apart(lives) else ():
            if known.status is ModelStatus.APPROVED:
                assert ModelStatus.APPROVED in {truth.stage(stage).status, truth.stage(stage).verdict and "approved"}
        if package.model_approval_status == "Rejected":
            assert state.is_blocked
        if are_apart(lives) and truth.stage(Stage.DEVELOPMENT).status is ModelStatus.REJECTED:
            assert state.stage(Stage.DEVELOPMENT).status is ModelStatus.REJECTED

    known = facts(world)
    assert not [one for one in world.reconcile().differences if one.code in {"missed-event", "history-gap"}]
    assert facts(world) == known
    for told in late:
        world.deliver(told)
    world.reconcile()  # CloudTrail may know who made what the late events told of
    assert_present(world)
    known = facts(world)
    world.reconcile()
    assert facts(world) == known


def are_apart(lives: list[tuple[bool, list[Happening]]]) -> bool:
    """Whether no two changes fell into one second: of those that did, the most restrictive counts once it is told."""
    return all(one.seconds for _, life in lives for one in life)


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), LIVES), min_size=1, max_size=4))
def test_a_run_killed_after_each_page_ends_as_one_that_was_not(lives):
    at_once, in_bits = ReconciledWorld(), ReconciledWorld()
    for world in (at_once, in_bits):
        live(world, lives)
        world.now.wait(3600)
    one, many = at_once.reconcile(), in_bits.in_bits()
    assert len(many) > 3
    assert dict(many[-1].counts) == dict(one.counts)
    for arn in at_once.registry.packages:
        assert_same(at_once, in_bits, arn)


def assert_same(one: ReconciledWorld, two: ReconciledWorld, arn: str) -> None:
    ours, theirs = ({fact.kind for fact in world.ledger.known[arn].values()} for world in (one, two))
    assert ours == theirs
    assert one.state(arn).approval is two.state(arn).approval


@pytest.fixture
def world() -> ReconciledWorld:
    return ReconciledWorld()


def test_a_lost_registration_is_recorded_and_named(world):
    world.registry.packages[package_arn()] = described(change(0), ADA)
    world.now.wait(3600)
    report = world.reconcile()
    assert [one.code for one in report.differences] == ["missed-event"]
    assert world.state().findings["missed-event-" + finding_hash(world)].is_open
    assert world.trail.asked == 0  # never changed since: there is nothing in between


def finding_hash(world: ReconciledWorld) -> str:
    return next(key for key in world.state().findings if key.startswith("missed-event")).removeprefix("missed-event-")


def test_a_lost_approval_counts_once_cloudtrail_says_who_gave_it(world):
    world.register()
    world.registry.packages[package_arn()] = described(approved(60), MARY)
    world.trail.seen.append(call(60, MARY, modelApprovalStatus="Approved"))
    world.now.wait(3600)
    assert "missed-event" in {one.code for one in world.reconcile().differences}
    known = world.state().stage(Stage.DEVELOPMENT)
    assert (known.status, known.decided_by) == (ModelStatus.APPROVED, on_record(MARY))


def test_a_lost_approval_that_nobody_can_be_credited_with_does_not_count(world):
    world.register()
    world.registry.packages[package_arn()] = described(approved(60), MARY)
    world.now.wait(3600)
    assert "history-gap" in {one.code for one in world.reconcile().differences}
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    world.trail.seen.append(call(60, MARY, modelApprovalStatus="Approved"))  # CloudTrail is late
    world.reconcile()
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.APPROVED


def test_an_approval_that_no_decision_on_record_explains_is_said(world):
    world.registry.packages[package_arn()] = described(approved(60), MARY)
    world.now.wait(3600)
    assert "out-of-band-approval" in {one.code for one in world.reconcile().differences}


def test_a_late_event_closes_the_finding_of_its_being_missed(world):
    world.register()
    told = approved(60)
    world.registry.packages[package_arn()] = described(told, MARY)
    world.trail.seen.append(call(60, MARY, modelApprovalStatus="Approved"))
    world.now.wait(3600)
    world.reconcile()
    assert any(one.is_open for key, one in world.state().findings.items() if key.startswith("missed-event"))
    world.deliver(told)
    assert not any(one.is_open for key, one in world.state().findings.items() if key.startswith("missed-event"))


def test_changes_within_the_grace_period_are_left_to_their_events(world):
    world.now.wait(50)
    world.register()
    world.registry.packages[package_arn()] = described(approved(60), MARY)
    assert not world.reconcile(grace_seconds=900).differences
    assert world.state().approval == "PendingManualApproval"
    assert not world.state().gaps


def test_a_run_that_only_looks_says_the_same_and_writes_nothing(world):
    world.register()
    world.registry.packages[package_arn()] = described(approved(60), MARY)
    world.registry.packages[package_arn(version=8)] = described(change(0, arn=package_arn(version=8)), ADA)
    world.now.wait(3600)
    known = facts(world)
    looked = world.reconcile(dry_run=True)
    assert facts(world) == known
    assert not world.journal.kept
    assert not any(one.repaired for one in looked.differences)
    repaired = {one.code for one in world.reconcile().differences}
    assert {one.code for one in looked.differences} <= repaired


def test_a_package_that_the_registry_lost_is_put_on_record_as_deleted(world):
    world.register()
    del world.registry.packages[package_arn()]
    world.now.wait(3600)
    assert "package-deleted" in {one.code for one in world.reconcile().differences}
    assert world.state().deleted
    assert world.state().findings["package-deleted"].is_open
    assert not [one for one in world.reconcile().differences if one.code == "package-deleted"]


def test_an_arn_that_is_used_again_is_said_on_the_old_record(world):
    world.register()
    again = change(0, CreationTime=after(1000).isoformat(), LastModifiedTime=after(1000).isoformat())
    world.registry.packages[package_arn()] = described(again, ADA)
    world.now.wait(3600)
    assert "identity-reused" in {one.code for one in world.reconcile().differences}
    known = facts(world)
    world.reconcile()
    assert facts(world) == known


def test_versions_from_before_governance_are_counted_until_they_are_backfilled(world):
    world.records.begun_at = lambda: BORN + timedelta(days=1)
    world.now.wait(7200)
    for number in range(1, 6):
        arn = package_arn(version=number)
        world.registry.packages[arn] = described(approved(60, arn=arn), MARY)
    world.reconcile()
    assert world.codes() == {"not-backfilled"}
    assert "5 versions" in world.hub.listed()[0].detail
    assert not world.ledger.known
    assert world.reconcile(mode="backfill").counts["backfilled"] == 5
    state = world.state(package_arn(version=1))
    assert state.is_dormant
    assert state.findings["not-adopted"].is_open
    assert not world.ledger.events(state.model.arn) or set(world.ledger.events(state.model.arn)) <= {"FindingOpened"}
    world.reconcile()
    assert world.codes() == set()
