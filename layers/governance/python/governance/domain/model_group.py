"""A model group: who answers for it, under which policy it stands, and which of its versions serves where."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from pydantic import Field

from governance.domain.authority import Delegation
from governance.domain.deployment_profile import BUILT_IN, PublishedProfile
from governance.domain.gates import Reading
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn
from governance.domain.lifecycle import Stage
from governance.domain.metrics import Metric
from governance.domain.published import DEFAULT, PublishedPolicy
from governance.domain.use_case import Profile
from governance.domain.use_cases import Membership
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
    stage: Stage | None = None
    """The stage that the environment is of; None where it is the stage's own, which goes by its name."""


class Return(Value):
    """A deployment that is being taken back by deploying an earlier version again."""

    version: ModelPackageArn
    """The version that is taken back. The record of the one that returns knows only the rollback's id."""
    deployment_id: str
    stage: Stage
    environment: str = ""
    """Name of the environment; empty for the stage's own."""

    @property
    def place(self) -> str:
        """The name of the environment that it is taken back in."""
        return self.environment or self.stage.value


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
    deployment_profile: PublishedProfile = BUILT_IN
    """How its versions are deployed, so that requesting a deployment reads nothing more."""
    delegations: tuple[Delegation, ...] = ()
    """Roles that were given to others for a while, as long as they last and a few days longer."""
    use_case: Membership | None = None
    """The use case that it belongs to, as that stood when the group was last told; None where it belongs to none."""
    left: str = ""
    """The use case that somebody took it out of last: by its tags alone it does not come back to that one."""
    producers: tuple[str, ...] = ()
    """Accounts that may report on its versions, as its tags name them; where they name none, all of the stage may."""
    serving: Mapping[str, Serving] = Field(default_factory=dict)
    """By the name of the environment; that of a stage's own is the stage's."""
    earlier: Mapping[str, tuple[Serving, ...]] = Field(default_factory=dict)
    """What served before, the latest last."""
    returns: Mapping[str, Return] = Field(default_factory=dict)
    """What is being taken back, by the name of the rollback's effect, until something else serves in its place."""
    tried: Mapping[str, tuple[Serving, ...]] = Field(default_factory=dict)
    """What was deployed beside the one that serves, until it is on record that it is there no more."""
    emptied: Mapping[str, Instant] = Field(default_factory=dict)
    """Since when nothing serves in an environment, where the endpoint was removed: what came later serves again."""
    revision: int = 0

    @property
    def described(self) -> Profile | None:
        """What its tags say, with name and stage of the use case that it belongs to where they name that one."""
        known = self.use_case
        if self.profile is None or known is None or known.id != self.profile.use_case_id:
            return self.profile
        return self.profile.model_copy(update={"use_case_name": known.name, "use_case_stage": known.stage.value})

    def tries(self, place: str, trial: Serving) -> "ModelGroup":
        """The group knowing of one more trial."""
        others = self.has_tried(place, trial.deployment_id).tried.get(place, ())
        return self.model_copy(update={"tried": {**self.tried, place: (*others, trial)[-REMEMBERED:]}})

    def tried_since(self, place: str, serving: Serving | None) -> tuple[Serving, ...]:
        """The trials that came to an environment after what serves there."""
        return tuple(one for one in self.tried.get(place, ()) if serving is None or one.since > serving.since)

    def has_tried(self, place: str, deployment_id: str) -> "ModelGroup":
        """The group without a trial that is over."""
        left = tuple(one for one in self.tried.get(place, ()) if one.deployment_id != deployment_id)
        others = {key: trials for key, trials in self.tried.items() if key != place}
        return self.model_copy(update={"tried": {**others, place: left} if left else others})

    def serves(self, place: str, serving: Serving) -> "ModelGroup":
        """The group knowing of one more serving somewhere. In whatever order they are told, the latest serves."""
        known = {one.deployment_id: one for one in self.servings(place)} | {serving.deployment_id: serving}
        return self.with_servings(place, known.values())

    def was_emptied(self, place: str, at: Instant) -> "ModelGroup":
        """The group knowing that nothing serves somewhere since then, unless it knows of something later."""
        if place in self.emptied and self.emptied[place] >= at:
            return self
        emptied = self.model_copy(update={"emptied": {**self.emptied, place: at}})
        return emptied.with_servings(place, self.servings(place))

    def with_servings(self, place: str, known: Iterable[Serving]) -> "ModelGroup":
        """The group with these servings of an environment: the latest serves, unless that was removed since."""
        before = sorted(known, key=lambda one: (one.since, one.deployment_id))
        gone_at = self.emptied.get(place)
        serves = bool(before) and (gone_at is None or before[-1].since > gone_at)
        present = {place: before.pop()} if serves else {}
        earlier = tuple(one.model_copy(update={"metrics": (), "readings": ()}) for one in before[-REMEMBERED:])
        others = {key: one for key, one in self.serving.items() if key != place}
        return self.model_copy(
            update={
                "serving": {**self.serving, **present} if present else others,
                "earlier": {**self.earlier, place: earlier} if earlier else self.earlier,
            }
        )

    def servings(self, place: str) -> tuple[Serving, ...]:
        """Everything that is remembered to have served in an environment, the latest first."""
        present = self.serving.get(place)
        return (*((present,) if present else ()), *reversed(self.earlier.get(place, ())))

    def remembered(self) -> tuple[ModelPackageArn, ...]:
        """Every version that serves anywhere, is tried beside one that does, or is remembered to have served."""
        there = (
            *self.serving.values(),
            *(one for some in (self.tried, self.earlier) for of in some.values() for one in of),
        )
        return tuple(sorted({one.version for one in there}))

    def replaced(self, place: str) -> Iterator[tuple[Serving, Serving]]:
        """What served in an environment and was replaced, each with what came there next of another version."""
        by = None
        for later, earlier in pairwise(self.servings(place)):
            by = later if later.version != earlier.version else by
            if by:
                yield earlier, by

    def serving_in(self, stage: Stage) -> dict[str, Serving]:
        """What serves in each environment of a stage, the latest first."""
        there = {place: one for place, one in self.serving.items() if stage in {place, one.stage}}
        return dict(sorted(there.items(), key=lambda found: found[1].since, reverse=True))

    def served_in(self, stage: Stage) -> tuple[Serving, ...]:
        """Everything that is remembered to have served in any environment of a stage, the latest first."""
        every = [one for place in self.serving_in(stage) for one in self.servings(place)]
        return tuple(sorted(every, key=lambda one: one.since, reverse=True))

    def last_in(self, stage: Stage) -> Serving | None:
        """What came to an environment of a stage last and serves there, or None."""
        return next(iter(self.serving_in(stage).values()), None)

    def takes_back(self, effect: str, taken: Return) -> "ModelGroup":
        """The group knowing that a deployment is being taken back."""
        return self.model_copy(update={"returns": {**self.returns, effect: taken}})

    def has_taken_back(self, effect: str) -> "ModelGroup":
        """The group without what is over."""
        return self.model_copy(update={"returns": {key: one for key, one in self.returns.items() if key != effect}})

    def successor_of(self, place: str, deployment_id: str, ended: Instant | None) -> Serving | None:
        """What serves in the place of a deployment that ended then, or None where nothing came after it.

        What was removed since takes nobody's place.
        """
        present = self.serving.get(place)
        after = present is not None and present.deployment_id != deployment_id and ended is not None
        return present if present and after and ended and present.since > ended else None

    def under(self, policy: PublishedPolicy) -> "ModelGroup":
        """The group under another policy."""
        return self.model_copy(update={"policy": policy.id, "in_force": policy})
