"""When what follows from a state happens: at the moment of the last fact, and never before it.

CodePipeline's events have their time in whole seconds (AWS: "Monitoring CodePipeline events", samples); what SageMaker
tells of an endpoint has milliseconds. Within one second the whole one is not the earlier.
"""

from datetime import datetime, timedelta
from typing import TypeVar

from governance.domain.fact import Fact
from governance.domain.model_version import ModelVersion

Intent = TypeVar("Intent", bound=Fact)


def last_moment(state: ModelVersion) -> datetime:
    """The moment of the last fact folded: what a state gives rise to happens then."""
    return datetime.fromisoformat(state.position.split("#", 1)[0])


def after(state: ModelVersion, intent: Intent) -> Intent:
    """An intent that comes after everything folded: of one moment, an outcome sorts after what was requested."""
    if intent.position > state.position:
        return intent
    return intent.model_copy(update={"effective_at": intent.effective_at + timedelta(microseconds=1)})


def in_its_second(state: ModelVersion, end: Intent) -> Intent:
    """An end that was told in whole seconds: after everything that the record knows of that second."""
    known = last_moment(state)
    if known.replace(microsecond=0) != end.effective_at:
        return end
    return after(state, end.model_copy(update={"effective_at": known}))


def until(end: datetime | None, at: datetime) -> datetime | None:
    """A moment that is not after an end, of which only the second is certain; None for one of a later second."""
    if end is None or at <= end:
        return at
    return end if at.replace(microsecond=0) <= end else None
