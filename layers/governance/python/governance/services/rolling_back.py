"""Take deployments back: stop what is under way, or let the last good version return to where it served.

Whatever an event tells, what is to be done is read off the record, step by step: so a step done twice is done once,
and whoever is told of an end goes on where another stopped. Of a stop the end is told by the pipeline, of a return by
the returning version's own deployment; both come back here. The rollback's outcome is a fact of the version that is
taken back, and the first outcome stands.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal

from governance.domain.deployment import LEFT_THERE, UNDER_WAY, Deployment
from governance.domain.deployment_facts import DeploymentSuperseded
from governance.domain.environment import Environment, environment_of
from governance.domain.errors import StaleVersion
from governance.domain.facts import AnyFact
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn, group_arn_of
from governance.domain.lifecycle import DeploymentStatus, Stage
from governance.domain.model_group import Return, Serving
from governance.domain.model_version import ModelVersion
from governance.domain.moments import last_moment
from governance.domain.noticed import Rollback
from governance.domain.requesting import to_deploy
from governance.domain.trying_out import may_stay
from governance.domain.upkeep import RollbackFinished
from governance.ports.delivery import Pipelines
from governance.ports.ledger import Ledger, Page
from governance.ports.profiles import Profiles
from governance.services.profiles import pinned
from governance.services.recording import Recording
from governance.services.remembering import Remembering
from governance.services.returning import is_good, others_of, served_last, why_none

STEPS = 24
"""How many steps one event may take. A rollback takes four; more only where others write the same records."""

JUSTIFIED = "the version may run there again"

Act = Callable[[], object]
"""A step that can be taken twice."""


@dataclass(frozen=True, slots=True)
class End:
    """How a rollback ends."""

    outcome: Literal["stopped", "rolled-back", "nothing-to-return-to", "overtaken"]
    reason: str
    at: datetime | None = None
    """When, if something else ended with it; otherwise now."""


@dataclass(frozen=True, slots=True)
class Case:
    """A rollback as it stands: the page it was read from, the version and the deployment that is taken back."""

    page: Page
    state: ModelVersion
    rollback: Rollback
    deployment: Deployment
    correlation_id: str

    @property
    def effect(self) -> str:
        """The name of the rollback's effect."""
        return self.rollback.effect_id

    @property
    def stage(self) -> Stage:
        """The stage that it is taken back in."""
        return self.rollback.stage

    @property
    def place(self) -> str:
        """The environment of it that it is taken back in."""
        return self.deployment.place

    @property
    def group(self) -> ModelGroupArn:
        """The version's group. Only versions of a group are ever deployed."""
        return group_arn_of(self.state.model.arn) or ""

    @property
    def returns(self) -> Mapping[str, Return]:
        """What the group is taking back."""
        return self.page.group.returns if self.page.group else {}

    @property
    def is_justified(self) -> bool:
        """Whether the version may run there after all."""
        return may_stay(self.state, self.deployment)

    @property
    def successor(self) -> Serving | None:
        """What came to the endpoint after it."""
        known = self.page.group
        return known.successor_of(self.place, self.deployment.id, self.deployment.finished_at) if known else None


