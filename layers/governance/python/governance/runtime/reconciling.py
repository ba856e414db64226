"""How the reconciler is asked and how it answers."""

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from governance.domain.errors import MalformedEvent
from governance.domain.inspection import Checkpoint, Mode, Order, Report
from governance.runtime.events import described
from governance.runtime.observability import count, logger


class Request(BaseModel):
    """What `reconcile_registry` is invoked with. Everything may be left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Mode = "reconcile"
    grace_seconds: int | None = Field(None, ge=0)
    """Changes younger than this are left to their events; the function's own setting where nothing is said."""
    groups: tuple[str, ...] = ()
    dry_run: bool = False
    resume: bool = True
    """Whether to go on with the run of the same order that ended early."""
    unattended: bool = False
    """Whether to call itself again when its time is up, as on schedule; else the caller calls again."""
    cursor: Checkpoint | None = None
    """The cursor of the answer before, for a run that only looks: it keeps no checkpoint."""
    grace_of_function: int = 900

    @property
    def order(self) -> Order:
        """What is to be done."""
        grace = self.grace_of_function if self.grace_seconds is None else self.grace_seconds
        return Order(mode=self.mode, grace_seconds=grace, groups=self.groups, dry_run=self.dry_run)


def asked(event: Mapping[str, Any], grace: int) -> Request:
    """Read a request. Raises `MalformedEvent` naming every field that is wrong."""
    try:
        return Request.model_validate({**event, "grace_of_function": grace})
    except ValidationError as wrong:
        raise MalformedEvent(described(wrong)) from wrong


def seconds_left(context: LambdaContext) -> Callable[[], float]:
    """How much time the function has left, asked again each time."""
    return lambda: context.get_remaining_time_in_millis() / 1000


def told(report: Report) -> dict[str, Any]:
    """The answer: one line in the log, one metric for each kind of difference."""
    logger.info("reconciled", extra={"done": report.done, "phase": report.cursor.phase, "counts": dict(report.counts)})
    count("Differences", len(report.differences) + report.left_off)
    return report.model_dump(mode="json")
