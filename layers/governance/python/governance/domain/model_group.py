"""A model group: who answers for it, under which policy it stands, and which of its versions serves where."""

from collections.abc import Mapping

from pydantic import Field

from governance.domain.identifiers import ModelGroupArn, ModelPackageArn
from governance.domain.lifecycle import Stage
from governance.domain.metrics import Metric
from governance.domain.policy import DEFAULT
from governance.domain.use_case import Profile
from governance.domain.values import Instant, Value


class Serving(Value):
    """The version that serves in a stage, since when, and what was measured of it there."""

    version: ModelPackageArn
    deployment_id: str
    since: Instant
    metrics: tuple[Metric, ...] = ()


class ModelGroup(Value):
    """What is known of a model group. `revision` counts its writes."""

    arn: ModelGroupArn
    profile: Profile = Profile()
    policy: str = DEFAULT.id
    serving: Mapping[Stage, Serving] = Field(default_factory=dict)
    revision: int = 0

    def serves(self, stage: Stage, serving: Serving) -> "ModelGroup":
        """The group with another version serving in a stage, unless the present one was deployed later."""
        present = self.serving.get(stage)
        if present and present.since > serving.since:
            return self
        return self.model_copy(update={"serving": {**self.serving, stage: serving}})
