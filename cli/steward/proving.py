"""`steward verify` and `steward restore`: proof that the audit trail holds, and drills of getting it back."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from governance import bootstrap, bootstrap_proving
from governance.domain.proof import Noted, Problem, Verified
from governance.services.restoration import Restored
from governance.services.verification import Verification
from governance.settings import Settings
from steward.failures import Exit, Failure
from steward.naming import moment_named, version_named
from steward.options import Desk, DryRun, Json, desk
from steward.output import row, table
from steward.rendering import several

Folder = Annotated[Path | None, typer.Option(exists=True, file_okay=False, help="A downloaded copy of the archive.")]
Deep = Annotated[bool, typer.Option("--deep", help="Every sealed object too: there, unchanged, locked and held.")]
Every = Annotated[bool, typer.Option("--every-object", help="With --deep: all locks in a prefix, not a sample.")]
Days = Annotated[int, typer.Option(min=0, help="Days for which each object of the archive must be locked once filed.")]


def verify(
    context: typer.Context,
    version: Annotated[str | None, typer.Argument(help="Only this version's chain; all where none is named.")] = None,
    as_table: Annotated[str, typer.Option("--table", help="Another table than the live one: a restored one.")] = "",
    archive: Annotated[bool, typer.Option(help="Compare with the archive, and verify its anchors.")] = True,
    folder: Folder = None,
    anchor: Annotated[str, typer.Option(help="Hash of an anchor that you noted: it must be among them.")] = "",
    deep: Deep = False,
    every_object: Every = False,
    locked_for: Days = 0,
    as_json: Json = False,
) -> None:
    """Verify the audit trail: every chain, every fact, the archive and its anchors; or a downloaded folder offline."""
    at = desk(context)
    if every_object and not deep:
        raise Failure(Exit.USAGE, "--every-object says how deep to look", "add --deep")
    if folder and (version or as_table or deep or locked_for):
        remedy = "leave out VERSION, --table, --deep and --locked-for"
        raise Failure(Exit.USAGE, "A folder is verified whole, by itself", remedy)
    verification, only = chosen(at, version, as_table, archive, folder)
    problems: list[Problem] = []
    verified = replace(verification, retention=timedelta(days=locked_for)).verify(
        problems.append, Noted(anchor=anchor), only
    )
    if deep:
        sealed = bootstrap_proving.sealed_verification(at.install.settings, name=as_table, every=every_object)
        count = sealed.verify(problems.append, only.removeprefix("MODEL#"))
        verified = verified.model_copy(update={"sealed": count, "problems": len(problems)})
    document = {**verified.model_dump(mode="json"), "found": problems}
    at.out.answer(document, [*(told(problems) if problems else []), verdict(verified)])
    if problems:
        raise typer.Exit(Exit.DIFFERENCES)


def chosen(at: Desk, version: str | None, name: str, archive: bool, folder: Path | None) -> tuple[Verification, str]:
    """What is verified: the hub, or a folder, for which no installation is looked for."""
    if folder:
        return bootstrap.verification_of_folder(folder), ""
    settings = at.install.settings
    if not archive:
        settings = settings.model_copy(update={"audit_bucket": ""})
    only = f"MODEL#{version_named(at.install, version)}" if version else ""
    return bootstrap.verification(settings, name=name), only


def told(problems: list[Problem]) -> list[RenderableType]:
    """Every problem with its place."""
    made = table("Problems", "what", "where", "detail")
    for one in problems:
        row(made, one.code, one.place, one.detail)
    return [made]


def verdict(verified: Verified) -> str:
    """The last line: whether it holds, and of how much."""
    counts = {"chain": verified.subjects, "entry": verified.entries, "fact": verified.facts}
    looked = ", ".join(several(count, thing) for thing, count in counts.items())
    archived = (
        f"; {several(verified.objects, 'object')} and {several(verified.anchors, 'anchor')} of the archive"
        if verified.objects
        else ""
    )
    sealed = f"; {several(verified.sealed, 'sealed object')}" if verified.sealed else ""
    late = f"; {verified.in_flight} on the way to the archive" if verified.in_flight else ""
    last = f"\nLast anchor, of {verified.last_anchor_day}: {verified.last_anchor}" if verified.last_anchor else ""
    holds = "The audit trail holds" if not verified.problems else several(verified.problems, "problem")
    return f"{holds}: {looked}{archived}{sealed}{late}.{last}"


def restore(
    context: typer.Context,
    to_table: Annotated[str, typer.Option(help="Name of the new table that is made and filled.")],
    point_in_time: Annotated[str | None, typer.Option(help="From the backups, as of this moment.")] = None,
    from_backup: Annotated[bool, typer.Option("--from-backup", help="From the backups, as of the latest.")] = False,
    from_archive: Annotated[bool, typer.Option("--from-archive", help="From the archive alone.")] = False,
    folder: Folder = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Bring the record back into a table of its own, verify it, and measure recovery point and time: a drill."""
    at, moment = desk(context), moment_named(point_in_time)
    if sum((bool(moment or from_backup), from_archive, folder is not None)) != 1:
        raise Failure(Exit.USAGE, "Say where from", "--from-backup or --point-in-time, --from-archive, or --folder")
    settings: Settings = at.install.settings
    if to_table == settings.governance_table:
        raise Failure(Exit.REFUSED, f"{to_table} is the live table", "a drill fills a table of its own: --to-table")
    if dry_run:
        source = folder or ("the archive" if from_archive else f"the backups, as of {point_in_time or 'the latest'}")
        words = f"Would make the table {to_table}, fill it from {source}, and verify it."
        at.out.answer({"dry_run": True, "table": to_table, "source": str(source)}, [words])
        return
    restoration = bootstrap.restoration(settings)
    if from_archive or folder:
        archive = bootstrap.archive_in_folder(folder) if folder else None
        restored = restoration.from_archive(to_table, at.out.note, archive)
    else:
        restored = restoration.from_backup(to_table, at.out.note, moment)
    at.out.answer(restored, [drill(restored)])
    if restored.problems or restored.differences:
        raise typer.Exit(Exit.DIFFERENCES)


def drill(restored: Restored) -> RenderableType:
    """How a drill went."""
    made = table(f"Restored into {restored.table}", "", "")
    for name, value in restored.model_dump(mode="json", exclude={"table"}).items():
        row(made, name.replace("_", " "), value)
    return made
