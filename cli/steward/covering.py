"""`steward policy coverage`: for which controls of which framework a policy asks evidence, and how a version stands.

Offline for a policy as it is written; with `--of` a version, whose own policy it is if no other is named, as the record
says now what of it is evidenced, stale and missing.
"""

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from governance import bootstrap_policies as bootstrap
from governance.domain.coverage import Covered, Row, answers_now, coverage
from governance.domain.lifecycle import Stage
from governance.domain.policy_document import PolicyDocument
from governance.domain.use_case import ModelRisk
from steward.failures import Exit, Failure
from steward.naming import version_named
from steward.options import Desk, Json, desk
from steward.output import row, table
from steward.policies import AS_WRITTEN, known, of_models, policy_named

MANNER = {Covered.EVIDENCED: "green", Covered.STALE: "yellow", Covered.MISSING: "red", Covered.NOT_ASKED: "dim"}


def covered(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(help="A policy that comes with Steward, or a file.", metavar="[NAME|FILE]")
    ] = "",
    stage: Annotated[Stage, typer.Option(help="The stage that is approved.")] = Stage.PRODUCTION,
    risk: Annotated[ModelRisk, typer.Option(help="The model's risk; of a version, its own.")] = ModelRisk.HIGH,
    of: Annotated[str, typer.Option(help="A version: what of it is evidenced, stale and missing.")] = "",
    as_json: Json = False,
) -> None:
    """Show for every control by which gates a policy asks evidence in a stage; and how a version stands there."""
    at = desk(context)
    if of:
        show(at, *of_version(at, version_named(at.install, of), name, stage), of)
        return
    if not name:
        raise Failure(Exit.USAGE, "Name a policy, or a version", "sr-26-2, or --of group/7")
    read = of_models(policy_named(name))
    show(at, read, coverage(read, known(), stage, risk, ()), stage, risk, "")
    at.out.note(AS_WRITTEN)


def of_version(
    at: Desk, version: str, name: str, stage: Stage
) -> tuple[PolicyDocument, tuple[Row, ...], Stage, ModelRisk]:
    """How a version stands in a stage under the policy of its group, or the one named."""
    state, terms, now = bootstrap.standing(at.install.settings, version)
    read = of_models(policy_named(name)) if name else terms.policy.document
    risk = state.profile.model_risk
    return read, coverage(read, known(), stage, risk, answers_now(read, state, stage, terms, now)), stage, risk


def show(at: Desk, read: PolicyDocument, rows: tuple[Row, ...], stage: Stage, risk: ModelRisk, of: str) -> None:
    """Answer with the matrix."""
    fields = {"framework", "control", "about", "gates", *(("covered", "open_gates") if of else ())}
    controls: list[dict[str, Any]] = [
        {**one.model_dump(mode="json", include=fields), "asked": is_asked(one)} for one in rows
    ]
    told = {"policy": read.name, "hash": read.hash, "stage": stage, "risk": risk, "version": of, "controls": controls}
    at.out.answer({**told, "frameworks": known().frameworks}, matrix(read, rows, stage, risk, of))


def matrix(
    read: PolicyDocument, rows: tuple[Row, ...], stage: Stage, risk: ModelRisk, of: str
) -> Iterator[RenderableType]:
    """The controls of every framework, the gates that ask evidence for them, and for a version how they stand."""
    yield Text(f"{of + ': ' if of else ''}{read.name} in {stage}, for {risk} risk", style="bold")
    for framework in known().frameworks:
        stands = ("stands", "open") if of else ()
        made = table(framework.title, "control", "about", "asked for by", *stands)
        for one in rows:
            if one.framework == framework.id:
                asked = ", ".join(one.gates) if is_asked(one) else Text("-", style="dim")
                how = (Text(one.covered, style=MANNER[one.covered]), ", ".join(one.open_gates)) if of else ()
                row(made, one.control, one.about, asked, *how)
        yield made
        yield from (
            Text(f"applies from {applies.since}: {applies.what} ({applies.source.text})", style="dim")
            for applies in framework.applies
        )
    yield "A gate under a control says where its evidence belongs, not that the control is met."


def is_asked(one: Row) -> bool:
    """Whether the policy asks anything for a control."""
    return one.covered is not Covered.NOT_ASKED
