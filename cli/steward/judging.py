"""What people decide on models: `approve`, `sign-off`, `reject`, `resubmit` and `break-glass`.

Each is a command to the function `decide`, signed by whoever gives it. The answer says what the policy still misses;
the registry is written to by Steward, once nothing is missing any more.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from governance.domain.lifecycle import Stage
from steward import rendering, verdicts
from steward.deciding import DECIDE
from steward.failures import Exit, Failure
from steward.finding_files import asked_for
from steward.install import command
from steward.naming import finding_named, version_named
from steward.options import Desk, DryRun, Json, desk

Version = Annotated[str, typer.Argument(help="A version: group/7, or its model package ARN.", metavar="VERSION")]
InStage = Annotated[Stage, typer.Option("--stage", help="The stage that is decided on.")]
Why = Annotated[str, typer.Option(help="Why. It stays on the record and in the registry, so name nobody.")]
Said = Annotated[
    list[str] | None,
    typer.Option(
        "--finding", help="What is to be put right, as SEVERITY: TEXT; may be given again.", metavar="FINDING"
    ),
]
File = Annotated[Path | None, typer.Option("--findings", help="The same as a list in YAML or JSON.", dir_okay=False)]
Check = Annotated[str, typer.Option(help="The gate that they are about.")]
Owner = Annotated[str, typer.Option(help="Who is to answer them; else whoever owns the model.")]
Due = Annotated[str | None, typer.Option(help="By when they are to be answered, in ISO 8601.")]


def approve(
    context: typer.Context, version: Version, stage: InStage, why: Why, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Approve a version in a stage: your word is on record, and the registry follows once nothing is missing."""
    judge(desk(context), "approve", version, why, dry_run, stage=stage)


def sign_off(
    context: typer.Context, version: Version, stage: InStage, why: Why, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Give your word for a version in a stage, for an approval of somebody else's."""
    judge(desk(context), "sign-off", version, why, dry_run, stage=stage)


def reject(
    context: typer.Context,
    version: Version,
    stage: InStage,
    why: Why,
    finding: Said = None,
    findings: File = None,
    check: Check = "",
    owner: Owner = "",
    due: Due = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Reject a version in a stage, and say what is to be put right."""
    at, wanted = desk(context), asked_for(finding, findings, check, owner, due)
    told = asked(at, "reject", version, why, dry_run, stage=stage, findings=wanted)
    name = rendering.called(told["version"])
    words = f"{name} {'would be' if dry_run else 'is'} rejected in {stage}: Steward writes it to the registry."
    if not told["writes"]:
        words = f"The findings are on record, but nobody writes to the registry here: reject {name} in Studio."
    at.out.answer(told, [verdicts.findings(told["findings"], f"To be put right on {name}"), words])


def resubmit(
    context: typer.Context,
    version: Version,
    why: Why,
    answer: Annotated[
        list[str] | None,
        typer.Option("--answer", help="How a finding is closed, as ID=TEXT; one for each that is open."),
    ] = None,
    of: Annotated[str, typer.Option(help="The rejected version, where another takes its place.")] = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Have a rejected version judged again, or another in its place, with how each finding is closed."""
    at = desk(context)
    rejected = version_named(at.install, of or version)
    answers = dict(parted(one) for one in answer or ())
    told = asked(at, "resubmit", version, why, dry_run, of=rejected, answers=answers)
    what = f"{rendering.called(told['version'])} {'would be' if dry_run else 'is'} resubmitted"
    place = f" in the place of {rendering.called(rejected)}" if of else ""
    then = "" if of else " Steward sets it back to pending in the registry; then it can be approved again."
    at.out.answer(told, [f"{what}{place}: {rendering.several(len(answers), 'finding')} answered.{then}"])


def parted(answer: str) -> tuple[str, str]:
    """An id, and what is said of it."""
    key, equals, text = answer.partition("=")
    if not equals or not text.strip():
        raise Failure(Exit.USAGE, f"{answer} is no answer", "say it as review-0123456789ab=how it was put right")
    return finding_named(key), text.strip()


def break_glass(
    context: typer.Context,
    version: Version,
    stage: InStage,
    why: Why,
    hours: Annotated[int, typer.Option(help="For how many hours it is to hold.", min=1, max=72)] = 24,
    review: Annotated[
        str, typer.Option("--review", help="Say of an emergency instead: uphold, or overrule.", metavar="WORD")
    ] = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Approve in an emergency what the policy refuses: for a few hours, and to be reviewed by somebody else."""
    at = desk(context)
    if not review:
        judge(at, "break-glass", version, why, dry_run, stage=stage, hours=hours)
        return
    if review not in {"uphold", "overrule"}:
        raise Failure(Exit.USAGE, f"{review} is no review", "--review uphold, or --review overrule")
    told = asked(at, "review-emergency", version, why, dry_run, stage=stage, upheld=review == "uphold")
    at.out.answer(told, [verdicts.emergency(told["emergency"])])


def judge(at: Desk, what: str, version: str, why: str, dry_run: bool, **more: Any) -> None:
    """Ask, and say what the policy answers; what waits for something is not done yet."""
    told = asked(at, what, version, why, dry_run, **more)
    at.out.answer(told, verdicts.decision(told, dry_run))
    if told["outcome"] == "waits" and what != "sign-off":
        raise typer.Exit(Exit.DIFFERENCES)


def asked(at: Desk, what: str, version: str, why: str, dry_run: bool, **more: Any) -> dict[str, Any]:
    """The answer of `decide` to a command about one version."""
    about: Mapping[str, Any] = {"version": version_named(at.install, version), "why": why, "dry_run": dry_run}
    told = command(at.install, DECIDE, {"command": what, **about, **more})
    return {**told, "dry_run": dry_run}
