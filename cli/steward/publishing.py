"""What officers do with policies: publish one, confirm what another officer proposed, put groups under it, list all.

Each is a command to the function `decide`, signed by whoever gives it. What asks less than what is in force waits for
another officer, who confirms it by asking for the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from governance import bootstrap_policies as bootstrap
from governance.domain.identifiers import group_name_of
from governance.domain.published import DEFAULT
from governance.domain.publishing import AnyDocument, Shelf
from governance.domain.use_case_policy_document import NAME
from governance.domain.values import iso
from steward.deciding import DECIDE
from steward.failures import Exit, Failure
from steward.install import command
from steward.naming import group_named
from steward.options import Desk, DryRun, Json, desk
from steward.output import row, second, table
from steward.policies import Named, of_no_control, policy_named
from steward.trying import counted

Published = Annotated[str, typer.Argument(help="A published policy.", metavar="NAME")]
Groups = Annotated[list[str], typer.Option("--group", help="The model group; may be given again.")]
Why = Annotated[str, typer.Option(help="Why. It stays on the record for good, so name nobody.")]

TryFirst = Annotated[bool, typer.Option("--what-if", help="Count first what it changes for all that it is to judge.")]

SAID = {
    "done": "in force",
    "in-force-already": "in force already",
    "proposed": "proposed: it asks less, and waits for another officer to ask for the same",
    "waits-for-another-officer": "still waits for another officer: nobody confirms what they proposed themselves",
}
"""What came of asking for a policy, in words."""


def publish(
    context: typer.Context,
    name: Named,
    why: Why,
    try_first: TryFirst = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Put a policy in force for every group under it. What asks less than before waits for another officer."""
    read = policy_named(name)
    if unknown := [f"{one.field}: {one.said}" for one in of_no_control(read)]:
        raise Failure(Exit.REFUSED, f"It names no such control: {'; '.join(unknown)}", "leave them out")
    ask(desk(context), read, why, dry_run, try_first)


def confirm(
    context: typer.Context,
    name: Published,
    why: Why,
    try_first: TryFirst = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Confirm what another officer proposed. See it first: steward policy show NAME --proposed."""
    at = desk(context)
    proposal = bootstrap.published(at.install.settings).shelf(name).proposal
    if proposal is None or proposal.document is None:
        raise Failure(Exit.NOT_FOUND, f"Nothing is proposed for the policy {name}", "steward policy list tells what is")
    ask(at, proposal.document, why, dry_run, try_first)


def ask(at: Desk, read: AnyDocument, why: str, dry_run: bool, try_first: bool) -> None:
    """Ask for a policy, and say what came of it; before it, what it changes for what it is to judge."""
    what_if, changes = counted(at, read) if try_first else ({}, [])
    asked = {"command": "publish-policy", "document": read.content(), "why": why, "dry_run": dry_run}
    told = command(at.install, DECIDE, asked)
    document = {**told, "dry_run": dry_run, **({"what_if": what_if} if try_first else {})}
    at.out.answer(document, [*changes, *came_of(told, dry_run)])


def came_of(told: Mapping[str, Any], dry_run: bool) -> Iterator[RenderableType]:
    """What came of asking for a policy, as people read it."""
    about = f" for {group_name_of(told['group'])}" if told.get("group") else ""
    yield f"{told['policy']}{about}: {'would be ' if dry_run else ''}{SAID[told['outcome']]}"
    yield from (f"asks less: {how} ({', '.join(where)})" for how, where in told["looser"].items())
    if told.get("groups"):
        yield f"{told['groups']} groups are under this version now."


def assign(
    context: typer.Context, name: Published, group: Groups, why: Why, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Put groups under a published policy. What asks less of a group waits for another officer."""
    at = desk(context)
    asked = {"command": "assign-policy", "policy": name, "why": why, "dry_run": dry_run}
    groups = [group_named(at.install, one) for one in group]
    answers = [command(at.install, DECIDE, {**asked, "group": one}) for one in groups]
    shown = [line for one in answers for line in came_of(one, dry_run)]
    at.out.answer({"dry_run": dry_run, "groups": answers}, shown)


def listed(context: typer.Context, as_json: Json = False) -> None:
    """List the policies that are published: which version is in force, for how many groups, and what is proposed."""
    at = desk(context)
    kept = bootstrap.published(at.install.settings)
    found = [(kept.shelf(name), kept.groups(name)) for name in sorted({DEFAULT.document.name, NAME, *kept.names()})]
    at.out.answer([as_document(*one) for one in found], as_table(found))


def as_document(shelf: Shelf, groups: Sequence[str]) -> dict[str, Any]:
    """A policy on its shelf as JSON."""
    active, proposal = shelf.active, shelf.proposal
    return {
        "name": shelf.name,
        "in_force": active.id if active else "",
        "hash": active.hash if active else "",
        "versions": shelf.highest,
        "groups": list(groups),
        "proposed": shelf.names.throughout(proposal.model_dump(mode="json", exclude={"document"}))
        if proposal
        else None,
    }


def as_table(found: Sequence[tuple[Shelf, Sequence[str]]]) -> Iterator[RenderableType]:
    """Policies as people read them."""
    made = table("Policies", "in force", "title", "groups", "proposed")
    for shelf, groups in found:
        active, proposal = shelf.active, shelf.proposal
        waits = f"{second(iso(proposal.at))} by {shelf.names.shown(proposal.by.id)}: {proposal.why}" if proposal else ""
        title = active.document.title if active else Text("nothing yet", style="dim")
        under = "all use cases" if shelf.name == NAME else len(groups)
        row(made, active.id if active else shelf.name, title, under, waits)
    yield made
