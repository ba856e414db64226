"""`steward deployments`: whose turn it is, who waits since when, and how everything else that was deployed ended."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from governance import bootstrap_deployments as bootstrap
from governance.services.queues import GroupDeployments
from steward import rendering
from steward.naming import group_named
from steward.options import Json, desk
from steward.output import coloured, row, second, table


def deployments(
    context: typer.Context,
    group: Annotated[str, typer.Argument(help="The model group.", metavar="GROUP")],
    as_json: Json = False,
) -> None:
    """Show what is deployed of a group, place by place: what is under way, the queue, and how the others ended."""
    at = desk(context)
    found = list(bootstrap.queues(at.install.settings).of(group_named(at.install, group)))
    at.out.answer(found, [one for told in found for one in shown(told)])


def shown(told: GroupDeployments) -> Iterator[RenderableType]:
    """One environment."""
    if told.under_way is None and not told.queue and not told.deployments:
        yield Text(f"Nothing of it was ever deployed to {told.environment}.", style="dim")
        return
    queue = table(f"The queue of {told.environment}", "#", "version", "since")
    if told.under_way:
        row(queue, "now", rendering.called(told.under_way["model_package_arn"]), second(told.under_way["since"]))
    for one in told.queue:
        row(queue, one["position"], rendering.called(one["model_package_arn"]), second(one["since"]))
    yield queue if told.under_way or told.queue else Text(f"Nothing is under way to {told.environment}.", style="dim")
    made = table(f"Deployed to {told.environment}", "version", "status", "requested", "finished", "reason")
    for one in told.deployments:
        times = (second(one["requested_at"]), second(one["finished_at"]))
        row(made, rendering.called(one["model_package_arn"]), coloured(one["status"]), *times, one["reason"])
    yield made
