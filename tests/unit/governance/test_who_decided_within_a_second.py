"""Who decided, where several people wrote within one second: the registry only names whoever wrote last.

`LastModifiedTime` has whole seconds, and `LastModifiedBy` is of the last change, whatever it was. Each call is in
CloudTrail with what it asked for. So where both are told, nobody is credited undisputed with what others asked for.
"""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.domain.decision import Decision
from governance.domain.errors import DeploymentRefused
from governance.domain.identifiers import Person
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.matters import waiting
from governance.domain.registry import PackageChange, RegistryCall
from tests.builders import (
    ADA,
    HUB,
    KATHERINE,
    MARY,
    approved,
    call,
    change,
    described,
    on_record,
    package_arn,
    specification,
)
from tests.unit.governance.test_fold_properties import FEW
from tests.unit.governance.test_within_one_second import is_one_state_in_any_order
from tests.world import World

ARN = package_arn()
TAGGER = Person(id="tagger", arn=f"arn:aws:sts::{HUB}:assumed-role/tagger/tagger")
SECOND = 60

APPROVE, TAKE_BACK, REJECT, MOVE, MOVE_BACK, STAMP = "approve", "take back", "reject", "move", "move back", "stamp"
WORDS = {APPROVE: "Approved", TAKE_BACK: "PendingManualApproval", REJECT: "Rejected"}
MOVES = {MOVE: "Approved", MOVE_BACK: "PendingApproval"}
MEANT = {
    APPROVE: (Stage.DEVELOPMENT, ModelStatus.APPROVED),
    TAKE_BACK: (Stage.DEVELOPMENT, ModelStatus.PENDING),
    REJECT: (Stage.DEVELOPMENT, ModelStatus.REJECTED),
    MOVE: (Stage.TEST, ModelStatus.APPROVED),
    MOVE_BACK: (Stage.TEST, ModelStatus.PENDING),
}
"""What somebody may do, and what it decides."""

Step = tuple[Person, str]


def asked(what: str) -> dict[str, object]:
    """What a call asks for, in the words of the API."""
    if what in WORDS:
        return {"ModelApprovalStatus": WORDS[what]}
    if what in MOVES:
        return {"ModelLifeCycle": {"Stage": "Test", "StageStatus": MOVES[what], "StageDescription": ""}}
    return {"CustomerMetadataProperties": {"stamped": "yes"}}


def as_called(what: str) -> dict[str, object]:
    """The same as CloudTrail writes it, as far as Steward reads it."""
    if what in WORDS:
        return {"modelApprovalStatus": WORDS[what]}
    if what in MOVES:
        return {"modelLifeCycle": {"stage": "Test", "stageStatus": MOVES[what]}}
    return {}


class Second:
    """Several changes of one second: their events, what Describe says after each, and CloudTrail's records."""

    def __init__(self, steps: list[Step], at: float = SECOND) -> None:
        self.steps = steps
        self.events: list[PackageChange] = []
        held: dict[str, object] = {"ModelApprovalStatus": "PendingManualApproval"}
        for _, what in steps:
            held = {**held, **asked(what)}
            self.events.append(change(at, None, UpdatedModelPackageFields=list(asked(what)), **held))
        self.seen = [described(event, by) for event, (by, _) in zip(self.events, steps, strict=True)]
        self.calls: list[RegistryCall] = [call(at, by, **as_called(what)) for by, what in steps]

    def who_asked(self, stage: Stage, wanted: ModelStatus) -> set[Person]:
        """Everybody who asked for a status in a stage, as records know them."""
        return {on_record(who) for who, what in self.steps if MEANT.get(what) == (stage, wanted)}


def decisions(world: World) -> dict[Stage, Decision]:
    """The decision in force in each stage."""
    return {stage: known.decision for stage, known in world.state().stages.items() if known.decision}


def open_findings(world: World) -> set[str]:
    """Codes of what is found wrong now."""
    return {one.code for one in world.state().findings.values() if one.is_open}


def born_in(second: Second) -> World:
    """A world where the registration is told when the whole second is over."""
    world = World()
    world.registry.packages[ARN] = second.seen[-1]
    return world


@pytest.mark.parametrize("order", list(permutations(["born", "event 0", "event 1", "call 0", "call 1"])))
def test_two_decisions_of_the_second_of_the_registration_are_credited_to_whoever_made_them(order: tuple[str, ...]):
    second = Second([(MARY, APPROVE), (KATHERINE, MOVE)], at=0)
    world = born_in(second)
    world.deliver(change(0))
    for what in (*order, *order):
        kind, _, number = what.partition(" ")
        if kind == "call":
            world.synchronisation.identify(second.calls[int(number)], what)
        else:
            world.deliver(second.events[int(number)] if kind == "event" else change(0))
        for stage, decision in decisions(world).items():
            assert decision.person in {None, *second.who_asked(stage, decision.wanted)}, what
    named = {stage: decision.person for stage, decision in decisions(world).items()}
    assert named == {Stage.DEVELOPMENT: on_record(MARY), Stage.TEST: on_record(KATHERINE)}
    assert world.state().stage(Stage.DEVELOPMENT).decided_by == on_record(MARY)
    is_one_state_in_any_order(world)


