"""The tasks of a sealing, as its state machine asks for them one after the other, and what comes of each.

Each is named as the machine names its state. What an execution was told that began under an earlier release is read
too: a task may be told more than it needs, and what such an execution did not know has a default.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from governance.domain.artifacts import CopyOrder, Refusal, SealedArtifact
from governance.domain.identifiers import ModelPackageArn
from governance.domain.images import SealedImage
from governance.domain.model_version import ModelVersion
from governance.domain.values import Value

OF_MANY = "States.ExceedToleratedFailureThreshold"
"""How a map of many fails, without a word of what failed in it (Step Functions: Distributed map)."""


class Task(BaseModel):
    """What every task is told: which effect it is for, and which execution tries it."""

    model_config = ConfigDict(frozen=True)

    effect_id: str
    execution: str = ""

    @property
    def run(self) -> str:
        """Under which name the papers of this execution lie; one that began under an earlier release may tell none."""
        return f"{self.effect_id}/{self.execution}"


class TaskOfVersion(Task):
    """A task that may put something on the record of its version."""

    model_package_arn: ModelPackageArn
    correlation_id: str


class CopyResult(Value):
    """What became of one artifact: exactly one of these."""

    sealed: SealedArtifact | None = None
    refused: Refusal | None = None
    left: CopyOrder | None = None
    """What one copy cannot do, and is to be sealed in pieces."""

    @property
    def handed_on(self) -> dict[str, Any]:
        """As the state machine hands it on: the one that it is."""
        return self.model_dump(mode="json", exclude_defaults=True)


class Error(BaseModel):
    """An error as a state machine catches it (Step Functions guide: "Handling errors")."""

    model_config = ConfigDict(frozen=True)

    name: str = Field("", alias="Error")
    cause: str = Field("", alias="Cause")

    @property
    def words(self) -> str:
        """What is said of it."""
        return self.cause or self.name or "no cause given"


class Plan(TaskOfVersion):
    """Claim the effect, look up the images and list what is to be copied."""

    task: Literal["plan"]
    execution_arn: str = ""


class Copy(Task):
    """Copy one artifact."""

    task: Literal["copy"]
    artifact: CopyOrder


class Seal(TaskOfVersion):
    """Put the outcome of all copies on the record, unless some are left to be made in pieces."""

    task: Literal["seal"]
    results: tuple[CopyResult, ...]
    images: tuple[SealedImage, ...] = ()


class PlanPieces(TaskOfVersion):
    """List the pieces of what is left."""

    task: Literal["pieces"]
    results: tuple[CopyResult, ...]


class Measure(Task):
    """Read the pieces of a batch."""

    task: Literal["measure"]
    batch: int


class Name(TaskOfVersion):
    """Name what was measured, and open the uploads of what is copied in parts."""

    task: Literal["name"]


class Place(Task):
    """Copy the pieces of a batch."""

    task: Literal["place"]
    batch: int


class Complete(Task):
    """Put one object of many parts together."""

    task: Literal["complete"]
    upload: int


class Gather(TaskOfVersion):
    """Put the outcome of it all on the record."""

    task: Literal["gather"]
    images: tuple[SealedImage, ...] = ()


class Note(Task):
    """Note what broke down in a map of many, which itself tells no cause."""

    task: Literal["note"]
    error: Error


class RecordFailure(TaskOfVersion):
    """Put on the record that sealing broke down."""

    task: Literal["fail"]
    error: Error


AnyTask = Annotated[
    Plan | Copy | Seal | PlanPieces | Measure | Name | Place | Complete | Gather | Note | RecordFailure,
    Field(discriminator="task"),
]
"""Any task of the state machine."""


class Done(Value):
    """What a task came to."""

    answer: Any
    """For the state machine, which hands it on; it never grows with an artifact."""
    counts: Mapping[str, int] = Field(default_factory=dict)
    """What the business would ask about."""
    has_ended: bool = False
    """Whether this was the end of the sealing."""
    learned: ModelVersion | None = None
    """The version with the outcome on its record; None where it was there already."""
