"""When what follows from a state happens: at the moment of the last fact, and never before it."""

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