@pytest.mark.parametrize("order", list(permutations(["approval", "stamp", "call"])))
@pytest.mark.parametrize(("approver", "other"), [(ADA, KATHERINE), (MARY, TAGGER)], ids=["the author", "the owner"])
def test_an_approval_is_disputed_or_its_approver_s_whoever_wrote_last_in_its_second(
    order: tuple[str, ...], approver: Person, other: Person
):
    second = Second([(approver, APPROVE), (other, STAMP)])
    world = World()
    world.register()
    world.registry.packages[ARN] = second.seen[-1]
    told = {"approval": second.events[0], "stamp": second.events[1]}
    for what in order:
        if what == "call":
            world.synchronisation.identify(second.calls[0], "event-1")
        else:
            world.deliver(told[what])
    known = world.state().stage(Stage.DEVELOPMENT)
    assert known.decision is not None
    assert known.decision.disputed or known.decision.person == on_record(approver)
    assert known.decision.disputed is ("approver-disputed" in open_findings(world))
    assert order[0] != "call" or not known.decision.disputed or known.verdict is None, (
        "known before the policy is asked"
    )
    assert {signed.person for signed in waiting(world.state(), Stage.DEVELOPMENT)} <= {on_record(approver)}
    is_one_state_in_any_order(world)


def test_nothing_passes_the_last_gate_on_a_disputed_approval():
    second = Second([(ADA, APPROVE), (KATHERINE, STAMP)])
    world = World()
    world.register()
    world.seal()
    world.registry.packages[ARN] = second.seen[-1]
    world.deliver(second.events[0])
    world.start(Stage.TEST)
    world.synchronisation.identify(second.calls[0], "event-1")
    with pytest.raises(DeploymentRefused, match="name different people for the approval in development"):
        world.verify(Stage.TEST)
    (critical,) = (one for one in world.state().findings.values() if one.code == "approver-disputed")
    assert critical.severity == "critical"
    is_one_state_in_any_order(world)


def test_a_disputed_approval_is_somebody_s_once_it_is_given_again():
    second = Second([(MARY, APPROVE), (TAGGER, STAMP)])
    world = World()
    world.register()
    world.synchronisation.identify(second.calls[0], "event-1")
    world.registry.packages[ARN] = second.seen[-1]
    world.deliver(second.events[0])
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    world.tell(change(SECOND + 10, UpdatedModelPackageFields=["ModelApprovalStatus"]))
    world.tell(approved(SECOND + 20))
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.APPROVED
    assert "approver-disputed" not in open_findings(world)


@pytest.mark.parametrize("order", list(permutations(["exchange", "stamp", "approval"])))
def test_an_approval_by_somebody_who_turns_out_to_have_changed_what_it_runs_is_found(order: tuple[str, ...]):
    """The registry named whoever wrote last in the second of the change; the call comes after the approval."""
    other = specification("s3://dev-bucket/other.tar.gz", etag="etag-of-other")
    fields = {"InferenceSpecification": other}
    told = {
        "exchange": change(SECOND, UpdatedModelPackageFields=["InferenceSpecification"], **fields),
        "stamp": change(SECOND, UpdatedModelPackageFields=["CustomerMetadataProperties"], **fields),
        "approval": approved(SECOND + 60, **fields),
    }
    world = World()
    world.register()
    for what in order:
        world.registry.packages[ARN] = described(told[what], {"approval": MARY}.get(what, KATHERINE))
        world.deliver(told[what])
    known = world.state().stage(Stage.DEVELOPMENT)
    assert order[-1] != "approval" or known.status is ModelStatus.APPROVED
    world.synchronisation.identify(call(SECOND, MARY, inferenceSpecification=other), "event-1")
    found = open_findings(world)
    assert ("approved-by-its-author" in found) is (known.status is ModelStatus.APPROVED)
    assert ("gate-refused" in found) is (known.status is not ModelStatus.APPROVED)
    is_one_state_in_any_order(world)


def test_a_studio_profile_is_not_taken_for_another_person_than_its_session():
    """CloudTrail knows the session of Studio's role and not the profile: one call, two names, one role."""
    world = World()
    world.register()
    second = Second([(MARY, APPROVE)])
    user = {**second.seen[-1].last_modified_by.model_dump(by_alias=True), "UserProfileName": "mary-the-analyst"}
    told = second.seen[-1].model_dump(by_alias=True, mode="json")
    world.registry.packages[ARN] = type(second.seen[-1]).model_validate({**told, "LastModifiedBy": user})
    world.deliver(second.events[0])
    decided_by = world.state().stage(Stage.DEVELOPMENT).decided_by
    world.synchronisation.identify(second.calls[0], "event-1")
    assert decided_by == world.state().stage(Stage.DEVELOPMENT).decided_by != on_record(MARY)
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.APPROVED


PEOPLE = st.sampled_from([ADA, MARY, KATHERINE, TAGGER])
DEEDS = st.sampled_from([APPROVE, APPROVE, TAKE_BACK, REJECT, MOVE, MOVE, MOVE_BACK, STAMP])


@settings(FEW, max_examples=150)
@given(st.lists(st.tuples(PEOPLE, DEEDS), min_size=1, max_size=5), st.data())
def test_when_all_calls_are_told_nobody_is_credited_with_what_others_asked_for_undisputed(
    steps: list[Step], data: st.DataObject
):
    second = Second(steps)
    world = World()
    world.register()
    kinds = [(kind, number) for number in range(len(steps)) for kind in ("event", "call")]
    looked = 0
    for kind, number in data.draw(st.permutations(kinds)):
        if kind == "call":
            world.synchronisation.identify(second.calls[number], "event-1")
            continue
        looked = data.draw(st.integers(max(looked, number), len(steps) - 1))
        world.registry.packages[ARN] = second.seen[looked]
        world.deliver(second.events[number])
    for stage, decision in decisions(world).items():
        assert decision.disputed or decision.person in second.who_asked(stage, decision.wanted)
    for stage, known in world.state().stages.items():
        asked_for = second.who_asked(stage, ModelStatus.APPROVED)
        if known.verdict and known.verdict.passed and not known.is_disputed(known.verdict.decision):
            assert known.verdict.approver in asked_for
        assert {signed.person for signed in waiting(world.state(), stage)} <= asked_for
    is_one_state_in_any_order(world)
