"""What people may ask of the record: commands given to Steward itself, not to the registry.

Each is the payload of a signed request (`docs/people.md`), so that every field is what its author signed for.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from governance.domain.identifiers import ModelPackageArn
from governance.domain.values import Value

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
"""Why somebody does something. It stays on the record for good, so it should name nobody."""


class Order(Value):
    """What every command says."""

    function: str
    """ARN of the function that is asked: a signature for one is none for another."""
    request_id: str = Field(pattern=r"^[A-Za-z0-9-]{8,64}$")
    """The same for each repetition of one request."""
    dry_run: bool = False
    """Whether only to tell what would be done."""
    why: Reason


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


AnyOrder = Annotated[Adopt | Hold | ReleaseHold | Repair | ForgetPerson, Field(discriminator="command")]
"""Everything that `decide` understands."""
