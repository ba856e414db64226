"""Follow deployments: what their pipelines and endpoints say, confirmed, put on the record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from governance.domain.deployment import Deployment
from governance.domain.deployment_facts import AlarmObserved, DeploymentFinished, DeploymentStarted
from governance.domain.facts import AnyFact, EndpointObserved
from governance.domain.identifiers import STEWARD, ModelPackageArn
from governance.domain.inspection import HubFinding
from governance.domain.lifecycle import DeploymentStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.moments import in_its_second, within
from governance.domain.recalling import WayBack, runs_elsewhere
from governance.domain.recalls import RollbackOrdered
from governance.domain.rolling_out import IN_SERVICE, RolloutChange, RolloutObserved, followed
from governance.domain.told_of_deployments import AlarmChange, EndpointChange, PipelineChange
from governance.domain.trials import TRIAL
from governance.domain.trying_out import trial_in
from governance.domain.values import whole_second
from governance.ports.delivery import Execution, Pipelines
from governance.ports.ledger import Endpoints, Page
from governance.services.recording import Recording
from governance.services.returning import way_back
from governance.services.tally import HubFindings, ungoverned_endpoint, without_record

NO_DEPLOYMENT = frozenset({"", "none"})
"""What the pipeline's variables say when somebody started it by hand."""

BY_HAND = "somebody started it by hand, for no deployment"

ENDED: Mapping[str, Literal["succeeded", "failed", "stopped"]] = {
    "Succeeded": "succeeded",
    "Failed": "failed",
    "Stopped": "stopped",
    "Cancelled": "stopped",
    "Superseded": "stopped",
}
"""The terminal statuses of an execution (AWS API: GetPipelineExecution), and what each means for a deployment."""


