"""What trying a draft of a policy turns, in the words and the measure that all drafts share."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from rich.text import Text

from steward.options import Desk

Turned = TypeVar("Turned", bound=str)

STEP = 100
"""After how many of what is tried progress is told again."""

SHOWN = 40
"""How many approvals are shown one by one to people; programs get all."""


def progress(at: Desk, what: str) -> Callable[[int, int], None]:
    """Tell beside the answer how far it is, in so many of `what`."""

    def told(done: int, of: int) -> None:
        if done % STEP == 0 and done < of:
            at.out.note(f"{done:,} of {of:,} {what}")

    return told


def coloured(turns: Mapping[Turned, tuple[str, str]], word: Turned) -> Text:
    """What becomes of an approval, in its colour."""
    said, colour = turns[word]
    return Text(said, style=colour)


def not_shown(found: int) -> Iterator[str]:
    """How many approvals are not shown one by one, where there are more."""
    if found > SHOWN:
        yield f"and {found - SHOWN:,} more: --json has all of them."


def verdict(turns: Mapping[Turned, tuple[str, str]], now: Mapping[Turned, int], decided: Mapping[Turned, int]) -> str:
    """The last line: how much turns, now and of the decisions so far."""
    told = [
        f"{counts[one]} {said}{then}"
        for counts, then in ((now, ""), (decided, " of the decisions"))
        for one, (said, _) in turns.items()
        if counts.get(one)
    ]
    return f"Would be: {'; '.join(told)}." if told else "It would change nothing."
