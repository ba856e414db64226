"""Misbehaviour on request: a cloud that loses, repeats, shuffles, throttles, fails and kills, off until asked for.

Everything that AWS promises to do at least once, at most once, in any order or not at all happens here as often as the
`plan` says, so that a program can be tried against it. Which event, call or invocation is harmed depends on the seed
and on its own number only, never on what runs beside it. This knows AWS, not the program that is tried.
"""

from local_cloud.door.mischief import calls, events, functions


def install() -> None:
    """Hook the places where harm can be done; none is until `plan.begin`."""
    events.install()
    calls.install()
    functions.install()
