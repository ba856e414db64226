"""Whole lives within a second or two: the registry, CodePipeline and people's proofs tell whole seconds, the rest more.

Steward's own clock and SageMaker's rollouts have fractions. So of one second, what came last may be told to be first.
Everything that others tell is told late and again, in any order; and all the same the record ends as it should.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from governance.domain.errors import Refused
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.registry import PackageChange
from governance.domain.rolling_out import Phase, RolloutChange
from governance.domain.told_of_deployments import PipelineChange
from governance.domain.values import whole_second
from governance.ports.identity import Caller
from governance.services.recalling import Recalling
from tests.builders import BORN, KATHERINE, MARY, after, approved, described, moved, rejected
from tests.unit.governance.deliveries import Deliveries
from tests.unit.governance.recalls import (
    EIGHT,
    OLGA,
    OSKAR,
    PRODUCTION,
    SEVEN,
    SHAPE,
    TEST,
    announced,
    ask,
    born,
    sound,
)
from tests.unit.governance.test_fold_properties import FEW

DEEDS = (
    *("approve", "approve", "reject", "approve in test", "approve in test", "roll-out", "fails", "again", "again"),
    *("hear",) * 7,
    *("tell",) * 7,
    *("advance",) * 7,
    *("quarantine", "release", "roll-back", "roll-back production"),
)
"""What may happen: the dull things more often, so that most lives get somewhere."""

MOMENTS = st.tuples(
    st.sampled_from(DEEDS), st.sampled_from([SEVEN, EIGHT]), st.integers(0, 5), st.sampled_from([1, 1, 40, 300])
)
"""What is done, to which version, which of what waits is taken, and how many milliseconds pass before."""

ASKED = {"function": "arn:decide", "request_id": "request-1", "why": "it discriminates"}


@dataclass
class Seconds(Deliveries):
    """Deliveries of a world whose registry and pipelines tell whole seconds, and whose events wait to be delivered."""

    outside: list[Any] = field(default_factory=list)
    told_before: list[Any] = field(default_factory=list)

    @property
    def second(self) -> float:
        """The second that it is, since the versions were born."""
        return float((whole_second(self.world.now.moment) - BORN).total_seconds())

    def change(self, told: PackageChange, by: Any) -> None:
        """The registry is changed, and its event is on its way."""
        self.world.registry.packages[told.model_package_arn] = described(told, by)
        self.outside.append(partial(self.world.deliver, told))

    def end(self, execution: str, status: str, reason: str) -> None:
        """An execution ends, and its event is on its way."""
        self.world.pipelines.end(execution, status, reason)
        pipeline = self.world.pipelines.executions[execution].pipeline
        at = whole_second(self.world.now())
        told = PipelineChange(pipeline=pipeline, execution_id=execution, attempt=1, at=at, ended=True)
        self.outside.append(partial(self.world.tracking.follow, told, "event-4"))

    def tell(self, which: int, again: bool = False) -> None:
        """One of the events that are on their way arrives, or one that arrived before."""
        waiting = self.told_before if again else self.outside
        if waiting:
            event = waiting[which % len(waiting)]
            event()
            if not again:
                self.outside.remove(event)
                self.told_before.append(event)
        self.collect()

    def settle(self) -> None:
        """Everything arrives, and everything runs to its end."""
        self.hear()
        while self.outside or self.running():
            while self.outside:
                self.tell(0)
            self.hear()
            for execution in self.running()[:1]:
                self.advance(execution)
            self.hear()


def does(life: Seconds, deed: str, arn: str, which: int) -> None:
    """One thing happens, and is not followed to its end."""
    world, at = life.world, life.second
    decisions: dict[str, Any] = {
        "approve": (partial(approved, at), MARY),
        "reject": (partial(rejected, at), KATHERINE),
        "approve in test": (partial(moved, at, "Test", "Approved"), KATHERINE),
    }
    if deed in decisions:
        told, by = decisions[deed]
        life.change(told(arn=arn), by)
    elif deed == "hear" and life.waiting:
        life.deliver(which % len(life.waiting))
    elif deed in {"tell", "again"}:
        life.tell(which, again=deed == "again")
    elif deed in {"advance", "fails"} and life.running():
        running = life.running()
        life.advance(running[which % len(running)], fails=deed == "fails")
    elif deed == "roll-out":
        rolls_out(life, arn)
    elif deed in {"quarantine", "release", "roll-back", "roll-back production"}:
        command, _, stage = deed.partition(" ")
        more = {"stage": stage or "test", "even_if_nothing_returns": True} if command == "roll-back" else {}
        order = SHAPE.validate_python({"command": command, "version": arn, **ASKED, **more})
        caller = Caller(person=OLGA if deed == "release" else OSKAR, at=after(at))
        with suppress(Refused):
            Recalling(world.ledger, world.recording).carry_out(order, caller)
    life.collect()


def rolls_out(life: Seconds, arn: str) -> None:
    """SageMaker tells that the version gets traffic in test; its events have fractions of a second."""
    deployment = life.world.deployment(TEST, arn)
    if deployment is None or deployment.status != "deploying" or not deployment.endpoint_arn:
        return
    change = RolloutChange(
        endpoint_arn=deployment.endpoint_arn,
        leaves="before",
        arrives=deployment.id,
        phase=Phase.BAKING,
        words="",
        at=life.world.now(),
    )
    life.outside.append(partial(life.world.tracking.roll_out, change, "event-5"))


def lived(moments: list[tuple[str, str, int, int]]) -> Seconds:
    """A life of two versions that nobody had decided on, with everything told in the end."""
    made = born(SEVEN, EIGHT)
    life = Seconds(**vars(made))
    life.world.now.moment = after(100.001)
    for deed, arn, which, passes in moments:
        life.world.now.moment += timedelta(milliseconds=passes)
        does(life, deed, arn, which)
    life.settle()
    return life


def holds_together(life: Seconds) -> None:
    """What must be true of any record when everything has been told."""
    world = life.world
    sound(world)
    assert not world.leases.holders, world.leases.holders
    assert not any(world.leases.queues.values()), world.leases.queues
    for arn in (SEVEN, EIGHT):
        is_explained(life, arn)
        is_as_announced(life, arn)
    for stage in (TEST, PRODUCTION):
        on_record, there = life.deployed(stage), life.serves.get(stage)
        assert len(on_record) <= 1, on_record
        if there and there not in on_record:  # it was left there, and a finding says so
            assert world.deployment(stage, there).status in {"failed", "rolled-back"}, (stage, there, on_record)


def is_explained(life: Seconds, arn: str) -> None:
    """Every approval has its decision and its verdict, and nothing goes on without end."""
    state = life.world.state(arn)
    for stage, known in state.stages.items():
        if known.status is ModelStatus.APPROVED:
            assert known.decision and known.decision.wanted is ModelStatus.APPROVED, (stage, known)
            assert known.verdict and known.verdict.passed, (stage, known)
            assert known.verdict.decision == known.decision.fingerprint, (stage, known)
    for one in state.deployments.values():
        assert one.status in {"deployed", "superseded", "rolled-back", "removed", "failed"}, one


def is_as_announced(life: Seconds, arn: str) -> None:
    """What was announced of deployments is what the record says of them in the end."""
    deployments = life.world.state(arn).deployments
    succeeded, failed, taken = (
        {one["deployment_id"] for one in announced(life.world, name, arn)}
        for name in ("DeploymentSucceeded", "DeploymentFailed", "GuardrailTripped")
    )
    for one in deployments.values():
        assert one.status != "deployed" or one.id in succeeded - failed, one
        assert one.status != "failed" or one.id in failed - succeeded, one
        assert one.is_taken_back_by_guardrails is (one.id in taken), one
        if one.reason.startswith("Deploy: ") and one.rolling_out:
            assert one.is_taken_back_by_guardrails, one


@settings(FEW, max_examples=40)
@given(moments=st.lists(MOMENTS, min_size=10, max_size=50))
def test_in_whatever_order_a_second_is_told_the_record_holds_together(moments):
    holds_together(lived(moments))


@settings(FEW, max_examples=40)
@given(moments=st.lists(MOMENTS, min_size=10, max_size=50))
def test_whatever_happened_within_a_second_an_approval_of_a_later_one_deploys(moments):
    life = lived(moments)
    goes_on(life)
    holds_together(life)


def goes_on(life: Seconds) -> None:
    """In later seconds a version is released, and approved anew: it is deployed."""
    world = life.world
    world.now.moment = after(200)
    with suppress(Refused):
        ask(world, "release", 200, EIGHT, OLGA)
    life.settle()
    world.now.moment = after(300.2)
    life.change(approved(300, arn=EIGHT), MARY)
    life.settle()
    assert world.state(EIGHT).stage(Stage.DEVELOPMENT).status is ModelStatus.APPROVED
    assert life.serves[TEST] == EIGHT
    assert life.deployed(TEST) == [EIGHT]
