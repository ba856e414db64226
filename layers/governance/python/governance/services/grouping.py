"""Keep what is known of a model group in step with its tags and its versions.

What spans versions is never part of a version's own transaction: it follows here, from events, as often as they come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.domain.deployment import Deployment
from governance.domain.errors import GroupNotFound
from governance.domain.facts import AnyFact, DeploymentSuperseded, GroupObserved
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn, group_arn_of
from governance.domain.lifecycle import DeploymentStatus, Stage
from governance.domain.model_group import Serving
from governance.domain.policy import DEFAULT
from governance.domain.use_case import Profile, profile_from
from governance.ports.ledger import Groups, Ledger, Page
from governance.ports.registry import Registry
from governance.services.recording import Recording
from governance.services.remembering import Remembering
from governance.services.synchronisation import lost


@dataclass(frozen=True, slots=True)
class Grouping:
    """Know who answers for a group, and which of its versions serves where."""

    ledger: Ledger
    groups: Groups
    registry: Registry
    recording: Recording

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
            profile = profile_from(self.registry.tags(group))
        except GroupNotFound:
            self.recording.learn(version, lost, correlation_id)
            return
        known = self.groups.get(group)
        if known is None or (known.profile, known.policy) != (profile, DEFAULT.id):
            self.admit(group, profile)
        self.recording.learn(version, lambda page, now: told(page, profile, now), correlation_id)

    def admit(self, group: ModelGroupArn, profile: Profile) -> None:
        """Put on record what is new of a group. Its own item comes last: once it says so, the others are there."""
        if profile.use_case_id:
            self.groups.join(profile.use_case_id, group)
        self.groups.publish_policy(self.recording.now())
        self.memory.keep(group, lambda known: known.model_copy(update={"profile": profile, "policy": DEFAULT.id}))

    def serve(self, version: ModelPackageArn, stage: Stage, correlation_id: str) -> None:
        """After a deployment or a measurement: the group knows what serves and how well.

        The version that served before is superseded. A version that does not serve in the stage changes nothing.
        """
        page = self.ledger.open(version)
        state = page.state_of(version)
        deployment = state.deployment_in(stage)
        if deployment is None or not is_serving(deployment):
            return
        group = self.memory.served(state, deployment, page.group)
        if group is None:
            return
        present, *before = group.servings(stage)
        if present.deployment_id != deployment.id:  # told late: another came after it
            before = [one for one in before if one.deployment_id == deployment.id]
        if before and before[0].version != present.version:
            self.supersede(before[0], present, correlation_id)

    def supersede(self, replaced: Serving, by: Serving, correlation_id: str) -> None:
        """Say on the record of the version that served before that another took its place."""

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            deployment = page.state.deployments.get(replaced.deployment_id) if page.state else None
            if page.state is None or not is_serving(deployment):
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


def told(page: Page, profile: Profile, now: datetime) -> Sequence[AnyFact]:
    """What the tags say, unless the record says so already."""
    if page.state is None or page.state.group == page.written(profile):
        return []
    return [GroupObserved(model=page.state.model, effective_at=now, recorded_at=now, group=profile)]


def is_serving(deployment: Deployment | None) -> bool:
    """Whether a deployment is still on record as running."""
    return deployment is not None and deployment.status is DeploymentStatus.DEPLOYED