@dataclass(frozen=True, slots=True)
class Tracking:
    """Learn how deployments fare.

    An event only says that there is something to ask about: what goes on record is what the pipeline answers.
    """

    recording: Recording
    pipelines: Pipelines
    endpoints: Endpoints
    hub: HubFindings | None = None
    """Where it is said that something runs which no record explains; the reconciler says so itself."""
    rolls_back_on_alarm: bool = False
    """Whether Steward takes back of itself what an alarm speaks of."""

    def follow(self, change: PipelineChange, correlation_id: str) -> ModelVersion | None:
        """Record where an execution stands. One that somebody started past governance is flagged."""
        execution = self.pipelines.get(change.pipeline, change.execution_id)
        deployment_id = execution.variables.get("DeploymentId", "")
        if deployment_id in NO_DEPLOYMENT:
            self.flag(without_record(execution, BY_HAND), correlation_id)
            return None
        how = self.how_it_ended(execution, change)
        return self.recording.learn(
            execution.variables["ModelPackageArn"],
            lambda page, now: self.learned(page, change, execution, how, now),
            correlation_id,
        )

    def flag(self, finding: HubFinding, correlation_id: str) -> None:
        """Say that something runs past governance, on the hub's own chain."""
        if self.hub:
            self.hub.flag(finding, correlation_id)

    def how_it_ended(self, execution: Execution, change: PipelineChange) -> dict[str, Any]:
        """How an execution ended, as the fact has it: without success, why, and whether it had deployed by then."""
        outcome = ENDED.get(execution.status)
        if outcome is None or outcome == "succeeded":
            return {"outcome": outcome}
        has_deployed = self.pipelines.has_deployed(execution.pipeline, execution.id)
        return {"outcome": outcome, "reason": self.reason(execution, change), "has_deployed": has_deployed}

    def reason(self, execution: Execution, change: PipelineChange) -> str:
        """Why an execution ended without success: what its actions said, and what was said by whoever stopped it."""
        failure = self.pipelines.failure(execution.pipeline, execution.id) or f"the execution is {execution.status}"
        return f"{failure}: {change.comments}" if change.comments else failure

    def learned(
        self,
        page: Page,
        change: PipelineChange,
        execution: Execution,
        how: Mapping[str, Any],
        now: datetime,
    ) -> Sequence[AnyFact]:
        """What is new about a deployment: that it runs, or how it ended."""
        state = page.state_of(execution.variables["ModelPackageArn"])
        deployment = state.deployment(execution.variables["DeploymentId"])
        is_over = how["outcome"] is not None
        at = max(change.at if change.ended or not is_over else now, deployment.requested_at)
        if not is_over:
            started = DeploymentStarted(
                model=state.model,
                effective_at=at,
                recorded_at=now,
                deployment_id=deployment.id,
                execution_id=execution.id,
                attempt=change.attempt,
                bundle_key=execution.variables.get("BundleKey", ""),
                endpoint_name=execution.variables.get("StackName", ""),
            )
            return [started] if deployment.started(started) != deployment else []
        finished = DeploymentFinished(
            model=state.model,
            effective_at=at,
            recorded_at=now,
            deployment_id=deployment.id,
            execution_id=execution.id,
            attempt=change.attempt,
            **how,
        )
        finished = self.placed(state, deployment, finished)
        return [finished] if is_news(deployment.finished(finished), deployment) else []

    def placed(self, state: ModelVersion, deployment: Deployment, end: DeploymentFinished) -> DeploymentFinished:
        """An end at its place in the second that was told: when it is told again, where it was put before."""
        known = deployment.finished_at
        same = (end.execution_id, end.attempt) == (deployment.execution_id, deployment.attempt)
        if same and known and whole_second(known) == whole_second(end.effective_at):
            return end.model_copy(update={"effective_at": known})
        return in_its_second(state, end, lambda: self.recording.ledger.facts(state.model.arn))

    def watch(self, change: EndpointChange, correlation_id: str) -> ModelVersion | None:
        """Record how an endpoint is, on the version that serves there; one that nobody deployed is flagged."""
        served = self.there(change.endpoint_arn, change.at)
        if served is None:
            if change.status == IN_SERVICE:
                self.flag(ungoverned_endpoint(change.endpoint_arn), correlation_id)
            return None
        version, stage = served

        def observed(page: Page, now: datetime) -> Sequence[AnyFact]:
            place = environment_at(page.state, stage, change.endpoint_arn)
            if page.state is None or not tells_more(page.state, stage, place, change):
                return []
            about = {"model": page.state.model, "effective_at": change.at, "recorded_at": now, "stage": stage}
            told = change.model_dump(include={"endpoint_arn", "status", "configuration"})
            return [EndpointObserved.model_validate({**about, **told, "environment": place})]

        return self.recording.learn(version, observed, correlation_id)

    def roll_out(self, change: RolloutChange | None, correlation_id: str) -> ModelVersion | None:
        """Record how far SageMaker is with the version that comes to an endpoint; of anything else, nothing.

        One that has failed by now is found too, so that events may come after its pipeline's end.
        """
        if change is None:
            return None
        found = self.there(change.endpoint_arn, change.at)
        if found is None:
            return None
        return self.recording.learn(found[0], lambda page, now: rolled(page, change, now), correlation_id)

    def hear(self, change: AlarmChange, correlation_id: str) -> ModelVersion | None:
        """Record an alarm on the version that it is about; of an endpoint that nobody deployed, nothing.

        That is the version that serves at the endpoint, or the one on trial there where its own variant is measured.
        """
        found = ((arn, self.spoken_of(arn, change)) for arn in change.endpoints)
        endpoint, about = next(((arn, one) for arn, one in found if one), ("", None))
        if about is None:
            return None
        version, stage = about

        def observed(page: Page, now: datetime) -> Sequence[AnyFact]:
            return self.heard(page, change, version, stage, endpoint, now)

        return self.recording.learn(version, observed, correlation_id)

    def there(self, endpoint: str, at: datetime) -> tuple[ModelPackageArn, Stage] | None:
        """The version that was at an endpoint, or coming there: one that has failed since, or what serves."""
        failed = self.endpoints.failed(endpoint)
        if failed and coming(self.recording.ledger.open(failed[0]).state, endpoint, at):
            return failed
        return self.endpoints.serving(endpoint)

    def spoken_of(self, endpoint: str, change: AlarmChange) -> tuple[ModelPackageArn, Stage] | None:
        """The version that an alarm is about. That of a trial is nobody's, where the trial is over."""
        if change.variant != TRIAL:
            return self.there(endpoint, change.at)
        for version, stage in self.endpoints.tried(endpoint):
            state = self.recording.ledger.open(version).state
            if state and trial_in(state, stage, environment_at(state, stage, endpoint)):
                return version, stage
        return None

    def heard(
        self, page: Page, change: AlarmChange, version: ModelPackageArn, stage: Stage, endpoint: str, now: datetime
    ) -> Sequence[AnyFact]:
        """The alarm, and the order to take back what it speaks of where the installation says so."""
        place = environment_at(page.state, stage, endpoint)
        known = page.state.at(stage, place).alarms if page.state else {}
        if page.state is None or (change.alarm in known) is (change.state == "ALARM"):
            return []
        about = {"model": page.state.model, "effective_at": rang(page.state, endpoint, change.at), "recorded_at": now}
        about |= {"stage": stage, "endpoint_arn": endpoint, "environment": place}
        fact = AlarmObserved.model_validate({**about, **change.model_dump(include={"alarm", "state", "reason"})})
        trial = trial_in(page.state, stage, place) if change.variant == TRIAL else None
        deployment = trial or page.state.deployments.get(page.state.at(stage, place).deployment_id)
        if not self.rolls_back_on_alarm or deployment is None:
            return [fact]
        back = way_back(self.recording.ledger, page.group, deployment.place, version)
        return [fact, *rolls_back(page.state, change, deployment, back, now)]


