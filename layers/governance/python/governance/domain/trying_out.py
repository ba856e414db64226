"""What follows from a trial: the stage's own approval rolls it out in full, its rejection removes it.

A decision speaks of a trial if it was made while that was there to be looked at: what was decided before it was
requested, or approved before it had come to its endpoint, says nothing of it.
"""

from collections.abc import Iterator
from datetime import datetime

from governance.domain.deployment import RUNNING, Deployment
from governance.domain.deployment_facts import DeploymentRequested
from governance.domain.deployment_profile import PublishedProfile
from governance.domain.lifecycle import DEPLOYED_STAGES, DeploymentStatus, ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.moments import last_moment
from governance.domain.requesting import deployment_named, to_deploy, to_take_back
from governance.domain.taking_back import may_be_left
from governance.domain.upkeep import RollbackRequested
from governance.domain.values import whole_second


def trial_in(state: ModelVersion, stage: Stage, environment: str = "") -> Deployment | None:
    """The trial of a version that is at an endpoint of a stage, or may be, or on its way there; the latest of several.

    The latest deployment may have left it there, if it failed.
    """
    there = (one for one in state.deployments.values() if (one.stage, one.environment) == (stage, environment))
    trials = [one for one in there if one.is_trial and (one.status in RUNNING or may_be_left(state, one))]
    return max(trials, key=lambda one: (one.requested_at, one.id), default=None)


def rejected_since(state: ModelVersion, deployment: Deployment) -> str:
    """The rejection in the very stage of a deployment that was made since it was requested, or empty text.

    What takes all traffic is asked about until it has come to its endpoint; a trial as long as it stands there.
    """
    known = state.stage(deployment.stage)
    decision = known.decision
    if known.status is not ModelStatus.REJECTED or decision is None:
        return ""
    if deployment.finished_at and decision.at > deployment.finished_at and not deployment.is_trial:
        return ""
    return decision.fingerprint if decision.at >= whole_second(deployment.requested_at) else ""


def may_stay(state: ModelVersion, deployment: Deployment) -> bool:
    """Whether a deployment is justified: the version may run there, and what is tried was not rejected there.

    A full rollout is taken back like its trial where the rejection comes before its end.
    """
    is_asked_about = deployment.is_trial or bool(deployment.completes)
    return state.may_run(deployment) and not (is_asked_about and rejected_since(state, deployment))


def in_question(state: ModelVersion, latest: Deployment) -> Deployment | None:
    """What a rejection is about: the full rollout that is on its way or came there as the latest, else the trial.

    What is done about a full rollout comes first: where that was taken back, its trial is gone from the endpoint too.
    """
    trial = trial_in(state, latest.stage, latest.environment)
    if not latest.completes:
        return trial
    if latest.status in RUNNING:
        return latest
    taken = state.rollback_of(latest.id)
    return trial if taken is None or taken.outcome in {"stopped", "overtaken"} else None


def everywhere(state: ModelVersion) -> Iterator[Deployment]:
    """The latest deployment in each environment of each stage."""
    for stage in DEPLOYED_STAGES:
        yield from state.latest_in(stage).values()


def next_removal(state: ModelVersion, now: datetime) -> RollbackRequested | None:
    """Take a trial back that was rejected in its stage: what served beside it serves alone again."""
    for latest in everywhere(state):
        deployment = in_question(state, latest)
        cause = rejected_since(state, deployment) if deployment and state.may_run(deployment) else ""
        if deployment and cause and (requested := to_take_back(state, deployment, cause, now)):
            return requested
    return None


def next_full_rollout(state: ModelVersion, profile: PublishedProfile, now: datetime) -> DeploymentRequested | None:
    """Deploy in full what was tried and is approved in its stage: once for each approval since it was there."""
    for previous in everywhere(state):
        stage, place = previous.stage, previous.environment
        trial, known = trial_in(state, stage, place), state.stage(stage)
        if trial is None or trial.status is not DeploymentStatus.DEPLOYED:
            continue
        if known.status is not ModelStatus.APPROVED or not state.may_run(trial):
            continue
        if trial.sealing != state.sealing.effect_id:
            continue  # what is sealed by now was not tried
        if state.rollback_of(trial.id) or not is_since(known.basis_at, trial.finished_at):
            continue
        is_again = previous.id != trial.id
        was_asked_for = deployment_named(state, stage, known.basis, place) in state.deployments
        if was_asked_for or (is_again and not calls_again(previous, known.basis_at)):
            continue
        way = trial.model_dump(include={"environment", "rests_on", "goes_to"})
        at = last_moment(state)
        return to_deploy(state, stage, known.basis, at, now, completes=trial.id, **profile.pin(stage), **way)
    return None


def calls_again(previous: Deployment, basis_at: datetime | None) -> bool:
    """Whether an approval asks for another full rollout: the one before failed or was not begun, and it came later."""
    if previous.status not in {DeploymentStatus.FAILED, DeploymentStatus.REMOVED}:
        return False
    return is_since(basis_at, previous.finished_at)


def is_since(at: datetime | None, ended: datetime | None) -> bool:
    """Whether something happened in the second in which something ended, or later."""
    return at is not None and ended is not None and at >= whole_second(ended)
