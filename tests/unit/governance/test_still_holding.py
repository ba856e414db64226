"""The last gate asks the policy of an approval again: what was approved and queued is deployed if that still holds."""

from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from governance.domain.errors import DeploymentRefused
from governance.domain.evidence_facts import EvidenceRequested
from governance.domain.facts import MetricsReported, VerdictGiven
from governance.domain.findings import Severity
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.reviewing import FindingsRaised, GlassBroken, RaisedFinding
from governance.domain.still_holding import no_longer_met
from governance.ports.ledger import Change
from tests.builders import KATHERINE, MARY, after, approved, moved
from tests.unit.governance.decisions.board import ARN, Board
from tests.unit.governance.decisions.test_never_against_a_refusal import DEEDS, LIVES, live
from tests.unit.governance.deliveries import Deliveries
from tests.unit.governance.evidence.test_deadlines import A_DAY, GATE, OF_30_DAYS, Dated
from tests.unit.governance.evidence.worlds import AUC, EIGHT, QUALITY, SEVEN, names, policy
from tests.unit.governance.recalls import announced, ask
from tests.world import World

TEST, PRODUCTION = Stage.TEST, Stage.PRODUCTION
RAN = {"name": "deployed-and-validated", "kind": "check"}


def queued(gate: dict[str, Any] = GATE) -> Dated:
    """A version that was approved on its second day, with a report of its first, and waits for its turn in test."""
    world = Dated()
    world.under(policy(gate))
    world.with_report()
    world.seal()
    world.now.moment = after(A_DAY + 1)
    world.tell(approved(A_DAY))
    return world


def verified(world: World, at: float, stage: Stage = TEST) -> None:
    """Its turn comes so much later, and the pipeline asks."""
    world.now.moment = after(at)
    world.start(stage)
    world.verify(stage)


def test_evidence_that_expired_while_the_deployment_waited_is_refused_by_the_gates_name():
    world = queued()
    with pytest.raises(DeploymentRefused, match="quality does not hold any more for the approval in development"):
        verified(world, 31 * A_DAY)


def test_evidence_that_is_still_young_enough_is_let_through():
    world = queued()
    verified(world, 29 * A_DAY)
    assert world.deployment(TEST).claimed_by


def test_a_refusal_ends_on_the_record_and_is_announced_as_every_refusal_of_the_gate():
    world = queued()
    with pytest.raises(DeploymentRefused) as refused:
        verified(world, 31 * A_DAY)
    world.end(TEST, "Failed", f"Verify: {refused.value}")
    assert "quality does not hold any more" in world.deployment(TEST).reason
    [told] = announced(world, "DeploymentFailed", SEVEN)
    assert "quality does not hold any more" in told["reason"]


def test_what_the_policy_only_advises_stops_nothing():
    verified(queued({**GATE, "mode": "advise"}), 31 * A_DAY)


def test_approved_again_on_newer_evidence_it_is_deployed():
    world = queued()
    with pytest.raises(DeploymentRefused):
        verified(world, 31 * A_DAY)
    world.end(TEST, "Failed", "Verify: refused")
    world.promotion.give_way(SEVEN, TEST, world.deployment(TEST).id, "e")
    other = "s3://dev-bucket/reports/newer.json"
    world.documents.put(other, AUC, after(31 * A_DAY))
    attached(world, other, 31 * A_DAY + 10)
    world.now.moment = after(32 * A_DAY + 1)
    world.tell(approved(32 * A_DAY))
    verified(world, 33 * A_DAY)


def attached(world: Dated, uri: str, at: float) -> None:
    told = {**world.told(at), "effect_id": "collect-newer", "evidence": "model-quality", "uri": uri}
    specification = world.state().specification
    world.learn(EvidenceRequested.model_validate({**told, "source": "attached", "specification": specification}))
    world.collect()


def test_a_return_is_let_through_however_old_its_evidence_has_become():
    world = Dated()
    deliveries = Deliveries(world)
    for number, arn in ((7, SEVEN), (8, EIGHT)):
        at = (number - 7) * 35 * A_DAY
        world.documents.put(f"{QUALITY}-{number}", AUC, after(at))
        world.now.moment = after(at + 1)
        world.register(number, **names(f"{QUALITY}-{number}"))
        world.collect(arn)
        deliveries.settle()
        world.now.moment = after(at + A_DAY + 1)
        world.tell(approved(at + A_DAY, arn=arn))
        deliveries.settle()
        assert deliveries.serves[TEST] == arn
    ask(world, "roll-back", 40 * A_DAY, version=EIGHT, stage="test")
    deliveries.settle()
    assert deliveries.serves[TEST] == SEVEN


