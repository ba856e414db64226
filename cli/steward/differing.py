"""`steward diff`: what a reviewer looks at before deciding on a version that comes after another."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from governance import bootstrap, bootstrap_comparing
from governance.domain.diffing import Line, Part
from governance.domain.lifecycle import Stage
from governance.domain.values import iso
from governance.services.comparing_versions import PRODUCTION, REJECTED, Comparison
from steward import rendering, verdicts
from steward.findings import raised
from steward.judging import Version
from steward.naming import version_named
from steward.options import Json, desk
from steward.output import plain, row, second, table
from steward.places import landscape

TITLES = {
    Part.METRICS: "Metrics",
    Part.DATA: "Data",
    Part.IMAGE: "Image",
    Part.PARAMETERS: "Parameters",
    Part.CARD: "Model card",
    Part.EVIDENCE: "Evidence",
    Part.POLICY: "Policy",
}


def diff(
    context: typer.Context,
    version: Version,
    against: Annotated[str, typer.Option(help="rejected, production, or a version.", metavar="VERSION")] = REJECTED,
    stage: Annotated[Stage | None, typer.Option(help="Judge both in this stage; else in the furthest reached.")] = None,
    as_json: Json = False,
) -> None:
    """Show in what a version differs from the rejected one, from production, or from another."""
    at = desk(context)
    arn = version_named(at.install, version)
    other = against if against in {REJECTED, PRODUCTION} else version_named(at.install, against)
    found = bootstrap_comparing.comparing(at.install.settings, landscape(at.install)).compare(arn, other, stage)
    findings = raised(bootstrap.inventory(at.install.settings).read(found.against))
    at.out.answer({**plain(found), "findings": findings}, shown(found, findings))


def shown(found: Comparison, findings: list[dict[str, Any]]) -> Iterator[RenderableType]:
    """Part by part, and how findings on the other were closed."""
    ours, theirs = rendering.called(found.version), rendering.called(found.against)
    if found.as_of:
        yield f"{ours} now, and as it was on {second(iso(found.as_of))}, judged in {found.stage}."
        ours, theirs = "now", "then"
    else:
        yield f"{ours} beside {theirs}, judged in {found.stage}."
    for part, title in TITLES.items():
        lines = [line for line in found.lines if line.part is part]
        if not lines:
            continue
        made = table(title, "", ours, theirs, *(("change",) if part is Part.METRICS else ()))
        for line in lines:
            change = (changed(line),) if part is Part.METRICS else ()
            row(made, line.name, value(line.ours), value(line.theirs), *change)
        yield made
    if findings:
        yield verdicts.findings(findings, f"Findings on {rendering.called(found.against)}")
    alike = ", ".join(title.lower() for part, title in TITLES.items() if part not in {one.part for one in found.lines})
    yield f"Alike: {alike}." if alike else "They are alike in nothing."


def value(told: str | float | None) -> str:
    """What one of them has."""
    if told is None:
        return "none"
    return f"{told:.6g}" if isinstance(told, float) else told


def changed(line: Line) -> Text:
    """What became of a metric."""
    if line.change is None:
        return Text("")
    colour = {True: "green", False: "red", None: ""}[line.better]
    word = {True: " better", False: " worse", None: ""}[line.better]
    return Text(f"{line.change:+.6g}{word}", style=colour)