def tells_more(state: ModelVersion, stage: Stage, place: str, change: EndpointChange) -> bool:
    """Whether an endpoint's event tells anything that is not known: its status, or that a rollout was taken back."""
    known = state.at(stage, place)
    deployment = state.deployments.get(known.deployment_id)
    rolling = deployment.rolling_out if deployment else None
    if known.endpoint_status != change.status or rolling is None:
        return known.endpoint_status != change.status
    is_open = rolling.had_traffic and rolling.taken_back_at is None
    return is_open and change.status == IN_SERVICE and change.configuration == rolling.leaves


def coming(state: ModelVersion | None, endpoint_arn: str, at: datetime) -> Deployment | None:
    """The deployment of a version that was coming to an endpoint at a moment, or None."""
    for one in state.deployments.values() if state else ():
        is_there = one.endpoint_arn.lower() == endpoint_arn.lower() and not one.is_trial
        if is_there and one.started_at and within(one.started_at, one.finished_at, at):
            return one
    return None


def rang(state: ModelVersion, endpoint_arn: str, at: datetime) -> datetime:
    """When an alarm counts: while what came to the endpoint was coming, if that has failed, and after it had begun."""
    came = coming(state, endpoint_arn, at)
    if came is None or came.started_at is None:
        return at
    ended = came.finished_at if came.status is DeploymentStatus.FAILED else None
    return within(came.started_at, ended, at) or at


def rolled(page: Page, change: RolloutChange, now: datetime) -> Sequence[AnyFact]:
    """How far SageMaker is, unless that is what was told last."""
    deployment = coming(page.state, change.endpoint_arn, change.at)
    if page.state is None or deployment is None or deployment.started_at is None:
        return []
    at = within(deployment.started_at, deployment.finished_at, change.at)
    told = {**change.model_dump(exclude={"at"}), "effective_at": at, "recorded_at": now, "model": page.state.model}
    about = {"deployment_id": deployment.id, "stage": deployment.stage, "environment": deployment.environment}
    fact = RolloutObserved.model_validate({**about, **told})
    known = deployment.rolling_out
    return [] if known and followed(known, fact, {}) == known else [fact]


def environment_at(state: ModelVersion | None, stage: Stage, endpoint_arn: str) -> str:
    """The environment of a stage that an endpoint is in, as the deployments there tell: the stage's own where none."""
    latest = state.latest_in(stage) if state else {}
    there = (place for place, one in latest.items() if one.endpoint_arn.lower() == endpoint_arn.lower())
    return next(there, "")


def rolls_back(
    state: ModelVersion, change: AlarmChange, deployment: Deployment, back: WayBack, now: datetime
) -> list[AnyFact]:
    """The order to take back what an alarm speaks of: if it serves, is not being taken back, and another can return.

    Where the version runs in other environments of the stage, it stays there: their alarms speak for themselves.
    """
    if change.state != "ALARM" or deployment.status is not DeploymentStatus.DEPLOYED:
        return []
    taken = state.rollback_of(deployment.id)
    if not back.version or (taken and not taken.outcome) or not state.may_run(deployment):
        return []
    at = max(change.at, deployment.requested_at)  # an alarm may be told in whole seconds
    told = {"effective_at": at, "recorded_at": now, "person": STEWARD, "why": f"{change.alarm} is on"}
    told |= {"model": state.model, "stage": deployment.stage, "deployment_id": deployment.id}
    return [RollbackOrdered.model_validate({**told, "alone": runs_elsewhere(state, deployment)})]


def is_news(after: Deployment, before: Deployment) -> bool:
    """Whether an outcome changes anything but the moment it was told."""
    return after.model_copy(update={"finished_at": before.finished_at}) != before
