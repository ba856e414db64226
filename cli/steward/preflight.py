"""`steward preflight`: whether the hub and its accounts have all that a first promotion needs, and what to add."""

import json
from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import RenderableType

from governance.bootstrap_preflight import preflight as looking
from governance.domain.preflight import Report, Verdict
from governance.domain.preflight_needs import needs
from governance.domain.preflight_statements import Installation
from steward.failures import Exit
from steward.install import Install
from steward.options import Json, desk
from steward.output import Sheet, row
from steward.places import landscape, parameters


def preflight(
    context: typer.Context,
    image: Annotated[
        list[str] | None, typer.Option("--image", help="A container image that endpoints are to pull; may be repeated.")
    ] = None,
    organization: Annotated[
        str, typer.Option(help="The organisation of hub and accounts, where their stacks are given it.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Look, in the hub and in every account, for all that a promotion needs; print what to add for each gap."""
    at = desk(context)
    of = installation(at.install, organization)
    report = looking(of).check(needs(of, tuple(image or ())))
    told = {"ready": report.is_ready, "accounts": accounts(of), "findings": report.findings}
    at.out.answer(told, shown(of, report))
    if not report.is_ready:
        raise typer.Exit(Exit.DIFFERENCES)


def installation(install: Install, organization: str = "") -> Installation:
    """The installation, by the parameters and outputs of the hub's stack."""
    given = parameters(install)
    _, partition, _, region, hub, *_ = install.output("GovernanceTableArn").split(":")
    return Installation(
        install=install.settings.install,
        partition=partition,
        region=region,
        hub=hub,
        environments=landscape(install, given).environments,
        developers=tuple(filter(None, map(str.strip, given["DevAccountIds"].split(",")))),
        artifact_bucket=install.output("ArtifactBucket"),
        artifact_key=install.output("ArtifactKeyArn"),
        pipeline_bucket=install.output("PipelineBucket"),
        pipeline_key=install.output("PipelineKeyArn"),
        intake_bus=install.output("IntakeBusArn"),
        organization=organization,
    )


def accounts(of: Installation) -> dict[str, list[str]]:
    """Which account is what."""
    told = {one.called: [one.account] for one in of.environments}
    return {"hub": [of.hub], "dev": list(of.developers), **told}


def shown(of: Installation, report: Report) -> Iterable[RenderableType]:
    """What was found: what is fine in numbers, all else by itself, each gap with what closes it."""
    named = [f"{kind} {', '.join(found)}" for kind, found in accounts(of).items()]
    counted = {verdict: sum(one.verdict is verdict for one in report.findings) for verdict in Verdict}
    yield f"{of.install} in {of.region}: {', '.join(named)}"
    yield ", ".join(f"{count} {verdict.value}" for verdict, count in counted.items())
    for verdict, title in ((Verdict.GAP, "Gaps"), (Verdict.NOT_CHECKED, "Not checked")):
        found = [one for one in report.findings if one.verdict is verdict]
        if not found:
            continue
        made = Sheet(title, "account", "place", "what for", "name", "why", "way out", heads=3)
        for one in found:
            row(made, one.account, one.place, one.what, one.name, one.why, one.remedy)
        yield made
    for one in report.gaps:
        if one.add:
            yield f"To the {one.place} {one.name} in {one.account} add:"
            yield json.dumps(one.add, indent=2)
    yield ended(report, counted[Verdict.NOT_CHECKED])


def ended(report: Report, unchecked: int) -> str:
    """The last line."""
    if report.unseen:
        return f"Not ready: nobody could look at {', '.join(report.unseen)}."
    if report.gaps:
        return "Not ready."
    return f"Ready, as far as it was checked: {unchecked} are not." if unchecked else "Ready."
