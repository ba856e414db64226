"""Anchor the archive: one hash for each day that is over, tied to the day before; days that were missed come first."""

from datetime import date
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from governance import bootstrap
from governance.runtime import count, logger, metrics, tracer

anchoring = bootstrap.anchoring()

RESERVE = 20_000
"""No day is begun with fewer milliseconds left than this; the next run goes on from there, with its whole time."""


class Asked(BaseModel):
    """Up to which day to anchor; up to the last that is over, where nothing is asked."""

    day: date | None = None


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Anchor day by day and log each anchor's hash, which is worth noting where nobody here can change it."""
    anchored: list[dict[str, Any]] = []
    for anchor in anchoring.anchor(Asked.model_validate(event).day):
        told = {"day": anchor.day.isoformat(), "objects": anchor.count, "root": anchor.root, "anchor": anchor.hash}
        logger.info("anchored", extra=told)
        count("Anchored")
        anchored.append(told)
        if context.get_remaining_time_in_millis() < RESERVE:
            return {"anchored": anchored, "done": False}
    return {"anchored": anchored, "done": True}
