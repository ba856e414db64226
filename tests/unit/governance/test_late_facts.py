"""What is learned late: history that survives, effects that are taken back, versions from before governance."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain import facts as f
from governance.domain import upkeep as u
from governance.domain.audit import breaks
from governance.domain.fold import fold
from governance.domain.lifecycle import DeploymentStatus, ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.sealing import SealingStatus
from tests.builders import (
    MARY,
    after,
    approved,
    call,
    change,
    described,
    identity,
    moved,
    on_record,
    package_arn,
    rejected,
)
from tests.unit.governance.lives import distinct, outside_facts, outside_lives, registry_facts
from tests.unit.governance.test_fold_properties import MANY, Scribe
from tests.world import World, deployed_to_test, open_findings

ARN = package_arn()


def actions(world: World) -> list[str]:
    return [entry.content["action"] for entry in world.ledger.entries[ARN]]


def announced(world: World, name: str) -> list[dict[str, Any]]:
    return [
        event["detail"]
        for entry in world.ledger.entries[ARN]
        for event in entry.content["events"]
        if event["detail_type"] == name
    ]


def test_a_deployment_under_way_is_stopped_when_its_approval_is_taken_back():
    world = World()
    world.register()
    world.seal()
    world.tell(approved(60))
    world.now.moment = after(61)
    world.start(Stage.TEST)
    world.tell(rejected(70))
    assert [one["how"] for one in announced(world, "RollbackRequested")] == ["stop"]
    assert "rollback-requested" in actions(world)


def test_what_was_deployed_on_a_decision_that_had_been_taken_back_before_is_rolled_back_when_that_is_learned():
    world = World()
    world.register()
    world.tell(approved(60))
    world.now.moment = after(100)
    world.seal()
    world.start(Stage.TEST)
    world.verify(Stage.TEST)
    world.end(Stage.TEST)
    assert world.state().deployment_status(Stage.TEST) is DeploymentStatus.DEPLOYED
    world.now.moment = after(200)
    world.tell(rejected(65))
    told = announced(world, "RollbackRequested")
    assert [one["how"] for one in told] == ["roll-back"]
    assert world.deliver(rejected(65)) is None
    assert len(announced(world, "RollbackRequested")) == 1
    assert breaks(world.ledger.entries[ARN]) == []


def test_what_is_rejected_after_it_was_deployed_is_left_to_people():
    world = deployed_to_test(World())
    world.tell(rejected(300))
    assert announced(world, "RollbackRequested") == []
    assert "deployment-unjustified" in open_findings(world)


@MANY
@given(outside_lives(most=8), st.data())
def test_nothing_keeps_deploying_without_the_right_to_it_or_an_order_to_stop_it(facts, data):
    """Whatever is told in whatever order, sealed and started whenever it may be."""
    scribe = Scribe()
    for fact in data.draw(st.permutations(facts)):
        scribe.learn(fact)
        if data.draw(st.booleans()):
            scribe.seal()
        if data.draw(st.booleans()):
            start(scribe, data)
    state = scribe.state
    for deployment in state.deployments.values():
        if (
            deployment.status is DeploymentStatus.DEPLOYING
            and state.stage(deployment.stage).deployment_id == deployment.id
        ):
            assert state.may_run_in(deployment.stage) or state.rollback_of(deployment.id)
    requested = [fact for fact in scribe.ledger.facts(ARN) if isinstance(fact, u.RollbackRequested)]
    assert len(requested) == len({fact.effect_id for fact in requested})
    assert state == fold(scribe.ledger.facts(ARN))
    assert len(scribe.ledger.entries[ARN]) == len(scribe.ledger.facts(ARN))


def start(scribe: Scribe, data: st.DataObject) -> None:
    """Start what waits, and perhaps let it end."""
    state, now = scribe.state, scribe.recording.now()
    for deployment in state.deployments.values():
        if deployment.status is DeploymentStatus.QUEUED:
            run = {"model": state.model, "recorded_at": now, "deployment_id": deployment.id, "execution_id": "e1"}
            scribe.learn(f.DeploymentStarted(**run, effective_at=max(now, deployment.requested_at)))
            if data.draw(st.booleans()):
                ended = max(now, deployment.requested_at) + timedelta(seconds=1)
                scribe.learn(f.DeploymentFinished(**run, effective_at=ended, outcome="succeeded"))


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_decisions_survive_as_history_even_when_the_registry_has_moved_on(order):
    told = [approved(60), rejected(70), approved(80), rejected(90)]
    world = World()
    world.register()
    world.registry.packages[ARN] = described(told[-1])
    world.now.moment = after(200)
    for index in order:
        world.deliver(told[index])
    for at in (60, 80):
        world.synchronisation.identify(call(at, modelApprovalStatus="Approved"), "e")
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.REJECTED
    decided = {fact.effective_at: fact.approval for fact in world.ledger.facts(ARN) if hasattr(fact, "package_status")}
    assert [decided[after(at)] for at in (60, 70, 80, 90)] == ["Approved", "Rejected", "Approved", "Rejected"]
    entries = [entry.content for entry in world.ledger.entries[ARN] if entry.content["fact"] == "registry-observed"]
    assert len({entry["effective_at"] for entry in entries}) == 5


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_of_changes_of_one_second_the_most_restrictive_prevails_until_the_registry_is_asked(order):
    told = [approved(60), change(60, UpdatedModelPackageFields=["ModelApprovalStatus"]), rejected(60)]
    world = World()
    world.register()
    world.registry.packages[ARN] = described(change(90, "Approved"))
    for index in order:
        world.deliver(told[index])
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.REJECTED


def test_a_finding_whose_cause_a_late_fact_undoes_is_closed_for_those_who_heard_of_it():
    world = World()
    world.register()
    world.tell(moved(60, "Test", "Approved", approval="PendingManualApproval"), by=MARY)
    opened = {one["finding_id"] for one in announced(world, "FindingOpened")}
    world.deliver(approved(50))
    world.synchronisation.identify(call(50, modelApprovalStatus="Approved"), "e")
    standing = {key for key, finding in world.state().findings.items() if finding.is_open}
    closed = {one["finding_id"] for one in announced(world, "FindingClosed")}
    assert opened - standing <= closed


def backfilled() -> u.VersionBackfilled:
    return u.VersionBackfilled(model=identity(), effective_at=after(0), recorded_at=after(100))


def adopted(at: float) -> u.VersionAdopted:
    return u.VersionAdopted(
        model=identity(), effective_at=after(at), recorded_at=after(at), person=MARY, why="it is ours"
    )


@MANY
@given(st.lists(registry_facts() | outside_facts(), min_size=1, max_size=8).map(distinct), st.data())
def test_a_version_from_before_governance_announces_and_begins_nothing_until_somebody_adopts_it(facts, data):
    scribe = Scribe()
    scribe.recording.learn(ARN, lambda _page, _now: [backfilled()], "c")
    for fact in data.draw(st.permutations(facts)):
        scribe.learn(fact)
    state: ModelVersion = scribe.state
    assert state.is_dormant
    assert scribe.ledger.events(ARN) == []
    assert (state.sealing.status, dict(state.deployments), state.sign_offs) == (SealingStatus.NONE, {}, ())
    assert "not-adopted" in {finding.code for finding in state.findings.values() if finding.is_open}
    scribe.learn(adopted(500))
    assert not scribe.state.is_dormant
    assert scribe.state.adopted_by == on_record(MARY)
    assert "ModelVersionRegistered" in scribe.ledger.events(ARN)
