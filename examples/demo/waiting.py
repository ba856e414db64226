"""Wait for what should come of an act, and say something useful when it does not."""

import time
from collections.abc import Callable
from typing import TypeVar

from .screen import Screen

T = TypeVar("T")

INTERVAL_SECONDS = 0.4


class UnexpectedError(Exception):
    """The play did not go as it should. The message says what was expected, and what was seen instead."""


def expect(holds: bool, otherwise: str) -> None:
    """Raise `UnexpectedError` with the sentence unless the condition holds."""
    if not holds:
        raise UnexpectedError(otherwise)


def wait_for(
    screen: Screen,
    what: str,
    look: Callable[[], T],
    until: Callable[[T], bool],
    told_as: Callable[[T], str],
    timeout: float = 60,
    hopeless: Callable[[T], str] = lambda _: "",
) -> T:
    """Look again and again until it is so, and return what was seen.

    Gives up with `UnexpectedError` after `timeout` seconds, or at once when `hopeless` gives a reason.
    """
    deadline = time.monotonic() + timeout
    with screen.waiting(what) as update:
        while True:
            seen = look()
            if until(seen):
                return seen
            reason = hopeless(seen)
            expect(not reason, f"Waited for: {what}\nIt cannot come any more: {reason}\nNow: {told_as(seen)}")
            expect(
                time.monotonic() < deadline,
                f"Waited {timeout:.0f} s for: {what}\nIt has not come. Now: {told_as(seen)}",
            )
            update(told_as(seen))
            time.sleep(INTERVAL_SECONDS)