@dataclass(frozen=True, slots=True)
class RollingBack:
    """Act on rollbacks that were concluded, from the request to the outcome."""

    ledger: Ledger
    recording: Recording
    memory: Remembering
    profiles: Profiles
    pipelines: Pipelines
    environments: Mapping[str, Environment]

    def ended(self, version: ModelPackageArn, deployment_id: str, correlation_id: str) -> None:
        """After any deployment's end: go on with its own rollback, and with those that wait for what serves now."""
        page = self.ledger.open(version)
        state = page.state_of(version)
        deployment = state.deployment(deployment_id)
        own = state.rollback_of(deployment.id)
        returns = page.group.returns if page.group else {}
        waiting = {effect: taken for effect, taken in returns.items() if taken.place == deployment.place}
        if waiting:
            self.memory.ended(state, deployment, page.group)
        for effect, back in sorted({**waiting, **({own.effect_id: None} if own else {})}.items()):
            self.take_back(back.version if back else version, effect, correlation_id)

    def take_back(self, version: ModelPackageArn, effect: str, correlation_id: str) -> None:
        """Do of a rollback what can be done now. Raises `UnknownRollback`, or `StaleVersion` if nothing holds still."""
        for _ in range(STEPS):
            page = self.ledger.open(version)
            state = page.state_of(version)
            rollback = state.rollback(effect)
            case = Case(page, state, rollback, state.deployment(rollback.deployment_id), correlation_id)
            act = self.next_act(case)
            if act is None:
                return
            act()
        raise StaleVersion(version)

    def next_act(self, case: Case) -> Act | None:
        """What is to be done next, after which all is looked at again; None where something else has to end first."""
        if case.rollback.outcome:
            return self.settled(case)
        if case.place not in self.environments:
            return partial(self.finish, case, self.out_of_reach(case))
        if case.deployment.status in UNDER_WAY:
            return self.stopped(case)
        if case.effect not in case.returns:
            end = self.end_without_return(case)
            return partial(self.finish, case, end) if end else partial(self.remember, case)
        return self.returned(case)

    def out_of_reach(self, case: Case) -> End:
        """The end of a rollback in an environment that was taken away: nothing can be deployed there any more."""
        if case.deployment.status is DeploymentStatus.QUEUED and not case.deployment.execution_id:
            return End("stopped", "it was never started")
        return self.overtaken(case) or End("nothing-to-return-to", f"there is no environment {case.place} any more")

    def stopped(self, case: Case) -> Act | None:
        """Stop the execution, unless the deployment is justified again and nobody has stopped it yet.

        Actions that run are waited for: one that was abandoned would go on after its turn was given to another. What
        has no execution yet is withdrawn when its turn comes.
        """
        execution = case.deployment.execution_id
        if not execution:
            return None
        pipeline = environment_of(case.place, self.environments).pipeline
        if not case.is_justified:
            self.pipelines.stop(pipeline, execution, f"taken back by Steward: {case.effect}")
        elif self.pipelines.get(pipeline, execution).status == "InProgress":
            return partial(self.finish, case, End("overtaken", JUSTIFIED))
        return None

    def end_without_return(self, case: Case) -> End | None:
        """The end of a rollback for which nothing has to be deployed; None where the version was left at the endpoint.

        A pipeline that was stopped, or failed, after it had deployed has left the version there, whatever its end says.
        """
        deployment = case.deployment
        if deployment.status is DeploymentStatus.REMOVED:
            return End("stopped", "it was never started")
        if deployment.status is DeploymentStatus.FAILED:
            pipeline = environment_of(case.place, self.environments).pipeline
            if not self.pipelines.has_deployed(pipeline, deployment.execution_id):
                if self.pipelines.get(pipeline, deployment.execution_id).status == "Failed":
                    return End("overtaken", "it had failed before it came to the endpoint")
                return End("stopped", "it was stopped before it came to the endpoint")
        return self.overtaken(case)

    def overtaken(self, case: Case) -> End | None:
        """The end of a rollback that is not called for any more: justified again, or another serves there."""
        if case.is_justified:
            return End("overtaken", JUSTIFIED)
        if case.successor:
            return End("overtaken", f"{case.successor.version} serves in its place")
        if case.deployment.status not in LEFT_THERE:
            return End("overtaken", "another version serves in its place")
        return None

    def remember(self, case: Case) -> None:
        """Have the group know what is taken back, before anything returns: that one's record knows only the effect."""
        about = {"stage": case.stage, "environment": case.deployment.environment}
        taken = Return.model_validate({"version": case.state.model.arn, "deployment_id": case.deployment.id, **about})
        self.memory.begin(case.group, case.effect, taken, case.page.group)

    def returned(self, case: Case) -> Act | None:
        """Let the latest good version return, unless one has, or does; where none can, say so."""
        others = self.others(case)
        asked = [(other, back) for other in others for back in other.deployments.values() if back.cause == case.effect]
        for other, back in asked:
            if back.has_served:
                return partial(
                    self.finish, case, End("rolled-back", f"{other.model.arn} serves again", back.finished_at)
                )
        if any(back.status in UNDER_WAY for _, back in asked):
            return None
        overtaken = self.overtaken(case)
        if overtaken:
            return partial(self.finish, case, overtaken)
        tried = {other.model.arn for other, _ in asked}
        good = next((one for one in others if one.model.arn not in tried and is_good(one, case.place)), None)
        if good is not None and returns_already(good, case.place):
            return None
        if good is not None:
            return partial(self.let_return, case, good)
        return partial(self.finish, case, End("nothing-to-return-to", why_none(others, asked, case.place)))

    def others(self, case: Case) -> list[ModelVersion]:
        """The other versions that served there, the latest first: as many as the group remembers."""
        return others_of(self.ledger, case.page.group, case.place, case.state.model.arn)

    def let_return(self, case: Case, good: ModelVersion) -> None:
        """Ask for a good version to be deployed again: once for each rollback, and only if it may still run there."""

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            state = page.state_of(good.model.arn)
            asked = any(one.cause == case.effect for one in state.deployments.values())
            served = served_last(state, case.place)
            if asked or served is None or not state.may_run(served):
                return []
            at = max(now, last_moment(state))
            way = {**as_it_served(served), **self.form_of_now(case, served)}
            return [to_deploy(state, case.stage, case.effect, at, now, **way)]

        self.recording.learn(good.model.arn, facts, case.correlation_id)

    def form_of_now(self, case: Case, served: Deployment) -> dict[str, str]:
        """The profile of what is taken back, where that is served by instances and the other was serverless.

        SageMaker refuses to make an endpoint with instances serverless again, so the version returns by instances too.
        """
        there = case.deployment
        if served.is_batch or there.is_batch or served.profile == there.profile:
            return {}
        was, now = (pinned(self.profiles, case.group, one).of(case.stage).serverless for one in (served, there))
        return {"profile": there.profile, "profile_hash": there.profile_hash} if was and not now else {}

    def finish(self, case: Case, end: End) -> None:
        """Put the outcome on record, if the record is still the one that it was read off."""

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            if page.revision != case.page.revision:
                return []
            return [
                RollbackFinished(
                    model=case.state.model,
                    effective_at=max(now, last_moment(case.state), end.at or now),
                    recorded_at=now,
                    effect_id=case.effect,
                    deployment_id=case.deployment.id,
                    outcome=end.outcome,
                    reason=end.reason,
                )
            ]

        self.recording.learn(case.state.model.arn, facts, case.correlation_id)

    def settled(self, case: Case) -> Act | None:
        """Forget what is over. Where nothing could return, that is when something else serves in its place."""
        if case.effect not in case.returns:
            return None
        if case.rollback.outcome != "nothing-to-return-to":
            return partial(self.forget, case)
        successor = case.successor
        if successor is None:
            return None
        if successor.version != case.state.model.arn and case.deployment.status in LEFT_THERE:
            return partial(self.supersede, case, successor)
        return partial(self.forget, case)

    def supersede(self, case: Case, by: Serving) -> None:
        """Say on the record that another version came to the endpoint where this one was left."""

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            known = page.state_of(case.state.model.arn).deployment(case.deployment.id)
            about = {"model": case.state.model, "effective_at": by.since, "recorded_at": now}
            superseded = DeploymentSuperseded(**about, deployment_id=known.id, by=by.version)
            return [superseded] if known.status in LEFT_THERE else []

        self.recording.learn(case.state.model.arn, facts, case.correlation_id)

    def forget(self, case: Case) -> None:
        """Take a rollback out of the group's memory."""
        self.memory.end(case.group, case.effect, case.page.group)


def returns_already(state: ModelVersion, place: str) -> bool:
    """Whether another rollback lets a version return: its end comes back here, and one return is enough for both."""
    return any(one.place == place and one.is_return and one.status in UNDER_WAY for one in state.deployments.values())


def as_it_served(last: Deployment) -> dict[str, Any]:
    """Profile, environment and way by which a version served somewhere last: it returns as it was."""
    way = last.model_dump(include={"profile", "profile_hash", "environment", "rests_on", "goes_to", "runs_as"})
    return {**way, "returns": last.id}
