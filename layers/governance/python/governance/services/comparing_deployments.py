"""Compare deployments with their pipelines and endpoints, and both with the record."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.domain.deployment import Deployment
from governance.domain.deployment_facts import DeploymentStalled
from governance.domain.environment import Environment
from governance.domain.errors import GovernanceError
from governance.domain.facts import AnyFact, EndpointObserved
from governance.domain.findings import Severity
from governance.domain.identifiers import ModelPackageArn
from governance.domain.inspection import HubFinding
from governance.domain.lifecycle import DeploymentStatus
from governance.domain.model_version import ModelVersion
from governance.domain.removing import is_being_removed
from governance.domain.told_of_deployments import PipelineChange
from governance.domain.upkeep import DeploymentCompared, EndpointCompared
from governance.domain.values import iso
from governance.ports.delivery import Execution
from governance.ports.inspection import EndpointNamed, EndpointSeen, PipelineHistory, Records, Started, Workloads
from governance.ports.ledger import Endpoints, Page
from governance.services.announcing_again import AnnouncingAgain
from governance.services.tally import Tally, ungoverned_endpoint, without_record
from governance.services.tracking import BY_HAND, ENDED, NO_DEPLOYMENT, Tracking

FOLLOWED = frozenset({DeploymentStatus.DEPLOYING, DeploymentStatus.FAILED})
"""Statuses that a pipeline may have left behind: it ended, or somebody tried a failed stage again."""

UNEXPLAINED_TRIAL = "it has a variant for a trial, and no trial is on record as deployed"


@dataclass(frozen=True, slots=True)
class ComparingDeployments:
    """Bring deployments into step with what runs, and say what runs without a record."""

    records: Records
    tracking: Tracking
    history: PipelineHistory
    workloads: Workloads
    endpoints: Endpoints
    announcing: AnnouncingAgain
    environments: Mapping[str, Environment]
    now: Callable[[], datetime]
    stuck_after: timedelta = timedelta(hours=6)
    """For how long an execution may be under way before somebody should look."""

    def tend(self, state: ModelVersion, tally: Tally) -> None:
        """The deployments of one version that are its latest in an environment.

        One call for each that is under way or failed, and four for each that serves.
        """
        for deployment in state.deployments.values():
            environment = self.environments.get(deployment.place)
            current = state.is_latest(deployment) or bool(deployment.removes)
            if environment is None or deployment.requested_at > self.now() - tally.order.grace:
                continue
            if current and deployment.status in FOLLOWED and deployment.execution_id:
                self.follow(state, deployment, environment, tally)
            elif is_to_be_there(state, deployment) and current and deployment.endpoint_name:
                self.serves(state, deployment, environment, tally)

    def follow(self, state: ModelVersion, deployment: Deployment, environment: Environment, tally: Tally) -> None:
        """Where the execution of a deployment stands. One that ended long ago may have been forgotten."""
        execution = self.history.find(environment.pipeline, deployment.execution_id)
        failed = deployment.status is DeploymentStatus.FAILED
        if execution is None:
            if not failed:
                self.differ(state, deployment, f"the pipeline knows no execution {deployment.execution_id}", tally)
            return
        self.differ(state, deployment, "", tally)
        if failed and ENDED.get(execution.status) in {"failed", "stopped"}:
            return
        if not failed and execution.status not in ENDED:
            self.stalled(state, deployment, tally)
        if failed or execution.status in ENDED:
            self.record(execution, deployment, max(1, deployment.attempt + int(failed)), tally)

    def stalled(self, state: ModelVersion, deployment: Deployment, tally: Tally) -> None:
        """Say of an execution that has been under way for too long, once for each attempt."""
        since = deployment.started_at
        if since is None or deployment.stalled_since or since > self.now() - self.stuck_after:
            return
        tally.note("deployment-stuck", state.model.arn, f"{deployment.place}: under way since {iso(since)}")

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            known = page.state.deployments.get(deployment.id) if page.state else None
            if page.state is None or known is None or known.stalled(told(page.state, now)) == known:
                return []
            return [told(page.state, now)]

        def told(known: ModelVersion, now: datetime) -> DeploymentStalled:
            about = {"model": known.model, "effective_at": now, "recorded_at": now, "since": since}
            execution = {"execution_id": deployment.execution_id, "attempt": deployment.attempt}
            return DeploymentStalled.model_validate({**about, **execution, "deployment_id": deployment.id})

        if not tally.order.dry_run:
            self.tracking.recording.learn(state.model.arn, facts, tally.correlation_id)

    def record(self, execution: Execution, deployment: Deployment, attempt: int, tally: Tally) -> None:
        """Put on record what a pipeline's lost event would have told."""
        detail = f"execution {execution.id} is {execution.status}, on record {deployment.status}"
        arn = execution.variables["ModelPackageArn"]
        if tally.order.dry_run:
            tally.note("deployment-event-missed", arn, detail)
            return
        change = PipelineChange(
            pipeline=execution.pipeline, execution_id=execution.id, attempt=attempt, at=self.now(), ended=False
        )
        if self.tracking.follow(change, tally.correlation_id):
            tally.note("deployment-event-missed", arn, detail, repaired=True)

    def differ(self, state: ModelVersion, deployment: Deployment, difference: str, tally: Tally) -> None:
        """Say on the record in what a deployment and its pipeline contradict each other, or that they agree again."""
        if deployment.difference == difference:
            return
        if difference:
            tally.note("deployment-without-execution", state.model.arn, difference)

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            known = page.state.deployments.get(deployment.id) if page.state else None
            if page.state is None or known is None or known.difference == difference:
                return []
            about = {"model": page.state.model, "effective_at": now, "recorded_at": now}
            return [DeploymentCompared(**about, deployment_id=deployment.id, difference=difference)]

        if not tally.order.dry_run:
            self.tracking.recording.learn(state.model.arn, facts, tally.correlation_id)

    def serves(self, state: ModelVersion, deployment: Deployment, environment: Environment, tally: Tally) -> None:
        """Whether an endpoint is what its record says, and runs what was sealed."""
        served = self.endpoints.serving(deployment.endpoint_arn)
        if served and served[0] != state.model.arn and not deployment.is_trial:
            self.overtaken(served[0], deployment, tally)
            return
        try:
            looked = self.looked(environment, deployment)
        except GovernanceError as unreadable:
            tally.found(unreadable_account(environment, str(unreadable)))
            return
        stage, place = deployment.stage, deployment.environment
        difference = drift(state, deployment, as_compared(deployment, looked))
        if not difference and looked and not deployment.is_trial and looked.tried_images is not None:
            group = self.tracking.recording.ledger.open(state.model.arn).group
            difference = "" if group and group.tried.get(deployment.place) else UNEXPLAINED_TRIAL
        if difference and difference != state.at(stage, place).endpoint_difference:
            tally.note("endpoint-drifted", state.model.arn, f"{deployment.place}: {difference}")

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            if page.state is None or not page.state.is_latest(deployment):
                return []
            known = page.state.at(stage, place)
            about = {"model": page.state.model, "effective_at": now, "recorded_at": now, "stage": stage}
            about |= {"endpoint_arn": deployment.endpoint_arn, "environment": place}
            compared = [EndpointCompared(**about, difference=difference, gone=looked is None)]
            status = as_told(looked.status) if looked else ""
            observed = [EndpointObserved(**about, status=status)] if status not in {"", known.endpoint_status} else []
            return [*(compared if known.endpoint_difference != difference else []), *observed]

        if not tally.order.dry_run:
            self.tracking.recording.learn(state.model.arn, facts, tally.correlation_id)

    def looked(self, environment: Environment, deployment: Deployment) -> EndpointSeen | None:
        """What there is of a deployment: its endpoint, or the model that transform jobs run."""
        if deployment.is_batch:
            return self.workloads.model(environment, deployment.model_arn)
        return self.workloads.look(environment, deployment.endpoint_name)

    def overtaken(self, by: ModelPackageArn, former: Deployment, tally: Tally) -> None:
        """Another version serves in this one's place, and nobody said so: its success is announced again."""
        state = self.records.look([by])[by].state
        deployment = state.latest_in(former.stage).get(former.environment) if state else None
        if deployment is None or deployment.status is not DeploymentStatus.DEPLOYED:
            return
        if self.announcing.is_stuck(deployment.finished_at, tally):
            self.announcing.again(by, "DeploymentSucceeded", deployment.id, "supersession-missed", tally)

    def execution(self, pipeline: str, started: Started, tally: Tally) -> None:
        """One execution of a listing: that a record knows it."""
        if started.started_at > self.now() - tally.order.grace:
            return
        execution = self.history.find(pipeline, started.id)
        if execution is None:
            return
        tally.counts["executions"] += 1
        arn, deployment_id = (execution.variables.get(name, "") for name in ("ModelPackageArn", "DeploymentId"))
        if deployment_id in NO_DEPLOYMENT or not arn.startswith("arn:"):
            tally.found(without_record(execution, BY_HAND))
            return
        state = self.records.look([arn])[arn].state
        deployment = state.deployments.get(deployment_id) if state else None
        if deployment is None:
            tally.found(without_record(execution, f"no record knows its deployment {deployment_id} of {arn}"))
        elif not deployment.execution_id:
            self.record(execution, deployment, 1, tally)

    def endpoint(self, endpoint: EndpointNamed, tally: Tally) -> None:
        """One endpoint of a listing: that a record names it."""
        tally.counts["endpoints"] += 1
        young = endpoint.changed_at > self.now() - tally.order.grace
        if not young and self.endpoints.serving(endpoint.arn) is None:
            tally.found(ungoverned_endpoint(endpoint.arn))


