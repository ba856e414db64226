"""The registry tells times in whole seconds: what happened within one is put in order by its content alone."""

from itertools import permutations

import pytest

from governance.domain.fold import fold, fold_all
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.sealing import SealingStatus
from tests.builders import (
    ADA,
    KATHERINE,
    MARY,
    approved,
    call,
    change,
    described,
    moved,
    on_record,
    package_arn,
    rejected,
    specification,
)
from tests.world import World

ARN = package_arn()


def history(world: World) -> list:
    return list(world.ledger.facts(ARN))


def is_one_state_in_any_order(world: World) -> None:
    facts = history(world)
    assert all(
        fold(order) == world.state() for order in (facts, facts[::-1], sorted(facts, key=lambda f: f.fingerprint))
    )


def test_an_approval_that_a_describe_told_of_first_counts_when_its_event_tells_whose_it_is():
    """Of a change whose event has not come, Describe names whoever wrote last: it need not be who approved."""
    world = World()
    world.registry.packages[ARN] = described(approved(0), MARY)
    world.deliver(change(0))
    world.seal()
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    assert world.deployment(Stage.TEST) is None
    world.deliver(approved(0))
    deployment = world.start(Stage.TEST)
    world.deliver(change(0))
    world.deliver(approved(0))
    world.verify(Stage.TEST)
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.APPROVED
    assert world.state().stage(Stage.DEVELOPMENT).decided_by == on_record(MARY)
    assert world.deployment(Stage.TEST).id == deployment.id
    assert not [finding for finding in world.state().findings.values() if finding.code == "deployment-unjustified"]
    is_one_state_in_any_order(world)


def test_an_approval_of_the_second_of_a_refused_sealing_tries_once_more():
    world = World()
    world.register()
    artifact = world.vault.objects.pop("s3://dev-bucket/model.tar.gz")
    world.seal()
    assert world.state().sealing.status is SealingStatus.REFUSED
    world.tell(approved(0))
    assert world.state().sealing.status is SealingStatus.REQUESTED
    world.seal()
    assert world.state().sealing.status is SealingStatus.REFUSED
    world.vault.objects["s3://dev-bucket/model.tar.gz"] = artifact
    world.tell(approved(60))
    world.seal()
    assert world.state().is_sealed
    past = fold_all(history(world)).past
    assert [finding.is_open for finding in past.findings.values() if finding.code == "artifact-missing"] == [False] * 2
    is_one_state_in_any_order(world)


def test_an_approval_taken_back_in_its_own_second_leaves_its_sign_off_and_the_stage_it_opened():
    world = World()
    world.register()
    world.tell(approved(60))
    opened = set(world.state().stages)
    world.tell(change(60, UpdatedModelPackageFields=["ModelApprovalStatus"]))
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    assert set(world.state().stages) == opened
    assert [signed.person.id for signed in world.state().sign_offs] == [on_record(MARY).id]
    is_one_state_in_any_order(world)


@pytest.mark.parametrize("order", list(permutations(["approve", "reject", "metadata", "call"])))
def test_an_approval_that_turns_out_to_stand_after_a_refusal_of_its_second_is_signed_off_once(order):
    world = World()
    world.register()
    world.registry.packages[ARN] = described(approved(60), MARY)
    noise = change(120, "Approved", UpdatedModelPackageFields=["CustomerMetadataProperties"])
    for what in order:
        if what == "call":
            world.synchronisation.identify(call(60, modelApprovalStatus="Approved"), "e")
        else:
            world.deliver({"approve": approved(60), "reject": rejected(60), "metadata": noise}[what])
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.APPROVED
    folded = fold_all(history(world))
    assert [signed.person.id for signed in (*folded.past.sign_offs, *folded.state.sign_offs)] == [on_record(MARY).id]
    is_one_state_in_any_order(world)


def test_a_stage_tried_again_in_the_second_of_its_failure_is_under_way_again():
    world = World()
    world.register()
    world.tell(approved(60))
    world.seal()
    run = world.start(Stage.TEST)
    world.verify(Stage.TEST)
    world.end(Stage.TEST, "Failed", "no room")
    failed: ModelVersion = world.state()
    finished = failed.deployments[run.id].finished_at
    assert finished is not None
    again = history(world)
    started = next(fact for fact in again if fact.kind == "deployment-started")
    further = started.model_copy(update={"attempt": 2, "effective_at": finished})
    states = {fold([*order, further]).deployments[run.id].status for order in (again, again[::-1])}
    assert states == {"deploying"}
    assert fold_all([*again, further]).past.findings.keys() == failed.findings.keys()


