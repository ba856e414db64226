"""`steward use-case`: put use cases on record, assess them, and move them through their stages.

Files are checked offline, with line and field; what is decided is a command to the function `decide`, signed by
whoever gives it. How use cases are shown is in `use_case_rendering`.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from governance import bootstrap_use_cases as bootstrap
from governance.bootstrap_decisions import decisions_on_record
from governance.domain.ai_act import assessed
from governance.domain.errors import DocumentRefused
from governance.domain.people import Names
from governance.domain.roll_up import GroupSummary, lacking
from governance.domain.use_case_policy import words_under
from governance.domain.use_case_totals import model_stage_of
from governance.domain.use_cases import UseCase, UseCaseStage
from steward import use_case_rendering as rendering
from steward.deciding import DECIDE
from steward.failures import Exit, Failure
from steward.finding_files import asked_for
from steward.install import command
from steward.naming import group_named
from steward.options import Desk, DryRun, Json, desk, not_valid
from steward.places import landscape

use_case = typer.Typer(no_args_is_help=True, help="Use cases: the AI systems that models are part of.")

Id = Annotated[str, typer.Argument(help="The use case, by its id.", metavar="USE-CASE")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A use case as YAML.")]
Answers = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The assessment as YAML.")]
InStage = Annotated[UseCaseStage, typer.Option("--stage", help="The stage that it is in, and that is decided on.")]
Groups = Annotated[list[str], typer.Argument(help="Model groups.", metavar="GROUP...")]
Why = Annotated[str, typer.Option(help="Why. It stays on the record for good, so name nobody.")]
Said = Annotated[
    list[str] | None,
    typer.Option(
        "--finding", help="What is to be put right, as SEVERITY: TEXT; may be given again.", metavar="FINDING"
    ),
]
Findings = Annotated[Path | None, typer.Option("--findings", help="The same as a list in YAML or JSON.")]


@use_case.command()
def questions(context: typer.Context, as_json: Json = False) -> None:
    """Print the questions of the EU AI Act, as a file to be filled in."""
    desk(context).out.answer(rendering.asked(), [rendering.to_fill_in()])


@use_case.command()
def validate(context: typer.Context, file: File, as_json: Json = False) -> None:
    """Read a use case, or an assessment, and say everything that is wrong with it, with line and field."""
    at = desk(context)
    is_assessment = any(line.startswith("answers:") for line in file.read_text(errors="replace").splitlines())
    try:
        if is_assessment:
            known = assessed(bootstrap.assessment_in(file))
            document = known.model_dump(mode="json", include={"ai_act_class", "grounds", "materiality"})
            words = rendering.class_of(known)
        else:
            read = bootstrap.use_case_in(file)
            document, words = {"id": read.id, "name": read.name}, f"{file} is a use case: {read.id}, {read.name}"
    except DocumentRefused as refused:
        raise not_valid(at, file, "assessment" if is_assessment else "use case", refused) from None
    at.out.answer({"valid": True, "problems": [], **document}, [words])


@use_case.command()
def create(context: typer.Context, file: File, why: Why, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Put a use case on record: a proof of concept that waits for its approval."""
    ask(desk(context), "create-use-case", why, dry_run, document=bootstrap.use_case_in(file).model_dump(mode="json"))


