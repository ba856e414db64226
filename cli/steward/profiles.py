"""`steward profile`: look at how versions of a model group are deployed, check a profile, and set one.

A file is read offline; what is in force, and what was, is on record. Setting one is a command to the function
`decide`, signed by whoever gives it: the next deployment that is requested goes by it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from governance import bootstrap_policies as bootstrap
from governance.domain.deployment_profile import BUILT_IN, LARGEST, DeploymentProfile, StageProfile
from governance.domain.errors import DocumentRefused
from governance.domain.lifecycle import ORDER, Stage
from steward.deciding import DECIDE
from steward.failures import Exit, Failure
from steward.install import command
from steward.naming import group_named
from steward.options import DryRun, Json, desk, not_valid
from steward.output import row, table

profile = typer.Typer(no_args_is_help=True, help="Look at how versions are deployed, and set it for model groups.")

Group = Annotated[str, typer.Argument(help="A model group.", metavar="GROUP")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A deployment profile as YAML.")]
Why = Annotated[str, typer.Option(help="Why. It stays on the record for good, so name nobody.")]


@profile.command()
def show(
    context: typer.Context,
    group: Group,
    version: Annotated[int | None, typer.Option(help="That of this number; else the one in force.")] = None,
    as_json: Json = False,
) -> None:
    """Show how versions of a group are deployed, stage by stage."""
    at = desk(context)
    arn, settings = group_named(at.install, group), at.install.settings
    known = bootstrap.groups(settings).get(arn)
    found = known.deployment_profile if known else BUILT_IN
    if version is not None:
        earlier = bootstrap.profiles(settings).version(arn, version)
        if earlier is None:
            raise Failure(Exit.NOT_FOUND, f"{group} has no profile {version}", f"the one in force is {found.id}")
        found = earlier
    document = {"group": arn, "profile": found.id, "hash": found.hash, **found.document.content()}
    at.out.answer(document, in_words(found.document, found.id))


@profile.command()
def validate(context: typer.Context, file: File, as_json: Json = False) -> None:
    """Read a profile and say everything that is wrong with it, with line and field."""
    at = desk(context)
    try:
        read = bootstrap.profile_in(file)
    except DocumentRefused as refused:
        raise not_valid(at, file, "deployment profile", refused) from None
    problems = [f"its canonical text has {read.size:,} characters; {LARGEST:,} are the most"]
    problems = problems if read.size > LARGEST else []
    document = {"valid": not problems, "hash": read.hash, "problems": problems}
    at.out.answer(document, problems or [f"{file} is a deployment profile, hash {read.hash}", *in_words(read, "")])
    if problems:
        raise typer.Exit(Exit.DIFFERENCES)


@profile.command("set")
def put(
    context: typer.Context, group: Group, file: File, why: Why, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Have versions of a group deployed by a profile, from the next deployment that is requested on."""
    at = desk(context)
    document = bootstrap.profile_in(file).content()
    arn = group_named(at.install, group)
    asked = {"command": "set-deployment-profile", "group": arn, "document": document, "why": why, "dry_run": dry_run}
    told = command(at.install, DECIDE, asked)
    if told["changed"] or told["would_change"]:
        words = f"{'would be ' if dry_run else ''}in force for {group}, in the place of {told['replaces']}"
    else:
        words = f"in force for {group} already"
    at.out.answer({**told, "dry_run": dry_run}, [f"{told['profile']}: {words}"])


def in_words(read: DeploymentProfile, called: str) -> Iterator[RenderableType]:
    """A profile as people read it."""
    yield Text(f"{called}: {read.title}" if called else read.title, style="bold")
    if read.description:
        yield Text(read.description)
    made = table("Stages", "stage", "served by", "a new version", "taken back by", "callers")
    for stage in ORDER:
        if stage is not Stage.DEVELOPMENT:
            one = read.of(stage)
            row(made, stage, served_by(one), takes_over(one), taken_back_by(one), callers(one))
    yield made


def served_by(one: StageProfile) -> str:
    """What serves, in a few words."""
    if one.serverless:
        return f"serverless, {one.serverless.memory_mb} MB, {one.serverless.max_concurrency} at once"
    fleet, scaling = one.fleet, one.fleet.scaling
    count = f"{scaling.min_count} to {scaling.max_count}" if scaling else str(fleet.count)
    around = [word for word, told in (("in a VPC", one.vpc), ("own key", one.kms_key)) if told]
    captured = [f"{one.capture.percent} % captured"] if one.capture else []
    return ", ".join([f"{count} × {fleet.type}", *around, *captured])


def takes_over(one: StageProfile) -> str:
    """How a new version takes over, in a few words."""
    told = one.rollout
    if told is None:
        return "all at once, not watched"
    size = f" {told.percent} %" if told.percent else f" {told.instances} instances" if told.instances else ""
    times = [f"{seconds} s {what}" for seconds, what in ((told.wait_seconds, "each"), (told.bake_seconds, "bake"))
             if seconds]  # fmt: skip
    return ", ".join([f"{told.kind}{size}", *times])


def taken_back_by(one: StageProfile) -> str:
    """Which alarms take it back."""
    given = one.rollback_alarms.given() if one.rollback_alarms else {}
    return ", ".join(name.replace("_", " ") for name in given) or "nothing"


def callers(one: StageProfile) -> str:
    """Who may call, in a few words."""
    who = f"tokens of {one.api.issuer}" if one.api.issuer else "signed by IAM"
    limit = one.api.throttling
    return f"{who}, {limit.rate:g}/s" if limit else who
