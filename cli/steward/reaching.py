"""`steward blast-radius`: what a bad version, image or piece of data affects. Reads the record, and nothing else."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.console import RenderableType

from governance import bootstrap_trying
from governance.domain.namings import Form, Sought, sought
from governance.domain.values import iso
from governance.services.blast_radius import Affected, Radius
from steward.failures import Exit, Failure
from steward.naming import version_named
from steward.options import Desk, Json, desk
from steward.output import coloured, row, second, table
from steward.recalling import place
from steward.rendering import called, several

STEP = 100
"""After how many versions progress is told again."""

What = Annotated[
    str,
    typer.Argument(
        help="A version (group/7 or its ARN), an image (by digest, tag or repository), an S3 URI, or a SHA-256.",
        metavar="VERSION|IMAGE|URI|SHA256",
    ),
]


def blast_radius(context: typer.Context, what: What, as_json: Json = False) -> None:
    """Say which versions, use cases, accounts, environments and endpoints something bad affects. Changes nothing.

    For anything but a version of the hub, the record of every version is read.
    """
    at = desk(context)
    found = reached(at, what)
    at.out.answer(found, shown(found))


def reached(at: Desk, what: str) -> Radius:
    """All that is affected; of a package of another registry, its copies in the hub."""
    looked_for = sought(what)
    if looked_for is None or (looked_for.form is Form.PACKAGE and what.startswith(at.install.packages)):
        return bootstrap_trying.blast_radius(at.install.settings).of_version(named(at, what))
    return everywhere(at, looked_for).model_copy(update={"sought": what})


def named(at: Desk, what: str) -> str:
    """A version of the hub. Fails with all that could be meant where it is none."""
    try:
        return version_named(at.install, what)
    except Failure:
        remedy = "a version is group/7, an image registry/repository@sha256:..., data s3://... or a SHA-256"
        raise Failure(Exit.USAGE, f"{what} names no version, image or data", remedy) from None


def everywhere(at: Desk, looked_for: Sought) -> Radius:
    """Every record is looked through, with progress beside the answer."""

    def progress(done: int, of: int) -> None:
        if done % STEP == 0 and done < of:
            at.out.note(f"{done:,} of {of:,} versions")

    return bootstrap_trying.blast_radius(at.install.settings).of_what(looked_for, progress)


def shown(found: Radius) -> Iterator[RenderableType]:
    """What is affected, how it is named, where it runs, and all of it in numbers."""
    if found.versions:
        yield affected(found.versions)
    if any(one.namings for one in found.versions):
        yield namings(found.versions)
    if any(one.reach for one in found.versions):
        yield running(found.versions)
    if found.damaged:
        names = ", ".join(called(one) for one in found.damaged)
        yield f"Damaged, so that they may name it unseen (steward rebuild --check): {names}."
    yield verdict(found)


def affected(versions: Sequence[Affected]) -> RenderableType:
    """The versions, whose they are and where they stand."""
    made = table("Affected", "version", "use case", "owner", "risk", "stands")
    for one in versions:
        stands = ", ".join(f"{stage} {status}" for stage, status in one.stages.items())
        stands += ", quarantined" if one.quarantined else ""
        row(made, called(one.version), one.use_case, one.owner, one.risk, stands)
    return made


def namings(versions: Sequence[Affected]) -> RenderableType:
    """How each record names what is sought."""
    made = table("Named as", "version", "as", "named", "since", "")
    for one in versions:
        for naming in one.namings:
            still = "" if naming.now else "not any more"
            row(made, called(one.version), naming.what, naming.named, second(iso(naming.since)), still)
    return made


def running(versions: Sequence[Affected]) -> RenderableType:
    """Where they run or are about to, and what would serve in their place."""
    made = table("Where it runs", "version", "where", "account", "endpoint", "deployment", "in its place")
    for one in versions:
        for there in one.reach:
            other = called(there["returns"]) if there["returns"] else f"nothing: {there['why_none']}"
            other += ", affected too" if there["returns_affected"] else ""
            if there["does"] != "roll-back":
                other = "what serves there"
            status = coloured(there["deployment_status"])
            row(made, called(one.version), place(there), there["account"], there["endpoint_name"], status, other)
    return made


def verdict(found: Radius) -> str:
    """The last line: how much is affected, of how much that was looked at."""
    of = "" if found.looked_at == 1 else f" of {found.looked_at:,} on record"
    if not found.versions:
        return f"Nothing on record names {found.sought}: {several(found.looked_at, 'version')} looked through."
    counts = {"model group": found.model_groups, "use case": found.use_cases, "account": found.accounts}
    counts |= {"environment": found.environments, "endpoint": found.endpoints}
    told = ", ".join(several(len(there), thing) for thing, there in counts.items())
    return f"Affected: {several(len(found.versions), 'version')}{of}; {told}."
