"""Rejecting what runs means to take it back: at once or when somebody confirms it, as the policy said."""

import pytest

from governance.domain.authority import Authority, Role
from governance.domain.fold import fold
from governance.domain.lifecycle import Stage
from governance.domain.loosening import SLOWER, loosens
from governance.domain.model_group import ModelGroup
from governance.domain.policy_document import PolicyDocument
from governance.domain.published import DEFAULT, PublishedPolicy
from tests.builders import HUB, KATHERINE, after, approved, change, group_arn, moved, rejected
from tests.unit.governance.deliveries import Deliveries
from tests.unit.governance.recalls import (
    EIGHT,
    PRODUCTION,
    SEVEN,
    TEST,
    announced,
    ask,
    born,
    rollbacks,
    serving,
    sound,
    to_production,
    to_test,
)
from tests.world import World, open_findings

WAITS = "rollback-awaits-confirmation"
OFFICERS = Authority(hub=HUB, holders={Role.OFFICER: ("steward-officer",)})


def saying(**words: str) -> PolicyDocument:
    """The built-in policy, and what it says of rejections in the stages that are named."""
    told = {**DEFAULT.document.model_dump(mode="json"), "on_rejection": words}
    return PolicyDocument.model_validate(told)


def under(world: World, **words: str) -> None:
    """From now on the group stands under a policy that says so."""
    known = world.groups.get(group_arn()) or ModelGroup(arn=group_arn())
    policy = PublishedPolicy(document=saying(**words), version=known.revision + 3)
    group = known.under(policy)
    world.groups.save(group.model_copy(update={"revision": known.revision + 1}), known.revision)


def served(**words: str) -> Deliveries:
    """Seven, then eight, serve in test and production under a policy."""
    deliveries = serving(SEVEN, EIGHT)
    under(deliveries.world, **words)
    return deliveries


def refuse(deliveries: Deliveries, at: float = 1000, stage: str = "Production", arn: str = EIGHT) -> None:
    """An officer rejects it in a stage."""
    deliveries.world.now.moment = after(at + 1)
    told = rejected(at, arn=arn) if stage == "" else moved(at, stage, "Rejected", arn=arn)
    deliveries.world.tell(told, by=KATHERINE)
    deliveries.settle()


def approve(deliveries: Deliveries, stage: str, at: float = 2000) -> None:
    """An officer approves it in a stage after all."""
    deliveries.world.now.moment = after(at + 1)
    deliveries.world.tell(moved(at, stage, "Approved", arn=EIGHT), by=KATHERINE)
    deliveries.settle()


def test_where_the_policy_says_at_once_the_last_good_version_serves_again():
    deliveries = served(production="roll-back")
    refuse(deliveries)
    world = deliveries.world
    assert deliveries.serves == {TEST: EIGHT, PRODUCTION: SEVEN}
    assert rollbacks(world) == [("production", "roll-back", "rolled-back")]
    assert {WAITS, "deployment-unjustified"}.isdisjoint(open_findings(world, EIGHT))
    [told] = announced(world, "RollbackRequested")
    assert told["stage"] == "production"
    sound(world)


def test_where_it_says_nothing_a_person_confirms_and_the_finding_tells_how():
    deliveries = served()
    refuse(deliveries)
    world = deliveries.world
    assert deliveries.serves == {TEST: EIGHT, PRODUCTION: EIGHT}
    [finding] = [one for one in world.state(EIGHT).findings.values() if one.code == WAITS]
    assert "steward roll-back credit-risk-pd/8 --stage production" in finding.remedy
    assert "katherine" not in finding.detail.casefold() or "rejected it in production" in finding.detail
    ask(world, "roll-back", 2000, stage="production")
    deliveries.settle()
    assert deliveries.serves == {TEST: EIGHT, PRODUCTION: SEVEN}
    assert WAITS not in open_findings(world, EIGHT)
    sound(world)


@pytest.mark.parametrize(
    ("words", "stage", "runs"),
    [
        ({"test": "roll-back"}, "Test", {TEST: SEVEN, PRODUCTION: EIGHT}),
        ({"production": "roll-back"}, "Test", {TEST: EIGHT, PRODUCTION: SEVEN}),
        ({"test": "roll-back", "production": "roll-back"}, "Test", {TEST: SEVEN, PRODUCTION: SEVEN}),
        ({"test": "roll-back", "production": "roll-back"}, "Production", {TEST: EIGHT, PRODUCTION: SEVEN}),
        ({"test": "roll-back"}, "", {TEST: SEVEN, PRODUCTION: EIGHT}),
        ({"test": "roll-back", "production": "roll-back"}, "", {TEST: SEVEN, PRODUCTION: SEVEN}),
    ],
)
def test_a_rejection_speaks_against_its_own_stage_what_rests_on_it_and_in_the_approval_status_against_all(
    words, stage, runs
):
    deliveries = served(**words)
    refuse(deliveries, stage=stage)
    assert deliveries.serves == runs
    waits = [one for one in deliveries.world.state(EIGHT).findings.values() if one.code == WAITS]
    everywhere = {"Test": 2, "Production": 1, "": 2}[stage]
    assert len(waits) == everywhere - sum(one == SEVEN for one in runs.values())
    sound(deliveries.world)


