"""What stands beside what: the version that goes on serving while another is tried, pinned as it was sealed."""

from typing import Any, ClassVar, Literal

from governance.domain.artifacts import Container, SealedArtifact
from governance.domain.fact import Fact
from governance.domain.identifiers import ModelPackageArn
from governance.domain.trial_plans import TrialKind
from governance.domain.values import Value

TRIAL = "Trial"
"""What a version on trial is called among the variants of an endpoint."""


class Incumbent(Value):
    """The version that serves when another comes to be tried, and goes on serving beside it."""

    version: ModelPackageArn
    deployment_id: str
    """The deployment by which it serves."""
    specification: str
    """Digest of the inference specification that was approved."""
    sealing: str
    """Id of the sealing whose bytes it loads."""
    containers: tuple[Container, ...]
    artifacts: tuple[SealedArtifact, ...]

    @property
    def described(self) -> dict[str, Any]:
        """As a release manifest says it."""
        artifacts = [one.model_dump(mode="json", exclude={"locked_until", "source_check"}) for one in self.artifacts]
        images = [one.pinned_image for one in self.containers]
        told = self.model_dump(mode="json", exclude={"containers", "artifacts"})
        return {**told, "images": images, "artifacts": artifacts}


class DeploymentArranged(Fact):
    """How a deployment comes to its endpoint where versions are tried first: beside what serves, or at once and why.

    Also where what is tried there by now keeps the rollout of its profile from being taken.
    """

    kind: Literal["deployment-arranged"] = "deployment-arranged"
    deployment_id: str
    trial: TrialKind | None = None
    """None where it takes all traffic at once."""
    percent: int = 0
    """Of a hundred requests, how many it gets."""
    beside: Incumbent | None = None
    why: str = ""
    """Why it takes all traffic at once."""
    no_rollout: str = ""
    """Why it comes without the rollout of its profile; empty where it has that."""
    rank: ClassVar[int] = 5
    told: ClassVar[tuple[str, ...]] = ("deployment_id",)

    @property
    def arrangement(self) -> "Arrangement":
        """What a deployment keeps of it."""
        told = {"trial": self.trial, "percent": self.percent, "beside": self.beside}
        return Arrangement.model_validate({**told, "why": self.why, "no_rollout": self.no_rollout})


class Arrangement(Value):
    """How a deployment comes to its endpoint, as it was arranged before it was started."""

    trial: TrialKind | None = None
    percent: int = 0
    beside: Incumbent | None = None
    why: str = ""
    no_rollout: str = ""
