"""What it takes to make a model group: its stack, and the group as the registry has it."""

from collections.abc import Mapping
from typing import Protocol

from governance.domain.identifiers import ModelGroupArn
from governance.domain.use_case import ValidationSet
from governance.domain.values import Value


class GroupSeen(Value):
    """A group as the registry has it."""

    description: str
    tags: Mapping[str, str]


class StackChange(Value):
    """One resource that a change of a stack makes, changes or takes away."""

    action: str
    resource: str
    kind: str
    replaces: bool = False
    """Whether it is made anew; what it was is left behind then."""


class Proposal(Value):
    """A change of a stack that was looked at and is not carried out yet."""

    stack: str
    id: str
    changes: tuple[StackChange, ...]


class Stacks(Protocol):
    """CloudFormation, with the rights of whoever asks."""

    def is_there(self, stack: str) -> bool:
        """Whether the stack holds anything yet. Waits for what is under way."""

    def propose(self, stack: str, template: str, parameters: Mapping[str, str]) -> Proposal | None:
        """Say what would change by a template, or None where nothing would. Raises `StackBroken`.

        What `parameters` does not say stays as the stack has it; where it has nothing, the template's default stands.
        """

    def propose_adoption(self, stack: str, group: ModelGroupArn, description: str) -> Proposal:
        """Say that a stack would take over a group that is there, as it is. Raises `StackBroken`."""

    def carry_out(self, proposal: Proposal) -> None:
        """Do it, and wait for it. Raises `StackBroken` with CloudFormation's reason, and then nothing was changed."""

    def discard(self, proposal: Proposal) -> None:
        """Do nothing of it."""


class GroupRegistry(Protocol):
    """Model groups, as whoever onboards them looks at them and binds their held-out rows."""

    def look(self, group: ModelGroupArn) -> GroupSeen | None:
        """Return the group, or None where there is none."""

    def upload(self, bucket: str, key: str, content: bytes) -> None:
        """Keep held-out rows. The same again is another version of the same bytes."""

    def bind(self, group: ModelGroupArn, bound: ValidationSet) -> None:
        """Bind held-out rows to a group by its tags."""