def is_to_be_there(state: ModelVersion, deployment: Deployment) -> bool:
    """Whether what a deployment brought has to be at its endpoint: it is deployed, and not being removed."""
    return deployment.status is DeploymentStatus.DEPLOYED and not is_being_removed(state, deployment)


def as_compared(deployment: Deployment, looked: EndpointSeen | None) -> EndpointSeen | None:
    """As much of an endpoint as a deployment speaks of: of a trial its own variant, else all the others."""
    if looked is None or not deployment.is_trial:
        return looked
    return looked.model_copy(update={"images": looked.tried_images or (), "model_data": looked.tried_model_data})


def drift(state: ModelVersion, deployment: Deployment, looked: EndpointSeen | None) -> str:
    """In what an endpoint is not what its record says; empty text where it is."""
    if looked is None:
        return f"there is no {deployment.what_runs.removeprefix('the ')}"
    if deployment.is_trial and looked.tried_images is None:
        return "it has no variant for the version that is tried there"
    sealings = [one for one in (*state.earlier_sealings, state.sealing) if one.effect_id == deployment.sealing]
    sealed = {artifact.uri for sealing in sealings for artifact in sealing.artifacts}
    strange = sorted(set(looked.model_data) - sealed) if sealed else []
    if strange:
        return f"it loads {', '.join(strange)}, which is not what was sealed"
    approved = {container.pinned_image for container in state.sealing.pinned(state.containers)}
    images = sorted(set(looked.images) - approved) if deployment.sealing == state.sealing.effect_id else []
    return f"it runs image {', '.join(images)}, which is not the approved one" if images else ""


def as_told(status: str) -> str:
    """A status of the API in the form of the endpoint's events, as in `IN_SERVICE` for `InService`."""
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in status).strip("_").upper()


def unreadable_account(environment: Environment, why: str) -> HubFinding:
    """A workload account that lets nobody look."""
    return HubFinding(
        code="account-unreadable",
        severity=Severity.HIGH,
        subject=f"account {environment.account}",
        detail=f"endpoints in {environment.called} could not be compared: {why}",
        remedy="deploy stacks/workload-account.yaml there, with the hub's account",
    )
