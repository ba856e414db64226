"""Roles that people give to others for a while: `delegate`, and `delegations` to see them.

Who holds which role, the hub's stack says by names of IAM roles; what is delegated is on the record of each group.
"""

from typing import Annotated, Any

import typer
from rich.text import Text

from governance import bootstrap_policies as bootstrap
from governance.domain.authority import Role
from governance.domain.identifiers import group_name_of
from governance.domain.values import iso
from steward.deciding import DECIDE
from steward.failures import Exit, Failure
from steward.install import command
from steward.naming import group_named, moment_named
from steward.options import DryRun, Json, desk
from steward.output import row, second, table

Groups = Annotated[list[str], typer.Option("--group", help="The model group; may be given again.")]


def delegate(
    context: typer.Context,
    role: Annotated[Role, typer.Argument(help="The role, which has to be your own.")],
    to: Annotated[str, typer.Option(help="Who may act in it: the name that their session has.")],
    group: Groups,
    why: Annotated[str, typer.Option(help="Why. It stays on the record for good, so name nobody.")],
    until: Annotated[str | None, typer.Option(help="Until when, in ISO 8601; 90 days from now at most.")] = None,
    end: Annotated[bool, typer.Option("--end", help="Take it back now.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Let somebody act in your role for a while, on the versions of a group; or take it back with --end."""
    at, last = desk(context), moment_named(until)
    if end is (last is not None):
        raise Failure(Exit.USAGE, "Say until when, or that it ends now", "--until 2026-12-31, or --end")
    asked: dict[str, Any] = {"role": role, "to": to, "why": why, "dry_run": dry_run}
    asked |= {"command": "delegate", "until": iso(last)} if last else {"command": "end-delegation"}
    answers = [command(at.install, DECIDE, {**asked, "group": group_named(at.install, one)}) for one in group]
    made = table("Delegated" if last else "Taken back", "group", "role", "until", "changed")
    for one in answers:
        changed = "yes" if one["changed"] else "would" if one["would_change"] else "no, it was so already"
        row(made, group_name_of(one["group"]), one["role"], second(one["until"]), changed)
    at.out.answer({"dry_run": dry_run, "groups": answers}, [made])


def delegations(context: typer.Context, group: Groups, as_json: Json = False) -> None:
    """Show which roles are delegated on the versions of a group: by whom, to whom, until when."""
    at = desk(context)
    kept = bootstrap.groups(at.install.settings)
    named = {arn: kept.get(arn) for arn in (group_named(at.install, one) for one in group)}
    names = bootstrap.names_of_the_hub(at.install.settings)
    found = [
        {"group": arn, **one.model_dump(mode="json"), "by": names.shown(one.by), "to": names.shown(one.to)}
        for arn, known in named.items()
        for one in (known.delegations if known else ())
    ]
    made = table("Delegations", "group", "role", "by", "to", "since", "until", "why")
    for one in found:
        about = (one["role"], one["by"], one["to"], second(one["since"]), second(one["until"]), one["why"])
        row(made, group_name_of(one["group"]), *about)
    at.out.answer(found, [made if found else Text("Nothing is delegated.")])
