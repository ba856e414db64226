"""Keep what is known of a model group in step with its tags and its versions.

What spans versions is never part of a version's own transaction: it follows here, from events, as often as they come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.domain.deployment import Deployment
from governance.domain.deployment_facts import DeploymentSuperseded
from governance.domain.errors import GroupNotFound
from governance.domain.facts import AnyFact, GroupObserved
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn, group_arn_of
from governance.domain.lifecycle import DeploymentStatus, Stage
from governance.domain.model_group import ModelGroup, Serving
from governance.domain.producers import producers_from
from governance.domain.published import PublishedPolicy, current
from governance.domain.retirement import DeploymentRemoved
from governance.domain.use_case import Profile, profile_from
from governance.ports.ledger import Groups, Ledger, Page
from governance.ports.registry import Registry
from governance.services.recording import Recording
from governance.services.remembering import Remembering
from governance.services.synchronisation import lost
from governance.services.taking_in import TakingIn


@dataclass(frozen=True, slots=True)
class Grouping:
    """Know who answers for a group, and which of its versions serves where."""

    ledger: Ledger
    groups: Groups
    registry: Registry
    recording: Recording
    taking_in: TakingIn

    @property
    def memory(self) -> Remembering:
        """What is kept of groups."""
        return Remembering(self.groups)

    def onboard(self, version: ModelPackageArn, correlation_id: str) -> None:
        """Read the group's tags when a version is registered, and put them on the version's record.

        A group that was deleted meanwhile keeps what is known of it. Only an empty one can be: the package went first.
        """
        group = group_arn_of(version)
        if group is None:
            return
        try:
            tags = self.registry.tags(group)
        except GroupNotFound:
            self.recording.learn(version, lost, correlation_id)
            return
        profile = profile_from(tags)
        known = self.admit(group, profile, producers_from(tags))
        self.taking_in.take_in(group, tags, known, correlation_id)
        self.recording.learn(version, lambda page, now: told(page, profile, now), correlation_id)

    def admit(self, group: ModelGroupArn, profile: Profile, producers: tuple[str, ...] = ()) -> ModelGroup:
        """Put on record what is new of a group. Its own item comes last: once it says so, the others are there."""
        known = self.groups.get(group)
        if profile.use_case_id and (known is None or known.profile != profile):
            self.groups.join(profile.use_case_id, group)
        policy = self.listed(known or ModelGroup(arn=group))
        said = {"profile": profile, "producers": producers}
        return self.memory.keep(group, lambda one: caught_up(one, policy).model_copy(update=said), known)

    def catch_up(self, group: ModelGroupArn) -> bool:
        """Put a group under the version of its policy that is in force; whether it was not, or was not listed so."""
        known = self.groups.get(group)
        if known is None:
            return False
        policy = self.listed(known)
        return self.memory.keep(group, lambda one: caught_up(one, policy), known) != known

    def listed(self, group: ModelGroup) -> PublishedPolicy:
        """The version of a group's policy that is in force, and the group among those under it."""
        policy = self.groups.in_force(group.in_force.document.name, self.recording.now())
        if group.listed != policy.document.name:
            self.groups.list_under(policy.document.name, group.arn)
        return policy

    def serve(self, version: ModelPackageArn, stage: Stage, correlation_id: str) -> None:
        """After a deployment or a measurement: the group knows what serves and how well, in each environment.

        The version that served before is superseded. A version that does not serve in the stage changes nothing.
        """
        page = self.ledger.open(version)
        state, group = page.state_of(version), page.group
        for deployment in state.latest_in(stage).values():
            if is_serving(deployment):
                group = self.memory.served(state, deployment, group)
                self.serve_at(version, deployment, group, correlation_id)

    def serve_at(
        self, version: ModelPackageArn, deployment: Deployment, group: ModelGroup | None, correlation_id: str
    ) -> None:
        """Supersede everything that served in an environment before, in whatever order it was told.

        What was told so late that the group remembers it no more is superseded by what came there last.
        """
        if group is None or deployment.finished_at is None:
            return
        place = deployment.place
        this = Serving(version=version, deployment_id=deployment.id, since=deployment.finished_at)
        self.end_trials(group, place, this, correlation_id)
        if deployment.is_trial:
            return
        for replaced, by in group.replaced(place):
            self.supersede(replaced, by, correlation_id)
        last, *_ = remembered = group.servings(place)
        if deployment.id not in {one.deployment_id for one in remembered} and version != last.version:
            self.supersede(this, last, correlation_id)

    def end_trials(self, group: ModelGroup, place: str, by: Serving, correlation_id: str) -> None:
        """A trial is over once anything was deployed after it: that has the endpoint, alone or beside what serves.

        Where it was being taken back, its rollback says so when that ends.
        """
        for trial in group.tried.get(place, ()):
            if trial.deployment_id == by.deployment_id or trial.since >= by.since:
                continue
            self.supersede(trial, by, correlation_id)
            self.memory.forget_trial(group.arn, place, trial.deployment_id)

    def swept(self, version: ModelPackageArn, deployment_id: str, correlation_id: str) -> None:
        """After a removal: the group knows that nothing serves there, and what was tried beside it is gone with it.

        Of what went with another version there is nothing more to do.
        """
        page = self.ledger.open(version)
        state = page.state_of(version)
        removal = state.deployment(deployment_id)
        group = self.memory.ended(state, removal, page.group)
        for trial in group.tried.get(removal.place, ()) if group and removal.finished_at else ():
            if removal.finished_at and trial.since < removal.finished_at:
                self.gone_with(version, removal.finished_at, trial, correlation_id)
                self.memory.forget_trial(group.arn if group else "", removal.place, trial.deployment_id)

    def gone_with(self, by: ModelPackageArn, at: datetime, trial: Serving, correlation_id: str) -> None:
        """Say on the record of a version that was tried beside what was removed that it is there no more."""

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            deployment = page.state.deployments.get(trial.deployment_id) if page.state else None
            if page.state is None or deployment is None or not deployment.stands:
                return []
            about = {"model": page.state.model, "effective_at": at, "recorded_at": now}
            return [DeploymentRemoved(**about, deployment_id=trial.deployment_id, by=by)]

        self.recording.learn(trial.version, facts, correlation_id)

    def supersede(self, replaced: Serving, by: Serving, correlation_id: str) -> None:
        """Say on the record of the version that served before that another took its place."""

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            deployment = page.state.deployments.get(replaced.deployment_id) if page.state else None
            if page.state is None or deployment is None or not deployment.stands:
                return []
            return [
                DeploymentSuperseded(
                    model=page.state.model,
                    effective_at=by.since,
                    recorded_at=now,
                    deployment_id=replaced.deployment_id,
                    by=by.version,
                )
            ]

        self.recording.learn(replaced.version, facts, correlation_id)


def caught_up(group: ModelGroup, policy: PublishedPolicy) -> ModelGroup:
    """The group under the version of its policy that is in force; where it was put under another one, as it is."""
    name = policy.document.name
    if group.in_force.document.name != name:
        return group
    return group.under(current(group.in_force, policy)).model_copy(update={"listed": name})


def told(page: Page, profile: Profile, now: datetime) -> Sequence[AnyFact]:
    """What the tags say, and how its use case is called and stands, unless the record says so already."""
    profile = with_use_case(page, profile)
    if page.state is None or page.state.group == page.written(profile):
        return []
    return [GroupObserved(model=page.state.model, effective_at=now, recorded_at=now, group=profile)]


def with_use_case(page: Page, profile: Profile) -> Profile:
    """A profile with name and stage of the use case that the group belongs to, where the tags name that one."""
    known = page.group.use_case if page.group else None
    if known is None or known.id != profile.use_case_id:
        return profile
    return profile.model_copy(update={"use_case_name": known.name, "use_case_stage": known.stage.value})


def is_serving(deployment: Deployment | None) -> bool:
    """Whether a deployment is still on record as running."""
    return deployment is not None and deployment.status is DeploymentStatus.DEPLOYED