def test_a_finding_that_was_raised_since_without_a_rejection_is_refused(world):
    world.register()
    world.seal()
    world.tell(approved(60))
    told = {"effective_at": after(70), "recorded_at": after(70), "stage": Stage.DEVELOPMENT, "person": KATHERINE}
    raised = RaisedFinding(severity=Severity.HIGH, text="no card", due=after(5000))
    world.recording.learn(
        SEVEN,
        lambda page, now: [
            FindingsRaised(model=page.state.model, **told, why="looked at", rejects=False, findings=(raised,))
        ],
        "e",
    )
    world.start(TEST)
    with pytest.raises(DeploymentRefused, match="findings-answered does not hold any more"):
        world.verify(TEST)


def test_an_approval_is_judged_by_the_policy_that_it_was_given_under_and_not_by_a_later_one():
    world = queued({**GATE, "max_age_days": 60})
    kept = world.groups.kept[next(iter(world.groups.kept))].in_force
    world.shelf.versions["ours"] = [kept]
    world.under(OF_30_DAYS.model_copy(update={"version": 4}))
    verified(world, 40 * A_DAY)


@pytest.mark.parametrize("on_the_shelf", [False, True])
def test_where_that_policy_is_not_on_record_as_it_was_the_gate_says_so(on_the_shelf):
    world = queued()
    another = policy({**GATE, "max_age_days": 400})
    world.shelf.versions["ours"] = [another] if on_the_shelf else []
    world.under(policy({**GATE, "max_age_days": 90}).model_copy(update={"version": 4}))
    with pytest.raises(DeploymentRefused, match="ours@3, by which development was approved, is not on record as it"):
        verified(world, 2 * A_DAY)


def test_what_was_built_in_before_policies_were_data_lets_pass_what_it_let_pass(world):
    world.register()
    world.seal()
    world.tell(approved(60))
    world.start(TEST)
    page = world.ledger.open(SEVEN)
    known = page.state.stage(Stage.DEVELOPMENT)
    verdict = known.verdict.model_copy(update={"policy": "default@1", "policy_hash": "f" * 64})
    state = page.state.with_stage(Stage.DEVELOPMENT, verdict=verdict)
    assert world.gatekeeping.approval_problems(page, state, state.deployment(world.deployment(TEST).id)) == []


def test_that_another_version_took_its_place_in_test_does_not_undo_that_it_ran_there():
    world = Dated()
    world.under(policy(RAN))
    deliveries = Deliveries(world)
    for number, arn in ((7, SEVEN), (8, EIGHT)):
        world.register(number)
        deliveries.settle()
        world.now.moment = after(100 * number + 1)
        world.tell(approved(100 * number, arn=arn))
        deliveries.settle()
        if arn == SEVEN:
            measured(world, arn)
            world.now.moment = after(791)
            world.tell(moved(790, "Test", "Approved", arn=SEVEN), by=KATHERINE)
            deliveries.collect()
            held, deliveries.waiting = deliveries.waiting, []
    assert str(world.state(SEVEN).deployment_status(TEST)) == "superseded"
    deliveries.waiting = held
    deliveries.settle()
    assert deliveries.serves[PRODUCTION] == SEVEN


def measured(world: World, arn: str) -> None:
    def facts(page: Any, now: Any) -> list[MetricsReported]:
        told = {"model": page.state.model, "effective_at": now, "recorded_at": now, "stage": "test"}
        metrics = [{"name": "auc", "value": 0.9}]
        about = {"purpose": "validation", "metrics": metrics, "producer": "1" * 12}
        return [MetricsReported.model_validate({**told, **about})]

    world.recording.learn(arn, facts, "e")


def test_what_was_approved_in_an_emergency_is_judged_as_an_emergency():
    world = Dated()
    world.register()
    world.seal()
    told = {**world.told(50), "stage": Stage.DEVELOPMENT, "person": MARY, "roles": ("owner",), "why": "fraud"}
    world.learn(GlassBroken(**told, until=after(50_000), review_by=after(90_000)))
    world.now.moment = after(61)
    world.tell(approved(60))
    assert world.state().stage(Stage.DEVELOPMENT).verdict.glass
    verified(world, 100)


@LIVES
@given(st.lists(DEEDS, min_size=3, max_size=14))
def test_with_nothing_changed_since_the_gate_always_agrees_with_the_verdict(sentences: list[str]) -> None:
    board, asked = Board(), []
    save = board.ledger.save

    def watched(change: Change) -> None:
        terms = board.recording.terms(board.ledger.open(ARN), ARN)
        for fact in change.facts:
            if isinstance(fact, VerdictGiven) and fact.passed and change.after.model.arn == ARN:
                known = change.after.stage(fact.stage)
                if known.verdict == fact and known.status is ModelStatus.APPROVED and known.decision:
                    asked.append(fact.glass)
                    at = known.decision.at
                    assert no_longer_met(change.after, fact, terms.policy, terms, at) == ()
        save(change)

    board.ledger.save = watched
    for sentence in sentences:
        live(board, sentence)
    event(f"approved: {bool(asked)}, in an emergency: {any(asked)}")
