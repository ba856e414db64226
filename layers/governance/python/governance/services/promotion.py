"""Deploy what was approved and sealed: take a turn, hand a bundle to the pipeline, give the turn to the next.

Whatever is delivered twice is done once: the lease is taken by name, the bundle is kept under its own hash, the
pipeline is started with the deployment's id as its token, and a second execution fails at the claim. A deployment
leaves the queue only when its start, or why it is not started, is on record: whoever dies before finds it there again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from governance.domain.bundle import Templates
from governance.domain.deployment import UNDER_WAY, Deployment, Successor
from governance.domain.deployment_facts import DeploymentStarted, DeploymentWithdrawn
from governance.domain.deployment_profile import DeploymentProfile
from governance.domain.environment import (
    Environment,
    endpoint_arn,
    endpoint_name,
    environment_of,
    machine_arn,
    model_arn,
    model_name,
    stack_name,
)
from governance.domain.errors import QuotaUsedUp
from governance.domain.facts import AnyFact
from governance.domain.identifiers import ModelPackageArn, group_arn_of
from governance.domain.lifecycle import Stage
from governance.domain.model_version import ModelVersion
from governance.domain.removing import may_be_removed
from governance.domain.trying_out import may_stay
from governance.ports.delivery import Bundles, Leases, Pipelines, Waiting
from governance.ports.ledger import Ledger, Page
from governance.ports.profiles import Profiles
from governance.services.arranging import Arranging
from governance.services.bundling import Bundling
from governance.services.profiles import pinned
from governance.services.recording import Recording
from governance.services.remembering import Remembering
from governance.services.superseding import Superseding

Act = Callable[[], ModelVersion | None]
"""What is done of a deployment, and what was learned by that."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """Start deployments, one at a time for each environment and model group."""

    ledger: Ledger
    recording: Recording
    memory: Remembering
    leases: Leases
    profiles: Profiles
    bundles: Bundles
    pipelines: Pipelines
    environments: Mapping[str, Environment]
    install: str
    templates: Templates
    """The stack templates, as text."""

    @property
    def arranging(self) -> Arranging:
        """What arranges trials."""
        return Arranging(self.ledger, self.recording)

    @property
    def superseding(self) -> Superseding:
        """What finds whether a later deployment makes one needless."""
        return Superseding(self.ledger, self.recording, self.leases, self.profiles, self.arranging)

    def start(self, version: ModelPackageArn, deployment_id: str, correlation_id: str) -> ModelVersion | None:
        """Start a requested deployment, or let it wait its turn.

        One that nothing justifies any more is withdrawn, unless an execution runs for it: that one holds the lease
        until it has ended, and Verify stops it. One that another supersedes when its turn comes is skipped. Raises
        `UnknownDeployment` for one nobody requested.
        """
        page = self.ledger.open(version)
        deployment = page.state_of(version).deployment(deployment_id)
        instead = self.instead(page, version, deployment, correlation_id)
        if instead is None:
            since, group = deployment.requested_at, group_arn_of(version) or ""
            waiting = Waiting(model_package_arn=version, deployment_id=deployment.id, since=since)
            if not self.leases.acquire(deployment.place, group, waiting):
                return None
            page = self.ledger.open(version)  # who had the turn may have ended, or somebody begun the same, since
            deployment = page.state_of(version).deployment(deployment_id)
            instead = self.instead(page, version, deployment, correlation_id)
        return instead() if instead else self.begin(page, version, deployment, correlation_id)

    def instead(self, page: Page, version: ModelPackageArn, deployment: Deployment, correlation_id: str) -> Act | None:
        """What is to be done of a deployment that is not to be started; None where it is."""
        state = page.state_of(version)
        if deployment.status not in UNDER_WAY:
            return partial(self.end_turn, page, deployment)
        called_for = not deployment.is_return or self.is_called_for(page, deployment)
        exists = deployment.place in self.environments
        wanted = may_be_removed(state, deployment, page.group) if deployment.removes else may_stay(state, deployment)
        justified = exists and wanted and called_for
        if is_handed_over(deployment) or (deployment.execution_id and not justified):
            return partial(self.leave, state, deployment)
        return None if justified else partial(self.withdraw, state, deployment, correlation_id)

    def begin(
        self, page: Page, version: ModelPackageArn, deployment: Deployment, correlation_id: str
    ) -> ModelVersion | None:
        """Its turn has come: hand it over, unless a trial cannot begin or another version supersedes it."""
        state = page.state_of(version)
        profile = pinned(self.profiles, group_arn_of(version) or "", deployment)
        arranged = None if deployment.removes else self.arranging.plan(state, deployment, profile, page.group)
        if arranged and arranged.impossible:
            return self.withdraw(state, deployment, correlation_id, arranged.impossible)
        is_tried = deployment.is_trial or bool(arranged and arranged.trial)
        by = self.superseding.successor(page, state, deployment, is_tried)
        if by:
            return self.skip(state, deployment, by, correlation_id)
        if arranged:
            state = self.arranging.record(state, deployment, arranged, correlation_id)
            deployment = state.deployment(deployment.id)
        try:
            learned = self.hand_over(state, deployment, profile, correlation_id)
        except QuotaUsedUp as full:
            return self.no_room(state, deployment, full, correlation_id)
        self.leave(state, deployment)
        return learned

    def no_room(
        self, state: ModelVersion, deployment: Deployment, full: QuotaUsedUp, correlation_id: str
    ) -> ModelVersion | None:
        """No pipeline takes it: withdraw it, unless an execution of an earlier delivery is on record by now.

        Whoever died between the start and the record left an execution behind, of which a token that nobody remembers
        any more says nothing. Its own event does, and then it goes on and holds the lease. Where that event comes
        after the withdrawal, Verify lets the execution do nothing.
        """
        why = f"no pipeline was started: {full}"
        learned = self.withdraw(state, deployment, correlation_id, why, by_quota=True)
        state = learned or self.ledger.open(state.model.arn).state_of(state.model.arn)
        known = state.deployment(deployment.id)
        if known.status not in UNDER_WAY:
            return learned
        learned = self.put_on_record(state, known, known.execution_id, known.bundle_key, correlation_id)
        self.leave(state, known)
        return learned

    def leave(self, state: ModelVersion, deployment: Deployment) -> None:
        """Leave the queue: the record says which execution runs, and the lease stays until that ends."""
        group = group_arn_of(state.model.arn) or ""
        self.leases.leave(deployment.place, group, deployment.id, deployment.requested_at)

    def skip(
        self, state: ModelVersion, deployment: Deployment, by: Successor, correlation_id: str
    ) -> ModelVersion | None:
        """Let a deployment give way to a later one, for good; if it has begun meanwhile, it goes on."""
        learned = self.superseding.record(state, deployment, by, correlation_id)
        self.release_ended(learned or self.ledger.open(state.model.arn).state_of(state.model.arn), deployment)
        return learned

    def is_called_for(self, page: Page, deployment: Deployment) -> bool:
        """Whether a return is still what its rollback needs: that is not over, and nothing was deployed meanwhile."""
        group = page.group
        taken = group.returns.get(deployment.cause) if group else None
        if group is None or taken is None:
            return False
        state = self.ledger.open(taken.version).state_of(taken.version)
        back = state.deployment(taken.deployment_id)
        over = state.rollback(deployment.cause).outcome or may_stay(state, back)
        return not over and not group.successor_of(
            deployment.place, back.id, back.finished_at or deployment.requested_at
        )

    def withdraw(
        self, state: ModelVersion, deployment: Deployment, correlation_id: str, why: str = "", by_quota: bool = False
    ) -> ModelVersion | None:
        """Say on the record that a requested deployment will not be started, and why.

        One for which an execution is on record by now is not withdrawn: it keeps its lease until that has ended.
        """
        where = deployment.where
        reason = f"the version may no longer run in {where}: it was approved and sealed when this was requested"
        if deployment.removes:
            reason = f"nothing of it is left in {where} to be removed: another version serves there"
        elif state.may_run(deployment):
            reason = why or f"what it was to replace in {where} has been replaced already, or may stay"
        if deployment.place not in self.environments:
            reason = f"there is no environment {deployment.place} any more"

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            known = page.state_of(state.model.arn).deployment(deployment.id)
            if known.execution_id or known.status not in UNDER_WAY:
                return []
            withdrawn = DeploymentWithdrawn(
                model=state.model,
                effective_at=max(now, deployment.requested_at),
                recorded_at=now,
                deployment_id=deployment.id,
                reason=reason,
                by_quota=by_quota,
            )
            return [withdrawn]

        learned = self.recording.learn(state.model.arn, facts, correlation_id)
        self.release_ended(learned or self.ledger.open(state.model.arn).state_of(state.model.arn), deployment)
        return learned

    def release_ended(self, state: ModelVersion, deployment: Deployment) -> None:
        """Release the lease, if the record says that the deployment has ended."""
        if state.deployment(deployment.id).status not in UNDER_WAY:
            group = group_arn_of(state.model.arn) or ""
            self.leases.release(deployment.place, group, deployment.id, deployment.requested_at)

    def hand_over(
        self, state: ModelVersion, deployment: Deployment, profile: DeploymentProfile, correlation_id: str
    ) -> ModelVersion | None:
        """Bundle the deployment, start its pipeline, and put the execution on the record."""
        place, group = deployment.place, state.model.group or ""
        environment = environment_of(place, self.environments)
        bundle_key = Bundling(self.bundles, self.install, self.templates).keep(state, deployment, profile)
        variables = {
            "DeploymentId": deployment.id,
            "ModelPackageArn": state.model.arn,
            "ModelGroup": group,
            "BundleKey": bundle_key,
            "StackName": stack_name(self.install, group, place),
        }
        execution = self.pipelines.start(environment, deployment.id, bundle_key, variables)
        return self.put_on_record(state, deployment, execution, bundle_key, correlation_id)

    def put_on_record(
        self, state: ModelVersion, deployment: Deployment, execution: str, bundle_key: str, correlation_id: str
    ) -> ModelVersion | None:
        """Say on the record which execution runs for a deployment, with which bundle, and where to."""
        where = self.whereabouts(state, deployment, environment_of(deployment.place, self.environments))

        def facts(now: datetime) -> Sequence[AnyFact]:
            started = DeploymentStarted(
                model=state.model,
                effective_at=max(now, deployment.requested_at),
                recorded_at=now,
                deployment_id=deployment.id,
                execution_id=execution,
                bundle_key=bundle_key,
                **where,
            )
            return [started]

        return self.recording.learn(
            state.model.arn,
            lambda page, now: [] if knows(page.state, deployment.id, execution) else facts(now),
            correlation_id,
        )

    def whereabouts(self, state: ModelVersion, deployment: Deployment, environment: Environment) -> dict[str, str]:
        """What answers where it is deployed to: the endpoint, or the state machine that runs the model's jobs."""
        arn, group = state.model.arn, state.model.group or ""
        name = endpoint_name(self.install, group, deployment.place)
        if not deployment.is_batch:
            return {"endpoint_name": name, "endpoint_arn": endpoint_arn(arn, environment.account, name)}
        modelled = model_name(self.install, group, deployment.place, deployment.id)
        machine = machine_arn(arn, environment.account, name)
        told = {"endpoint_name": name, "endpoint_arn": machine}
        return {**told, "model_arn": model_arn(arn, environment.account, modelled)}

    def give_way(self, version: ModelPackageArn, stage: Stage, deployment_id: str, correlation_id: str) -> None:
        """After a deployment's end: remember what serves now, release its lease, and start whoever waits next."""
        group = group_arn_of(version) or ""
        page = self.ledger.open(version)
        ended = page.state.deployments.get(deployment_id) if page.state else None
        place = ended.place if ended else stage.value
        if ended:
            self.end_turn(page, ended)
        else:
            self.leases.release(place, group, deployment_id)
        waiting = self.leases.next(place, group)
        while waiting:
            self.start(waiting.model_package_arn, waiting.deployment_id, correlation_id)
            before, waiting = waiting, self.leases.next(place, group)
            if waiting == before:
                return

    def end_turn(self, page: Page, deployment: Deployment) -> None:
        """Release the lease of what has ended, and leave the queue.

        The group knows what serves before anything else can be deployed.
        """
        if page.state is not None:
            self.memory.ended(page.state, deployment, page.group)
            group = group_arn_of(page.state.model.arn) or ""
            self.leases.release(deployment.place, group, deployment.id, deployment.requested_at)


def is_handed_over(deployment: Deployment) -> bool:
    """Whether the record says which execution runs for a deployment, and where to.

    A pipeline's own event may tell of the execution first, but only the one who started it knows the endpoint's ARN.
    """
    return bool(deployment.execution_id and deployment.endpoint_arn)


def knows(state: ModelVersion | None, deployment_id: str, execution: str) -> bool:
    """Whether the record already says all about this execution."""
    deployment = state.deployments.get(deployment_id) if state else None
    return bool(deployment and deployment.execution_id == execution and is_handed_over(deployment))
