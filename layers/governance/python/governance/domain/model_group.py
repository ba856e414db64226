"""A model group: who answers for it, under which policy it stands, and which of its versions serves where."""

from collections.abc import Mapping

from pydantic import Field

from governance.domain.authority import Delegation
from governance.domain.gates import Reading
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn
from governance.domain.lifecycle import Stage
from governance.domain.metrics import Metric
from governance.domain.published import DEFAULT, PublishedPolicy
from governance.domain.use_case import Profile
from governance.domain.values import Instant, Value

REMEMBERED = 5
"""How many earlier servings of a stage a group remembers: to one of them a rollback returns."""


class Serving(Value):
    """The version that serves in a stage, since when, and what was measured of it there."""

    version: ModelPackageArn
    deployment_id: str
    since: Instant
    metrics: tuple[Metric, ...] = ()
    readings: tuple[Reading, ...] = ()
    """Everything that was measured of it, for what others are compared with it."""


class Return(Value):
    """A deployment that is being taken back by deploying an earlier version again."""

    version: ModelPackageArn
    """The version that is taken back. The record of the one that returns knows only the rollback's id."""
    deployment_id: str
    stage: Stage


class ModelGroup(Value):
    """What is known of a model group. `revision` counts its writes."""

    arn: ModelGroupArn
    profile: Profile | None = None
    """What its tags say, or None until somebody read them: officers may choose its policy before it has a version."""
    policy: str = DEFAULT.id
    """Name and number of the policy in force."""
    in_force: PublishedPolicy = DEFAULT
    """That policy, so that judging reads nothing more."""
    assigned: int = 0
    """How often officers put it under a policy: what was proposed before the last time is proposed no longer."""
    listed: str = ""
    """Name of the policy among whose groups it is found when that changes."""
    delegations: tuple[Delegation, ...] = ()
    """Roles that were given to others for a while, as long as they last and a few days longer."""
    producers: tuple[str, ...] = ()
    """Accounts that may report on its versions, as its tags name them; where they name none, all of the stage may."""
    serving: Mapping[Stage, Serving] = Field(default_factory=dict)
    earlier: Mapping[Stage, tuple[Serving, ...]] = Field(default_factory=dict)
    """What served before, the latest last."""
    returns: Mapping[str, Return] = Field(default_factory=dict)
    """What is being taken back, by the name of the rollback's effect, until something else serves in its place."""
    revision: int = 0

    def serves(self, stage: Stage, serving: Serving) -> "ModelGroup":
        """The group knowing of one more serving in a stage. In whatever order they are told, the latest serves."""
        known = {one.deployment_id: one for one in self.servings(stage)} | {serving.deployment_id: serving}
        *before, present = sorted(known.values(), key=lambda one: (one.since, one.deployment_id))
        earlier = tuple(one.model_copy(update={"metrics": (), "readings": ()}) for one in before[-REMEMBERED:])
        return self.model_copy(
            update={
                "serving": {**self.serving, stage: present},
                "earlier": {**self.earlier, stage: earlier} if earlier else self.earlier,
            }
        )

    def servings(self, stage: Stage) -> tuple[Serving, ...]:
        """Everything that is remembered to have served in a stage, the latest first."""
        present = self.serving.get(stage)
        return (*((present,) if present else ()), *reversed(self.earlier.get(stage, ())))

    def takes_back(self, effect: str, taken: Return) -> "ModelGroup":
        """The group knowing that a deployment is being taken back."""
        return self.model_copy(update={"returns": {**self.returns, effect: taken}})

    def has_taken_back(self, effect: str) -> "ModelGroup":
        """The group without what is over."""
        return self.model_copy(update={"returns": {key: one for key, one in self.returns.items() if key != effect}})

    def successor_of(self, stage: Stage, deployment_id: str, ended: Instant | None) -> Serving | None:
        """What serves in the place of a deployment that ended then, or None where nothing came after it."""
        present = self.serving.get(stage)
        after = present is not None and present.deployment_id != deployment_id and ended is not None
        return present if present and after and ended and present.since > ended else None

    def under(self, policy: PublishedPolicy) -> "ModelGroup":
        """The group under another policy."""
        return self.model_copy(update={"policy": policy.id, "in_force": policy})
