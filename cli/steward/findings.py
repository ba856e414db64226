"""`steward findings`: what reviewers want put right on a version, raised, listed and answered."""

from typing import Annotated, Any

import typer

from governance import bootstrap
from governance.domain.comparing import Record
from governance.domain.entitlement import answerable
from governance.domain.reviewing import FindingAnswered, FindingsRaised, Resubmitted, review_id
from governance.domain.values import iso
from steward import rendering, verdicts
from steward.finding_files import asked_for
from steward.judging import Check, Due, File, InStage, Owner, Said, Version, Why, asked
from steward.naming import finding_named, moment_named, version_named
from steward.options import DryRun, Json, desk

findings = typer.Typer(no_args_is_help=True, help="What reviewers want put right on a version.")


@findings.command("list")
def list_findings(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help="A version: group/7, or its ARN; all if none is named.")] = "",
    group: Annotated[str, typer.Option(help="Of this model group.")] = "",
    owner: Annotated[str, typer.Option(help="That this person is to answer.")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Those alone whose time is over.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Those that were answered too, and how.")] = False,
    as_json: Json = False,
) -> None:
    """List what reviewers want put right: on a version, or on every one that matches, each of which is read."""
    at = desk(context)
    inventory = bootstrap.inventory(at.install.settings)
    meant = [version_named(at.install, version)] if version else []
    listed = meant or [one.model_package_arn for one in inventory.list(group=group)]
    found = [{**one, "version": arn} for arn in listed for one in raised(inventory.read(arn))]
    wanted = [
        one
        for one in found
        if (everything or not one["how"]) and (not owner or one["owner"] == owner) and (one["overdue"] or not overdue)
    ]
    shown = [verdicts.findings(wanted, "Findings")] if wanted else ["No finding is open."]
    at.out.answer({"findings": wanted}, shown)


def raised(record: Record) -> list[dict[str, Any]]:
    """Every finding that reviewers raised, in the order of their facts, with its answer where there is one."""
    state = record.folded.state if record.folded else None
    open_ones = dict(state.reviews) if state else {}
    answers = answered(record)
    found: list[dict[str, Any]] = []
    for fact in sorted(record.facts, key=lambda fact: fact.position):
        if not isinstance(fact, FindingsRaised):
            continue
        for index, told in enumerate(fact.findings):
            key = review_id(fact, index)
            now = open_ones.get(key)
            owner = answerable(state, now) if state and now else told.owner
            due = now.due if now else told.due
            about = {"id": key, "stage": fact.stage.value, "severity": told.severity.value, "text": told.text}
            about |= {"check": told.check, "owner": record.names.shown(owner), "due": iso(due) if due else ""}
            by = {"raised_by": record.names.shown(fact.person.id), "overdue": bool(now and now.overdue)}
            found.append({**about, **by, "how": "" if now else answers.get(key, "answered")})
    return found


def answered(record: Record) -> dict[str, str]:
    """How findings were closed, by their ids."""
    told: dict[str, str] = {}
    for fact in sorted(record.facts, key=lambda fact: fact.position):
        if isinstance(fact, FindingAnswered) and fact.closes:
            told.setdefault(fact.finding_id, fact.how)
        if isinstance(fact, Resubmitted) and fact.of == fact.model.arn:
            told |= {key: how for key, how in fact.answers.items() if key not in told}
    return told


@findings.command("raise")
def raise_findings(
    context: typer.Context,
    version: Version,
    stage: InStage,
    why: Why,
    finding: Said = None,
    file: File = None,
    check: Check = "",
    owner: Owner = "",
    due: Due = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Say what is to be put right before a version can be approved, without rejecting it."""
    at, wanted = desk(context), asked_for(finding, file, check, owner, due)
    told = asked(at, "raise-findings", version, why, dry_run, stage=stage, findings=wanted)
    at.out.answer(
        told, [verdicts.findings(told["findings"], f"To be put right on {rendering.called(told['version'])}")]
    )


@findings.command("answer")
def answer_finding(
    context: typer.Context,
    version: Version,
    finding: Annotated[str, typer.Argument(help="The finding's id.", metavar="FINDING")],
    how: Annotated[str, typer.Option(help="How it was closed; with --still-open, why it is moved.")],
    still_open: Annotated[bool, typer.Option("--still-open", help="Only move it to --owner, or to --due.")] = False,
    owner: Owner = "",
    due: Due = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Say how a finding was closed; or who is to answer it, and by when."""
    at, moment = desk(context), moment_named(due)
    more = {
        "finding": finding_named(finding),
        "closes": not still_open,
        "owner": owner,
        "due": iso(moment) if moment else None,
    }
    told = asked(at, "answer-finding", version, how, dry_run, **more)
    left = told["findings"]
    shown = [verdicts.findings(left, "Still open")] if left else ["No finding is open any more."]
    at.out.answer(told, shown)
