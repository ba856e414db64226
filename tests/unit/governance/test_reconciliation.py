from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.domain.inspection import differing
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.registry import PackageChange
from governance.ports.inspection import EndpointSeen
from tests.builders import (
    ADA,
    BORN,
    KATHERINE,
    MARY,
    PROD,
    TEST,
    after,
    approved,
    call,
    change,
    described,
    group_arn,
    on_record,
    package_arn,
    specification,
)
from tests.reconciling import ReconciledWorld
from tests.world import ENVIRONMENTS

ENDPOINT = "steward-credit-risk-pd-test"


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


def test_a_damaged_record_is_said_and_harms_no_other(world):
    world.register(7)
    world.register(8)
    world.ledger.states[package_arn(version=7)] = '{"model": 1}'
    world.registry.packages[package_arn(version=8)] = described(approved(60, arn=package_arn(version=8)), MARY)
    world.now.wait(3600)
    world.reconcile()
    assert world.codes() == {"record-damaged"}
    assert world.state(package_arn(version=8)).approval == "Approved"


def test_a_group_deleted_while_it_is_listed_harms_no_other(world):
    world.register()
    world.catalogue.gone.add(group_arn("a-group-that-went"))
    world.now.wait(3600)
    report = world.reconcile()
    assert report.done
    assert report.counts["groups-deleted-meanwhile"] == 1
    assert report.counts["versions"] == 1


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


def under_way(world: ReconciledWorld) -> Any:
    """A version whose deployment to test has been started."""
    world.register()
    world.seal()
    world.tell(approved(60))
    return world.start(Stage.TEST)


def test_an_end_of_a_pipeline_that_no_event_told_is_put_on_record(world):
    deployment = under_way(world)
    world.pipelines.end(deployment.execution_id, "Failed", "Deploy: no capacity")
    world.now.wait(3600)
    world.reconcile()
    ended = world.deployment(Stage.TEST)
    assert (ended.status, "no capacity" in ended.reason) == ("failed", True)
    known = facts(world)
    world.reconcile()
    assert facts(world) == known


def test_a_deployment_whose_execution_nobody_knows_is_said_until_it_is_there(world):
    deployment = under_way(world)
    world.history.forgotten.add(deployment.execution_id)
    world.now.wait(3600)
    world.reconcile()
    finding = next(one for one in world.state().findings.values() if one.code == "deployment-without-execution")
    assert finding.is_open
    world.history.forgotten.clear()
    world.reconcile()
    assert not world.state().findings[finding.id].is_open


def test_an_execution_that_no_record_knows_is_said_until_it_is_gone(world):
    world.pipelines.start(ENVIRONMENTS[Stage.TEST], "by hand", "k", {"DeploymentId": "none", "ModelPackageArn": "none"})
    world.now.wait(3600)
    world.reconcile()
    assert world.codes() == {"execution-without-record"}
    world.reconcile()
    assert world.codes() == {"execution-without-record"}
    world.history.forgotten.add("execution-1")
    world.reconcile()
    assert world.codes() == set()


def test_intents_that_led_to_nothing_are_announced_again(world):
    world.register()
    world.relay()
    world.now.wait(3600)
    world.reconcile()
    assert ("SealingRequested", package_arn()) in world.outbox.announced
    world.seal()
    world.tell(approved(60))
    world.relay()
    world.now.wait(3600)
    world.reconcile()
    assert ("DeploymentRequested", package_arn()) in world.outbox.announced


def test_a_deployment_that_waits_its_turn_is_let_wait(world):
    under_way(world)
    waiting = package_arn(version=8)
    world.register(8)
    world.seal(waiting)
    world.tell(approved(60, arn=waiting))
    world.start(Stage.TEST, waiting)
    world.relay()
    world.now.wait(3600)
    world.reconcile()
    assert ("DeploymentRequested", waiting) not in world.outbox.announced


def test_the_end_of_a_deployment_that_still_holds_its_turn_is_announced_again(world):
    under_way(world)
    world.verify(Stage.TEST)
    world.end(Stage.TEST)
    world.relay()
    world.now.wait(3600)
    world.reconcile()
    assert ("DeploymentSucceeded", package_arn()) in world.outbox.announced


def test_what_was_saved_and_never_announced_is_announced_once_more_and_then_left(world):
    world.register()
    world.now.wait(3600)
    assert "announcement-overdue" in world.reconcile().counts
    assert ("ModelVersionRegistered", package_arn()) in world.outbox.announced
    assert world.records.relayed[package_arn()] > 0


def serving(world: ReconciledWorld) -> EndpointSeen:
    """A version that serves in test, at an endpoint that runs what was sealed."""
    under_way(world)
    world.verify(Stage.TEST)
    world.end(Stage.TEST)
    state = world.state()
    endpoint = EndpointSeen(
        arn=world.deployment(Stage.TEST).endpoint_arn,
        status="InService",
        images=tuple(one.pinned_image for one in state.containers),
        model_data=tuple(one.uri for one in state.sealing.artifacts),
    )
    world.workloads.seen[ENDPOINT] = endpoint
    world.now.wait(3600)
    return endpoint


def test_an_endpoint_that_runs_what_was_sealed_is_no_finding(world):
    serving(world)
    world.reconcile()
    assert world.state().stage(Stage.TEST).endpoint_status == "IN_SERVICE"
    assert world.state().stage(Stage.TEST).endpoint_difference == ""
    assert world.codes() == set()


@pytest.mark.parametrize("now", [None, {"model_data": ("s3://elsewhere/model.tar.gz",)}, {"images": ("evil:latest",)}])
def test_an_endpoint_that_is_not_what_its_record_says_has_drifted(world, now):
    endpoint = serving(world)
    if now is None:
        world.workloads.seen.clear()
    else:
        world.workloads.seen[ENDPOINT] = endpoint.model_copy(update=now)
    assert "endpoint-drifted" in {one.code for one in world.reconcile().differences}
    finding = next(one for one in world.state().findings.values() if one.code == "endpoint-drifted")
    assert finding.severity == "critical"
    world.workloads.seen[ENDPOINT] = endpoint
    world.reconcile()
    assert not world.state().findings[finding.id].is_open


def test_an_endpoint_that_no_record_names_is_ungoverned_until_it_is_gone(world):
    arn = f"arn:aws:sagemaker:eu-west-1:{PROD}:endpoint/shadow-it"
    world.workloads.seen["shadow-it"] = EndpointSeen(arn=arn, status="InService")
    world.now.wait(3600)
    world.reconcile()
    assert world.codes() == {"ungoverned-endpoint"}
    entries = len(world.journal.entries["HUB#steward"])
    world.reconcile()
    assert len(world.journal.entries["HUB#steward"]) == entries + 1  # what the run found, and nothing opened anew
    world.workloads.closed = {PROD, TEST}
    world.reconcile()
    assert world.codes() == {"ungoverned-endpoint", "account-unreadable"}
    world.workloads.closed.clear()
    world.workloads.seen.clear()
    world.reconcile()
    assert world.codes() == set()


def test_changed_tags_of_a_group_reach_its_versions(world):
    world.register()
    world.now.wait(3600)
    world.registry.group_tags[group_arn()] = {"steward:owner": "grace.hopper", "steward:use-case-id": "uc-1"}
    world.reconcile()
    assert world.state().profile.use_case_id == "uc-1"
    assert world.state().group.owner.startswith("person-")
    known = facts(world)
    world.reconcile()
    assert facts(world) == known
