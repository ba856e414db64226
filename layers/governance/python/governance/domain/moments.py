"""When what follows from a state happens: at the moment of the last fact, and never before it.

CodePipeline's events have their time in whole seconds (AWS: "Monitoring CodePipeline events", samples); what SageMaker
tells of an endpoint has milliseconds. Within one second the whole one is not the earlier.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from governance.domain.fact import Fact
from governance.domain.model_version import ModelVersion
from governance.domain.values import whole_second

Intent = TypeVar("Intent", bound=Fact)


A_MOMENT = timedelta(microseconds=1)
"""The least that two moments lie apart."""


def moment_of(position: str) -> datetime:
    """The moment of the fact at a position."""
    return datetime.fromisoformat(position.split("#", 1)[0])


def last_moment(state: ModelVersion) -> datetime:
    """The moment of the last fact folded: what a state gives rise to happens then."""
    return moment_of(state.position)


def after(state: ModelVersion, intent: Intent) -> Intent:
    """An intent that comes after everything folded: of one moment, an outcome sorts after what was requested."""
    if intent.position > state.position:
        return intent
    return intent.model_copy(update={"effective_at": intent.effective_at + A_MOMENT})


def in_its_second(state: ModelVersion, end: Intent, history: Callable[[], Iterable[Fact]]) -> Intent:
    """An end of which only the second is certain: after everything that the record knows of that second.

    Who knows of a later second already looks into the history for it.
    """
    second, last = whole_second(end.effective_at), state.position
    if whole_second(moment_of(last)) > second:
        last = max((one.position for one in history() if whole_second(one.counts_from) == second), default="")
    if not last or whole_second(moment_of(last)) != second or end.position > last:
        return end
    placed = end.model_copy(update={"effective_at": max(end.effective_at, moment_of(last))})
    return placed if placed.position > last else placed.model_copy(update={"effective_at": moment_of(last) + A_MOMENT})


def within(begun: datetime, ended: datetime | None, at: datetime) -> datetime | None:
    """A moment between a beginning and an end; None where it is not.

    Of the end only the second is certain, and of a moment that is told in whole seconds too.
    """
    if at < begun and at != whole_second(begun):
        return None
    at = max(at, begun)
    if ended is None or at <= ended:
        return at
    return ended if whole_second(at) <= ended else None