@use_case.command()
def change(context: typer.Context, file: File, why: Why, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Write down anew what a use case is. What people said for its present stage does not count any more."""
    ask(desk(context), "change-use-case", why, dry_run, document=bootstrap.use_case_in(file).model_dump(mode="json"))


@use_case.command()
def assess(
    context: typer.Context, name: Id, file: Answers, why: Why, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Answer the questions for a use case. A lower class or tier waits for another person, who asks for the same."""
    document = bootstrap.assessment_in(file).model_dump(mode="json", exclude_none=True)
    ask(desk(context), "assess-use-case", why, dry_run, use_case=name, document=document)


@use_case.command()
def advance(
    context: typer.Context, name: Id, stage: InStage, why: Why, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Approve the stage that a use case is in. It comes to the next one as soon as enough people did."""
    told = ask(desk(context), "advance-use-case", why, dry_run, use_case=name, stage=stage)
    if told["outcome"] == "waits-for-another-person":
        raise typer.Exit(Exit.DIFFERENCES)


@use_case.command()
def reject(
    context: typer.Context,
    name: Id,
    stage: InStage,
    why: Why,
    finding: Said = None,
    findings: Findings = None,
    owner: Annotated[str, typer.Option(help="Who is to answer them; else whoever owns the use case.")] = "",
    due: Annotated[str | None, typer.Option(help="By when they are to be answered, in ISO 8601.")] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Send a use case back to the stage before, with what is to be put right."""
    wanted = asked_for(finding, findings, "", owner, due)
    ask(desk(context), "reject-use-case", why, dry_run, use_case=name, stage=stage, findings=wanted)


@use_case.command()
def answer(
    context: typer.Context,
    name: Id,
    finding: Annotated[str, typer.Argument(help="The finding, by its id.")],
    how: Annotated[str, typer.Option(help="How it was put right, or why not.")],
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Say how a finding on a use case was put right."""
    ask(desk(context), "answer-use-case-finding", how, dry_run, use_case=name, finding=finding)


@use_case.command()
def attach(
    context: typer.Context, name: Id, groups: Groups, why: Why, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Let model groups belong to a use case, and to no other."""
    of_groups(desk(context), "attach-group", name, groups, why, dry_run)


@use_case.command()
def detach(
    context: typer.Context, name: Id, groups: Groups, why: Why, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Let model groups belong to a use case no longer."""
    of_groups(desk(context), "detach-group", name, groups, why, dry_run)


@use_case.command()
def successor(
    context: typer.Context,
    name: Id,
    why: Why,
    by: Annotated[str, typer.Option("--by", help="What takes its place; nothing said: nothing does.")] = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Say what takes the place of a use case."""
    ask(desk(context), "name-successor", why, dry_run, use_case=name, successor=by)


@use_case.command()
def retire(
    context: typer.Context,
    name: Id,
    why: Why,
    successor: Annotated[str, typer.Option("--successor", help="The use case that takes its place.")] = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Retire a use case for good, with all its models. One that has model groups two people retire."""
    told = ask(desk(context), "retire-use-case", why, dry_run, use_case=name, successor=successor)
    if told["outcome"] == "waits-for-another-person":
        raise typer.Exit(Exit.DIFFERENCES)


@use_case.command()
def show(
    context: typer.Context,
    name: Id,
    audit: Annotated[bool, typer.Option("--audit", help="Its chain of deeds too.")] = False,
    as_json: Json = False,
) -> None:
    """Show what is on record of a use case: what it is, its class and why, its stages, its findings, and its models."""
    at = desk(context)
    kept = bootstrap.use_cases(at.install.settings)
    found = kept.open_with_people(name)
    if found.use_case is None:
        raise Failure(Exit.NOT_FOUND, f"No use case {name} is on record", "steward use-case list tells what there is")
    names, groups, stage = found.names, kept.groups(name), model_stage_of(found.use_case, landscape(at.install))
    counted = bootstrap.roll_ups(at.install.settings)
    every, comes_to = counted.every(name), counted.come_to([name]).get(name)
    standing = [every.get(group) or GroupSummary(group=group) for group in groups]
    lacks = list(lacking(standing, stage)) if stage else []
    told = names.throughout(found.use_case.model_dump(mode="json", exclude={"requests"}))
    document: dict[str, Any] = {**told, "models": list(groups)}
    document |= {"standing": [one.model_dump(mode="json") for one in standing], "lacking": lacks}
    document["comes_to"] = comes_to.model_dump(mode="json") if comes_to else None
    document["audit_sequence"], document["audit_hash"] = found.link.sequence, found.link.hash
    counting = words_under(found.use_case, bootstrap.policy(at.install.settings).hash)
    document["void_words"] = [names.shown(one.by.id) for one in found.use_case.words if one not in counting]
    shown = [*rendering.record(found.use_case, groups, comes_to, counting, names), *rendering.models(standing, stage)]
    if audit:
        entries = [entry.content for entry in kept.trail(name)]
        deeds = [{**one, "who": names.shown(str(one["who"]))} for one in entries]
        document["audit"] = deeds
        shown.append(rendering.trail(deeds))
    at.out.answer(document, shown)


@use_case.command()
def decision(
    context: typer.Context,
    name: Id,
    decision_id: Annotated[str, typer.Argument(help="The decision, by the id that its caller gave.")],
    as_json: Json = False,
) -> None:
    """Tell which versions took part in a decision, when, and where what they were asked and answered lies."""
    at = desk(context)
    parts = decisions_on_record(at.install.settings).of(name, decision_id)
    if not parts:
        remedy = "told are invocations that carry the header x-steward-decision; they leave the record in time"
        raise Failure(Exit.NOT_FOUND, f"Nothing is on record of {decision_id} of {name}", remedy)
    at.out.answer({"use_case": name, "decision": decision_id, "parts": parts}, [rendering.parts(parts)])


@use_case.command("list")
def listed(
    context: typer.Context,
    stage: Annotated[UseCaseStage | None, typer.Option("--stage", help="Only those in this stage.")] = None,
    as_json: Json = False,
) -> None:
    """List the use cases on record."""
    at = desk(context)
    kept = bootstrap.use_cases(at.install.settings)
    every = sorted(kept.look(kept.names()).values(), key=lambda one: one.id)
    found: list[UseCase] = [one for one in every if stage in (None, one.stage)]
    comes_to = bootstrap.roll_ups(at.install.settings).come_to([one.id for one in found])
    names = bootstrap.people(at.install.settings).of([f"USECASE#{one.id}" for one in found])
    shown = [rendering.short(one, comes_to.get(one.id), names.get(f"USECASE#{one.id}", Names())) for one in found]
    at.out.answer(shown, [rendering.listing(shown)])


def of_groups(at: Desk, what: str, name: str, groups: list[str], why: str, dry_run: bool) -> None:
    """Ask the same of several groups, one after the other: what is refused of one leaves the others done."""
    asked = {"command": what, "use_case": name, "why": why, "dry_run": dry_run}
    answers = []
    for one in groups:
        arn = group_named(at.install, one)
        answers.append({**command(at.install, DECIDE, {**asked, "group": arn}), "group": arn})
    at.out.answer({"dry_run": dry_run, "groups": answers}, rendering.attached(answers, what, dry_run))


def ask(at: Desk, what: str, why: str, dry_run: bool, **more: Any) -> dict[str, Any]:
    """Ask for something, and say what came of it."""
    told = command(at.install, DECIDE, {"command": what, "why": why, "dry_run": dry_run, **more})
    at.out.answer({**told, "dry_run": dry_run}, rendering.came_of(told, what, dry_run))
    return told
