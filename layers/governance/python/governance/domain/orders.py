"""What people may ask of the record: commands given to Steward itself, not to the registry.

Each is the payload of a signed request (`docs/people.md`), so that every field is what its author signed for.
"""

from typing import Annotated, Literal

from pydantic import Field

from governance.domain import orders_on_models as on_models
from governance.domain import orders_on_policies as on_policies
from governance.domain import orders_on_profiles as on_profiles
from governance.domain import orders_on_use_cases as on_use_cases
from governance.domain import orders_to_recall as to_recall
from governance.domain.identifiers import ModelPackageArn
from governance.domain.order import Order


class Adopt(Order):
    """Take a version from before governance under governance."""

    command: Literal["adopt"]
    version: ModelPackageArn


class Hold(Order):
    """Have nothing of a version deleted, whatever its retention says."""

    command: Literal["hold"]
    version: ModelPackageArn


class ReleaseHold(Order):
    """Let the retention alone hold again."""

    command: Literal["release-hold"]
    version: ModelPackageArn


class Repair(Order):
    """Write what a version's facts give where its record differs."""

    command: Literal["repair"]
    version: ModelPackageArn


class ForgetPerson(Order):
    """Erase the name that a person's id stands for."""

    command: Literal["forget-person"]
    name: str = Field(min_length=1, max_length=256)
    """The name, or the id that stands for it."""


AnyOrder = Annotated[
    Adopt | Hold | ReleaseHold | Repair | ForgetPerson
    | on_models.Approve | on_models.SignOff | on_models.Reject | on_models.RaiseFindings | on_models.AnswerFinding
    | on_models.Resubmit | on_models.BreakGlass | on_models.ReviewEmergency | on_models.AttachEvidence
    | to_recall.RollBack | to_recall.Quarantine | to_recall.Release | to_recall.Retire
    | on_policies.PublishPolicy | on_policies.AssignPolicy | on_policies.Delegate | on_policies.EndDelegation
    | on_profiles.SetDeploymentProfile
    | on_use_cases.CreateUseCase | on_use_cases.ChangeUseCase | on_use_cases.AssessUseCase
    | on_use_cases.AdvanceUseCase | on_use_cases.RejectUseCase | on_use_cases.AnswerUseCaseFinding
    | on_use_cases.AttachGroup | on_use_cases.DetachGroup | on_use_cases.NameSuccessor
    | on_use_cases.RetireUseCase,
    Field(discriminator="command"),
]  # fmt: skip
"""Everything that `decide` understands."""
