"""Where dead letters lie, and how one is handed over again."""

from collections.abc import Sequence
from typing import Protocol

from governance.domain.letters import Letter
from governance.domain.values import Value


class Taken(Value):
    """A letter that was taken in hand, and what it takes to put it back or to throw it away."""

    letter: Letter
    handle: str


class Look(Value):
    """What a look into a box found. The letters are in hand until they are released, or for a minute."""

    taken: tuple[Taken, ...]
    held: int
    """How many letters somebody else has in hand, about."""
    more: bool
    """Whether the box may hold more than one look takes."""


class Letterbox(Protocol):
    """One place where letters lie. Whoever takes letters and dies leaves them there: they show again by themselves."""

    def look(self) -> Look:
        """Take every letter in hand, up to a limit."""

    def release(self, taken: Sequence[Taken]) -> None:
        """Put letters back at once."""

    def keep(self, taken: Taken) -> None:
        """Keep a letter in hand for as long as handing it over may take."""

    def discard(self, taken: Taken) -> None:
        """Throw a letter away: its target has it. Throwing it away twice is no failure."""


class Handed(Value):
    """What a target said to a payload."""

    accepted: bool
    detail: str
    """What became of it, or why the target did not take it."""


class Courier(Protocol):
    """Hands payloads to targets."""

    def hand_over(self, letter: Letter) -> Handed:
        """Hand the very payload over, and say whether the target took it. A refusal of AWS's is an answer too."""