def test_the_word_is_that_of_the_policy_in_force_when_it_was_asked_whatever_is_published_later():
    deliveries = served()
    refuse(deliveries)
    world = deliveries.world
    under(world, production="roll-back")
    told = {
        "ModelLifeCycle": {"Stage": "Production", "StageStatus": "Rejected", "StageDescription": "Production Rejected"}
    }
    world.now.moment = after(1201)
    world.tell(change(1200, "Approved", arn=EIGHT, UpdatedModelPackageFields=["CustomerMetadataProperties"], **told))
    deliveries.settle()
    assert deliveries.serves[PRODUCTION] == EIGHT
    assert len([one for one in world.ledger.facts(EIGHT) if one.kind == "rejection-judged"]) == 1
    refuse(deliveries, 1300)
    assert deliveries.serves[PRODUCTION] == SEVEN, "rejected once more, under the policy of by then"
    sound(world)


def test_told_twice_or_late_it_is_taken_back_once():
    deliveries = served(production="roll-back")
    refuse(deliveries)
    refuse(deliveries, 1000)
    world = deliveries.world
    assert rollbacks(world) == [("production", "roll-back", "rolled-back")]
    assert world.state(EIGHT) == fold(reversed(world.ledger.facts(EIGHT)))


def test_a_rejection_when_nothing_runs_asks_no_policy():
    deliveries = born(EIGHT)
    under(deliveries.world, test="roll-back")
    deliveries.world.tell(rejected(100, arn=EIGHT))
    deliveries.settle()
    assert [one for one in deliveries.world.ledger.facts(EIGHT) if one.kind == "rejection-judged"] == []


def test_approved_anew_in_the_stage_before_it_runs_there_again():
    deliveries = served(production="roll-back")
    refuse(deliveries)
    approve(deliveries, "Test")
    world = deliveries.world
    assert deliveries.serves[PRODUCTION] == EIGHT
    assert WAITS not in open_findings(world, EIGHT)
    sound(world)


def test_approved_after_all_before_anybody_confirmed_it_goes_on_serving():
    deliveries = served()
    refuse(deliveries)
    approve(deliveries, "Production")
    world = deliveries.world
    assert deliveries.serves[PRODUCTION] == EIGHT
    assert WAITS not in open_findings(world, EIGHT)
    assert rollbacks(world) == []


def test_where_nothing_can_return_it_is_said_and_the_endpoint_stays():
    deliveries = serving(EIGHT)
    under(deliveries.world, production="roll-back")
    refuse(deliveries)
    world = deliveries.world
    assert rollbacks(world) == [("production", "roll-back", "nothing-to-return-to")]
    assert "rollback-impossible" in open_findings(world, EIGHT)
    assert WAITS not in open_findings(world, EIGHT)
    assert deliveries.serves[PRODUCTION] == EIGHT


def test_what_was_rejected_in_a_stage_is_not_what_returns_there():
    deliveries = serving(SEVEN, EIGHT)
    refuse(deliveries, 900, arn=SEVEN)
    under(deliveries.world, production="roll-back")
    refuse(deliveries, 1000)
    assert rollbacks(deliveries.world) == [("production", "roll-back", "nothing-to-return-to")]


def test_what_another_version_replaced_is_not_taken_back():
    deliveries = served(production="roll-back", test="roll-back")
    refuse(deliveries, arn=SEVEN)
    assert rollbacks(deliveries.world, SEVEN) == []
    assert deliveries.serves == {TEST: EIGHT, PRODUCTION: EIGHT}


def test_an_earlier_version_that_was_taken_back_to_waits_for_a_person_like_any():
    deliveries = born(SEVEN, EIGHT)
    to_production(deliveries, SEVEN, 100)
    to_test(deliveries, EIGHT, 300)
    under(deliveries.world, test="roll-back")
    refuse(deliveries, 1000, stage="Test")
    assert deliveries.serves == {TEST: SEVEN, PRODUCTION: SEVEN}
    refuse(deliveries, 2000, stage="", arn=SEVEN)
    world = deliveries.world
    assert rollbacks(world, SEVEN) == [("test", "roll-back", "nothing-to-return-to")]
    assert WAITS in open_findings(world, SEVEN), "production says nothing: a person confirms"
    sound(world)


def test_a_policy_says_it_of_stages_where_something_runs():
    with pytest.raises(ValueError, match=r"on_rejection\.development: nothing runs in development"):
        saying(development="confirm")
    assert saying(test="roll-back").word_on_rejection(Stage.TEST) == "roll-back"


def test_to_say_what_holds_anyway_makes_no_other_policy():
    assert saying(test="confirm", production="confirm").hash == DEFAULT.hash
    assert saying(production="roll-back").hash != DEFAULT.hash
    again = PolicyDocument.model_validate(saying(test="roll-back", production="confirm").content())
    assert again.on_rejection == {Stage.TEST: "roll-back"}
    assert again.hash == saying(test="roll-back").hash


def test_to_wait_for_a_person_where_nobody_did_before_asks_less():
    found = loosens(saying(test="roll-back"), saying(test="roll-back", production="roll-back"))
    assert {(one.gate, str(one.stage), one.how) for one in found} == {("on-rejection", "production", SLOWER)}
    assert loosens(saying(production="roll-back"), saying()) == ()


def test_an_approval_of_the_same_version_elsewhere_answers_no_rejection():
    deliveries = served(production="roll-back")
    refuse(deliveries)
    world = deliveries.world
    world.now.moment = after(2001)
    world.tell(approved(2000, arn=EIGHT))
    deliveries.settle()
    assert deliveries.serves[PRODUCTION] == SEVEN
