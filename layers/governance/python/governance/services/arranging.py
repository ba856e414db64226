"""Arrange how a deployment comes to its endpoint where versions are tried first: beside what serves, or at once.

It is put on record before the bundle is made, while the group's turn is held, so that nothing else comes to the
endpoint between the two. What was arranged once stands, whoever starts the deployment again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from governance.domain.deployment import Deployment
from governance.domain.deployment_profile import DeploymentProfile
from governance.domain.facts import AnyFact
from governance.domain.model_group import ModelGroup
from governance.domain.model_version import ModelVersion
from governance.domain.trial_plans import TrialKind, TrialPlan, stands_against
from governance.domain.trials import DeploymentArranged, Incumbent
from governance.domain.trying_out import rejected_since
from governance.ports.ledger import Ledger, Page
from governance.services.recording import Recording
from governance.services.returning import way_back


@dataclass(frozen=True, slots=True)
class Arranged:
    """What was arranged: nothing where versions are not tried, or why the deployment cannot begin."""

    trial: TrialPlan | None = None
    beside: Incumbent | None = None
    why: str = ""
    impossible: str = ""
    no_rollout: str = ""
    """Why the rollout of its profile is left out."""


@dataclass(frozen=True, slots=True)
class Arranging:
    """Look at what serves, and say what a deployment does beside it."""

    ledger: Ledger
    recording: Recording

    def plan(
        self, state: ModelVersion, deployment: Deployment, profile: DeploymentProfile, group: ModelGroup | None
    ) -> Arranged | None:
        """How a deployment is to come to its endpoint; None where that is known, or it comes as its profile says."""
        if deployment.arrangement:
            return None
        arranged = self.tried_first(state, deployment, profile, group)
        rollout = profile.of(deployment.stage).rollout
        if rollout is None or (arranged and (arranged.impossible or arranged.trial)):
            return arranged
        trial = next((one for one in self.standing(deployment, group) if stands_against(one, rollout)), None)
        if trial is None:
            return arranged
        said = f"SageMaker takes no {rollout.kind} rollout where a version is tried as {trial}"
        return replace(arranged or Arranged(), no_rollout=f"{said}, as at {deployment.where}")

    def standing(self, deployment: Deployment, group: ModelGroup | None) -> Iterator[TrialKind]:
        """How versions are tried at the endpoint of a deployment, as far as anybody knows; and what it returns from.

        A trial is over once anything serves that came after it.
        """
        if group is None:
            return
        serving, taken = group.serving.get(deployment.place), group.returns.get(deployment.cause)
        tried = [(one.version, one.deployment_id) for one in group.tried_since(deployment.place, serving)]
        for version, deployment_id in [*tried, *([(taken.version, taken.deployment_id)] if taken else [])]:
            state = self.ledger.open(version).state
            known = state.deployments.get(deployment_id) if state else None
            if known and known.arrangement and known.arrangement.trial:
                yield known.arrangement.trial

    def tried_first(
        self, state: ModelVersion, deployment: Deployment, profile: DeploymentProfile, group: ModelGroup | None
    ) -> Arranged | None:
        """How a deployment comes beside what serves, or at once and why; None where versions are not tried first."""
        trial = profile.of(deployment.stage).trial
        if trial is None or deployment.is_return or deployment.completes:
            return None
        if rejected_since(state, deployment):
            return Arranged(impossible=f"it was rejected in {deployment.stage} since this was requested")
        serving = group.serving.get(deployment.place) if group else None
        if group is None or serving is None or serving.version == state.model.arn:
            return Arranged(why=f"no other version serves in {deployment.where}: there is nothing to stand beside")
        return self.beside(state, deployment, trial, group)

    def beside(self, state: ModelVersion, deployment: Deployment, trial: TrialPlan, group: ModelGroup) -> Arranged:
        """Beside the version that serves, if that may go on; if it may not, in its place unless another returns."""
        where, serving = deployment.where, group.serving[deployment.place]
        other = self.ledger.open(serving.version).state_of(serving.version)
        if not goes_on(other, serving.deployment_id):
            back = way_back(self.ledger, group, deployment.place, serving.version)
            if back.version and back.version != state.model.arn:
                said = f"{serving.version} may not go on serving in {where}, and {back.version} returns in its place"
                return Arranged(impossible=f"{said}: approve it once more when that serves")
            return Arranged(why=f"{serving.version} may not go on serving in {where}: there is nothing to stand beside")
        if trial.kind is TrialKind.SHADOW and max(len(state.containers), len(other.containers)) > 1:
            said = "SageMaker has no shadows of models of several containers"
            return Arranged(impossible=f"{said}: set a profile that tries by weight, then approve it once more")
        return Arranged(trial=trial, beside=incumbent(other, serving.deployment_id))

    def record(
        self, state: ModelVersion, deployment: Deployment, arranged: Arranged, correlation_id: str
    ) -> ModelVersion:
        """Put it on record, unless something is on record already; and return the version as it is then."""

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            known = page.state_of(state.model.arn).deployment(deployment.id)
            if known.arrangement:
                return []
            return [
                DeploymentArranged(
                    model=state.model,
                    effective_at=max(now, known.requested_at),
                    recorded_at=now,
                    deployment_id=known.id,
                    trial=arranged.trial.kind if arranged.trial else None,
                    percent=arranged.trial.percent if arranged.trial else 0,
                    beside=arranged.beside,
                    why=arranged.why,
                    no_rollout=arranged.no_rollout,
                )
            ]

        arn = state.model.arn
        return self.recording.learn(arn, facts, correlation_id) or self.ledger.open(arn).state_of(arn)


def goes_on(state: ModelVersion, deployment_id: str) -> bool:
    """Whether a version may go on serving as it does: justified, of the bytes that are sealed, and not taken back."""
    deployment = state.deployments.get(deployment_id)
    taken = state.rollback_of(deployment_id)
    if deployment is None or deployment.sealing != state.sealing.effect_id:
        return False
    return state.may_run(deployment) and not (taken and taken.outcome != "overtaken")


def incumbent(state: ModelVersion, deployment_id: str) -> Incumbent:
    """A version as it serves: what was approved, and the bytes that were sealed of it."""
    return Incumbent(
        version=state.model.arn,
        deployment_id=deployment_id,
        specification=state.specification,
        sealing=state.sealing.effect_id,
        containers=state.sealing.pinned(state.containers),
        artifacts=state.sealing.artifacts,
    )


def problems_beside(state: ModelVersion, where: str, beside: Incumbent) -> list[str]:
    """What no longer holds of the version that a trial stands beside, by its own record."""
    found = []
    if not goes_on(state, beside.deployment_id):
        found.append(f"{beside.version}, which goes on serving beside it, may not run in {where} any more")
    elif incumbent(state, beside.deployment_id).described != beside.described:
        found.append(f"{beside.version}, which goes on serving beside it, is not what it was when that was arranged")
    return found