def test_of_two_life_cycles_of_one_second_the_one_that_describe_shows_holds():
    canteen, development = (
        moved(60, "Canteen", "Approved", approval="PendingManualApproval"),
        moved(60, "Development", "Approved", approval="PendingManualApproval"),
    )
    for first, second in permutations([canteen, development]):
        world = World()
        world.register()
        world.tell(first)
        world.tell(second)
        shown = second.life_cycle
        assert world.state().life_cycle == shown
        open_codes = {finding.code for finding in world.state().findings.values() if finding.is_open}
        assert ("unknown-life-cycle-stage" in open_codes) is (shown is not None and shown.stage == "Canteen")
        is_one_state_in_any_order(world)


def test_two_persons_who_approve_in_one_second_are_judged_each():
    """The author's approval is refused; a colleague's of the same second, after it was taken back, counts."""
    world = World()
    world.register()
    world.tell(approved(60, ApprovalDescription="mine"), by=ADA)
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    world.tell(change(60, approval="PendingManualApproval", UpdatedModelPackageFields=["ModelApprovalStatus"]))
    world.tell(approved(60, ApprovalDescription="a second pair of eyes"), by=MARY)
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.APPROVED
    assert world.state().stage(Stage.DEVELOPMENT).decided_by == on_record(MARY)
    is_one_state_in_any_order(world)


def test_what_was_sealed_before_its_second_changed_the_artifact_is_not_what_is_deployed():
    world = World()
    world.register()
    world.seal()
    first = world.state().sealing
    world.vault.objects["s3://dev-bucket/other.tar.gz"] = ("etag-of-other", b"other weights")
    other = specification("s3://dev-bucket/other.tar.gz", etag="etag-of-other")
    world.tell(change(0, InferenceSpecification=other, UpdatedModelPackageFields=["InferenceSpecification"]), KATHERINE)
    assert world.state().sealing.status is SealingStatus.REQUESTED
    assert world.state().sealing.effect_id != first.effect_id
    world.tell(approved(60, InferenceSpecification=other))
    assert world.deployment(Stage.TEST) is None
    world.seal()
    assert [one.source_uri for one in world.state().sealing.artifacts] == ["s3://dev-bucket/other.tar.gz"]
    assert world.deployment(Stage.TEST).sealing == world.state().sealing.effect_id
    is_one_state_in_any_order(world)


def test_a_sealing_under_way_when_its_second_changes_the_artifact_ends_without_effect():
    world = World()
    world.register()
    effect = world.state().sealing.effect_id
    (order,) = world.sealing.plan(ARN, effect, "run").orders
    copied = world.sealing.copy(order)
    other = specification("s3://dev-bucket/other.tar.gz")
    world.tell(change(0, InferenceSpecification=other, UpdatedModelPackageFields=["InferenceSpecification"]))
    world.sealing.end(ARN, effect, [copied], [], "event-2")
    assert world.state().sealing.status is SealingStatus.REQUESTED
    is_one_state_in_any_order(world)


OTHER = specification("s3://dev-bucket/other.tar.gz", etag="etag-of-other")


@pytest.mark.parametrize("last_first", [False, True], ids=["in their order", "the last first"])
def test_an_approval_is_not_of_the_artifact_that_took_its_place_within_its_second(last_first: bool):
    world = World()
    world.register()
    world.seal()
    approval = approved(60)
    exchange = change(
        60, "Approved", InferenceSpecification=OTHER, UpdatedModelPackageFields=["InferenceSpecification"]
    )
    world.registry.packages[ARN] = described(exchange, by=KATHERINE)
    for told in (exchange, approval) if last_first else (approval, exchange):
        world.deliver(told)
    world.synchronisation.identify(call(60, MARY, modelApprovalStatus="Approved"), "event-1")
    assert world.state().specification == exchange.specification
    assert [one.source_uri for one in world.state().containers] == ["s3://dev-bucket/other.tar.gz"]
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    assert world.state().deployments == {}
    is_one_state_in_any_order(world)


def test_a_late_event_keeps_the_containers_that_it_told_of():
    world = World()
    world.register()
    exchange = change(90, InferenceSpecification=OTHER, UpdatedModelPackageFields=["InferenceSpecification"])
    world.registry.packages[ARN] = described(exchange)
    world.deliver(approved(60))
    assert [one.source_uri for one in world.state().containers] == ["s3://dev-bucket/model.tar.gz"]
