"""How the state machine of sealing asks for a task, and how it is answered."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from governance.domain.sealing_tasks import AnyTask, Done
from governance.runtime.commands import parsed
from governance.runtime.events import read
from governance.runtime.observability import count, report
from governance.runtime.shapes import AboutEffect

SHAPE: TypeAdapter[AnyTask] = TypeAdapter(AnyTask)


def asked(event: Mapping[str, Any]) -> AnyTask:
    """Read a task; the first one holds the announcement that the execution was started with.

    Raises `MalformedEvent` naming every field that is wrong: one that nobody knows is a fault of the state machine.
    """
    if event.get("task") != "plan":
        return parsed(SHAPE, event)
    about: AboutEffect = read(event.get("event", {}), {"SealingRequested": AboutEffect}).detail
    return parsed(SHAPE, {**event, **about.model_dump()})


def told(done: Done) -> Any:
    """The answer; what was done is counted, and how a sealing ended is reported."""
    for name, value in done.counts.items():
        count(name, value)
    if done.has_ended:
        report("sealing", done.learned)
    return done.answer
