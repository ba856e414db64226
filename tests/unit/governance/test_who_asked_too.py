"""Who decided, where several asked for the same, where Steward itself wrote, and where a call's second is another."""

from datetime import timedelta
from itertools import permutations

import pytest

from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.registry import PackageDescription
from tests.builders import (
    ADA,
    BORN,
    KATHERINE,
    MARY,
    approved,
    call,
    change,
    described,
    on_record,
    package_arn,
    rejected,
    specification,
    user,
)
from tests.unit.governance.test_who_decided_within_a_second import (
    APPROVE,
    MOVE,
    SECOND,
    STAMP,
    TAGGER,
    Second,
    open_findings,
)
from tests.unit.governance.write_backs.office import ADMIN, SCRIBE, Office, office
from tests.world import World

ARN = package_arn()


def registered() -> World:
    world = World()
    world.register()
    return world


def look(world: World, second: Second, number: int, shown: int) -> None:
    """The event of a change is delivered while Describe shows another."""
    world.registry.packages[ARN] = second.seen[shown]
    world.deliver(second.events[number])


def status(world: World) -> ModelStatus:
    return world.state(ARN).stage(Stage.DEVELOPMENT).status


def written(asked_at: float, behind: float) -> tuple[Office, float]:
    """Mary asked Steward to approve, and it did, in a registry whose clock is behind; with the second of its write."""
    world = office()
    world.registry.now = lambda: world.now() - timedelta(seconds=behind)
    world.asks_to_approve(MARY, asked_at)
    world.write(60.7)
    return world, (world.registry.packages[ARN].changed_at - BORN).total_seconds()


@pytest.mark.parametrize("order", list(permutations(["echo", "call"])))
@pytest.mark.parametrize(("asked_at", "behind"), [(60, 0.05), (60, 1), (60.5, 1)])
def test_what_steward_wrote_for_somebody_is_theirs_or_disputed_though_another_wrote_a_note_in_its_second(
    order: tuple[str, ...], asked_at: float, behind: float
):
    world, at = written(asked_at, behind)
    told = world.registry.packages[ARN].model_dump(mode="json", by_alias=True)
    noted = PackageDescription.model_validate({**told, "LastModifiedBy": user(KATHERINE)})
    world.registry.packages[ARN] = noted
    for what in order:
        if what == "echo":
            world.echo()
        else:
            world.synchronisation.identify(call(at, SCRIBE, modelApprovalStatus="Approved"), "event-1")
    assert world.decision().person == on_record(MARY) or world.decision().disputed


@pytest.mark.parametrize("order", list(permutations(["admin", "echo", "scribe"])))
def test_what_steward_wrote_for_somebody_is_theirs_though_another_asked_for_the_same_in_its_second(
    order: tuple[str, ...],
):
    world, at = written(60.5, 1)
    for what in order:
        if what == "echo":
            world.echo()
        else:
            by = ADMIN if what == "admin" else SCRIBE
            world.synchronisation.identify(call(at, by, modelApprovalStatus="Approved"), "event-1")
    assert world.decision().person == on_record(MARY) or world.decision().disputed


def test_an_author_who_approves_twice_in_a_second_is_not_taken_for_whoever_wrote_between():
    second = Second([(ADA, APPROVE), (KATHERINE, STAMP), (TAGGER, MOVE), (ADA, APPROVE)])
    world = registered()
    for number, shown in ((0, 1), (3, 3), (1, 3), (2, 3)):
        look(world, second, number, shown)
    for told in second.calls:
        world.synchronisation.identify(told, "event-1")
    assert status(world) is ModelStatus.PENDING or "approver-disputed" in open_findings(world)


def test_an_author_s_approval_is_not_another_s_though_a_look_in_between_was_credited_to_an_earlier_second():
    second = Second([(TAGGER, STAMP), (ADA, APPROVE), (KATHERINE, STAMP)], at=61)
    world = registered()
    world.synchronisation.identify(call(60, KATHERINE, modelApprovalStatus="PendingManualApproval"), "event-1")
    for number in (1, 0, 2):
        look(world, second, number, 2)
    world.synchronisation.identify(second.calls[1], "event-1")
    assert status(world) is ModelStatus.PENDING or "approver-disputed" in open_findings(world)


@pytest.mark.parametrize("calls", [(0, 1), (1, 0)])
def test_an_approval_is_not_lost_because_the_author_asked_for_it_too(calls: tuple[int, ...]):
    second = Second([(ADA, APPROVE), (MARY, APPROVE)])
    world = registered()
    for number in calls:
        world.synchronisation.identify(second.calls[number], "event-1")
    look(world, second, 1, 1)
    assert status(world) is ModelStatus.APPROVED
    assert world.state().stage(Stage.DEVELOPMENT).decided_by == on_record(MARY)


@pytest.mark.parametrize("order", list(permutations(["first", "second", "first call", "second call"])))
def test_two_who_approve_one_after_the_other_do_not_dispute_each_other(order: tuple[str, ...]):
    world = registered()
    told = {"first": (approved(SECOND, ApprovalDescription="one"), MARY)}
    told["second"] = (approved(SECOND + 1, ApprovalDescription="two"), KATHERINE)
    for what in order:
        if "call" in what:
            _, by = told[what.partition(" ")[0]]
            at = SECOND if by is MARY else SECOND + 1
            world.synchronisation.identify(call(at, by, modelApprovalStatus="Approved"), "event-1")
        else:
            world.tell(*told[what])
    assert status(world) is ModelStatus.APPROVED
    assert "approver-disputed" not in open_findings(world)


@pytest.mark.parametrize("calls", [(0, 1), (1, 0)])
def test_whoever_was_named_ends_the_dispute_by_their_own_call(calls: tuple[int, ...]):
    second = Second([(ADA, APPROVE), (MARY, APPROVE)])
    world = registered()
    world.synchronisation.identify(second.calls[0], "event-1")
    look(world, second, 1, 1)
    assert "approver-disputed" in open_findings(world)
    assert status(world) is ModelStatus.PENDING
    for number in calls:
        world.synchronisation.identify(second.calls[number], "event-1")
    assert "approver-disputed" not in open_findings(world)
    assert status(world) is ModelStatus.APPROVED


def test_what_a_decision_outdid_is_forgotten_with_it():
    other = {"InferenceSpecification": specification("s3://dev-bucket/other.tar.gz", etag="etag-of-other")}
    world = registered()
    world.tell(approved(60))
    world.tell(change(60, UpdatedModelPackageFields=["ModelApprovalStatus"]), KATHERINE)
    world.tell(change(100, UpdatedModelPackageFields=["InferenceSpecification"], **other), KATHERINE)
    world.tell(rejected(120, **other), KATHERINE)
    known = world.state().stage(Stage.DEVELOPMENT)
    assert known.status is ModelStatus.REJECTED
    assert known.outdone == ()


def test_an_approval_given_after_a_take_back_in_the_second_of_the_registration_counts():
    """The take-back is told before the registration, and is not taken for it."""
    world = World()
    world.tell(change(0, UpdatedModelPackageFields=["ModelApprovalStatus"]), KATHERINE)
    world.tell(approved(0), MARY)
    world.registry.packages[ARN] = described(approved(0), MARY)
    world.deliver(change(0))
    assert status(world) is ModelStatus.APPROVED
