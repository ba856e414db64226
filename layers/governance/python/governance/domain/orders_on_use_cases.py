"""What people may ask about use cases: commands to `decide`. Each names the stage it is about, where it moves one."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from governance.domain.identifiers import ModelGroupArn
from governance.domain.order import Order
from governance.domain.use_cases import AskedUseCaseFinding, UseCaseId, UseCaseStage

FindingId = Annotated[str, StringConstraints(pattern=r"^finding-[0-9a-f]{12}$")]
"""How a finding on a use case is called."""


class CreateUseCase(Order):
    """Put a use case on record, as a proof of concept."""

    command: Literal["create-use-case"]
    document: dict[str, Any]
    """The use case as plain values. It is judged where it arrives, whoever looked at it before."""


class ChangeUseCase(Order):
    """Write down anew what a use case is. Words that were given for what it was do not count any more."""

    command: Literal["change-use-case"]
    document: dict[str, Any]


class OnUseCase(Order):
    """An order about one use case that is on record."""

    use_case: UseCaseId


class AssessUseCase(OnUseCase):
    """Answer the questions of the EU AI Act, and say how much depends on it. A lower class or tier needs two people."""

    command: Literal["assess-use-case"]
    document: dict[str, Any]
    """The assessment as plain values."""


class AdvanceUseCase(OnUseCase):
    """Approve the stage that a use case is in, so that it comes to the next one as soon as enough people did."""

    command: Literal["advance-use-case"]
    stage: UseCaseStage
    """The stage that is approved: where it is in another by now, nothing is."""


class RejectUseCase(OnUseCase):
    """Send a use case back to the stage before, with what is to be put right."""

    command: Literal["reject-use-case"]
    stage: UseCaseStage
    findings: Annotated[tuple[AskedUseCaseFinding, ...], Field(min_length=1, max_length=20)]


class AnswerUseCaseFinding(OnUseCase):
    """Say how a finding was put right, or why not: in `why`."""

    command: Literal["answer-use-case-finding"]
    finding: FindingId


class AttachGroup(OnUseCase):
    """Let a model group belong to a use case, and to no other."""

    command: Literal["attach-group"]
    group: ModelGroupArn


class DetachGroup(OnUseCase):
    """Let a model group belong to a use case no longer."""

    command: Literal["detach-group"]
    group: ModelGroupArn


class NameSuccessor(OnUseCase):
    """Say what takes the place of a use case; an empty text says that nothing does."""

    command: Literal["name-successor"]
    successor: UseCaseId | Literal[""]


class RetireUseCase(OnUseCase):
    """Retire a use case for good, with every version of its model groups: what serves of them is removed."""

    command: Literal["retire-use-case"]
    successor: UseCaseId | Literal[""] = ""
    """What takes its place; empty leaves what was named before."""


AnyOrderOnOneUseCase = (
    AssessUseCase
    | AdvanceUseCase
    | RejectUseCase
    | AnswerUseCaseFinding
    | AttachGroup
    | DetachGroup
    | NameSuccessor
    | RetireUseCase
)
"""Everything that is asked about a use case that is on record."""

AnyOrderOnUseCases = CreateUseCase | ChangeUseCase | AnyOrderOnOneUseCase
"""Everything that `decide` understands about use cases."""
