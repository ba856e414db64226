"""What people take back: `roll-back` in one stage, `quarantine` everywhere, `release`, and `retire` for good.

Each is a command to the function `decide`, signed by whoever gives it. The answer tells the blast radius: where the
version runs or is about to, and what would serve in its place. What is ordered is done by Steward from then on.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from governance import bootstrap_policies as bootstrap
from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import Stage
from steward import rendering
from steward.deciding import DECIDE
from steward.failures import Exit, Failure
from steward.install import command
from steward.naming import group_named, version_named
from steward.options import Desk, DryRun, Json, desk
from steward.output import coloured, row, second, table

Version = Annotated[str, typer.Argument(help="A version: group/7, or its model package ARN.", metavar="VERSION")]
Why = Annotated[str, typer.Option(help="Why. It stays on the record and in the registry, so name nobody.")]

DOES = {
    "cancel": "is not started",
    "stop": "is stopped",
    "roll-back": "is replaced",
    "remove": "is removed",
}
"""What happens to a deployment, in words."""


def roll_back(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="A model group, or a version of it: group/7.", metavar="GROUP")],
    stage: Annotated[Stage, typer.Option("--stage", help="The stage in which it is taken back.")],
    why: Why,
    environment: Annotated[
        str, typer.Option("--environment", help="Only in this environment of the stage, and not in all.")
    ] = "",
    anyway: Annotated[
        bool, typer.Option("--even-if-nothing-returns", help="Bar it there also where nothing can take its place.")
    ] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Take back what serves in a stage: the last good version serves again, this one once it is approved anew."""
    at = desk(context)
    version = serving(at, what, stage, environment) if is_group(what) else version_named(at.install, what)
    more = {"stage": stage, "environment": environment, "even_if_nothing_returns": anyway}
    told = asked(at, "roll-back", version, why, dry_run, **more)
    name = rendering.called(told["version"])
    where = environment or stage
    words = f"{name} is rolled back in {where}: steward show {name} tells how far that is."
    if dry_run:
        words = f"{name} would be rolled back in {where}, and would need another approval to run there again."
    elif not told["changed"]:
        words = f"Nothing changed: this very order is on the record of {name} already."
    at.out.answer(told, [*radius(told["reach"]), words])


def is_group(name: str) -> bool:
    """Whether a name is that of a group, and not of a version."""
    return ":model-package-group/" in name or "/" not in name


def serving(at: Desk, group: str, stage: Stage, environment: str = "") -> ModelPackageArn:
    """The version of a group that serves in a stage, or in one environment of it, as the group remembers."""
    known = bootstrap.groups(at.install.settings).get(group_named(at.install, group))
    there = known.serving_in(stage) if known else {}
    found = {one.version for place, one in there.items() if environment in {"", place}}
    if not found:
        remedy = f"steward list --group {group} tells what there is"
        raise Failure(Exit.NOT_FOUND, f"No version of {group} is known to serve in {environment or stage}", remedy)
    if len(found) > 1:
        which = "; ".join(f"{rendering.called(one.version)} in {place}" for place, one in sorted(there.items()))
        remedy = "name the version, or one environment (--environment)"
        raise Failure(Exit.REFUSED, f"Not one version of {group} serves in {stage}: {which}", remedy)
    return found.pop()


def quarantine(
    context: typer.Context, version: Version, why: Why, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Have a version run nowhere and be approved nowhere. First with --dry-run, which tells everything it touches."""
    at = desk(context)
    told = asked(at, "quarantine", version_named(at.install, version), why, dry_run)
    name = rendering.called(told["version"])
    words = f"{name} is quarantined: {safety(told)}"
    if dry_run and told["would_change"]:
        words = f"{name} would be quarantined, and would run nowhere until another officer releases it."
    elif not told["changed"]:
        words = f"{name} is quarantined already, by {told['quarantined_by']}: {told['why']}; {safety(told)}"
    at.out.answer(told, [*radius(told["reach"]), words])


def release(context: typer.Context, version: Version, why: Why, dry_run: DryRun = False, as_json: Json = False) -> None:
    """End a quarantine that somebody else ordered. The version then needs every approval anew."""
    at = desk(context)
    told = asked(at, "release", version_named(at.install, version), why, dry_run)
    name = rendering.called(told["version"])
    words = f"{name} is released. It runs again where it is approved anew."
    if dry_run and told["would_change"]:
        words = f"{name} would be released, and would need every approval anew."
    elif not told["changed"]:
        words = f"{name} is not quarantined any more."
    at.out.answer(told, [words])


def retire(
    context: typer.Context,
    version: Version,
    why: Why,
    successor: Annotated[str, typer.Option("--successor", help="The version that takes its place.")] = "",
    keep_days: Annotated[
        int, typer.Option("--keep-days", min=0, help="Lock its artifacts for so many days, if that is longer.")
    ] = 0,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Retire a version for good: what serves of it is removed. First with --dry-run, which tells what and where.

    What runs in production two people retire: the first one's word waits for the second's.
    """
    at = desk(context)
    after = version_named(at.install, successor) if successor else ""
    more = {"successor": after, "keep_days": keep_days}
    told = asked(at, "retire", version_named(at.install, version), why, dry_run, **more)
    at.out.answer(told, [*radius(told["reach"]), retirement(told, dry_run)])
    if not told["retired"] and not dry_run:
        raise typer.Exit(Exit.DIFFERENCES)


def retirement(told: Mapping[str, Any], dry_run: bool) -> str:
    """What came of an order to retire a version, or would."""
    name = rendering.called(told["version"])
    if dry_run and told["would_change"]:
        return f"{name} would be retired for good; what runs in production, as soon as a second person wants the same."
    if not told["retired"]:
        return f"{name} runs in production, and {told['proposed_by']} wants it retired: a second person has to, too."
    safe = f"nothing of it runs since {second(told['gone_at'])}."
    gone = safe if told["gone_at"] else "what serves is being removed."
    by = f"{name} is retired, by {told['retired_by']}: {told['retired_why']}"
    return f"{by}; {gone}" if told["changed"] else f"Nothing changed: {by}; {gone}"


def asked(at: Desk, what: str, version: str, why: str, dry_run: bool, **more: Any) -> dict[str, Any]:
    """The answer of `decide`."""
    order = {"command": what, "version": version, "why": why, "dry_run": dry_run}
    return {**command(at.install, DECIDE, {**order, **more}), "dry_run": dry_run}


def safety(told: Mapping[str, Any]) -> str:
    """Whether anything of it runs still."""
    if not told["safe_at"]:
        return f"what runs of it is being taken back (steward show {rendering.called(told['version'])})."
    return f"nothing of it runs since {second(told['safe_at'])}, {told['seconds_to_safe']:g} s after the order."


def radius(reach: Sequence[Mapping[str, Any]]) -> Iterator[RenderableType]:
    """Everything that an order touches."""
    if not reach:
        yield "It runs nowhere, and no deployment of it waits."
        return
    made = table("Where it runs", "where", "account", "endpoint", "deployment", "this one", "in its place")
    for one in reach:
        other = rendering.called(one["returns"]) if one["returns"] else f"nothing: {one['why_none']}"
        if one["does"] != "roll-back":
            other = "what serves there"
        row(
            made, place(one), one["account"], one["endpoint_name"], coloured(one["deployment_status"]),
            DOES[one["does"]], other,
        )  # fmt: skip
    yield made


def place(touched: Mapping[str, Any]) -> str:
    """The stage, and the environment where it is not the stage's own."""
    stage, environment = touched["stage"], touched.get("environment", touched["stage"])
    return str(stage) if environment == stage else f"{stage} ({environment})"
