"""`steward reconcile`, `backfill` and `rebuild`: bring the record into step, and see that it is what its facts give."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from governance import bootstrap
from governance.domain.comparing import Difference
from governance.domain.errors import GovernanceError
from governance.services.rebuilding import Rebuilding
from steward import deciding, rendering
from steward.failures import Exit, Failure
from steward.install import Install, call
from steward.naming import version_named
from steward.options import Desk, DryRun, Json, desk
from steward.output import Output, row, table

Groups = Annotated[list[str] | None, typer.Option("--group", help="Only this model group; may be given again.")]
Afresh = Annotated[bool, typer.Option("--afresh", help="Begin again, whatever an earlier call got done.")]
Grace = Annotated[
    int | None, typer.Option(min=0, help="Leave changes younger than this to their events.", metavar="SECONDS")
]
SCOPE = ("versions", "records", "groups", "executions", "endpoints", "listings-begun-again")
"""Counts of what was looked at; all others are of what was found."""


def reconcile(
    context: typer.Context,
    group: Groups = None,
    grace: Grace = None,
    afresh: Afresh = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Compare registry, record, pipelines and endpoints; repair what is only missing, and tell the rest."""
    work(desk(context), order("reconcile", group, grace, dry_run), afresh)


def backfill(
    context: typer.Context,
    group: Groups = None,
    afresh: Afresh = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Bring versions from before governance on record. They stay dormant until an officer adopts them."""
    work(desk(context), order("backfill", group, None, dry_run), afresh)


def order(mode: str, groups: list[str] | None, grace: int | None, dry_run: bool) -> dict[str, Any]:
    """What the reconciler is asked to do: the same words in each call, so that it goes on where it was."""
    told: dict[str, Any] = {"mode": mode, "groups": groups or [], "dry_run": dry_run}
    return told if grace is None else told | {"grace_seconds": grace}


def work(at: Desk, asked: Mapping[str, Any], afresh: bool) -> None:
    """Call the reconciler until it is done. Interrupted, the same command goes on from its last checkpoint."""
    told = answers(at.install, asked, afresh, at.out)
    shown = report(told, asked["mode"], asked["dry_run"])
    at.out.answer(told, shown)
    if is_wanting(told, asked["mode"]):
        raise typer.Exit(Exit.DIFFERENCES)


def answers(install: Install, asked: Mapping[str, Any], afresh: bool, out: Output) -> dict[str, Any]:
    """What all calls together answer. A run that only looks keeps no checkpoint: its cursor is handed on."""
    found: list[Any] = []
    left_off, more = 0, dict[str, Any](resume=not afresh)
    while True:
        answer = call(install, "ReconcileRegistryFunction", {**asked, **more})
        found += answer["differences"]
        left_off += answer.get("left_off", 0)
        if answer["done"]:
            return {**answer, "differences": found, "left_off": left_off, "dry_run": asked["dry_run"]}
        looked = ", ".join(f"{answer['counts'].get(name, 0)} {name}" for name in ("groups", "versions", "records"))
        out.note(f"{answer['cursor']['phase']}: {looked}, {len(found) + left_off} differences so far")
        more = {"resume": True} | ({"cursor": answer["cursor"]} if asked["dry_run"] else {})


def is_wanting(told: Mapping[str, Any], mode: str) -> bool:
    """Whether something was not as it should be. What a backfill brings in is no difference: it is what it is for."""
    return bool(told["left_off"]) or any(mode != "backfill" or not one["repaired"] for one in told["differences"])


def report(told: Mapping[str, Any], mode: str, dry_run: bool) -> Iterable[RenderableType]:
    """How a run went."""
    looked = ", ".join(f"{told['counts'][name]} {name}" for name in SCOPE if told["counts"].get(name))
    yield f"{mode}: looked at {looked or 'nothing'}" + (", and changed nothing (dry run)" if dry_run else "")
    other = {name: count for name, count in told["counts"].items() if name not in SCOPE}
    if other:
        counted = table("Counted", "what", "how many")
        for name, count in sorted(other.items()):
            row(counted, name, count)
        yield counted
    if told["differences"]:
        made = table("Differences", "what", "about", "detail", "repaired")
        for one in told["differences"]:
            about = rendering.called(one["subject"])
            row(made, one["code"], about, one["detail"], "yes" if one["repaired"] else "no")
        yield made
    if told["left_off"]:
        yield f"and {told['left_off']} more, which the counts hold"
    if not told["differences"] and not told["left_off"]:
        yield "Everything agrees."


def rebuild(
    context: typer.Context,
    version: Annotated[str | None, typer.Argument(help="A version; every one where none is named.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Compare, and change nothing.")] = False,
    repair: Annotated[bool, typer.Option("--repair", help="Put right what differs, each with an audit entry.")] = False,
    why: Annotated[str, typer.Option(help="Why it is repaired.")] = "its facts give other rows than were there",
    as_table: Annotated[str, typer.Option("--table", help="Another table than the live one: a restored one.")] = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Fold all facts of versions again, and compare every row of their records with what they give, or put it right."""
    at = desk(context)
    if check == repair or (repair and as_table):
        remedy = "--check names them, --repair puts the live table's right"
        raise Failure(Exit.USAGE, "Say what to do with differences", remedy)
    rebuilding = bootstrap.rebuilding(at.install.settings, name=as_table)
    if repair:
        deciding.repair(at, wanting(at, rebuilding, version), why, dry_run)
        return
    if version:
        arn = version_named(at.install, version)
        found, unreadable, count = rebuilding.check(arn), dict[str, str](), 1
    else:
        found, unreadable, count = compared(rebuilding, at.out)
    shown: list[RenderableType] = [f"{count} versions compared with their facts."]
    shown += [rendering.differences(found)] if found else []
    shown += [f"{rendering.called(name)} cannot be compared: {why}" for name, why in unreadable.items()]
    shown += [] if found or unreadable else ["Every record is what its facts give."]
    at.out.answer({"versions": count, "differences": found, "unreadable": unreadable}, shown)
    if found or unreadable:
        raise typer.Exit(Exit.DIFFERENCES)


def wanting(at: Desk, rebuilding: Rebuilding, version: str | None) -> list[str]:
    """The versions to repair: the one that is named, or all whose records differ or cannot be read."""
    if version:
        return [version_named(at.install, version)]
    found, unreadable, _ = compared(rebuilding, at.out)
    return sorted({one.pk.removeprefix("MODEL#") for one in found} | set(unreadable))


def compared(rebuilding: Rebuilding, out: Output) -> tuple[list[Difference], dict[str, str], int]:
    """All differences, the versions that could not be compared and why, and how many versions were looked at."""
    found, unreadable, count = list[Difference](), dict[str, str](), 0
    for count, arn in enumerate(rebuilding.versions(), start=1):
        try:
            found += rebuilding.check(arn)
        except GovernanceError as wrong:
            unreadable[arn] = f"{type(wrong).__name__}: {wrong}"
        if count % 100 == 0:
            out.note(f"{count} versions, {len(found)} differences so far")
    return found, unreadable, count
