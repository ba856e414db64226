"""`/_steward/mischief`: POST begins misbehaviour, GET tells what it has done, DELETE ends it."""

from typing import Any

from local_cloud.door.mischief import events, plan

Answer = tuple[int, Any]


def begin(asked: Any) -> Answer:
    """Begin as asked, in the place of what was asked before."""
    if not isinstance(asked, dict):
        raise TypeError("a JSON object is needed")
    mischief = plan.Mischief.parse(asked)
    plan.begin(mischief)
    return 200, mischief.account()


def tell(_asked: Any) -> Answer:
    """What has gone wrong so far."""
    mischief = plan.current()
    return 200, mischief.account() if mischief else {"active": False, "counts": {}, "harmed": []}


def end(_asked: Any) -> Answer:
    """Behave again, and let go at once what was held back. Ending twice is no fault."""
    mischief = plan.end()
    events.release()
    return 200, mischief.account() if mischief else {"active": False, "counts": {}, "harmed": []}
