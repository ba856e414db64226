"""What officers decide about records: `adopt`, `hold`, `release-hold`, `forget-person`, and the repairs of `rebuild`.

Each is a command to the function `decide`, signed by whoever gives it. Of several versions each is asked for by
itself: what is refused of one leaves the others done.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from governance import bootstrap
from governance.domain.identifiers import ModelPackageArn
from steward import rendering
from steward.failures import Exit, Failure
from steward.install import command
from steward.naming import version_named
from steward.options import Desk, DryRun, Json, desk
from steward.output import row, table

DECIDE = "DecideFunction"

Versions = Annotated[
    list[str] | None, typer.Argument(help="Versions: group/7, or model package ARNs.", metavar="VERSION...")
]
Group = Annotated[list[str] | None, typer.Option("--group", help="Every version of this group; may be given again.")]
Why = Annotated[str, typer.Option(help="Why. It stays on the record for good, so name nobody.")]


def adopt(
    context: typer.Context,
    why: Why,
    versions: Versions = None,
    group: Group = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Take versions from before governance under governance. Not one's own: four eyes."""
    at = desk(context)
    decide(at, "adopt", named(at, versions, group, dormant=True), why, dry_run)


def hold(
    context: typer.Context,
    why: Why,
    versions: Versions = None,
    group: Group = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Place versions under legal hold: nothing of them may be deleted, whatever their retention says."""
    at = desk(context)
    decide(at, "hold", named(at, versions, group), why, dry_run)


def release_hold(
    context: typer.Context,
    why: Why,
    versions: Versions = None,
    group: Group = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Lift the legal hold of versions: their retention alone holds again."""
    at = desk(context)
    decide(at, "release-hold", named(at, versions, group), why, dry_run)


def forget_person(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The person's name as the record shows it, or the id in its place.")],
    why: Why,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Erase a person's name from every record. It cannot be brought back; every chain stays as it is, and verifies."""
    at = desk(context)
    told = command(at.install, DECIDE, {"command": "forget-person", "name": name, "why": why, "dry_run": dry_run})
    found = [*told["versions"], *told["use_cases"], *told["policies"], *(["hub"] if told["hub"] else [])]
    count = rendering.several(len(found), "record")
    did = "Would erase" if dry_run else "Erased"
    words = f"{did} the name of {told['person']} from {count}." if found else "No record keeps that name."
    at.out.answer({**told, "dry_run": dry_run}, [words])


def named(at: Desk, versions: Sequence[str] | None, groups: Sequence[str] | None, dormant: bool = False) -> list[str]:
    """The versions that are meant, each once: those named, and all of the groups; of these, dormant ones alone."""
    if not versions and not groups:
        raise Failure(Exit.USAGE, "Name a version, or a group", "as group/7, or --group GROUP")
    found = {version_named(at.install, one): None for one in versions or ()}
    inventory = bootstrap.inventory(at.install.settings)
    for group in groups or ():
        for one in inventory.list(group=group):
            if not dormant or inventory.show(one.model_package_arn).is_dormant:
                found[one.model_package_arn] = None
    if not found:
        raise Failure(Exit.NOT_FOUND, f"Nothing of {', '.join(groups or ())} is to be done", "steward list --group")
    return list(found)


def decide(at: Desk, what: str, versions: Sequence[ModelPackageArn], why: str, dry_run: bool) -> None:
    """Ask for one version after the other, and tell of each what came of it."""
    answers = list(asked(at, {"command": what, "why": why, "dry_run": dry_run}, versions))
    made = table(what, "version", "changed", "record", "legal hold")
    for one in answers:
        row(made, rendering.called(one["version"]), *stands(one))
    at.out.answer({"dry_run": dry_run, "versions": answers}, [made])
    refused_some(answers)


def asked(at: Desk, order: Mapping[str, Any], versions: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The answers, one by one, refusals among them; one version's refusal alone is a failure."""
    for count, version in enumerate(versions, start=1):
        try:
            yield command(at.install, DECIDE, {**order, "version": version})
        except Failure as failure:
            if len(versions) == 1 or failure.code not in {Exit.REFUSED, Exit.NOT_FOUND}:
                raise
            yield {"version": version, "changed": False, "refused": failure.message}
        if count % 10 == 0:
            at.out.note(f"{count} of {len(versions)}")


def stands(one: Mapping[str, Any]) -> tuple[str, str, str]:
    """What came of one version, in words."""
    if "refused" in one:
        return "refused", one["refused"], ""
    changed = "yes" if one["changed"] else "would" if one["would_change"] else "no, it was so already"
    return changed, "dormant" if one["is_dormant"] else "live", "yes" if one["legal_hold"] else ""


def refused_some(answers: Sequence[Mapping[str, Any]]) -> None:
    """End as refused if anything was."""
    if any("refused" in one for one in answers):
        raise typer.Exit(Exit.REFUSED)


def repair(at: Desk, versions: Sequence[ModelPackageArn], why: str, dry_run: bool) -> None:
    """Have records put right, each with an audit entry that names who asked for it."""
    answers = list(asked(at, {"command": "repair", "why": why, "dry_run": dry_run}, versions))
    rows = sum(len(one.get("differences", ())) for one in answers)
    did = "would be put right" if dry_run else "put right"
    shown: list[RenderableType] = [f"{rendering.several(rows, 'difference')} {did} in {len(versions)} records."]
    for one in answers:
        what = one.get("refused") or rendering.several(len(one["differences"]), "difference")
        shown.append(f"{rendering.called(one['version'])}: {what}")
    at.out.answer({"dry_run": dry_run, "versions": answers}, shown)
    refused_some(answers)
