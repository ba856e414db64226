"""`steward evidence`: what speaks for a version, and what is to speak for it."""

from typing import Annotated

import typer
from rich.console import RenderableType

from governance import bootstrap
from governance.domain.evidence import EvidenceKind, Piece
from governance.domain.past import Folded
from steward import rendering, verdicts
from steward.judging import Version, Why, asked
from steward.naming import version_named
from steward.options import DryRun, Json, desk

evidence = typer.Typer(no_args_is_help=True, help="What speaks for a version.")


@evidence.command("list")
def list_evidence(context: typer.Context, version: Version, as_json: Json = False) -> None:
    """List the evidence of a version: what was fetched, how old it is, and what keeps a piece from counting.

    Of what was attached the youngest of a kind counts; the others are kept, and listed as replaced.
    """
    at = desk(context)
    record = bootstrap.inventory(at.install.settings).read(version_named(at.install, version))
    known = record.folded
    pieces, replaced = ([one.model_dump(mode="json") for one in told] for told in listed(known))
    name = rendering.called(record.pk.removeprefix("MODEL#"))
    found = verdicts.evidence(pieces, f"Evidence for {name}") if pieces else f"Nothing speaks for {name}."
    shown: list[RenderableType] = [found]
    shown += [verdicts.evidence(replaced, "Replaced since")] if replaced else []
    at.out.answer({"version": record.pk.removeprefix("MODEL#"), "evidence": pieces, "replaced": replaced}, shown)


def listed(known: Folded | None) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """The evidence of a version, and what younger evidence took the place of."""
    return (known.state.pieces, known.past.pieces) if known else ((), ())


@evidence.command("attach")
def attach(
    context: typer.Context,
    version: Version,
    uri: Annotated[str, typer.Argument(help="Where it lies: s3://bucket/key.", metavar="URI")],
    kind: Annotated[EvidenceKind, typer.Option(help="What it is about.")],
    why: Why,
    sha256: Annotated[str, typer.Option(help="What it must be; anything else is refused.")] = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Have a document or report fetched as evidence: hashed, kept beside the sealed artifacts, read if it can be."""
    at = desk(context)
    told = asked(at, "attach-evidence", version, why, dry_run, kind=kind, uri=uri, sha256=sha256.casefold())
    name = rendering.called(told["version"])
    did = "would be fetched" if dry_run else "is being fetched" if told["changed"] else "was being fetched already"
    at.out.answer(told, [verdicts.evidence(told["evidence"], f"Evidence for {name}"), f"{uri} {did}."])
